// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
)

// RandomBytes returns n random bytes, which is what ciphertext looks like.
func RandomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// Arrival makes an arrival of the usual sizes with random bytes for ciphertext.
func Arrival(programme, desk id.ID, hour clock.Hour) report.Arrival {
	hash := func() report.Hash { return report.Hash(RandomBytes(32)) }
	a := report.Arrival{
		Report: report.Report{
			Programme: programme, ID: id.New(), Desk: desk, Arrived: hour, Channel: report.ChannelWeb, Size: 9900,
			Roster: hash(), Head: report.Head{Seq: 1, Hash: hash()}, Digest: hash(), Slot: 7,
			Marks: report.Marks{State: report.StateNew, Replied: hour},
		},
		Login: hash(),
		Grants: []report.Grant{
			{To: report.ToDesk, Recipient: desk, Body: RandomBytes(2660)},
			{To: report.ToRecovery, Body: RandomBytes(2660)},
			{To: report.ToMailbox, Body: RandomBytes(2660)},
		},
	}
	a.Envelopes = []report.Envelope{
		{Seq: 0, Role: "reporter", Hash: hash(), Hour: hour, Body: RandomBytes(3700)},
		{Seq: 1, Role: "reporter", Hash: a.Report.Head.Hash, Hour: hour, Body: RandomBytes(9900)},
	}
	return a
}

// reports is a House with the store of reports and one report in it.
type reports struct {
	*House
	*reportstore.Store
	programme, desk id.ID
	one             report.Arrival
}

func withReport(t *testing.T, open Factory) *reports {
	t.Helper()
	h := Build(t, open)
	r := &reports{House: h, Store: reportstore.New(h.DB), programme: id.New(), desk: id.New()}
	r.one = r.insert(t, func(*report.Arrival) {})
	return r
}

func (r *reports) insert(t *testing.T, change func(a *report.Arrival)) report.Arrival {
	t.Helper()
	a := Arrival(r.programme, r.desk, 1000)
	change(&a)
	r.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return r.Insert(ctx, a) })
	return a
}

// try runs one write and returns its error.
func (r *reports) try(t *testing.T, write func(ctx context.Context) error) error {
	t.Helper()
	return r.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return write(ctx) })
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantSame(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

func testReports(t *testing.T, open Factory) {
	t.Run("what was kept comes back", func(t *testing.T) { testKeep(t, open) })
	t.Run("the same report twice is a conflict", func(t *testing.T) { testTwice(t, open) })
	t.Run("nothing is found without its programme", func(t *testing.T) { testWall(t, open) })
	t.Run("a conversation grows at its head only", func(t *testing.T) { testAppend(t, open) })
	t.Run("deleting leaves nothing sealed", func(t *testing.T) { testDelete(t, open) })
	t.Run("marks change by version", func(t *testing.T) { testMarks(t, open) })
	t.Run("resealing replaces all grants", func(t *testing.T) { testReseal(t, open) })
	t.Run("blind tokens", func(t *testing.T) { testTokens(t, open) })
	t.Run("counts", func(t *testing.T) { testCounts(t, open) })
	t.Run("history and arrivals", func(t *testing.T) { testActs(t, open) })
	t.Run("inbox", func(t *testing.T) { testInbox(t, open) })
}

func testKeep(t *testing.T, open Factory) {
	r := withReport(t, open)
	got, err := r.Report(t.Context(), r.programme, r.one.Report.ID)
	must(t, err)
	wantSame(t, "report", got, r.one.Report)
	got, err = r.ByLogin(t.Context(), r.programme, r.one.Login)
	must(t, err)
	wantSame(t, "report by login", got, r.one.Report)
	digest, err := r.Digest(t.Context(), r.programme, r.one.Report.ID)
	must(t, err)
	wantSame(t, "digest", digest, r.one.Report.Digest)
	envelopes, err := r.Envelopes(t.Context(), r.programme, r.one.Report.ID)
	must(t, err)
	wantSame(t, "envelopes", envelopes, r.one.Envelopes)
	for i, to := range []string{report.ToDesk, report.ToRecovery, report.ToMailbox} {
		grants, err := r.Grants(t.Context(), r.programme, r.one.Report.ID, to)
		must(t, err)
		wantSame(t, "grants to "+to, grants, r.one.Grants[i:i+1])
	}
	covers, err := r.Covers(t.Context(), r.programme, []id.ID{id.New(), r.one.Report.ID})
	must(t, err)
	wantSame(t, "covers", covers, []report.Cover{{
		Report: r.one.Report.ID, Slot: 7, Envelope: r.one.Envelopes[0], Grants: r.one.Grants[:1],
	}})
}

func testTwice(t *testing.T, open Factory) {
	r := withReport(t, open)
	again := r.one
	again.Login = report.Hash(RandomBytes(32))
	wantKind(t, "the same id", r.try(t, func(ctx context.Context) error { return r.Insert(ctx, again) }), fault.Conflict)
	again = Arrival(r.programme, r.desk, 1000)
	again.Login = r.one.Login
	wantKind(t, "the same login", r.try(t, func(ctx context.Context) error { return r.Insert(ctx, again) }), fault.Conflict)
	_, err := r.Report(t.Context(), r.programme, again.Report.ID)
	wantKind(t, "the refused report", err, fault.NotFound)
	again = r.one
	again.Envelopes = again.Envelopes[:1]
	again.Report.ID = id.New()
	if err := r.try(t, func(ctx context.Context) error { return r.Insert(ctx, again) }); err == nil {
		t.Error("an arrival without its first message was kept")
	}
}

func testWall(t *testing.T, open Factory) {
	r := withReport(t, open)
	ctx, other, rep := t.Context(), id.New(), r.one.Report.ID
	must(t, r.try(t, func(ctx context.Context) error {
		return r.SaveTokens(ctx, r.programme, rep, []report.Hash{{1}})
	}))
	reads := map[string]func() error{
		"report":    func() error { _, err := r.Report(ctx, other, rep); return err },
		"digest":    func() error { _, err := r.Digest(ctx, other, rep); return err },
		"login":     func() error { _, err := r.ByLogin(ctx, other, r.one.Login); return err },
		"envelopes": func() error { _, err := r.Envelopes(ctx, other, rep); return err },
		"grants":    func() error { _, err := r.Grants(ctx, other, rep, report.ToDesk); return err },
	}
	for name, read := range reads {
		wantKind(t, name+" through another programme", read(), fault.NotFound)
	}
	writes := map[string]func(ctx context.Context) error{
		"append": func(ctx context.Context) error {
			return r.Append(ctx, other, rep, r.one.Report.Head.Hash, report.Envelope{Seq: 2, Role: "desk", Body: []byte("x")})
		},
		"delete": func(ctx context.Context) error { return r.Delete(ctx, other, rep) },
		"marks":  func(ctx context.Context) error { return r.SaveMarks(ctx, other, rep, report.Marks{Version: 1}) },
		"reseal": func(ctx context.Context) error { return r.Reseal(ctx, other, rep, 1, nil) },
		"tokens": func(ctx context.Context) error { return r.SaveTokens(ctx, other, rep, nil) },
	}
	for name, write := range writes {
		wantKind(t, name+" through another programme", r.try(t, write), fault.NotFound)
	}
	covers, err := r.Covers(ctx, other, []id.ID{rep})
	must(t, err)
	list, more, err := r.List(ctx, other, report.Filter{Desks: []id.ID{r.desk}, Queue: report.QueueOpen, Limit: 10})
	must(t, err)
	mentions, err := r.Mentions(ctx, other, rep, 10)
	must(t, err)
	arrivals, err := r.ArrivalsOf(ctx, other, 1000)
	must(t, err)
	if len(covers)+len(list)+len(mentions)+len(arrivals) != 0 || more {
		t.Errorf("another programme sees %d covers, %d reports, %d mentions, %d arrivals", len(covers), len(list), len(mentions), len(arrivals))
	}
	tally, err := r.Tally(ctx, other, []id.ID{r.desk}, id.New())
	must(t, err)
	if tally[report.QueueOpen] != 0 {
		t.Errorf("another programme counts %d reports", tally[report.QueueOpen])
	}
}

func testAppend(t *testing.T, open Factory) {
	r := withReport(t, open)
	rep, head := r.one.Report.ID, r.one.Report.Head.Hash
	all := r.one.Envelopes
	for i, role := range []string{"desk", "reporter", "desk", "reporter"} {
		e := report.Envelope{Seq: 2 + i, Epoch: i % 2, Role: role, Hash: report.Hash(RandomBytes(32)), Hour: 2000 + clock.Hour(i), Body: RandomBytes(300)}
		must(t, r.try(t, func(ctx context.Context) error { return r.Append(ctx, r.programme, rep, head, e) }))
		stale := e
		stale.Hash = report.Hash(RandomBytes(32))
		wantKind(t, "a second message after the same one", r.try(t, func(ctx context.Context) error { return r.Append(ctx, r.programme, rep, head, stale) }), fault.Conflict)
		stale.Seq += 2
		wantKind(t, "a gap", r.try(t, func(ctx context.Context) error { return r.Append(ctx, r.programme, rep, e.Hash, stale) }), fault.Conflict)
		all, head = append(all, e), e.Hash
	}
	envelopes, err := r.Envelopes(t.Context(), r.programme, rep)
	must(t, err)
	wantSame(t, "conversation", envelopes, all)
	got, err := r.Report(t.Context(), r.programme, rep)
	must(t, err)
	if got.Head != (report.Head{Seq: 5, Hash: head}) || got.Marks.Replied != 2003 {
		t.Errorf("head %+v, replied in hour %d: want message 5 and hour 2003", got.Head, got.Marks.Replied)
	}
}

func testDelete(t *testing.T, open Factory) {
	r := withReport(t, open)
	rep := r.one.Report.ID
	other := r.insert(t, func(*report.Arrival) {})
	act := report.Act{ID: id.New(), Report: rep, Who: id.New(), At: time.Unix(99, 0).UTC(), What: "opened"}
	must(t, r.try(t, func(ctx context.Context) error {
		must(t, r.Append(ctx, r.programme, rep, r.one.Report.Head.Hash, report.Envelope{Seq: 2, Role: "desk", Body: []byte("sealed")}))
		must(t, r.SaveTokens(ctx, r.programme, rep, []report.Hash{{1}}))
		must(t, r.SaveTokens(ctx, r.programme, other.Report.ID, []report.Hash{{1}}))
		return r.AddAct(ctx, r.programme, act)
	}))
	must(t, r.try(t, func(ctx context.Context) error { return r.Delete(ctx, r.programme, rep) }))
	_, err := r.ByLogin(t.Context(), r.programme, r.one.Login)
	wantKind(t, "the mailbox", err, fault.NotFound)
	_, err = r.Envelopes(t.Context(), r.programme, rep)
	wantKind(t, "the messages", err, fault.NotFound)
	wantKind(t, "deleting again", r.try(t, func(ctx context.Context) error { return r.Delete(ctx, r.programme, rep) }), fault.NotFound)
	mentions, err := r.Mentions(t.Context(), r.programme, other.Report.ID, 10)
	must(t, err)
	if len(mentions) != 0 {
		t.Errorf("%d tokens of the deleted report are still found", len(mentions))
	}
	for _, table := range []string{"report", "report_sealed"} {
		wantRows(t, r.House, table, 1)
	}
	wantRows(t, r.House, "report_message", 0)
	if _, err := r.Envelopes(t.Context(), r.programme, other.Report.ID); err != nil {
		t.Errorf("the other report: %v", err)
	}
	acts, err := r.Acts(t.Context(), r.programme, rep)
	must(t, err)
	wantSame(t, "history", acts, []report.Act{act})
}

func wantRows(t *testing.T, h *House, table string, want int) {
	t.Helper()
	var n int
	must(t, h.DB.Reader(t.Context()).Row(t.Context(), `SELECT count(*) FROM `+table, nil, &n))
	if n != want {
		t.Errorf("%s has %d rows, want %d", table, n, want)
	}
}
