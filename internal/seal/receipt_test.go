// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

func drawReceipt(t *rapid.T) seal.Receipt {
	b := rapid.SliceOfN(rapid.Byte(), seal.ReceiptSize, seal.ReceiptSize).Draw(t, "receipt")
	b[seal.ReceiptSize-1] &= 0xc0
	r, err := seal.ReceiptFromBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptReadsTheSameFromEveryLanguage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReceipt(t)
		for _, list := range words.All() {
			shown := strings.Join(r.Words(list), " ")
			for _, page := range []string{"en", "da", "ar", "xx"} {
				got, err := seal.ParseReceipt(shown, page)
				if err != nil || got != r {
					t.Fatalf("%s words on a page in %s: %v", list.Language(), page, err)
				}
			}
		}
	})
}

func TestReceiptKeepsEveryBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReceipt(t)
		got, err := seal.ReceiptFromNumbers(r.Numbers())
		if err != nil || got != r {
			t.Fatalf("numbers give another receipt: %v", err)
		}
		got, err = seal.ReceiptFromBytes(r.Bytes())
		if err != nil || got != r {
			t.Fatalf("bytes give another receipt: %v", err)
		}
	})
}

func TestNewReceiptUsesAllItsBits(t *testing.T) {
	var some, all [seal.ReceiptSize]byte
	for i := range all {
		all[i] = 0xff
	}
	for range 64 {
		for i, b := range seal.NewReceipt().Bytes() {
			some[i] |= b
			all[i] &= b
		}
	}
	want := bytes.Repeat([]byte{0xff}, seal.ReceiptSize)
	want[seal.ReceiptSize-1] = 0xc0
	if !bytes.Equal(some[:], want) || !bytes.Equal(all[:], make([]byte, seal.ReceiptSize)) {
		t.Fatalf("bits that were ever one %x, always one %x", some, all)
	}
}

// TestCheckFindsMostMistakes pins what four check bits promise: about fifteen
// of sixteen wrong words are noticed.
func TestCheckFindsMostMistakes(t *testing.T) {
	missed, tried := 0, 0
	for range 40 {
		numbers := seal.NewReceipt().Numbers()
		for at := range numbers {
			for _, step := range []uint16{1, 7, 100, 1024, 2047} {
				wrong := slices.Clone(numbers)
				wrong[at] = (wrong[at] + step) % words.Count
				_, err := seal.ReceiptFromNumbers(wrong)
				tried++
				if err == nil {
					missed++
				} else if !errors.Is(err, seal.ErrReceiptCheck) {
					t.Fatalf("a wrong word gives %v", err)
				}
			}
		}
	}
	if missed > tried/8 {
		t.Fatalf("%d of %d wrong words pass, want about one in sixteen", missed, tried)
	}
}

func TestReceiptFromBytesRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing": nil, "short": make([]byte, 13), "long": make([]byte, 15),
		"spare bits": {13: 0x01}, "a spare bit": {13: 0x20},
	} {
		if _, err := seal.ReceiptFromBytes(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReceiptFromNumbersRefuses(t *testing.T) {
	good := seal.NewReceipt().Numbers()
	tooLarge := slices.Clone(good)
	tooLarge[3] = words.Count
	for name, numbers := range map[string][]uint16{"nothing": nil, "nine": good[:9], "eleven": append(slices.Clone(good), 0), "too large": tooLarge} {
		if _, err := seal.ReceiptFromNumbers(numbers); err == nil || errors.Is(err, seal.ErrReceiptCheck) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	w := newWorld(t)
	r := seal.NewReceipt()
	identity := w.deskIdentity()
	grant, report, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	shares, err := seal.SplitSecret(identity.Seed(), 2, 3)
	w.check(err)
	secrets := [][]byte{r.Bytes(), identity.Seed(), report.Seed(), w.member.Seed, w.member.Sign, w.deskKeys.Current().Seed, w.deskKeys.Current().Index}
	for _, v := range []any{r, identity, report, grant, w.deskKeys, w.deskKeys.Current(), w.member, shares[0], &grant, &w.member} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
			shown := fmt.Sprintf(verb, v)
			if !strings.Contains(shown, "hidden") && !strings.Contains(shown, fmt.Sprintf("%x", "hidden")) {
				t.Errorf("%T with %s prints %s", v, verb, shown)
			}
			for _, secret := range secrets {
				if strings.Contains(shown, fmt.Sprintf("%x", secret)) || strings.Contains(shown, strings.Trim(fmt.Sprintf("%d", secret), "[]")) {
					t.Errorf("%T with %s prints a secret", v, verb)
				}
			}
		}
	}
}
