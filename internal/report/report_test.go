// SPDX-License-Identifier: AGPL-3.0-or-later

package report_test

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

var now = time.Date(2026, 11, 23, 14, 35, 7, 0, time.UTC)

var english = map[string]string{"en": "Line"}

// world is a programme with two desks, a member at the first, and both sides
// of the room over a store in memory.
type world struct {
	store   *memory
	intake  *report.Intake
	desk    *report.Desk
	roster  *seal.Roster
	deskKey *seal.Identity
	member  authz.Subject
	signing ed25519.PrivateKey
}

type keys struct{ w *world }

func (k keys) Sealed(_ context.Context, programme id.ID, hash report.Hash) ([]id.ID, error) {
	if programme != k.w.roster.Programme || hash != k.w.roster.Hash() {
		return nil, fault.New(fault.Gone, "replaced")
	}
	return []id.ID{k.w.roster.Desks[0].ID, k.w.roster.Desks[1].ID}, nil
}

func pepper(use string, token []byte) [32]byte {
	mac := hmac.New(sha256.New, []byte("pepper"))
	mac.Write([]byte(use + "\x00"))
	mac.Write(token)
	return [32]byte(mac.Sum(nil))
}

func newIdentity(t *testing.T) *seal.Identity {
	t.Helper()
	identity, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{store: newMemory(), deskKey: newIdentity(t)}
	public, programmeKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	memberPublic, signing, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.signing = signing
	account := id.New()
	r := seal.Roster{
		Programme: id.New(), Slug: "north", Name: english, Number: 1, Recovery: newIdentity(t).Recipient(), Log: "log",
		ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(time.Hour),
		Desks: []seal.RosterDesk{
			{ID: id.New(), Slug: "line", Name: english, Organisation: english, Recipient: w.deskKey.Recipient(), Members: []seal.RosterMember{{ID: account, Key: memberPublic, Recipient: newIdentity(t).Recipient()}}},
			{ID: id.New(), Slug: "police", Name: english, Organisation: english, Recipient: newIdentity(t).Recipient()},
		},
	}
	signed, err := seal.SignRoster(r, programmeKey)
	if err != nil {
		t.Fatal(err)
	}
	if w.roster, err = signed.Verify(public, now, 1); err != nil {
		t.Fatal(err)
	}
	w.member = reviewer(account, w.roster.Programme, r.Desks[0].ID)
	w.intake = &report.Intake{Store: w.store, Marks: w.store, Keys: keys{w}, Slots: w.store, Tx: w.store, Clock: clock.Fixed(now), Pepper: pepper}
	w.desk = &report.Desk{Reports: w.store, Store: w.store, Log: w.store, Slots: w.store, Tx: w.store, Clock: clock.Fixed(now), Pepper: pepper}
	return w
}

func reviewer(account, programme, desk id.ID) authz.Subject {
	return authz.Subject{Account: account, Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}}
}

// tip seals one report to the first desk.
func (w *world) tip(t *testing.T, change func(*seal.Tip)) (*seal.Submission, seal.Receipt) {
	t.Helper()
	tip := seal.Tip{
		Roster: w.roster, Desk: w.roster.Desks[0].ID, Receipt: seal.NewReceipt(),
		Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "a lorry"},
		Report: seal.Report{Language: "en", Category: "drugs", Questionnaire: "1", Text: "a lorry at night"},
	}
	if change != nil {
		change(&tip)
	}
	sub, err := seal.SealSubmission(tip)
	if err != nil {
		t.Fatal(err)
	}
	return sub, tip.Receipt
}

func encode(t *testing.T, sub *seal.Submission) []byte {
	t.Helper()
	body, err := sub.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (w *world) submit(t *testing.T) (id.ID, seal.Receipt) {
	t.Helper()
	sub, receipt := w.tip(t, nil)
	got, err := w.intake.Submit(t.Context(), w.roster.Programme, report.ChannelWeb, encode(t, sub))
	if err != nil {
		t.Fatal(err)
	}
	return got, receipt
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: err = %v (kind %v), want kind %v", what, err, fault.KindOf(err), want)
	}
}

func TestTheSameSubmissionIsAnsweredAsTheFirstTime(t *testing.T) {
	w := newWorld(t)
	sub, _ := w.tip(t, func(tip *seal.Tip) { tip.Danger = true })
	body := encode(t, sub)
	for range 3 {
		got, err := w.intake.Submit(t.Context(), w.roster.Programme, report.ChannelWeb, body)
		if err != nil || got != sub.Report {
			t.Fatalf("Submit = %v, %v", got, err)
		}
	}
	if len(w.store.reports) != 1 || len(w.store.events) != 1 || len(w.store.slots) != 1 {
		t.Fatalf("%d reports, %d events, %d slots; want one of each", len(w.store.reports), len(w.store.events), len(w.store.slots))
	}
	kept := w.store.reports[sub.Report]
	if !kept.Danger || kept.Arrived.Time() != now.Truncate(time.Hour) {
		t.Fatalf("kept %+v", kept.Report)
	}
	if len(w.store.entries) != 0 {
		t.Fatal("an arrival is in the ledger: its place there is a time finer than the hour")
	}
}

func TestForgedSubmissionsAreRefused(t *testing.T) {
	w := newWorld(t)
	first, _ := w.submit(t)
	for _, c := range []struct {
		name   string
		change func(*seal.Submission)
		want   fault.Kind
	}{
		{"the id of another report", func(s *seal.Submission) { s.Report = first }, fault.Conflict},
		{"another programme", func(s *seal.Submission) { s.Programme = id.New() }, fault.Invalid},
		{"a desk of nobody", func(s *seal.Submission) { s.Desk = id.New() }, fault.Invalid},
		{"an old roster", func(s *seal.Submission) { s.Roster = seal.HashOf(nil) }, fault.Gone},
		{"a grant in the clear", func(s *seal.Submission) { s.DeskGrant = []byte("clear") }, fault.Invalid},
		{"a cover as report", func(s *seal.Submission) { s.FirstBody = s.CoverBody }, fault.Invalid},
	} {
		sub, _ := w.tip(t, nil)
		c.change(sub)
		_, err := w.intake.Submit(t.Context(), w.roster.Programme, report.ChannelWeb, encode(t, sub))
		wantKind(t, c.name, err, c.want)
	}
	for _, body := range [][]byte{nil, []byte("TSN1"), make([]byte, seal.MaxSubmission+1)} {
		if _, err := w.intake.Submit(t.Context(), w.roster.Programme, report.ChannelWeb, body); err == nil {
			t.Errorf("%d bytes of nothing accepted", len(body))
		}
	}
	if len(w.store.reports) != 1 {
		t.Fatalf("%d reports are kept, want only the honest one", len(w.store.reports))
	}
}

// conversation opens a mailbox as its reporter does.
func (w *world) conversation(t *testing.T, rep id.ID, receipt seal.Receipt) *seal.Chain {
	t.Helper()
	box, err := w.intake.Open(t.Context(), w.roster.Programme, receipt.Login())
	if err != nil {
		t.Fatal(err)
	}
	mailbox, err := receipt.Mailbox()
	if err != nil {
		t.Fatal(err)
	}
	grant, err := seal.OpenGrant(mailbox, box.Grants[0].Body, w.roster.Programme, rep)
	if err != nil {
		t.Fatal(err)
	}
	return follow(t, w, grant, box.Envelopes)
}

func TestMailbox(t *testing.T) {
	w := newWorld(t)
	rep, receipt := w.submit(t)
	chain := w.conversation(t, rep, receipt)
	reply, err := chain.Seal(seal.Message{Text: "one thing more", Language: "en"}, seal.RoleReporter, receipt.SigningKey())
	if err != nil {
		t.Fatal(err)
	}
	e := envelope(reply)
	if err := w.intake.Reply(t.Context(), w.roster.Programme, receipt.Login(), chain.Place().Prev, e); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "the same reply again", w.intake.Reply(t.Context(), w.roster.Programme, receipt.Login(), chain.Place().Prev, e), fault.Conflict)
	e.Role = "desk"
	wantKind(t, "a reporter as desk", w.intake.Reply(t.Context(), w.roster.Programme, receipt.Login(), chain.Place().Prev, e), fault.Invalid)
	_, err = w.intake.Open(t.Context(), id.New(), receipt.Login())
	wantKind(t, "the words at another programme", err, fault.NotFound)
}

func envelope(s seal.Stored) report.Envelope {
	return report.Envelope{Seq: s.Seq, Epoch: s.Epoch, Role: string(s.Role), Hash: s.Hash, Body: s.Body}
}

func follow(t *testing.T, w *world, grant seal.Grant, envelopes []report.Envelope) *seal.Chain {
	t.Helper()
	chain, err := seal.NewChain(grant, w.roster)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range envelopes {
		if _, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body}); err != nil {
			t.Fatal(err)
		}
	}
	return chain
}

func TestDeletedAndUnknownAreOne(t *testing.T) {
	w := newWorld(t)
	rep, receipt := w.submit(t)
	backup := w.store.reports[rep].grants[0].Body
	slot := w.store.reports[rep].Slot
	if err := w.desk.SetHold(t.Context(), w.roster.Programme, rep, true, ""); err == nil {
		t.Error("held without a reason")
	}
	if err := w.desk.SetHold(t.Context(), w.roster.Programme, rep, true, "order 17"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "under legal hold", w.intake.Delete(t.Context(), w.roster.Programme, receipt.Login()), fault.Locked)
	if err := w.desk.SetHold(t.Context(), w.roster.Programme, rep, false, "order lifted"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "a hold at another programme", w.desk.SetHold(t.Context(), id.New(), rep, true, "x"), fault.NotFound)
	if len(w.store.entries) != 2 || len(w.store.acts) != 2 {
		t.Errorf("%d entries, %d acts of two holds", len(w.store.entries), len(w.store.acts))
	}
	if err := w.intake.Delete(t.Context(), w.roster.Programme, receipt.Login()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Unwrap(slot, backup); err == nil {
		t.Error("a backup's grant opens after the report was deleted")
	}
	_, deleted := w.intake.Open(t.Context(), w.roster.Programme, receipt.Login())
	_, unknown := w.intake.Open(t.Context(), w.roster.Programme, seal.NewReceipt().Login())
	if deleted == nil || unknown == nil || deleted.Error() != unknown.Error() || fault.PublicOf(deleted) != fault.PublicOf(unknown) {
		t.Fatalf("deleted: %v; unknown: %v", deleted, unknown)
	}
}

// TestADeletionCutShort stops the server between the erasing of the slot and
// the deletion of the rows: the inbox works, and the reporter can finish it.
func TestADeletionCutShort(t *testing.T) {
	w := newWorld(t)
	p := w.roster.Programme
	rep, receipt := w.submit(t)
	other, _ := w.submit(t)
	if err := w.store.Erase(w.store.reports[rep].Slot); err != nil {
		t.Fatal(err)
	}
	covers, err := w.desk.Covers(t.Context(), w.member, p, []id.ID{rep, other})
	if err != nil || len(covers) != 1 || covers[0].Report != other {
		t.Fatalf("Covers = %d, %v: want the other report's", len(covers), err)
	}
	_, err = w.desk.Open(t.Context(), w.member, p, rep)
	wantKind(t, "opening it", err, fault.NotFound)
	if err := w.intake.Delete(t.Context(), p, receipt.Login()); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.store.reports[rep]; ok {
		t.Fatal("its rows are still there")
	}
}

func TestNobodyElseReadsAReport(t *testing.T) {
	w := newWorld(t)
	rep, _ := w.submit(t)
	p := w.roster.Programme
	colleague := id.New()
	for _, c := range []struct {
		name string
		who  authz.Subject
		prog id.ID
		want fault.Kind
	}{
		{"nobody", authz.Subject{}, p, fault.Unsigned},
		{"another desk", reviewer(colleague, p, w.roster.Desks[1].ID), p, fault.NotFound},
		{"another programme's reviewer", reviewer(colleague, id.New(), w.roster.Desks[0].ID), p, fault.NotFound},
		{"through another programme", w.member, id.New(), fault.NotFound},
		{"an administrator", authz.Subject{Account: colleague, Grants: []authz.Grant{{Role: authz.Administrator, Programme: p}}}, p, fault.Forbidden},
		{"a call taker", authz.Subject{Account: colleague, Grants: []authz.Grant{{Role: authz.CallTaker, Programme: p, Desk: w.roster.Desks[0].ID}}}, p, fault.Forbidden},
	} {
		_, err := w.desk.Open(t.Context(), c.who, c.prog, rep)
		wantKind(t, c.name+" opens", err, c.want)
		_, err = w.desk.Mark(t.Context(), c.who, c.prog, rep, report.Change{})
		if err == nil {
			t.Errorf("%s marks", c.name)
		}
		if covers, _ := w.desk.Covers(t.Context(), c.who, c.prog, []id.ID{rep}); len(covers) != 0 {
			t.Errorf("%s sees a cover", c.name)
		}
		if _, err := w.desk.Index(t.Context(), c.who, c.prog, rep, nil); err == nil {
			t.Errorf("%s indexes", c.name)
		}
	}
	if len(w.store.acts)+len(w.store.entries) != 0 {
		t.Error("a refused act was recorded as done")
	}
}

// Whoever answers for the clocks counts what waits, and is told of no report.
func TestTheDirectorCountsWhatWaits(t *testing.T) {
	w := newWorld(t)
	w.submit(t)
	w.submit(t)
	p := w.roster.Programme
	desks := []id.ID{w.roster.Desks[0].ID}
	with := func(role authz.Role, programme id.ID) authz.Subject {
		return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: role, Programme: programme}}}
	}
	var seen []report.Report
	note := func(r report.Report) { seen = append(seen, r) }
	if err := w.desk.Waiting(t.Context(), with(authz.Director, p), p, desks, note); err != nil || len(seen) != 2 {
		t.Fatalf("counted %d: %v", len(seen), err)
	}
	for _, r := range seen {
		if !r.ID.IsZero() || r.Arrived == 0 {
			t.Errorf("told of a report, or not of its hour: %+v", r)
		}
	}
	seen = nil
	wantKind(t, "a liaison counts", w.desk.Waiting(t.Context(), with(authz.Liaison, p), p, desks, note), fault.NotFound)
	wantKind(t, "another programme's director counts", w.desk.Waiting(t.Context(), with(authz.Director, id.New()), p, desks, note), fault.NotFound)
	if len(seen) != 0 {
		t.Error("somebody else counted")
	}
}

func TestReadingIsRecordedBeforeItIsAnswered(t *testing.T) {
	w := newWorld(t)
	rep, receipt := w.submit(t)
	p := w.roster.Programme
	covers, err := w.desk.Covers(t.Context(), w.member, p, []id.ID{rep, id.New()})
	if err != nil || len(covers) != 1 || len(w.store.entries) != 1 || w.store.entries[0].Kind != "release" {
		t.Fatalf("Covers = %d, %v; entries %+v", len(covers), err, w.store.entries)
	}
	if !w.store.reports[rep].Marks.FirstRead.IsZero() {
		t.Error("reading a cover stopped the clock of the first read")
	}
	opened, err := w.desk.Open(t.Context(), w.member, p, rep)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Report.Marks.State != report.StateOpen || !opened.Report.Marks.FirstRead.Equal(now) {
		t.Errorf("marks %+v", opened.Report.Marks)
	}
	if len(opened.Acts) != 1 || opened.Acts[0].Who != w.member.Account || len(w.store.entries) != 2 {
		t.Errorf("acts %+v, %d entries", opened.Acts, len(w.store.entries))
	}
	grant, err := seal.OpenGrant(w.deskKey, opened.Grants[0].Body, p, rep)
	if err != nil {
		t.Fatal(err)
	}
	chain := follow(t, w, grant, opened.Envelopes)
	question, err := chain.Seal(seal.Message{Text: "which lorry?", Language: "en"}, seal.RoleDesk, w.signing)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.desk.Answer(t.Context(), w.member, p, rep, chain.Place().Prev, envelope(question), true); err != nil {
		t.Fatal(err)
	}
	if got := w.store.reports[rep].Marks; got.State != report.StateWaiting || !got.Answered.Equal(now) || !got.FirstAnswer.Equal(now) {
		t.Errorf("after asking: %+v", got)
	}
	box, err := w.intake.Open(t.Context(), p, receipt.Login())
	if err != nil || len(box.Envelopes) != 3 {
		t.Fatalf("the mailbox has %d messages, %v", len(box.Envelopes), err)
	}
}

func TestARestrictedReportIsForTheNamedOnly(t *testing.T) {
	w := newWorld(t)
	rep, receipt := w.submit(t)
	p, desk := w.roster.Programme, w.roster.Desks[0]
	colleague := reviewer(id.New(), p, desk.ID)
	opened, err := w.desk.Open(t.Context(), w.member, p, rep)
	if err != nil {
		t.Fatal(err)
	}
	grant, err := seal.OpenGrant(w.deskKey, opened.Grants[0].Body, p, rep)
	if err != nil {
		t.Fatal(err)
	}
	chain := follow(t, w, grant, opened.Envelopes)
	turn, err := chain.NewEpoch(w.signing)
	if err != nil {
		t.Fatal(err)
	}
	mailbox, err := receipt.Mailbox()
	if err != nil {
		t.Fatal(err)
	}
	r := report.Reseal{Prev: chain.Place().Prev, Key: envelope(turn.Key), Epoch: 1, Named: []id.ID{w.member.Account}}
	for _, to := range []struct {
		to        string
		who       id.ID
		recipient *seal.Recipient
	}{{report.ToRecovery, id.ID{}, w.roster.Recovery}, {report.ToMailbox, id.ID{}, mailbox.Recipient()}, {report.ToMember, w.member.Account, desk.Members[0].Recipient}} {
		body, err := seal.SealGrant(turn.Grant, to.recipient)
		if err != nil {
			t.Fatal(err)
		}
		r.Grants = append(r.Grants, report.Grant{To: to.to, Recipient: to.who, Body: body})
	}
	for name, broken := range map[string]report.Reseal{
		"without the mailbox":     {Prev: r.Prev, Key: r.Key, Epoch: 1, Named: r.Named, Grants: []report.Grant{r.Grants[0], r.Grants[2]}},
		"a key for somebody else": {Prev: r.Prev, Key: r.Key, Epoch: 1, Named: []id.ID{id.New()}, Grants: r.Grants},
		"an epoch skipped":        {Prev: r.Prev, Key: r.Key, Epoch: 2, Named: r.Named, Grants: r.Grants},
	} {
		if err := w.desk.Restrict(t.Context(), w.member, p, rep, broken); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := w.desk.Restrict(t.Context(), w.member, p, rep, r); err != nil {
		t.Fatal(err)
	}
	_, err = w.desk.Open(t.Context(), colleague, p, rep)
	wantKind(t, "a colleague who is not named", err, fault.Forbidden)
	again, err := w.desk.Open(t.Context(), w.member, p, rep)
	if err != nil || len(again.Grants) != 1 || again.Grants[0].To != report.ToMember {
		t.Fatalf("the named member gets %d grants, %v", len(again.Grants), err)
	}
	if _, err := seal.OpenGrant(w.deskKey, again.Grants[0].Body, p, rep); err == nil {
		t.Error("the desk's key still opens it")
	}
}

func TestEveryEndedContactIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	rep, _ := w.submit(t)
	p, desk := w.roster.Programme, w.roster.Desks[0].ID
	spam := report.ReasonSpam
	m, err := w.desk.Mark(t.Context(), w.member, p, rep, report.Change{Close: &spam})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.desk.Mark(t.Context(), w.member, p, rep, report.Change{Close: &spam})
	wantKind(t, "a change of marks not seen", err, fault.Conflict)
	other := report.ReasonTooLittle
	if _, err := w.desk.Mark(t.Context(), w.member, p, rep, report.Change{Version: m.Version, Close: &other}); err != nil {
		t.Fatal(err)
	}
	if err := w.desk.Silent(t.Context(), w.member, p, desk, report.ReasonSilent); err != nil {
		t.Fatal(err)
	}
	counts, err := w.desk.Counts(t.Context(), w.member, p, []id.ID{desk}, now, now)
	if err != nil {
		t.Fatal(err)
	}
	if counts[report.ChannelWeb][spam] != 1 || counts[report.ChannelWeb][other] != 0 || counts[report.ChannelPhone][report.ReasonSilent] != 1 {
		t.Fatalf("counts %v", counts)
	}
	bad := report.Reason("bored")
	_, err = w.desk.Mark(t.Context(), w.member, p, rep, report.Change{Close: &bad})
	wantKind(t, "an invented reason", err, fault.Invalid)
}

func TestCallsAreFiledByThoseAtTheTelephone(t *testing.T) {
	w := newWorld(t)
	p, desk := w.roster.Programme, w.roster.Desks[0].ID
	sub, _ := w.tip(t, func(tip *seal.Tip) { tip.Caller = w.signing })
	body := encode(t, sub)
	taker := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.CallTaker, Programme: p, Desk: w.roster.Desks[1].ID}}}
	_, err := w.intake.File(t.Context(), taker, p, body)
	wantKind(t, "a call taker of another desk", err, fault.NotFound)
	taker.Grants[0].Desk = desk
	rep, err := w.intake.File(t.Context(), taker, p, body)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.store.reports[rep]; got.Channel != report.ChannelPhone || got.envelopes[1].Role != string(seal.RoleCall) {
		t.Fatalf("kept as %s from %s", got.Channel, got.envelopes[1].Role)
	}
	_, err = w.desk.Open(t.Context(), taker, p, rep)
	wantKind(t, "the call taker reads it later", err, fault.Forbidden)
}

func TestAReplyWakesAClosedReport(t *testing.T) {
	w := newWorld(t)
	rep, receipt := w.submit(t)
	reason := report.ReasonTooLittle
	if _, err := w.desk.Mark(t.Context(), w.member, w.roster.Programme, rep, report.Change{Close: &reason}); err != nil {
		t.Fatal(err)
	}
	k := w.store.reports[rep]
	chain := w.conversation(t, rep, receipt)
	more, err := chain.Seal(seal.Message{Text: "more"}, seal.RoleReporter, receipt.SigningKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.intake.Reply(t.Context(), w.roster.Programme, receipt.Login(), k.Head.Hash, envelope(more)); err != nil {
		t.Fatal(err)
	}
	if k.Marks.State != report.StateOpen || k.Marks.Reason != report.ReasonUnassigned {
		t.Fatalf("marks %+v", k.Marks)
	}
}

func TestMentionsShowOnlyWhatTheReaderMayList(t *testing.T) {
	w := newWorld(t)
	a, _ := w.submit(t)
	b, _ := w.submit(t)
	sub, _ := w.tip(t, func(tip *seal.Tip) { tip.Desk = w.roster.Desks[1].ID })
	hidden, err := w.intake.Submit(t.Context(), w.roster.Programme, report.ChannelWeb, encode(t, sub))
	if err != nil {
		t.Fatal(err)
	}
	token := make([]byte, 32)
	other := reviewer(id.New(), w.roster.Programme, w.roster.Desks[1].ID)
	if _, err := w.desk.Index(t.Context(), other, w.roster.Programme, hidden, [][]byte{token}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Index(t.Context(), w.member, w.roster.Programme, a, [][]byte{token}); err != nil {
		t.Fatal(err)
	}
	got, err := w.desk.Index(t.Context(), w.member, w.roster.Programme, b, [][]byte{token})
	if err != nil || len(got) != 1 || got[0] != a {
		t.Fatalf("mentions = %v, %v; want only %v", got, err, a)
	}
	if w.store.reports[a].tokens[0] == report.Hash(token) {
		t.Error("the token is stored without the pepper")
	}
	_, err = w.desk.Index(t.Context(), w.member, w.roster.Programme, a, make([][]byte, report.MaxTokens+1))
	wantKind(t, "too many tokens", err, fault.Invalid)
	_, err = w.desk.Index(t.Context(), w.member, w.roster.Programme, a, [][]byte{{1}})
	wantKind(t, "a short token", err, fault.Invalid)
}
