// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestAnyMSharesGiveTheSecret is the law of secret sharing.
func TestAnyMSharesGiveTheSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "secret")
		n := rapid.IntRange(2, 12).Draw(t, "n")
		m := rapid.IntRange(2, n).Draw(t, "m")
		shares, err := seal.SplitSecret(secret, m, n)
		if err != nil {
			t.Fatal(err)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)).Shuffle(n, func(i, j int) { shares[i], shares[j] = shares[j], shares[i] })
		present := rapid.IntRange(1, n).Draw(t, "present")
		got, err := seal.CombineShares(shares[:present])
		if present < m {
			if err == nil {
				t.Fatalf("%d of %d shares give a secret", present, m)
			}
			return
		}
		if err != nil || !bytes.Equal(got, secret) {
			t.Fatalf("%d of %d shares give %x, %v", present, m, got, err)
		}
	})
}

// TestOneShareSaysNothing: with two of two, one share's bytes are as good as
// random whatever the secret, so over many splits every value turns up.
func TestOneShareSaysNothing(t *testing.T) {
	const splits = 8000
	var seen [256]int
	for range splits {
		shares, err := seal.SplitSecret([]byte{0x42}, 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		seen[shareByte(t, shares[0])]++
	}
	for value, n := range seen {
		if n == 0 || n > splits/256*3 {
			t.Errorf("value %d was dealt %d times in %d", value, n, splits)
		}
	}
}

// shareByte returns the first value byte of a share through its Bech32 text.
func shareByte(t *testing.T, s seal.Share) byte {
	t.Helper()
	const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	text := s.Secret()[len("turnstone-share-1"):]
	// version, set of 4, threshold, place: 7 bytes, 56 bits, 11 letters and a bit
	var bits int
	for _, c := range text[11:13] {
		bits = bits<<5 | bytes.IndexByte([]byte(letters), byte(c))
	}
	return byte(bits >> 1)
}

func TestSharesSurvivePaper(t *testing.T) {
	secret := bytes.Repeat([]byte{0xa7}, seal.KeySize)
	shares, err := seal.SplitSecret(secret, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	var read []seal.Share
	for _, s := range shares[1:4] {
		again, err := seal.ParseShare("  " + s.Secret() + "\n")
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, again)
	}
	got, err := seal.CombineShares(read)
	if err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("%x, %v", got, err)
	}
	if place, threshold := read[0].Place(); place != 2 || threshold != 3 {
		t.Errorf("place %d of threshold %d", place, threshold)
	}
}

func TestCombineNamesWhatIsWrong(t *testing.T) {
	a, err := seal.SplitSecret([]byte("one secret"), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.SplitSecret([]byte("its sister"), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.CombineShares([]seal.Share{a[0], b[1]}); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("shares of two splits: %v", err)
	}
	for name, shares := range map[string][]seal.Share{"none": nil, "one twice": {a[0], a[0]}, "too few": {a[2]}, "empty": {{}, {}}} {
		if _, err := seal.CombineShares(shares); err == nil {
			t.Errorf("%s: combined", name)
		} else if name == "one twice" && !strings.Contains(err.Error(), "share 1 is given twice") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	for _, try := range []struct{ m, n int }{{1, 3}, {0, 0}, {4, 3}, {2, 256}, {-1, 5}} {
		if _, err := seal.SplitSecret([]byte("x"), try.m, try.n); err == nil {
			t.Errorf("%d of %d: split", try.m, try.n)
		}
	}
	if _, err := seal.SplitSecret(nil, 2, 3); err == nil {
		t.Error("nothing: split")
	}
}

func TestParseShareRefuses(t *testing.T) {
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"nothing": "", "an identity": identity.Secret(), "a word": "turnstone-share-1qqqqqq"} {
		if _, err := seal.ParseShare(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
