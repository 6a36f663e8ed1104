// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestIdentityIsAges compares our Bech32 and hashes with age's own.
func TestIdentityIsAges(t *testing.T) {
	for range 20 {
		theirs, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		ours, err := seal.ParseIdentity(theirs.String())
		if err != nil {
			t.Fatal(err)
		}
		if ours.Secret() != theirs.String() || ours.Recipient().String() != theirs.Recipient().String() {
			t.Fatal("our identity is written differently from age's")
		}
		again, err := seal.IdentityFromSeed(ours.Seed())
		if err != nil || again.Recipient().Hash() != ours.Recipient().Hash() {
			t.Fatalf("the seed gives another identity: %v", err)
		}
		recipient, err := seal.ParseRecipient(theirs.Recipient().String())
		if err != nil || recipient.Hash() != seal.HashOf([]byte(theirs.Recipient().String())) {
			t.Fatalf("the recipient has another hash: %v", err)
		}
	}
}

// TestGrantIsAnAgeFile opens a grant with age alone, as anybody could.
func TestGrantIsAnAgeFile(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.tip())
	theirs, err := age.ParseHybridIdentity(w.recovery.Secret())
	w.check(err)
	r, err := age.Decrypt(bytes.NewReader(a.RecoveryGrant), theirs)
	w.check(err)
	plain, err := io.ReadAll(r)
	w.check(err)
	if len(plain) != 1024 || !bytes.Contains(plain, []byte(`"report":"`+a.Report.String()+`"`)) {
		t.Fatalf("the grant holds %d bytes: %.80q", len(plain), plain)
	}
}

func TestParseIdentityRefuses(t *testing.T) {
	good, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s := good.Secret()
	for name, bad := range map[string]string{
		"nothing": "", "classic key": classic.String(), "recipient": good.Recipient().String(), "cut off": s[:len(s)-1],
		"one letter": s[:30] + other(s[30]) + s[31:], "mixed case": s[:30] + strings.ToLower(s[30:]), "no separator": "ABC",
	} {
		if _, err := seal.ParseIdentity(bad); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), s[20:40]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func other(c byte) string {
	if c == 'Q' {
		return "P"
	}
	return "Q"
}

func TestParseRecipientHasOneSpelling(t *testing.T) {
	good, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	s := good.Recipient().String()
	for name, bad := range map[string]string{
		"upper case": strings.ToUpper(s), "space": " " + s, "cut off": s[:len(s)-1], "classic": "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
	} {
		if _, err := seal.ParseRecipient(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestParseIdentityFile(t *testing.T) {
	a, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal.ParseIdentityFile([]byte("# created: today\n\n" + a.Secret() + "\n  " + b.Secret() + "\r\n"))
	if err != nil || len(got) != 2 || got[0].Secret() != a.Secret() || got[1].Secret() != b.Secret() {
		t.Fatalf("%d identities, %v", len(got), err)
	}
	_, err = seal.ParseIdentityFile([]byte("# nothing\n"))
	if err == nil || !strings.Contains(err.Error(), "no identity") {
		t.Errorf("an empty file: %v", err)
	}
	_, err = seal.ParseIdentityFile([]byte(a.Secret() + "\nhello\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a bad line: %v", err)
	}
}
