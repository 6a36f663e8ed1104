// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// world is what an installation publishes, made with the reference
// implementation of the tree rather than with the log's own.
type world struct {
	t      testing.TB
	dir    string
	env    map[string]string // what scripts know: keys and ids
	signer note.Signer
	stored []tlog.Hash
	size   int64
}

var worldTime = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// buildWorld writes the files that the scripts check into dir, and returns
// the keys.
func buildWorld(t testing.TB, dir string) map[string]string {
	w := &world{t: t, dir: dir, env: map[string]string{}}
	private, public, err := note.GenerateKey(nil, "turnstone/test")
	w.check(err)
	w.signer, err = note.NewSigner(private)
	w.check(err)
	w.env["LOGKEY"] = public
	programmePublic, programme, err := ed25519.GenerateKey(nil)
	w.check(err)
	w.env["PROGRAMME"] = base64.StdEncoding.EncodeToString(programmePublic)

	salt := []byte("0123456789abcdef")
	for i := range 3 {
		w.add("audit", salt, fmt.Appendf(nil, `{"n":%d}`, i))
	}
	earlier := w.checkpoint("earlier")
	signed := w.export(programme)
	w.add("roster", salt, signed.Roster)
	for i := range 4 {
		w.add("audit", salt, fmt.Appendf(nil, `{"n":%d}`, i))
	}
	later := w.checkpoint("later")
	w.write("payload", signed.Roster)
	proof := w.inclusion(3, salt)
	w.writeJSON("inclusion.json", proof)
	w.writeJSON("roster.json", publishedRoster{SignedRoster: signed, Checkpoint: string(later), Proof: proof, ProgrammeKey: programmePublic})
	leaf := ledger.Leaf{Kind: "roster", Commit: ledger.Commit(salt, signed.Roster)}
	entry := entryFile{Kind: "roster", Leaf: string(leaf.Data()), Payload: signed.Roster, Proof: proof, Checkpoint: string(later)}
	w.writeJSON("entry.json", entry)
	entry.Payload = []byte("another list")
	w.writeJSON("entry-other.json", entry)
	entry.Payload, entry.Proof.Salt = nil, nil
	w.writeJSON("entry-erased.json", entry)
	entry.Kind = "audit"
	w.writeJSON("entry-kind.json", entry)
	wrong := proof
	wrong.Index = 4
	w.writeJSON("roster-elsewhere.json", publishedRoster{SignedRoster: signed, Checkpoint: string(later), Proof: wrong, ProgrammeKey: programmePublic})
	w.writeJSON("roster-alone.json", signed)
	hashes, err := tlog.ProveTree(w.size, 3, w.reader())
	w.check(err)
	w.writeJSON("consistency.json", ledger.Consistency{Earlier: 3, Later: w.size, Hashes: bytesOf(hashes)})
	w.writeJSON("continuation.json", continuation{Checkpoint: string(later), Hashes: bytesOf(hashes)})
	w.cosign(earlier)
	return w.env
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name string, text []byte) {
	w.t.Helper()
	w.check(os.WriteFile(filepath.Join(w.dir, name), text, 0o600))
}

func (w *world) writeJSON(name string, v any) {
	w.t.Helper()
	text, err := json.Marshal(v)
	w.check(err)
	w.write(name, text)
}

func (w *world) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, w.stored[i])
		}
		return out, nil
	})
}

func (w *world) add(kind string, salt, payload []byte) {
	w.t.Helper()
	hashes, err := tlog.StoredHashes(w.size, ledger.Leaf{Kind: kind, Commit: ledger.Commit(salt, payload)}.Data(), w.reader())
	w.check(err)
	w.stored = append(w.stored, hashes...)
	w.size++
}

func (w *world) checkpoint(name string) []byte {
	w.t.Helper()
	root, err := tlog.TreeHash(w.size, w.reader())
	w.check(err)
	signed, err := note.Sign(&note.Note{Text: ledger.Checkpoint{Origin: w.signer.Name(), Size: w.size, Root: root}.Text()}, w.signer)
	w.check(err)
	w.write(name, signed)
	return signed
}

func (w *world) inclusion(n int64, salt []byte) ledger.Inclusion {
	w.t.Helper()
	hashes, err := tlog.ProveRecord(w.size, n, w.reader())
	w.check(err)
	return ledger.Inclusion{Index: n, Salt: salt, Hashes: bytesOf(hashes)}
}

func bytesOf(hashes []tlog.Hash) [][]byte {
	var out [][]byte
	for _, h := range hashes {
		out = append(out, h[:])
	}
	return out
}

func (w *world) cosign(signed []byte) {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	w.check(err)
	w.env["WITNESS"] = ledger.WitnessKey("witness.example", public)
	log, err := note.NewVerifier(w.env["LOGKEY"])
	w.check(err)
	cosigned, _, err := ledger.NewWitnessSigner("witness.example", private, clock.Fixed(worldTime)).
		Cosign(signed, log, ledger.Checkpoint{}, ledger.Consistency{})
	w.check(err)
	w.write("witnessed", cosigned)
}

// export writes a sealed report and the identity that opens it, and returns
// the signed roster.
func (w *world) export(programme ed25519.PrivateKey) seal.SignedRoster {
	w.t.Helper()
	desk, recovery := seal.NewDeskKeys(id.New()), newIdentity(w)
	identity, err := desk.Identity(0)
	w.check(err)
	signed, err := seal.SignRoster(seal.Roster{
		Programme: id.New(), Slug: "nord", Name: map[string]string{"en": "North"}, Number: 7,
		ValidFrom: worldTime.Add(-time.Hour), ValidUntil: worldTime.Add(24 * time.Hour), Recovery: recovery.Recipient(), Log: w.env["LOGKEY"],
		Desks: []seal.RosterDesk{{ID: desk.Desk, Slug: "customs", Name: map[string]string{"en": "Customs"}, Organisation: map[string]string{"en": "Customs"}, Recipient: identity.Recipient()}},
	}, programme)
	w.check(err)
	roster, err := signed.Verify(programme.Public().(ed25519.PublicKey), worldTime, 0)
	w.check(err)
	receipt := seal.NewReceipt()
	s, err := seal.SealSubmission(seal.Tip{
		Roster: roster, Desk: desk.Desk, Receipt: receipt,
		Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "a van"},
		Report: seal.Report{Language: "en", Category: "drugs", Questionnaire: "1", Text: "a van"},
	})
	w.check(err)
	e := seal.Export{
		Programme: s.Programme, Report: s.Report, Roster: signed,
		Grants:   []seal.GrantFor{{To: "desk", Body: s.DeskGrant}, {To: "recovery", Body: s.RecoveryGrant}},
		Messages: []seal.Stored{{Seq: 0, Role: seal.RoleReporter, Hash: s.Cover, Body: s.CoverBody}, {Seq: 1, Role: seal.RoleReporter, Hash: s.First, Body: s.FirstBody}},
	}
	w.writeExport("export.json", e)
	w.writeFiles(e, recovery, receipt)
	e.Messages[1].Body = append([]byte(nil), e.Messages[1].Body...)
	e.Messages[1].Body[len(e.Messages[1].Body)/2] ^= 1
	w.writeExport("export-changed.json", e)
	e.Messages[1].Body = e.Messages[1].Body[:len(e.Messages[1].Body)-1]
	w.writeExport("export-cut.json", e)
	w.write("recovery.txt", []byte(recovery.Secret()+"\n"))
	w.write("stranger.txt", []byte(newIdentity(w).Secret()+"\n"))
	return signed
}

// writeFiles writes the export with a file of the reporter's, and once more
// with a byte of its piece changed.
func (w *world) writeFiles(e seal.Export, recovery *seal.Identity, receipt seal.Receipt) {
	w.t.Helper()
	grant, err := seal.OpenGrant(recovery, e.Grants[1].Body, e.Programme, e.Report)
	w.check(err)
	chain, err := seal.NewChain(grant)
	w.check(err)
	for _, m := range e.Messages {
		_, _, err := chain.Next(m)
		w.check(err)
	}
	to, err := grant.Identity(0)
	w.check(err)
	var piece []byte
	f := seal.File{Blob: id.New(), Length: 3, Name: "secret-name.jpg", Cleaned: seal.Cleaned}
	f.Pieces, err = seal.SealFile(strings.NewReader("van"), 3, to.Recipient(), func(_ int, p []byte) error {
		piece = slices.Clone(p)
		return nil
	})
	w.check(err)
	m, err := chain.Seal(f, seal.RoleReporter, receipt.SigningKey())
	w.check(err)
	e.Messages = append(slices.Clone(e.Messages), m)
	document, err := e.Encode()
	w.check(err)
	for _, name := range []string{"export.zip", "export-hurt.zip"} {
		var out bytes.Buffer
		_, err = archive.Write(&out, document, []archive.File{{Blob: f.Blob, Pieces: 1, Open: func(int) (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(piece)), int64(len(piece)), nil
		}}})
		w.check(err)
		w.write(name, out.Bytes())
		piece[len(piece)-1] ^= 1
	}
}

func (w *world) writeExport(name string, e seal.Export) {
	w.t.Helper()
	text, err := e.Encode()
	w.check(err)
	w.write(name, text)
}

func newIdentity(w *world) *seal.Identity {
	w.t.Helper()
	i, err := seal.NewIdentity()
	w.check(err)
	return i
}
