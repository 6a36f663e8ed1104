// SPDX-License-Identifier: AGPL-3.0-or-later

package report_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
)

// originals is a store of originals in memory.
type originals []report.Original

func (o *originals) Originals(_ context.Context, programme, rep id.ID) ([]report.Original, error) {
	return slices.DeleteFunc(slices.Clone(*o), func(x report.Original) bool { return x.Programme != programme || x.Report != rep }), nil
}

func (o *originals) AddOriginal(_ context.Context, x report.Original) error {
	*o = append(*o, x)
	return nil
}

func (o *originals) SaveOriginal(_ context.Context, x report.Original) error {
	i := slices.IndexFunc(*o, func(y report.Original) bool { return y.Blob == x.Blob })
	if i < 0 {
		return fault.New(fault.NotFound, "none")
	}
	(*o)[i] = x
	return nil
}

// evidence is a report with one original, and people at its desk.
type evidence struct {
	*world
	report, blob id.ID
	half         []byte
}

func newEvidence(t *testing.T) *evidence {
	t.Helper()
	e := &evidence{world: newWorld(t), blob: id.New(), half: bytes.Repeat([]byte{7}, 32)}
	e.report, _ = e.submit(t)
	e.desk.Originals = &originals{}
	wrapped, err := e.store.Wrap(e.store.reports[e.report].Slot, e.half)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.desk.Originals.AddOriginal(t.Context(), report.Original{Programme: e.roster.Programme, Report: e.report, Blob: e.blob, Half: wrapped}); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *evidence) colleague() authz.Subject {
	return reviewer(id.New(), e.roster.Programme, e.roster.Desks[0].ID)
}

func (e *evidence) at(after time.Duration) { e.desk.Clock = clock.Fixed(now.Add(after)) }

func (e *evidence) ask(s authz.Subject) error {
	return e.desk.AskForOriginal(context.Background(), s, e.roster.Programme, e.report, e.blob, "for the court")
}

func (e *evidence) agree(s authz.Subject) error {
	return e.desk.AgreeToOriginal(context.Background(), s, e.roster.Programme, e.report, e.blob)
}

func (e *evidence) open(s authz.Subject) error {
	half, err := e.desk.OriginalHalf(context.Background(), s, e.roster.Programme, e.report, e.blob)
	if err == nil && !bytes.Equal(half, e.half) {
		return fault.New(fault.Internal, "another half")
	}
	return err
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnOriginalIsOpenedByTwoPeople(t *testing.T) {
	e := newEvidence(t)
	rita, sam, third := e.member, e.colleague(), e.colleague()

	wantKind(t, "before anybody asked", e.open(rita), fault.Forbidden)
	wantKind(t, "agreeing to nothing", e.agree(sam), fault.Conflict)
	wantKind(t, "asking without a reason", e.desk.AskForOriginal(t.Context(), rita, e.roster.Programme, e.report, e.blob, "  "), fault.Invalid)
	check(t, e.ask(rita))
	wantKind(t, "one person alone", e.open(rita), fault.Forbidden)
	wantKind(t, "agreeing with oneself", e.agree(rita), fault.Forbidden)
	wantKind(t, "asking again", e.ask(rita), fault.Conflict)
	wantKind(t, "a second who asks too", e.ask(sam), fault.Conflict)
	wantKind(t, "the second before agreeing", e.open(sam), fault.Forbidden)
	check(t, e.agree(sam))
	check(t, e.open(rita))
	check(t, e.open(sam))
	wantKind(t, "a third", e.open(third), fault.Forbidden)
	wantKind(t, "agreeing late", e.agree(third), fault.Conflict)

	var told, released []string
	for _, a := range e.store.acts {
		told = append(told, a.What)
	}
	for _, entry := range e.store.entries {
		if entry.Kind == "release" {
			released = append(released, string(entry.Payload))
		}
	}
	if want := []string{"asked-original", "agreed-original", "opened-original", "opened-original"}; !slices.Equal(told, want) {
		t.Errorf("the history says %v", told)
	}
	if len(released) != 2 {
		t.Errorf("the ledger has the releases %v", released)
	}
	e.at(report.OriginalOpens)
	wantKind(t, "after a day", e.open(rita), fault.Forbidden)
	check(t, e.ask(sam)) // from the beginning
	wantKind(t, "an agreement from before", e.open(rita), fault.Forbidden)
}

func TestARequestForAnOriginalExpires(t *testing.T) {
	e := newEvidence(t)
	check(t, e.ask(e.member))
	e.at(report.OriginalWaits)
	wantKind(t, "after seven days", e.agree(e.colleague()), fault.Conflict)
}

func TestWhoMayNotReadGetsNoOriginal(t *testing.T) {
	e := newEvidence(t)
	p, here, there := e.roster.Programme, e.roster.Desks[0].ID, e.roster.Desks[1].ID
	strangers := map[string]authz.Subject{
		"nobody":            {},
		"an administrator":  strange(authz.Grant{Role: authz.Administrator, Programme: p}),
		"an auditor":        strange(authz.Grant{Role: authz.Auditor, Programme: p}),
		"an analyst":        strange(authz.Grant{Role: authz.Analyst, Programme: p}),
		"another desk":      strange(authz.Grant{Role: authz.Reviewer, Programme: p, Desk: there}),
		"another programme": strange(authz.Grant{Role: authz.Reviewer, Programme: id.New(), Desk: here}),
		"a call taker":      strange(authz.Grant{Role: authz.CallTaker, Programme: p, Desk: here}),
	}
	refused := func(what string, try func(authz.Subject) error) {
		t.Helper()
		for who, s := range strangers {
			if try(s) == nil {
				t.Errorf("%s: %s", who, what)
			}
		}
	}
	refused("asks", e.ask)
	check(t, e.ask(e.member))
	refused("agrees", e.agree)
	check(t, e.agree(e.colleague()))
	refused("has it", e.open)
	refused("sees who asked", func(s authz.Subject) error {
		_, err := e.desk.OriginalsOf(t.Context(), s, p, e.report)
		return err
	})
}

func strange(g authz.Grant) authz.Subject {
	return authz.Subject{Account: id.New(), Grants: []authz.Grant{g}}
}

// TestTheOriginalOfARestrictedReport is for those named only, also when one
// asked or agreed before.
func TestTheOriginalOfARestrictedReport(t *testing.T) {
	e := newEvidence(t)
	sam, third := e.colleague(), e.colleague()
	check(t, e.ask(e.member))
	k := e.store.reports[e.report]
	k.Marks.Restricted = true
	k.grants = append(k.grants, report.Grant{To: report.ToMember, Recipient: sam.Account}, report.Grant{To: report.ToMember, Recipient: third.Account})
	wantKind(t, "agreeing with one who may not read it any more", e.agree(sam), fault.Forbidden)
	if e.ask(e.member) == nil || e.open(e.member) == nil {
		t.Error("who is not named is served")
	}
	e.at(report.OriginalWaits)
	check(t, e.ask(third))
	check(t, e.agree(sam))
	check(t, e.open(third))
}

func TestHalvesAreNotListed(t *testing.T) {
	e := newEvidence(t)
	all, err := e.desk.OriginalsOf(t.Context(), e.member, e.roster.Programme, e.report)
	check(t, err)
	if len(all) != 1 || all[0].Blob != e.blob || all[0].Half != nil {
		t.Errorf("%+v", all)
	}
	_, err = e.desk.OriginalHalf(t.Context(), e.member, e.roster.Programme, e.report, id.New())
	wantKind(t, "another blob", err, fault.NotFound)
}

// TestNobodyHasAnOriginalAlone: whatever three people do in whatever order and
// time, who gets the half is one of two different people, of whom one asked and
// the other agreed within seven days and a day ago at most.
func TestNobodyHasAnOriginalAlone(t *testing.T) {
	e := newEvidence(t)
	rapid.Check(t, func(r *rapid.T) {
		store := e.desk.Originals.(*originals)
		(*store)[0].Asked, (*store)[0].Agreed = report.Step{}, report.Step{}
		who := []authz.Subject{e.member, e.colleague(), e.colleague()}
		var after time.Duration
		var asked, agreed *report.Step // by whom last, successfully
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			after += rapid.SampledFrom([]time.Duration{0, time.Hour, 23 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}).Draw(r, "later")
			e.at(after)
			s, at := rapid.SampledFrom(who).Draw(r, "who"), now.Add(after)
			switch rapid.SampledFrom([]string{"ask", "agree", "open"}).Draw(r, "what") {
			case "ask":
				if e.ask(s) == nil {
					asked, agreed = &report.Step{Who: s.Account, At: at}, nil
				}
			case "agree":
				if e.agree(s) != nil {
					break
				}
				if asked == nil || asked.Who == s.Account || at.Sub(asked.At) >= 7*24*time.Hour {
					r.Fatalf("agreed with %+v", asked)
				}
				agreed = &report.Step{Who: s.Account, At: at}
			case "open":
				mine := asked != nil && agreed != nil && (asked.Who == s.Account || agreed.Who == s.Account)
				if got, want := e.open(s) == nil, mine && at.Sub(agreed.At) < 24*time.Hour; got != want {
					r.Fatalf("opened: %v, want %v; asked %+v, agreed %+v", got, want, asked, agreed)
				}
			}
		}
	})
}
