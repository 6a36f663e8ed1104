// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// writeVectors makes testdata/vectors/go.json. The receipts stay the same each
// time; everything sealed is fresh.
func writeVectors(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	w.deskKeys = w.deskKeys.Next()
	w.publish(1, seal.Hash{})
	var v vectors
	v.MadeBy = "go"
	v.Receipts = receiptVectors(t)
	v.Programme.Key, v.Programme.Now = w.key(), w.now
	v.Programme.Roster, v.Programme.Hash = w.signed, w.roster.Hash()
	w.writeConversation(&v)
	w.writeKeys(&v)
	identity, err := seal.NewIdentity()
	w.check(err)
	v.File.Identity = identity.Seed()
	v.File.Content = bytes.Repeat([]byte("et billede fra kajen\n"), 700)
	v.File.Manifest, v.File.Pieces = sealed(t, v.File.Content, identity.Recipient())
	for _, b := range []struct {
		kind  seal.BlindKind
		value string
	}{{"phone", "+4512345678"}, {"email", "søren@example.org"}, {"plate", "AB12345"}, {"iban", "DK5000400440116243"}, {"url", "https://example.org/x"}, {"wallet", "bc1qexample"}} {
		index := w.deskKeys.Current().Index
		token, err := seal.BlindToken(index, w.programme, b.kind, b.value)
		w.check(err)
		v.Blind = append(v.Blind, blindVector{index, w.programme, b.kind, b.value, hex.EncodeToString(token)})
	}
	text, err := json.MarshalIndent(v, "", " ")
	w.check(err)
	w.check(os.WriteFile("testdata/vectors/go.json", append(text, '\n'), 0o644))
}

func receiptVectors(t *testing.T) []receiptVector {
	t.Helper()
	var all []receiptVector
	for _, text := range []string{
		"0000000000000000000000000000", "ffffffffffffffffffffffffffc0", "00112233445566778899aabbcc00", "8000000000000000000000000040",
	} {
		all = append(all, describe(t, receiptOf(t, text)))
	}
	return all
}

func (w *world) writeConversation(v *vectors) {
	w.t.Helper()
	tip := w.tip()
	tip.Report.Checkpoint = "turnstone/test\n1\nAAAA\n\n— turnstone/test AAAA\n"
	tip.Report.Text += "\nلا أريد أن أقول من أنا. \u2028 <&> \"quoted\" \\ \t 🐦"
	a := w.send(tip)
	wire, err := a.Encode()
	w.check(err)
	v.Submission.Body, v.Submission.Receipt = wire, hex.EncodeToString(tip.Receipt.Bytes())
	v.Submission.Desk, v.Submission.Recovery = w.deskIdentity().Seed(), w.recovery.Seed()
	chain := w.chain(a)
	read := func(m seal.Stored) {
		opened, _, err := chain.Next(m)
		w.check(err)
		switch content := opened.Content.(type) {
		case seal.Cover:
			v.Submission.Cover = content
		case seal.Report:
			v.Submission.Report = content
		}
		text, _ := opened.Content.(seal.Message)
		v.Conversation.Messages = append(v.Conversation.Messages, m)
		v.Conversation.Texts = append(v.Conversation.Texts, text.Text)
	}
	for _, m := range a.messages {
		read(m)
	}
	mailbox, err := tip.Receipt.Mailbox()
	w.check(err)
	question, err := chain.Seal(seal.Message{Text: "Hvor mange kasser?", Language: "da"}, seal.RoleDesk, w.member.SigningKey())
	w.check(err)
	read(question)
	turn, err := chain.NewEpoch(w.member.SigningKey())
	w.check(err)
	read(turn.Key)
	v.Conversation.Grant, err = seal.SealGrant(turn.Grant, mailbox.Recipient())
	w.check(err)
	fresh, err := seal.NewChain(turn.Grant, w.roster)
	w.check(err)
	for _, m := range v.Conversation.Messages {
		_, _, err := fresh.Next(m)
		w.check(err)
	}
	chain = fresh
	answer, err := chain.Seal(seal.Message{Text: "Omkring fyrre. <b>", Language: "da"}, seal.RoleReporter, tip.Receipt.SigningKey())
	w.check(err)
	read(answer)
	thanks, err := chain.Seal(seal.Message{Text: "Tak", Language: "da"}, seal.RoleDesk, w.member.SigningKey())
	w.check(err)
	read(thanks)
}

func (w *world) writeKeys(v *vectors) {
	w.t.Helper()
	member, err := w.member.Identity()
	w.check(err)
	v.DeskKeys.Member, v.DeskKeys.Keys = w.member.Seed, w.deskKeys
	v.DeskKeys.Body, err = seal.SealDeskKeys(w.deskKeys, member.Recipient())
	w.check(err)
	m := &v.Member
	m.Passphrase = "kystfugl vender stenen på Ærø ﬁn شاطئ" // letters whose NFKD form differs
	m.Salt, m.Params = bytes.Repeat([]byte{7}, seal.SaltSize), seal.MinStretch()
	m.Account, m.Keys = id.New(), w.member
	s, err := seal.StretchPassphrase(m.Passphrase, m.Salt, m.Params)
	w.check(err)
	m.Login, m.Wrap = hex.EncodeToString(s.Login), hex.EncodeToString(s.Wrap)
	m.Wrapped, err = seal.WrapMemberKeys(w.member, s.Wrap, m.Account)
	w.check(err)
	m.PRF = bytes.Repeat([]byte{9}, seal.KeySize)
	wrap, err := seal.WrapKeyFromPRF(m.PRF)
	w.check(err)
	m.PRFWrap = hex.EncodeToString(wrap)
}
