// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// The fuzz targets demand an exact round trip of what is accepted: two
// spellings of one thing could be told apart by two readers.

func FuzzDecodeSubmission(f *testing.F) {
	w := newWorld(f)
	wire, err := w.send(w.tip()).Encode()
	w.check(err)
	f.Add(wire)
	f.Add([]byte("TSN1\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := seal.DecodeSubmission(body)
		if err != nil {
			return
		}
		again, err := s.Encode()
		if err != nil || !bytes.Equal(again, body) {
			t.Fatalf("it has a second spelling: %v", err)
		}
	})
}

// FuzzSubmissionHead repairs length and checksum, so that the fuzzer reaches
// the head.
func FuzzSubmissionHead(f *testing.F) {
	w := newWorld(f)
	wire, err := w.send(w.tip()).Encode()
	w.check(err)
	rewrite(wire, func(head string) string { f.Add(head); return head })
	f.Fuzz(func(t *testing.T, head string) {
		body := rewrite(wire, func(string) string { return head })
		s, err := seal.DecodeSubmission(body)
		if err != nil {
			return
		}
		again, err := s.Encode()
		if err != nil || !bytes.Equal(again, body) {
			t.Fatalf("the head %q has a second spelling: %v", head, err)
		}
	})
}

func FuzzCheckEnvelope(f *testing.F) {
	w := newWorld(f)
	a := w.send(w.tip())
	f.Add(a.DeskGrant)
	f.Add(a.CoverBody)
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519 "))
	header := strings.Count(string(a.DeskGrant[:1627]), "\n")
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []seal.Kind{seal.KindCover, seal.KindMessage, seal.KindGrant, seal.KindPackage} {
			if seal.CheckEnvelope(kind, body) != nil {
				continue
			}
			if bytes.Count(body[:1627], []byte("\n")) != header || bytes.Count(body[:1627], []byte("->")) != 1 {
				t.Fatalf("a strange header passes: %q", body[:1627])
			}
		}
	})
}

// FuzzMessage is the plaintext of a message that its sender sealed: the server
// and thieves never get this far, a hostile reporter does.
func FuzzMessage(f *testing.F) {
	w := newWorld(f)
	_, identity, _, a := w.opened()
	f.Add(openByHand(f, a.CoverBody, identity))
	f.Add(openByHand(f, a.FirstBody, identity))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if len(plain) > 131072 {
			return
		}
		body := encryptTo(t, plain, identity.Recipient().String())
		opened, err := seal.OpenMessage(identity, body)
		if err != nil {
			return
		}
		front, err := json.Marshal(opened.Header)
		if err != nil || seal.HashOf(front) != opened.Hash {
			t.Fatalf("the header has a second spelling: %v", err)
		}
	})
}

func FuzzGrant(f *testing.F) {
	w := newWorld(f)
	grant, _, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	body, err := seal.SealGrant(grant, w.recovery.Recipient())
	w.check(err)
	f.Add(openByHand(f, body, w.recovery))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if len(plain) > 65536 {
			return
		}
		got, err := seal.OpenGrant(w.recovery, encryptTo(t, plain, w.recovery.Recipient().String()), w.programme, w.desk)
		if err != nil {
			return
		}
		again, err := seal.SealGrant(got, w.recovery.Recipient())
		if err != nil || !bytes.Equal(openByHand(t, again, w.recovery), plain) {
			t.Fatalf("the grant has a second spelling: %v", err)
		}
	})
}

func FuzzDeskKeys(f *testing.F) {
	w := newWorld(f)
	body, err := seal.SealDeskKeys(w.deskKeys, w.recovery.Recipient())
	w.check(err)
	f.Add(openByHand(f, body, w.recovery))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if len(plain) > 65536 {
			return
		}
		got, err := seal.OpenDeskKeys(w.recovery, encryptTo(t, plain, w.recovery.Recipient().String()), w.desk)
		if err != nil {
			return
		}
		again, err := seal.SealDeskKeys(got, w.recovery.Recipient())
		if err != nil || !bytes.Equal(openByHand(t, again, w.recovery), plain) {
			t.Fatalf("the package has a second spelling: %v", err)
		}
	})
}

func FuzzSignedRoster(f *testing.F) {
	w := newWorld(f)
	text, err := w.signed.Encode()
	w.check(err)
	f.Add(text)
	f.Add([]byte(`{"roster":"","key":"","signature":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := seal.ParseSignedRoster(text)
		if err != nil {
			return
		}
		again, err := s.Encode()
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q has a second spelling %q: %v", text, again, err)
		}
	})
}

// FuzzRoster signs whatever the fuzzer writes: a programme key signs only
// offline, but its holder may be given a strange draft.
func FuzzRoster(f *testing.F) {
	w := newWorld(f)
	f.Add(w.signed.Roster)
	f.Fuzz(func(t *testing.T, text []byte) {
		roster, err := signBytes(w.programmeKey, text).VerifyPast(w.key())
		if err != nil {
			return
		}
		signed, err := seal.SignRoster(*roster, w.programmeKey)
		if err != nil {
			return // times finer than a second are cut
		}
		again, err := signed.VerifyPast(w.key())
		if err != nil || len(again.Desks) != len(roster.Desks) || again.Number != roster.Number {
			t.Fatalf("the roster changes when it is signed again: %v", err)
		}
	})
}

func FuzzParseExport(f *testing.F) {
	w := newWorld(f)
	e, _ := w.exported()
	text, err := e.Encode()
	w.check(err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := seal.ParseExport(text)
		if err != nil {
			return
		}
		first, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := seal.ParseExport(first)
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		second, err := again.Encode()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("it is written differently the second time: %v", err)
		}
	})
}

func FuzzParseIdentity(f *testing.F) {
	identity, err := seal.NewIdentity()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(identity.Secret())
	f.Add("A1QQQQQQ")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := seal.ParseIdentity(s)
		if err == nil && i.Secret() != strings.ToUpper(s) {
			t.Fatalf("%q has a second spelling", s)
		}
	})
}

func FuzzParseRecipient(f *testing.F) {
	identity, err := seal.NewIdentity()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(identity.Recipient().String())
	f.Fuzz(func(t *testing.T, s string) {
		r, err := seal.ParseRecipient(s)
		if err == nil && r.String() != s {
			t.Fatalf("%q has a second spelling", s)
		}
	})
}

func FuzzParseShare(f *testing.F) {
	shares, err := seal.SplitSecret([]byte("a secret of some length"), 2, 3)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shares[0].Secret())
	f.Fuzz(func(t *testing.T, s string) {
		share, err := seal.ParseShare(s)
		if err == nil && share.Secret() != strings.ToLower(strings.TrimSpace(s)) {
			t.Fatalf("%q has a second spelling %q", s, share.Secret())
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	f.Add(strings.Repeat("abandon ", 10), "en")
	f.Fuzz(func(t *testing.T, text, language string) {
		r, err := seal.ParseReceipt(text, language)
		if err != nil {
			return
		}
		again, err := seal.ReceiptFromNumbers(r.Numbers())
		if err != nil || again != r {
			t.Fatalf("%q is no receipt: %v", text, err)
		}
	})
}
