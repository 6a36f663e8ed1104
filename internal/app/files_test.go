// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// teller is a reporter who sent a report and adds files to it.
type teller struct {
	t       *testing.T
	i       *app.Installation
	p       id.ID
	receipt seal.Receipt
}

func newTeller(t *testing.T, i *app.Installation, p id.ID) *teller {
	t.Helper()
	published, _ := i.Programmes.Roster(p)
	r := &teller{t: t, i: i, p: p, receipt: seal.NewReceipt()}
	sub, err := seal.SealSubmission(seal.Tip{
		Roster: published.Roster, Desk: published.Roster.Desks[0].ID, Receipt: r.receipt,
		Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "x"},
		Report: seal.Report{Category: "drugs", Language: "en", Text: "x"},
	})
	r.check(err)
	body, err := sub.Encode()
	r.check(err)
	_, err = i.Intake.Submit(t.Context(), p, report.ChannelWeb, body)
	r.check(err)
	return r
}

func (r *teller) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// chain opens the conversation as it is now.
func (r *teller) chain() (*seal.Chain, *seal.Identity, report.Mailbox) {
	r.t.Helper()
	box, err := r.i.Intake.Open(r.t.Context(), r.p, r.receipt.Login())
	r.check(err)
	mailbox, err := r.receipt.Mailbox()
	r.check(err)
	grant, err := seal.OpenGrant(mailbox, box.Grants[0].Body, r.p, box.Report.ID)
	r.check(err)
	chain, err := seal.NewChain(grant)
	r.check(err)
	for _, e := range box.Envelopes {
		_, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body})
		r.check(err)
	}
	identity, err := grant.Identity(0)
	r.check(err)
	return chain, identity, box
}

// sealed is a file that is sealed and not yet sent.
type sealedFile struct {
	file   seal.File
	pieces [][]byte
}

func (r *teller) seal(content []byte) sealedFile {
	r.t.Helper()
	_, identity, _ := r.chain()
	return r.sealTo(content, identity)
}

func (r *teller) sealTo(content []byte, identity *seal.Identity) sealedFile {
	r.t.Helper()
	var s sealedFile
	hashes, err := seal.SealFile(bytes.NewReader(content), int64(len(content)), identity.Recipient(), func(_ int, piece []byte) error {
		s.pieces = append(s.pieces, slices.Clone(piece))
		return nil
	})
	r.check(err)
	s.file = seal.File{Blob: id.New(), Length: int64(len(content)), Name: "a.jpg", Media: "image/jpeg", Pieces: hashes, Cleaned: seal.Cleaned}
	return s
}

func (s sealedFile) piece(i int) report.Piece {
	return report.Piece{Blob: s.file.Blob, Index: i, Bytes: seal.SealedLength(s.file.Length), Sum: s.file.Pieces[i]}
}

func (r *teller) put(s sealedFile, i int) error {
	return r.i.Intake.Piece(r.t.Context(), r.p, r.receipt.Login(), s.piece(i), bytes.NewReader(s.pieces[i]))
}

// commit appends the manifest.
func (r *teller) commit(s sealedFile) error {
	r.t.Helper()
	prev, e := r.manifest(s)
	return r.i.Intake.ReplyFile(r.t.Context(), r.p, r.receipt.Login(), prev, e, s.file.Blob)
}

// manifest seals the manifest as the next message.
func (r *teller) manifest(s sealedFile) (seal.Hash, report.Envelope) {
	r.t.Helper()
	chain, _, _ := r.chain()
	prev := chain.Place().Prev
	m, err := chain.Seal(s.file, seal.RoleReporter, r.receipt.SigningKey())
	r.check(err)
	return prev, report.Envelope{Seq: m.Seq, Epoch: m.Epoch, Role: string(m.Role), Hash: m.Hash, Body: m.Body}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func wantFault(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind || err == nil {
		t.Errorf("%s: %v, want fault %d", what, err, kind)
	}
}

func TestAFileReachesTheDesk(t *testing.T) {
	i, p := founded(t)
	r := newTeller(t, i, p)
	content := random(seal.PieceSize + 300_000)
	s := r.seal(content)
	for _, n := range []int{1, 0, 1} { // out of order, and one of them twice
		r.check(r.put(s, n))
	}
	r.check(r.commit(s))

	_, identity, box := r.chain()
	desk := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: box.Report.Desk}}}
	get := func(n int) ([]byte, error) {
		piece, _, err := i.Desk.Piece(t.Context(), desk, p, box.Report.ID, s.file.Blob, n)
		if err != nil {
			return nil, err
		}
		defer func() { _ = piece.Close() }()
		return io.ReadAll(piece)
	}
	var out bytes.Buffer
	r.check(seal.OpenFile(&out, s.file, identity, get))
	if !bytes.Equal(out.Bytes(), content) {
		t.Error("the desk reads something else")
	}
	acts, err := i.Desk.History(t.Context(), desk, p, box.Report.ID)
	r.check(err)
	if len(acts) != 1 || acts[0].What != "opened-file" {
		t.Errorf("the history says %+v", acts)
	}
	for name, other := range map[string]authz.Subject{
		"nobody":        {},
		"another desk":  {Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: id.New()}}},
		"administrator": {Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: p}}},
		"analyst":       {Account: id.New(), Grants: []authz.Grant{{Role: authz.Analyst, Programme: p}}},
		"elsewhere":     {Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: id.New(), Desk: box.Report.Desk}}},
	} {
		if _, _, err := i.Desk.Piece(t.Context(), other, p, box.Report.ID, s.file.Blob, 0); err == nil {
			t.Errorf("%s gets a piece", name)
		}
	}
	if err := i.Intake.Delete(t.Context(), p, r.receipt.Login()); err != nil {
		t.Fatal(err)
	}
	if blobs, err := i.Files.Blobs.Blobs(t.Context()); err != nil || len(blobs) > 0 {
		t.Errorf("after the report was deleted: %v, %v", blobs, err)
	}
}

func TestPiecesThatDontBelong(t *testing.T) {
	i, p := founded(t)
	r, other := newTeller(t, i, p), newTeller(t, i, p)
	s := r.seal(random(seal.PieceSize + 10))

	wantFault(t, "a manifest without pieces", r.commit(s), fault.NotFound)
	r.check(r.put(s, 0))
	wantFault(t, "a manifest before the last piece", r.commit(s), fault.Invalid)
	wantFault(t, "a blob that is another report's", other.put(s, 1), fault.Conflict)
	wantFault(t, "a manifest of another report's blob", other.commit(s), fault.NotFound)

	changed := s
	changed.pieces = [][]byte{s.pieces[0], append(slices.Clone(s.pieces[1][1:]), 0)}
	wantFault(t, "other bytes than announced", r.put(changed, 1), fault.Invalid)
	short := s
	short.pieces = [][]byte{s.pieces[0], s.pieces[1][:100]}
	wantFault(t, "cut off", r.put(short, 1), fault.Invalid)
	r.check(r.put(s, 1))
	changed.file.Pieces = []seal.Hash{s.file.Pieces[0], seal.HashOf(changed.pieces[1])}
	wantFault(t, "another piece in its place", r.put(changed, 1), fault.Conflict)

	ask := func(change func(*report.Piece)) error {
		piece := s.piece(1)
		change(&piece)
		return i.Intake.Piece(t.Context(), p, r.receipt.Login(), piece, bytes.NewReader(s.pieces[1]))
	}
	wantFault(t, "a piece after the last", ask(func(x *report.Piece) { x.Index = 2 }), fault.Invalid)
	wantFault(t, "a negative piece", ask(func(x *report.Piece) { x.Index = -1 }), fault.Invalid)
	wantFault(t, "no blob", ask(func(x *report.Piece) { x.Blob = id.ID{} }), fault.Invalid)
	wantFault(t, "a length that no sealed file has", ask(func(x *report.Piece) { x.Bytes++ }), fault.Invalid)
	wantFault(t, "another length", ask(func(x *report.Piece) { x.Bytes = seal.SealedLength(seal.PieceSize + 2<<20) }), fault.Conflict)
	wantFault(t, "a byte more than the most", ask(func(x *report.Piece) { x.Bytes = seal.SealedLength(seal.MaxFile) + 1 }), fault.TooLarge)
	wantFault(t, "no such mailbox", i.Intake.Piece(t.Context(), p, seal.NewReceipt().Login(), s.piece(1), bytes.NewReader(s.pieces[1])), fault.NotFound)

	clear := random(int(seal.SealedLength(10)))
	piece := report.Piece{Blob: id.New(), Bytes: int64(len(clear)), Sum: seal.HashOf(clear)}
	wantFault(t, "what is not sealed", i.Intake.Piece(t.Context(), p, r.receipt.Login(), piece, bytes.NewReader(clear)), fault.Invalid)

	r.check(r.commit(s))
	wantFault(t, "a piece after the manifest", r.put(s, 0), fault.Conflict)
	wantFault(t, "the manifest twice", r.commit(s), fault.Conflict)
}

func TestStrangersCantFillTheDisk(t *testing.T) {
	i, p := founded(t)
	i.Files.Limits = report.FileLimits{Count: 3, Report: 60_000, Programme: 80_000}
	r := newTeller(t, i, p)
	for range 3 {
		r.check(r.put(r.seal(random(100)), 0))
	}
	wantFault(t, "a fourth file", r.put(r.seal(random(100)), 0), fault.TooLarge)
	second := newTeller(t, i, p)
	wantFault(t, "more than a report may have", second.put(second.seal(random(60_000)), 0), fault.TooLarge)
	r.check(second.put(second.seal(random(40_000)), 0))
	third := newTeller(t, i, p)
	wantFault(t, "more than the programme may have", third.put(third.seal(random(20_000)), 0), fault.Unavailable)
}

// laterClock is the system's clock put forward.
type laterClock time.Duration

func (c laterClock) Now() time.Time { return time.Now().UTC().Add(time.Duration(c)) }

func TestHalfFilesGoAfterADay(t *testing.T) {
	i, p := founded(t)
	r := newTeller(t, i, p)
	half, whole := r.seal(random(seal.PieceSize)), r.seal(random(100))
	r.check(r.put(half, 0))
	r.check(r.put(whole, 0))
	r.check(r.commit(whole))
	lost := random(10)
	r.check(i.Files.Blobs.Put(t.Context(), id.New(), 0, seal.HashOf(lost), 10, 0, bytes.NewReader(lost)))
	count := func() int {
		blobs, err := i.Files.Blobs.Blobs(t.Context())
		r.check(err)
		return len(blobs)
	}
	r.check(i.Files.Sweep(t.Context(), []id.ID{p}))
	if n := count(); n != 2 {
		t.Errorf("%d blobs after a sweep at once, want both files and nothing lost", n)
	}
	i.Files.Clock = laterClock(25 * time.Hour)
	r.check(i.Files.Sweep(t.Context(), []id.ID{p}))
	if n := count(); n != 1 {
		t.Errorf("%d blobs a day later, want the one with a manifest", n)
	}
	wantFault(t, "half a file's manifest a day later", r.commit(half), fault.NotFound)
}

func TestPiecesOverHTTP(t *testing.T) {
	i, p := founded(t)
	ctx, cancel := context.WithCancel(t.Context())
	i.Config.Portal.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0"
	running, err := i.Listen(ctx, slog.New(slog.DiscardHandler), "portal")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- running.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	r := newTeller(t, i, p)
	s := r.seal(random(500))
	head := func(login []byte) []byte {
		text, err := json.Marshal(map[string]any{"login": login, "blob": s.file.Blob, "index": 0, "bytes": seal.SealedLength(500), "sha256": s.file.Pieces[0]})
		r.check(err)
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
	}
	post := func(body []byte) int {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+running.Addr("portal")+"/api/files/piece", bytes.NewReader(body))
		r.check(err)
		req.Header.Set("Content-Type", "application/octet-stream")
		res, err := http.DefaultClient.Do(req)
		r.check(err)
		r.check(res.Body.Close())
		return res.StatusCode
	}
	for name, try := range map[string]struct {
		body []byte
		want int
	}{
		"nothing":              {nil, 422},
		"a huge head":          {[]byte{255, 255, 255, 255, 1}, 422},
		"half a head":          {head(r.receipt.Login())[:20], 422},
		"not JSON":             {append([]byte{0, 0, 0, 2}, "xx"...), 422},
		"no piece":             {head(r.receipt.Login()), 422},
		"a short login":        {append(head([]byte{1}), s.pieces[0]...), 422},
		"another login":        {append(head(seal.NewReceipt().Login()), s.pieces[0]...), 404},
		"more than it says":    {append(append(head(r.receipt.Login()), s.pieces[0]...), 1), 422},
		"more than any can be": {append(head(r.receipt.Login()), make([]byte, seal.PieceSize+2000)...), 422},
	} {
		if got := post(try.body); got != try.want {
			t.Errorf("%s: %d, want %d", name, got, try.want)
		}
	}
	if got := post(append(head(r.receipt.Login()), s.pieces[0]...)); got != http.StatusCreated {
		t.Errorf("a piece: %d", got)
	}
	r.check(r.commit(s))
}
