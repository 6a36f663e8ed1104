// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/seal"
)

func TestEnvelopeSizeIsAges(t *testing.T) {
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 1024, 2048, 65535, 65536, 65537, 131072} {
		if got := len(encryptTo(t, make([]byte, n), identity.Recipient().String())); got != seal.EnvelopeSize(n) {
			t.Errorf("%d bytes: age writes %d, EnvelopeSize says %d", n, got, seal.EnvelopeSize(n))
		}
	}
}

func TestEnvelopeCheckRefusesSecondReaders(t *testing.T) {
	hybrid, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	us, them := hybrid.Recipient().String(), classic.Recipient().String()
	plain := make([]byte, 1024)
	if err := seal.CheckEnvelope(seal.KindGrant, encryptTo(t, plain, us)); err != nil {
		t.Fatalf("an honest grant is refused: %v", err)
	}
	for name, to := range map[string][]string{
		"classic": {them}, "mixed": {us, them}, "mixed the other way": {them, us}, "twice": {us, us},
		"hundreds": slices.Repeat([]string{us}, 300), "hundreds of classic ones": append(slices.Repeat([]string{them}, 300), us),
	} {
		body := encryptTo(t, plain, to...)
		if err := seal.CheckEnvelope(seal.KindGrant, body); !errors.Is(err, seal.ErrEnvelope) {
			t.Errorf("%s: %v", name, err)
		}
		// Even where the length is one that a larger grant may have.
		for n := 1; n < 2000; n++ {
			padded := append(slices.Clone(body), make([]byte, n)...)
			if seal.CheckEnvelope(seal.KindGrant, padded) == nil {
				t.Errorf("%s with %d more bytes: accepted", name, n)
			}
		}
	}
}

func TestEnvelopeCheckRefusesOtherForms(t *testing.T) {
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	good := encryptTo(t, make([]byte, 2048), identity.Recipient().String())
	replace := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	lines := bytes.SplitN(good, []byte("\n"), 5)
	for name, body := range map[string][]byte{
		"nothing": nil, "one byte": {1}, "cut off": good[:len(good)-1], "too long": append(slices.Clone(good), 0),
		"version": replace("/v1", "/v2"), "stanza": replace("mlkem768x25519", "mlkem768x25518"), "spaces": replace("-> ", "->  ")[:len(good)],
		"grease": replace("\n--- ", "\n-> a-grease x\n\n--- ")[:len(good)], "carriage return": replace("/v1\n", "/v1\r")[:len(good)],
		"not base64":       bytes.Replace(good, lines[2][:1], []byte("!"), 1),
		"loose base64":     bytes.Replace(good, lines[2], append(slices.Clone(lines[2][:42]), loosen(lines[2][42])), 1),
		"only a header":    good[:bytes.Index(good, []byte("--- "))+48],
		"another's length": encryptTo(t, make([]byte, 2047), identity.Recipient().String()),
	} {
		if err := seal.CheckEnvelope(seal.KindCover, body); !errors.Is(err, seal.ErrEnvelope) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for at := range bytes.Index(good, []byte("--- ")) + 48 {
		broken := slices.Clone(good)
		broken[at] = '\r'
		if err := seal.CheckEnvelope(seal.KindCover, broken); !errors.Is(err, seal.ErrEnvelope) {
			t.Errorf("byte %d of the header may be a carriage return", at)
		}
	}
	if err := seal.CheckEnvelope(seal.KindGrant, good); err != nil {
		t.Errorf("two blocks are a grant's length too: %v", err)
	}
	if err := seal.CheckEnvelope(seal.KindMessage, good); !errors.Is(err, seal.ErrEnvelope) {
		t.Errorf("a message of a cover's length: %v", err)
	}
}

// loosen sets a spare bit of the last letter of 43.
func loosen(c byte) byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return letters[strings.IndexByte(letters, c)|1]
}
