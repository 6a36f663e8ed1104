// SPDX-License-Identifier: AGPL-3.0-or-later

package share_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/turnstone-project/turnstone/internal/prevent/share"
)

func painter(t testing.TB) *share.Painter {
	t.Helper()
	p, err := share.NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func draw(t testing.TB, p *share.Painter, c share.Card) image.Image {
	t.Helper()
	b, err := p.PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, share.Width, share.Height) || len(b) > 60_000 {
		t.Errorf("%v, %d bytes", img.Bounds(), len(b))
	}
	return img
}

// marked counts the pixels in a part that are not the ground.
func marked(img image.Image, part image.Rectangle) int {
	ground := color.RGBA{0xf4, 0xef, 0xe6, 255}
	n := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) != ground {
				n++
			}
		}
	}
	return n
}

var (
	titlePart = image.Rect(100, 180, 1100, 600)
	rightEdge = image.Rect(1140, 0, 1170, 630)
)

// Arabic letters take the forms of their places: a text is drawn as its
// presentation forms (Unicode, block FE70) are, which need no shaping, and
// reading begins at the right.
func TestArabicIsShaped(t *testing.T) {
	p := painter(t)
	for text, forms := range map[string]string{
		"بيانات":  "\ufe91\ufef4\ufe8e\ufee7\ufe8e\ufe95",
		"منكم":    "\ufee3\ufee8\ufedc\ufee2",
		"الشرطة":  "\ufe8d\ufedf\ufeb8\ufeae\ufec3\ufe94",
		"لا تدفع": "\ufefb \ufe97\ufeaa\ufed3\ufeca",
	} {
		shaped, err := p.PNG(share.Card{Title: text, RTL: true})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := p.PNG(share.Card{Title: forms, RTL: true})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(shaped, plain) {
			t.Errorf("%s is not drawn in its forms", text)
		}
	}
	img := draw(t, p, share.Card{Title: "محمد", RTL: true})
	if left, right := marked(img, image.Rect(100, 180, 600, 600)), marked(img, image.Rect(600, 180, 1140, 600)); left != 0 || right == 0 {
		t.Errorf("%d pixels left, %d right", left, right)
	}
}

// What the fonts can't write is left out: a picture without words is better
// than one with boxes.
func TestWhatCanNotBeWrittenIsLeftOut(t *testing.T) {
	p := painter(t)
	for _, title := range []string{"警察", "Полиция", "กขค", "mixed 警察"} {
		if n := marked(draw(t, p, share.Card{Brand: "Turnstone", Title: title, Text: "plain"}), titlePart); n != 0 {
			t.Errorf("%s: %d pixels", title, n)
		}
	}
}

// A title without end, or of what is no text, neither breaks nor leaves.
func TestHostileTitles(t *testing.T) {
	p := painter(t)
	for _, title := range []string{"", " ", strings.Repeat("word ", 4000), strings.Repeat("w", 4000), "\u202e\u202dabc", "a\nb\tc", "<svg onload=x>", string([]byte{0xff, 0xfe})} {
		img := draw(t, p, share.Card{Brand: strings.Repeat("brand ", 500), Title: title, Text: strings.Repeat("text ", 5000)})
		if marked(img, rightEdge) != 0 {
			t.Errorf("%.20q leaves the picture", title)
		}
	}
}

// bitmap paints a code as a phone sees it.
func bitmap(c share.Code, t *testing.T) image.Image {
	t.Helper()
	const scale = 8
	img := image.NewGray(image.Rect(0, 0, c.Size*scale, c.Size*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, part := range strings.Split(c.Path, "M")[1:] {
		var x, y, n int
		head, _, _ := strings.Cut(part, "v1")
		if _, err := fmt.Sscanf(head, "%d %dh%d", &x, &y, &n); err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+n)*scale; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	return img
}

func TestCodesAreRead(t *testing.T) {
	for _, address := range []string{"https://tips.example.org/en/crimes/fraud", "http://turnstoneexample.onion/p/nord/ar/crimes/money-laundering", strings.Repeat("x", share.MaxCode)} {
		c, err := share.NewCode(address)
		if err != nil {
			t.Fatal(err)
		}
		source, err := gozxing.NewBinaryBitmapFromImage(bitmap(c, t))
		if err != nil {
			t.Fatal(err)
		}
		got, err := qrcode.NewQRCodeReader().Decode(source, nil)
		if err != nil || got.GetText() != address {
			t.Errorf("%s is read as %v, %v", address, got, err)
		}
	}
	if _, err := share.NewCode(strings.Repeat("x", share.MaxCode+1)); err == nil {
		t.Error("a code without end was made")
	}
}

func BenchmarkPNG(b *testing.B) {
	p := painter(b)
	for b.Loop() {
		if _, err := p.PNG(share.Card{Brand: "خط بحر الشمال", Title: "وصل إلى حسابك مال غريب", Text: "لا تصرفه ولا ترسله إلى أحد، حتى لو طلب بلطف.", RTL: true}); err != nil {
			b.Fatal(err)
		}
	}
}
