// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

var update = flag.Bool("update", false, "make testdata/vectors/go.json anew")

// vectors is one file of testdata/vectors: what one client made for every
// other client to open. web/seal/vectors.test.ts reads and writes the same.
type vectors struct {
	MadeBy    string          `json:"made_by"`
	Receipts  []receiptVector `json:"receipts"`
	Programme struct {
		Key    []byte            `json:"key"`
		Now    time.Time         `json:"now"`
		Roster seal.SignedRoster `json:"roster"`
		Hash   seal.Hash         `json:"hash"`
	} `json:"programme"`
	Submission struct {
		Body     []byte      `json:"body"`
		Receipt  string      `json:"receipt"`
		Desk     []byte      `json:"desk"`     // seed
		Recovery []byte      `json:"recovery"` // seed
		Cover    seal.Cover  `json:"cover"`
		Report   seal.Report `json:"report"`
	} `json:"submission"`
	Conversation struct {
		Grant    []byte        `json:"grant"` // to the mailbox of the submission, epoch 1
		Messages []seal.Stored `json:"messages"`
		Texts    []string      `json:"texts"` // of the messages; empty for cover, report and key
	} `json:"conversation"`
	DeskKeys struct {
		Member []byte        `json:"member"` // seed
		Body   []byte        `json:"body"`
		Keys   seal.DeskKeys `json:"keys"`
	} `json:"desk_keys"`
	Member struct {
		Passphrase string             `json:"passphrase"`
		Salt       []byte             `json:"salt"`
		Params     seal.StretchParams `json:"params"`
		Login      string             `json:"login"`
		Wrap       string             `json:"wrap"`
		Account    id.ID              `json:"account"`
		Wrapped    []byte             `json:"wrapped"`
		Keys       seal.MemberKeys    `json:"keys"`
		PRF        []byte             `json:"prf"`
		PRFWrap    string             `json:"prf_wrap"`
	} `json:"member"`
	File struct {
		Identity []byte    `json:"identity"` // seed
		Manifest seal.File `json:"manifest"`
		Pieces   [][]byte  `json:"pieces"`
		Content  []byte    `json:"content"`
	} `json:"file"`
	Blind []blindVector `json:"blind"`
}

type receiptVector struct {
	Bytes         string              `json:"bytes"`
	Numbers       []uint16            `json:"numbers"`
	Words         map[string][]string `json:"words"`
	Login         string              `json:"login"`
	Mailbox       string              `json:"mailbox"` // seed
	Recipient     string              `json:"recipient"`
	RecipientHash seal.Hash           `json:"recipient_hash"`
	Sign          string              `json:"sign"` // seed
	Signer        string              `json:"signer"`
	Report        id.ID               `json:"report"`
}

type blindVector struct {
	Index     []byte         `json:"index"`
	Programme id.ID          `json:"programme"`
	Kind      seal.BlindKind `json:"kind"`
	Value     string         `json:"value"`
	Token     string         `json:"token"`
}

func vectorFiles(t *testing.T) map[string]vectors {
	t.Helper()
	paths, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]vectors{}
	for _, path := range paths {
		if filepath.Base(path) == "keylog.json" {
			continue // the browser's: the ledger has its own here
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var v vectors
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		found[v.MadeBy] = v
	}
	return found
}

// TestVectors opens what Go and the browser code sealed.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	files := vectorFiles(t)
	for _, maker := range []string{"go", "browser"} {
		v, ok := files[maker]
		if !ok {
			t.Errorf("there are no vectors made by %s", maker)
			continue
		}
		t.Run(maker, func(t *testing.T) {
			t.Run("receipts", func(t *testing.T) { checkReceipts(t, v) })
			t.Run("submission", func(t *testing.T) { checkSubmission(t, v) })
			t.Run("conversation", func(t *testing.T) { checkConversation(t, v) })
			t.Run("desk keys", func(t *testing.T) { checkDeskKeys(t, v) })
			t.Run("member", func(t *testing.T) { checkMember(t, v) })
			t.Run("file", func(t *testing.T) { checkFile(t, v) })
			t.Run("blind", func(t *testing.T) { checkBlind(t, v) })
		})
	}
}

func checkFile(t *testing.T, v vectors) {
	var out bytes.Buffer
	if err := seal.OpenFile(&out, v.File.Manifest, identityOf(t, v.File.Identity), from(v.File.Pieces)); err != nil {
		t.Fatal(err)
	}
	if len(v.File.Content) == 0 || !bytes.Equal(out.Bytes(), v.File.Content) {
		t.Error("the file has another content")
	}
}

func receiptOf(t *testing.T, text string) seal.Receipt {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.ReceiptFromBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func describe(t *testing.T, r seal.Receipt) receiptVector {
	t.Helper()
	mailbox, err := r.Mailbox()
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]string{}
	for _, list := range words.All() {
		shown[list.Language()] = r.Words(list)
	}
	return receiptVector{
		Bytes: hex.EncodeToString(r.Bytes()), Numbers: r.Numbers(), Words: shown,
		Login: hex.EncodeToString(r.Login()), Mailbox: hex.EncodeToString(mailbox.Seed()),
		Recipient: mailbox.Recipient().String(), RecipientHash: mailbox.Recipient().Hash(),
		Sign: hex.EncodeToString(r.SigningKey().Seed()), Signer: hex.EncodeToString(r.SigningKey().Public().(ed25519.PublicKey)),
		Report: r.ReportID(),
	}
}

func checkReceipts(t *testing.T, v vectors) {
	if len(v.Receipts) < 4 {
		t.Fatalf("only %d receipts", len(v.Receipts))
	}
	for _, want := range v.Receipts {
		if diff := cmp.Diff(want, describe(t, receiptOf(t, want.Bytes))); diff != "" {
			t.Errorf("receipt %s:\n%s", want.Bytes, diff)
		}
	}
}

func identityOf(t *testing.T, seed []byte) *seal.Identity {
	t.Helper()
	identity, err := seal.IdentityFromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func rosterOf(t *testing.T, v vectors) *seal.Roster {
	t.Helper()
	roster, err := v.Programme.Roster.Verify(v.Programme.Key, v.Programme.Now, 1)
	if err != nil {
		t.Fatal(err)
	}
	if roster.Hash() != v.Programme.Hash {
		t.Fatal("the roster has another hash")
	}
	return roster
}

func checkSubmission(t *testing.T, v vectors) {
	roster := rosterOf(t, v)
	s, err := seal.DecodeSubmission(v.Submission.Body)
	if err != nil {
		t.Fatal(err)
	}
	if s.Roster != roster.Hash() || s.Programme != roster.Programme || !bytes.Equal(s.Login, receiptOf(t, v.Submission.Receipt).Login()) {
		t.Fatal("the head names another roster, programme or mailbox")
	}
	for name, try := range map[string]struct{ seed, grant []byte }{
		"desk": {v.Submission.Desk, s.DeskGrant}, "recovery": {v.Submission.Recovery, s.RecoveryGrant},
	} {
		grant, err := seal.OpenGrant(identityOf(t, try.seed), try.grant, s.Programme, s.Report)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		chain, err := seal.NewChain(grant, roster)
		if err != nil {
			t.Fatal(err)
		}
		cover, _, err := chain.Next(seal.Stored{Role: seal.RoleReporter, Hash: s.Cover, Body: s.CoverBody})
		if err != nil {
			t.Fatal(err)
		}
		report, _, err := chain.Next(seal.Stored{Seq: 1, Role: seal.RoleReporter, Hash: s.First, Body: s.FirstBody})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]seal.Content{v.Submission.Cover, v.Submission.Report}, []seal.Content{cover.Content, report.Content}); diff != "" {
			t.Errorf("%s reads something else:\n%s", name, diff)
		}
	}
}

func checkConversation(t *testing.T, v vectors) {
	s, err := seal.DecodeSubmission(v.Submission.Body)
	if err != nil {
		t.Fatal(err)
	}
	mailbox, err := receiptOf(t, v.Submission.Receipt).Mailbox()
	if err != nil {
		t.Fatal(err)
	}
	grant, err := seal.OpenGrant(mailbox, v.Conversation.Grant, s.Programme, s.Report)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := seal.NewChain(grant, rosterOf(t, v))
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range v.Conversation.Messages {
		opened, signer, err := chain.Next(m)
		if err != nil {
			t.Fatal(err)
		}
		said, _ := opened.Content.(seal.Message)
		if !signer.Known || said.Text != v.Conversation.Texts[i] {
			t.Errorf("message %d says %q by %+v", i, said.Text, signer)
		}
	}
	if grant.Epoch != 1 || chain.Place().Epoch != 1 || len(v.Conversation.Messages) < 6 {
		t.Error("the conversation does not reach a second epoch")
	}
}

func checkDeskKeys(t *testing.T, v vectors) {
	keys, err := seal.OpenDeskKeys(identityOf(t, v.DeskKeys.Member), v.DeskKeys.Body, v.DeskKeys.Keys.Desk)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v.DeskKeys.Keys, keys); diff != "" {
		t.Fatal(diff)
	}
	desk := rosterOf(t, v).Desks[0]
	if err := keys.Matches(desk); err != nil {
		t.Fatal(err)
	}
}

func checkMember(t *testing.T, v vectors) {
	m := v.Member
	s, err := seal.StretchPassphrase(m.Passphrase, m.Salt, m.Params)
	if err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(s.Login) != m.Login || hex.EncodeToString(s.Wrap) != m.Wrap {
		t.Fatal("the passphrase gives other keys")
	}
	keys, err := seal.UnwrapMemberKeys(m.Wrapped, s.Wrap, m.Account)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.Keys, keys); diff != "" {
		t.Fatal(diff)
	}
	wrap, err := seal.WrapKeyFromPRF(m.PRF)
	if err != nil || hex.EncodeToString(wrap) != m.PRFWrap {
		t.Fatalf("the PRF result gives another key: %v", err)
	}
}

func checkBlind(t *testing.T, v vectors) {
	if len(v.Blind) != len(seal.BlindKinds()) {
		t.Errorf("%d tokens, want one of each kind", len(v.Blind))
	}
	for _, b := range v.Blind {
		token, err := seal.BlindToken(b.Index, b.Programme, b.Kind, b.Value)
		if err != nil || hex.EncodeToString(token) != b.Token {
			t.Errorf("%s: %x, %v", b.Kind, token, err)
		}
	}
}
