// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/share"
)

// painted counts the pixels in a part that are not the ground.
func painted(img image.Image, part image.Rectangle) int {
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

// The title of every card can be drawn in every language, inside of the picture.
func TestEveryTitleFitsIntoItsPicture(t *testing.T) {
	p, err := share.NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	pictures := os.Getenv("TURNSTONE_PICTURES")
	for i, k := range builtIn(t).Cards {
		if testing.Short() && i%20 != 0 {
			continue
		}
		for _, lang := range languages {
			b, err := p.PNG(share.Card{Brand: "Turnstone", Title: k.Text(lang).Title, Text: strings.Split(prevent.Plain(k.Text(lang).Body), "\n")[0], RTL: lang == "ar"})
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if painted(img, image.Rect(100, 180, 1100, 600)) < 3000 {
				t.Errorf("%s in %s: no title", k.ID, lang)
			}
			if painted(img, image.Rect(30, 0, 60, 630))+painted(img, image.Rect(1140, 0, 1170, 630))+painted(img, image.Rect(60, 622, 1140, 630)) != 0 {
				t.Errorf("%s in %s: words leave the picture", k.ID, lang)
			}
			if pictures != "" && i < 4 {
				if err := os.WriteFile(filepath.Join(pictures, "share-"+k.ID+"-"+lang+".png"), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
