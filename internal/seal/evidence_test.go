// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// original seals content to both halves.
func original(t testing.TB, content []byte, h seal.Halves) (seal.File, [][]byte) {
	t.Helper()
	identity, err := h.Identity()
	if err != nil {
		t.Fatal(err)
	}
	f, pieces := sealed(t, content, identity.Recipient())
	f.Cleaned, f.Half = seal.Original, h.Ours
	return f, pieces
}

// TestHalfAKeyOpensNothing: neither half is the key, together they are, and of
// another original's half nothing comes.
func TestHalfAKeyOpensNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(r, "content")
		h, other := seal.NewHalves(), seal.NewHalves()
		f, pieces := original(t, content, h)
		open := func(seed []byte) ([]byte, error) {
			identity, err := seal.IdentityFromSeed(seed)
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			err = seal.OpenFile(&out, f, identity, from(pieces))
			return out.Bytes(), err
		}
		mixed, err := seal.Halves{Ours: h.Ours, Theirs: other.Theirs}.Identity()
		if err != nil {
			r.Fatal(err)
		}
		for what, seed := range map[string][]byte{"the desk's half": h.Ours, "the server's half": h.Theirs, "another server's half": mixed.Seed()} {
			if out, err := open(seed); !errors.Is(err, seal.ErrNotForThisKey) || len(out) > 0 {
				r.Errorf("%s: %v, %d bytes", what, err, len(out))
			}
		}
		both, err := h.Identity()
		if err != nil {
			r.Fatal(err)
		}
		if out, err := open(both.Seed()); err != nil || !bytes.Equal(out, content) {
			r.Errorf("both halves: %v", err)
		}
	})
}

// TestHalfAKeyTellsNothing: for every half and every key there is another half
// that makes it, so that a half says nothing about the key.
func TestHalfAKeyTellsNothing(t *testing.T) {
	seed := rapid.SliceOfN(rapid.Byte(), seal.KeySize, seal.KeySize)
	rapid.Check(t, func(r *rapid.T) {
		half, key := seed.Draw(r, "half"), seed.Draw(r, "key")
		fits, err := seal.Halves{Ours: half, Theirs: key}.Identity() // half XOR key is the other half
		if err != nil {
			r.Fatal(err)
		}
		made, err := seal.Halves{Ours: half, Theirs: fits.Seed()}.Identity()
		if err != nil || !bytes.Equal(made.Seed(), key) {
			r.Errorf("%x and %x: %v", half, key, err)
		}
	})
}

func TestOnlyAnOriginalHasHalfAKey(t *testing.T) {
	h := seal.NewHalves()
	f, pieces := original(t, []byte("x"), h)
	identity, err := h.Identity()
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*seal.File){
		"an original without":    func(f *seal.File) { f.Half = nil },
		"an original with less":  func(f *seal.File) { f.Half = f.Half[1:] },
		"a cleaned file with it": func(f *seal.File) { f.Cleaned = seal.Cleaned },
	} {
		changed := f
		change(&changed)
		if err := seal.OpenFile(&bytes.Buffer{}, changed, identity, from(pieces)); err == nil || !strings.Contains(err.Error(), "half a key") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := (seal.Halves{Ours: h.Ours, Theirs: h.Theirs[1:]}).Identity(); err == nil {
		t.Error("a short half makes a key")
	}
	if got := fmt.Sprintf("%v %+v %#v", h, h, h); strings.ContainsAny(got, "0123456789[") {
		t.Errorf("halves print as %s", got)
	}
}

// evidenceVector is what both languages open: testdata/vectors/evidence.json.
type evidenceVector struct {
	Theirs        []byte    `json:"theirs"`
	RecipientHash seal.Hash `json:"recipient_hash"`
	Manifest      seal.File `json:"manifest"`
	Pieces        [][]byte  `json:"pieces"`
	Content       []byte    `json:"content"`
}

func TestEvidenceVector(t *testing.T) {
	const path = "testdata/vectors/evidence.json"
	if os.Getenv("TURNSTONE_UPDATE") == "1" {
		v, h := evidenceVector{Content: []byte("billedet, som det var\n")}, seal.NewHalves()
		v.Manifest, v.Pieces = original(t, v.Content, h)
		identity, err := h.Identity()
		if err != nil {
			t.Fatal(err)
		}
		v.Theirs, v.RecipientHash = h.Theirs, identity.Recipient().Hash()
		text, err := json.MarshalIndent(v, "", " ")
		if err == nil {
			err = os.WriteFile(path, append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v evidenceVector
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	identity, err := seal.Halves{Ours: v.Manifest.Half, Theirs: v.Theirs}.Identity()
	if err != nil {
		t.Fatal(err)
	}
	if identity.Recipient().Hash() != v.RecipientHash {
		t.Error("the halves make another key")
	}
	var out bytes.Buffer
	if err := seal.OpenFile(&out, v.Manifest, identity, from(v.Pieces)); err != nil || !bytes.Equal(out.Bytes(), v.Content) || out.Len() == 0 {
		t.Errorf("%v, %q", err, out.Bytes())
	}
}
