// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// forgery is a message written by hand by somebody who has every key: what an
// honest client would never send.
type forgery struct {
	header  map[string]any            // replaces fields of an honest header
	text    string                    // the content, an honest message where empty
	edit    func(json []byte) []byte  // changes the header's bytes before signing
	after   func(plain []byte) []byte // changes the plaintext before sealing
	size    int                       // of the plaintext; 8,192 where zero
	key     ed25519.PrivateKey
	signing ed25519.PrivateKey // signs; key where nil
}

var headerFields = []string{"v", "programme", "report", "epoch", "recipient", "seq", "prev", "sender", "role", "type", "length", "sha256"}

// message forges the message at place for the given report identity.
func (f forgery) message(t testing.TB, place seal.Place, to *seal.Identity) seal.Stored {
	t.Helper()
	if f.text == "" {
		f.text = `{"text":"hello","language":"en"}`
	}
	if f.signing == nil {
		f.signing = f.key
	}
	fields := map[string]any{
		"v": 1, "programme": place.Programme, "report": place.Report, "epoch": place.Epoch, "recipient": to.Recipient().Hash(),
		"seq": place.Seq, "prev": place.Prev, "sender": []byte(f.key.Public().(ed25519.PublicKey)), "role": "reporter", "type": "message",
		"length": len(f.text), "sha256": seal.HashOf([]byte(f.text)),
	}
	for name, value := range f.header {
		fields[name] = value
	}
	front := writeInOrder(t, fields)
	if f.edit != nil {
		front = f.edit(front)
	}
	signature := ed25519.Sign(f.signing, append([]byte("turnstone/message/v1\x00"), front...))
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(front)))
	plain = append(append(append(plain, front...), signature...), f.text...)
	if f.size == 0 {
		f.size = 8192
	}
	plain = append(plain, make([]byte, f.size-len(plain))...)
	if f.after != nil {
		plain = f.after(plain)
	}
	stored := seal.Stored{Seq: place.Seq, Epoch: place.Epoch, Role: seal.RoleReporter, Hash: seal.HashOf(front), Body: encryptTo(t, plain, to.Recipient().String())}
	if role, ok := fields["role"].(string); ok {
		stored.Role = seal.Role(role)
	}
	return stored
}

func writeInOrder(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	var parts []string
	for _, name := range headerFields {
		value, ok := fields[name]
		if !ok || value == nil {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, `"`+name+`":`+string(text))
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}

// plainRecipient hides age's labels, which forbid mixing kinds of recipients.
type plainRecipient struct{ age.Recipient }

func (p plainRecipient) Wrap(key []byte) ([]*age.Stanza, error) { return p.Recipient.Wrap(key) }

func encryptTo(t testing.TB, plain []byte, recipients ...string) []byte {
	t.Helper()
	var to []age.Recipient
	for _, s := range recipients {
		parsed, err := age.ParseRecipients(strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		to = append(to, plainRecipient{parsed[0]})
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// opened returns a report whose cover and report the chain has read, with the
// report's identity and the reporter's key.
func (w *world) opened() (*seal.Chain, *seal.Identity, seal.Tip, arrived) {
	w.t.Helper()
	tip := w.tip()
	a := w.send(tip)
	grant, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, w.programme, a.Report)
	w.check(err)
	identity, err := grant.Identity(0)
	w.check(err)
	chain := w.chain(a)
	for _, m := range a.messages {
		_, _, err := chain.Next(m)
		w.check(err)
	}
	return chain, identity, tip, a
}

// openByHand opens an age file with age alone.
func openByHand(t testing.TB, body []byte, identity *seal.Identity) []byte {
	t.Helper()
	theirs, err := age.ParseHybridIdentity(identity.Secret())
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(body), theirs)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
