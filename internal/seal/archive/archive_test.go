// SPDX-License-Identifier: AGPL-3.0-or-later

package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

var document = []byte(`{"v":1}`)

// sealed is a file, its pieces and the identity that opens it.
type sealed struct {
	file   seal.File
	pieces [][]byte
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newSealed(t *testing.T, to *seal.Identity, name string, content []byte) sealed {
	t.Helper()
	var s sealed
	hashes, err := seal.SealFile(bytes.NewReader(content), int64(len(content)), to.Recipient(), func(_ int, piece []byte) error {
		s.pieces = append(s.pieces, slices.Clone(piece))
		return nil
	})
	check(t, err)
	s.file = seal.File{Blob: id.New(), Length: int64(len(content)), Name: name, Pieces: hashes, Cleaned: seal.Cleaned}
	return s
}

// source gives the pieces; nil ones are lost.
func (s sealed) source() archive.File {
	return archive.File{Blob: s.file.Blob, Pieces: len(s.pieces), Open: func(i int) (io.ReadCloser, int64, error) {
		if s.pieces[i] == nil {
			return nil, 0, errors.New("lost")
		}
		return io.NopCloser(bytes.NewReader(s.pieces[i])), int64(len(s.pieces[i])), nil
	}}
}

func written(t *testing.T, files ...sealed) (*archive.Archive, []archive.Missing) {
	t.Helper()
	var sources []archive.File
	for _, f := range files {
		sources = append(sources, f.source())
	}
	var b bytes.Buffer
	missing, err := archive.Write(&b, document, sources)
	check(t, err)
	a, err := archive.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	check(t, err)
	return a, missing
}

func identity(t *testing.T) *seal.Identity {
	t.Helper()
	i, err := seal.NewIdentity()
	check(t, err)
	return i
}

func TestFilesComeOutAsTheyWentIn(t *testing.T) {
	to := identity(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), seal.PieceSize/16+5)
	large, small := newSealed(t, to, "film.mp4", content), newSealed(t, to, "a.txt", []byte("x"))
	a, missing := written(t, large, small)
	if len(missing) > 0 || !bytes.Equal(a.Document, document) {
		t.Fatalf("%v, %q", missing, a.Document)
	}
	files := []seal.File{large.file, small.file}
	for i, want := range [][]byte{content, []byte("x")} {
		check(t, a.Check(files[i], archive.PlacesOf(files)))
		var out bytes.Buffer
		check(t, a.Extract(&out, files[i], to))
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("file %d is another", i)
		}
	}
	if s := a.Strangers(files[:1]); len(s) != 1 || s[0] != small.file.Blob {
		t.Errorf("strangers: %v", s)
	}
	if err := a.Extract(io.Discard, small.file, identity(t)); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("with another key: %v", err)
	}
}

func TestADocumentAlone(t *testing.T) {
	a, _ := written(t)
	if !bytes.Equal(a.Document, document) {
		t.Errorf("%q", a.Document)
	}
	if _, err := a.Piece(id.New(), 0); !errors.Is(err, archive.ErrMissing) {
		t.Error(err)
	}
}

func TestDamageIsNamedByPiece(t *testing.T) {
	to := identity(t)
	for what, try := range map[string]struct {
		change func(long, other *sealed)
		want   string
	}{
		"lost":             {func(l, _ *sealed) { l.pieces[1] = nil }, "piece 2 of 3: it is missing from the export"},
		"changed":          {func(l, _ *sealed) { l.pieces[2][7] ^= 1 }, "piece 3 of 3: it was changed: it is not the one that the manifest names"},
		"shortened":        {func(l, _ *sealed) { l.pieces[0] = l.pieces[0][:100] }, "piece 1 of 3: it was changed: it has 100 bytes and should have 4194304"},
		"of another file":  {func(l, o *sealed) { l.pieces[0] = o.pieces[0] }, `piece 1 of 3: in its place lies piece 1 of the file "other.jpg"`},
		"too many of them": {func(l, o *sealed) { l.pieces = append(l.pieces, o.pieces[0]) }, "piece 4: the file has only 3"},
		"changed places": {
			func(l, _ *sealed) { l.pieces[0], l.pieces[1] = l.pieces[1], l.pieces[0] },
			"piece 1 of 3: in its place lies piece 2 of the same file; piece 2 of 3: in its place lies piece 1 of the same file",
		},
	} {
		long := newSealed(t, to, "long.mp4", make([]byte, 2*seal.PieceSize+9))
		other := newSealed(t, to, "other.jpg", []byte("x"))
		try.change(&long, &other)
		a, missing := written(t, long, other)
		if want := what == "lost"; (len(missing) == 1) != want {
			t.Errorf("%s: missing when written: %v", what, missing)
		}
		err := a.Check(long.file, archive.PlacesOf([]seal.File{long.file, other.file}))
		if err == nil || err.Error() != try.want {
			t.Errorf("%s: %v", what, err)
		}
		if err := a.Check(other.file, nil); err != nil {
			t.Errorf("%s: the other file: %v", what, err)
		}
	}
}

// made returns a ZIP of entries that no export has.
func made(t *testing.T, entries ...func(*zip.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		check(t, e(z))
	}
	check(t, z.Close())
	return b.Bytes()
}

func entry(name string, method uint16, size int) func(*zip.Writer) error {
	return func(z *zip.Writer) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = w.Write(make([]byte, size))
		}
		return err
	}
}

func TestWhatNoExportHoldsIsRefused(t *testing.T) {
	doc := entry(archive.Document, zip.Store, 10)
	piece := "files/" + strings.Repeat("a", 32) + "/0"
	for what, try := range map[string]struct {
		zip  []byte
		want string
	}{
		"a way out":          {made(t, doc, entry("files/../../etc/passwd", zip.Store, 1)), "which no export does"},
		"an absolute path":   {made(t, doc, entry("/etc/passwd", zip.Store, 1)), "which no export does"},
		"a folder":           {made(t, doc, entry("files/", zip.Store, 0)), "which no export does"},
		"a bomb":             {made(t, doc, entry(piece, zip.Deflate, 64<<20)), "is compressed"},
		"a bomb of document": {made(t, entry(archive.Document, zip.Deflate, 64<<20)), "is compressed"},
		"a long piece":       {made(t, doc, entry(piece, zip.Store, seal.PieceSize+1)), "longer than a piece"},
		"a piece twice":      {made(t, doc, entry(piece, zip.Store, 1), entry(piece, zip.Store, 2)), "twice"},
		"two documents":      {made(t, doc, doc), "two report.json"},
		"no document":        {made(t, entry(piece, zip.Store, 1)), "holds no report.json"},
		"a strange number":   {made(t, doc, entry(piece+"0", zip.Store, 1)), "which no export does"},
		"cut off":            {made(t, doc)[:60], "cut off or damaged"},
		"not a ZIP":          {[]byte("PK\x03\x04nothing"), "cut off or damaged"},
	} {
		_, err := archive.Read(bytes.NewReader(try.zip), int64(len(try.zip)))
		if err == nil || !strings.Contains(err.Error(), try.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSafeNames(t *testing.T) {
	for given, want := range map[string]string{
		"IMG 1.jpg":                     "03-IMG_1.jpg",
		"../../.ssh/authorized_keys":    "03-ssh_authorized_keys.bin",
		`C:\Windows\system32\calc.exe`:  "03-C__Windows_system32_calc.exe.bin",
		"CON":                           "03-CON.bin",
		"nul.txt":                       "03-nul.txt",
		"":                              "03-file.bin",
		"...":                           "03-file.bin",
		".bashrc":                       "03-bashrc.bin",
		"invoice\u202efdp.exe":          "03-invoicefdp.exe.bin",
		"photo.jpg.exe":                 "03-photo.jpg.exe.bin",
		"page.html":                     "03-page.html.bin",
		"a\x00b\nc.png":                 "03-abc.png",
		"صورة.jpeg":                     "03-صورة.jpeg",
		"manifest.json":                 "03-manifest.json.bin",
		"x.aaaaaaaaaaaaaaaaaaaaaaaaaaa": "03-x.aaaaaaaaaaaaaaaaaaaaaaaaaaa.bin",
		"a.jpg. . .":                    "03-a.jpg",
	} {
		if got := archive.SafeName(3, given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestNoNameLeavesItsFolder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\: \x{202e}\x{200b}a-zCON]{0,300}`)).Draw(t, "given")
		name := archive.SafeName(rapid.IntRange(0, 4000).Draw(t, "seq"), given)
		if !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\:*?\"<>|\x00") || len(name) > 140 || strings.HasPrefix(name, ".") {
			t.Fatalf("%q becomes %q", given, name)
		}
		for _, r := range name {
			if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
				t.Fatalf("%q becomes %q", given, name)
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) { // one number, one name
		a, b := rapid.IntRange(0, 4000).Draw(t, "a"), rapid.IntRange(0, 4000).Draw(t, "b")
		name := rapid.String()
		if x, y := archive.SafeName(a, name.Draw(t, "x")), archive.SafeName(b, name.Draw(t, "y")); a != b && x == y {
			t.Fatalf("messages %d and %d both write %q", a, b, x)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"v":1}`))
	var b bytes.Buffer
	_, err := archive.Write(&b, document, []archive.File{{Blob: id.New(), Pieces: 2, Open: func(i int) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader(fmt.Sprint(i))), 1, nil
	}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := archive.Read(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return
		}
		if len(a.Document) > len(text) {
			t.Fatalf("%d bytes hold a document of %d", len(text), len(a.Document))
		}
		for _, blob := range a.Strangers(nil) {
			for i := range 3 {
				if piece, err := a.Piece(blob, i); err == nil && len(piece) > len(text) {
					t.Fatalf("%d bytes hold a piece of %d", len(text), len(piece))
				}
			}
		}
	})
}
