// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store/referralstore"
)

// counter is the referral store of a fresh house.
type counter struct {
	*referralstore.Store
	staff
}

func openCounter(t *testing.T, open Factory) counter {
	h := Build(t, open)
	return counter{Store: referralstore.New(h.DB), staff: staff{House: h, t: t}}
}

func (c counter) conflicts(what string, change func(ctx context.Context) error) {
	c.t.Helper()
	if err := c.do(change); fault.KindOf(err) != fault.Conflict {
		c.t.Errorf("%s: %v, want fault.Conflict", what, err)
	}
}

var noon = time.Unix(1_750_000_000, 0).UTC()

func aReferral(programme, desk id.ID, hour int) referral.Referral {
	at := noon.Add(time.Duration(hour) * time.Hour)
	return referral.Referral{
		Programme: programme, ID: id.New(), Number: "R-" + id.New().String(), Item: id.New(), ItemNumber: "2026-1", Title: "A title", Version: 1,
		Desk: desk, Category: "drugs", Channel: "web", Partner: id.New(), Role: referral.Primary, State: referral.Sent, Reason: "because",
		Permission: "leave", By: id.New(), SentAt: at, Due: at.Add(48 * time.Hour), Revision: 1,
	}
}

func testReferrals(t *testing.T, open Factory) {
	t.Run("partners and times", func(t *testing.T) { testPartners(t, open) })
	t.Run("one referral", func(t *testing.T) { testOneReferral(t, open) })
	t.Run("lists", func(t *testing.T) { testReferralLists(t, open) })
	t.Run("overdue", func(t *testing.T) { testOverdue(t, open) })
	t.Run("links", func(t *testing.T) { testLinks(t, open) })
	t.Run("questions", func(t *testing.T) { testQuestions(t, open) })
	t.Run("disposal", func(t *testing.T) { testForget(t, open) })
	t.Run("no write outside of a change", func(t *testing.T) {
		c := openCounter(t, open)
		if err := c.Save(t.Context(), aReferral(id.New(), id.New(), 0)); err == nil {
			t.Fatal("written")
		}
	})
}

func testPartners(t *testing.T, open Factory) {
	c, here := openCounter(t, open), id.New()
	p := referral.Partner{
		Programme: here, ID: id.New(), Name: "Customs", Kind: "customs", Country: "DK", Mailbox: "a@example.org", Languages: []string{"da"},
		Agreement:   referral.Agreement{Reference: "x", From: "2026-01-01", Codes: []referral.Allowed{{Scheme: "3x5x2", Code: "C", Conditions: []string{"A1"}}}},
		Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 1, Unit: "m"}, Revision: 1,
	}
	bank := referral.Partner{Programme: here, ID: id.New(), Name: "Bank", Revision: 1}
	for _, x := range []referral.Partner{p, bank} {
		c.must(func(ctx context.Context) error { return c.SavePartner(ctx, x) })
	}
	got, err := c.Partner(t.Context(), here, p.ID)
	same(t, "partner", got, err, p)
	_, err = c.Partner(t.Context(), id.New(), p.ID)
	missing(t, "another programme's partner", err)
	p.Name, p.Revision = "Arms and customs", 2
	c.must(func(ctx context.Context) error { return c.SavePartner(ctx, p) })
	c.conflicts("an old revision", func(ctx context.Context) error { return c.SavePartner(ctx, p) })
	all, err := c.Partners(t.Context(), here)
	same(t, "partners by name", all, err, []referral.Partner{p, bank})
	times, err := c.Settings(t.Context(), here)
	same(t, "no times yet", times, err, referral.Usual())
	c.must(func(ctx context.Context) error { return c.SaveDigested(ctx, here, "2026-03-02") })
	times, err = c.Settings(t.Context(), here)
	same(t, "times after a digest", times, err, referral.Usual())
	times.Revision, times.Reporter = 1, referral.Span{N: 3, Unit: "d"}
	c.must(func(ctx context.Context) error { return c.SaveSettings(ctx, here, times) })
	c.conflicts("old times", func(ctx context.Context) error { return c.SaveSettings(ctx, here, times) })
	again, err := c.Settings(t.Context(), here)
	same(t, "times", again, err, times)
	day, err := c.Digested(t.Context(), here)
	same(t, "the last digest", day, err, "2026-03-02")
}

func testOneReferral(t *testing.T, open Factory) {
	c, here := openCounter(t, open), id.New()
	r := aReferral(here, id.New(), 0)
	c.must(func(ctx context.Context) error { return c.Save(ctx, r) })
	got, err := c.Referral(t.Context(), here, r.ID)
	same(t, "referral", got, err, r)
	_, err = c.Referral(t.Context(), id.New(), r.ID)
	missing(t, "in another programme", err)
	second := aReferral(here, r.Desk, 1)
	second.Item = r.Item
	c.conflicts("a second live primary", func(ctx context.Context) error { return c.Save(ctx, second) })
	copied := second
	copied.Role = referral.Information
	c.must(func(ctx context.Context) error { return c.Save(ctx, copied) })
	r.State, r.Acknowledge, r.Decided, r.Why, r.Due, r.Revision = referral.Declined, noon, noon.Add(time.Hour), "capacity", time.Time{}, 2
	r.Heard, r.ChasedAt, r.Chases, r.Escalated, r.Ended, r.Title, r.Version = noon, noon, 3, true, noon, "Another title", 4
	c.must(func(ctx context.Context) error { return c.Save(ctx, r) })
	c.conflicts("the same revision again", func(ctx context.Context) error { return c.Save(ctx, r) })
	got, err = c.Referral(t.Context(), here, r.ID)
	same(t, "after the change", got, err, r)
	third := aReferral(here, r.Desk, 2)
	third.Item = r.Item
	c.must(func(ctx context.Context) error { return c.Save(ctx, third) })
	all, err := c.OfItem(t.Context(), here, r.Item)
	same(t, "of the item, oldest first", all, err, []referral.Referral{r, copied, third})
	r.State, r.Revision = referral.Sent, 3
	c.conflicts("back to life beside a primary", func(ctx context.Context) error { return c.Save(ctx, r) })

	var steps []referral.Step
	for _, a := range []referral.Act{referral.Refer, referral.Acknowledge, referral.Acknowledge} {
		step := referral.Step{Programme: here, ID: id.New(), Referral: r.ID, At: noon, Act: a, Way: referral.ByDesk, By: id.New(), Said: "s", How: "h", When: "w", Code: "c", Text: "t"}
		c.must(func(ctx context.Context) error { return c.AddStep(ctx, step) })
		steps = append(steps, step)
	}
	kept, err := c.Steps(t.Context(), here, r.ID)
	same(t, "steps in order", kept, err, steps)
	one := referral.Sealed{Programme: here, Referral: r.ID, Version: 1, Body: []byte("one"), Made: noon}
	two := referral.Sealed{Programme: here, Referral: r.ID, Version: 2, Body: []byte("two"), Made: noon}
	for _, p := range []referral.Sealed{one, two} {
		c.must(func(ctx context.Context) error { return c.AddPackage(ctx, p) })
	}
	c.conflicts("a package is never replaced", func(ctx context.Context) error { return c.AddPackage(ctx, two) })
	packages, err := c.Packages(t.Context(), here, r.ID)
	same(t, "packages, newest first", packages, err, []referral.Sealed{two, one})
}

func testReferralLists(t *testing.T, open Factory) {
	c, here, desk, other, closed := openCounter(t, open), id.New(), id.New(), id.New(), id.New()
	a, b, d, e := aReferral(here, desk, 3), aReferral(here, desk, 2), aReferral(here, other, 1), aReferral(here, desk, 0)
	b.State, b.Partner = referral.Acknowledged, a.Partner
	e.Compartment = closed
	for _, x := range []referral.Referral{e, d, b, a, aReferral(id.New(), desk, 9)} {
		c.must(func(ctx context.Context) error { return c.Save(ctx, x) })
	}
	tests := []struct {
		name string
		f    referral.Filter
		want []referral.Referral
		more bool
	}{
		{"a desk", referral.Filter{Desks: []id.ID{desk}, Compartments: []id.ID{{}}, Limit: 9}, []referral.Referral{a, b}, false},
		{"first page", referral.Filter{Desks: []id.ID{desk}, Compartments: []id.ID{{}}, Limit: 1}, []referral.Referral{a}, true},
		{"second page", referral.Filter{Desks: []id.ID{desk}, Compartments: []id.ID{{}}, Offset: 1, Limit: 1}, []referral.Referral{b}, false},
		{"two desks and the compartment", referral.Filter{Desks: []id.ID{other, desk}, Compartments: []id.ID{{}, closed}, Limit: 9}, []referral.Referral{a, b, d, e}, false},
		{"a state", referral.Filter{Desks: []id.ID{desk}, Compartments: []id.ID{{}}, States: []referral.State{referral.Acknowledged}, Limit: 9}, []referral.Referral{b}, false},
		{"a partner", referral.Filter{Desks: []id.ID{desk, other}, Compartments: []id.ID{{}, closed}, Partner: a.Partner, Limit: 9}, []referral.Referral{a, b}, false},
		{"no compartment", referral.Filter{Desks: []id.ID{desk}, Limit: 9}, nil, false},
		{"no desk", referral.Filter{Compartments: []id.ID{{}}, Limit: 9}, nil, false},
	}
	for _, tt := range tests {
		got, more, err := c.List(t.Context(), here, tt.f)
		same(t, tt.name, got, err, tt.want)
		if more != tt.more {
			t.Errorf("%s: more %v", tt.name, more)
		}
	}
	got, more, err := c.OfPartner(t.Context(), here, a.Partner, nil, 0, 1)
	same(t, "a partner's first", got, err, []referral.Referral{a})
	if !more {
		t.Error("the partner's second is not told")
	}
	got, _, err = c.OfPartner(t.Context(), here, a.Partner, []referral.State{referral.Acknowledged}, 0, 9)
	same(t, "a partner's acknowledged", got, err, []referral.Referral{b})
}

func testOverdue(t *testing.T, open Factory) {
	c, here, desk, closed := openCounter(t, open), id.New(), id.New(), id.New()
	late, later, hidden, ended := aReferral(here, desk, 0), aReferral(here, desk, 5), aReferral(here, desk, 1), aReferral(here, desk, 2)
	later.Partner, later.Escalated = late.Partner, true
	hidden.Compartment, ended.Due = closed, time.Time{}
	for _, x := range []referral.Referral{ended, later, hidden, late} {
		c.must(func(ctx context.Context) error { return c.Save(ctx, x) })
	}
	now := noon.Add(1000 * time.Hour)
	f := referral.Filter{Desks: []id.ID{desk}, Compartments: []id.ID{{}}, Limit: 9}
	got, _, err := c.Due(t.Context(), here, f, now)
	same(t, "due, longest first", got, err, []referral.Referral{late, later})
	got, _, err = c.Due(t.Context(), here, f, late.Due)
	same(t, "at the moment it is due it is not late", len(got), err, 0)
	f.Compartments = append(f.Compartments, closed)
	got, _, err = c.Due(t.Context(), here, f, now)
	same(t, "with the compartment", got, err, []referral.Referral{late, hidden, later})
	counts, err := c.DueCounts(t.Context(), here, now)
	same(t, "counts", counts, err, []referral.Count{{Of: late.Partner, N: 2, Oldest: late.Due}, {Of: hidden.Partner, N: 1, Oldest: hidden.Due}})
	got, err = c.ToEscalate(t.Context(), here, now, 1)
	same(t, "to escalate", got, err, []referral.Referral{late})
}

func testLinks(t *testing.T, open Factory) {
	c, here, of := openCounter(t, open), id.New(), id.New()
	link := referral.Link{Programme: here, Token: referral.Hash{1}, Referral: of, Made: noon, Expires: noon.Add(time.Hour)}
	step := referral.Link{Programme: here, Token: referral.Hash{2}, Referral: of, Step: true, Made: noon, Expires: noon.Add(time.Hour), Steps: 1}
	_, err := c.Link(t.Context(), link.Token)
	missing(t, "no link yet", err)
	for _, l := range []referral.Link{link, step} {
		c.must(func(ctx context.Context) error { return c.AddLink(ctx, l) })
	}
	got, err := c.Link(t.Context(), step.Token)
	same(t, "link", got, err, step)
	for _, want := range []int64{1, 0} {
		c.must(func(ctx context.Context) error {
			n, err := c.UseLink(ctx, link.Token, noon)
			if n != want {
				t.Errorf("used %d, want %d", n, want)
			}
			return err
		})
	}
	c.must(func(ctx context.Context) error {
		n, err := c.RevokeLinks(ctx, here, of, noon)
		if n != 1 {
			t.Errorf("revoked %d: want the one that was open", n)
		}
		return err
	})
	c.must(func(ctx context.Context) error {
		n, err := c.UseLink(ctx, step.Token, noon)
		if n != 0 {
			t.Error("a withdrawn token was used")
		}
		return err
	})
	link.Used = noon
	links, err := c.Links(t.Context(), here, of)
	same(t, "links without tokens of steps", links, err, []referral.Link{link})
}

func testQuestions(t *testing.T, open Factory) {
	c, here := openCounter(t, open), id.New()
	q := referral.Question{Programme: here, ID: id.New(), Referral: id.New(), Desk: id.New(), Text: "which pier?", State: referral.Asked, At: noon}
	c.must(func(ctx context.Context) error { return c.SaveQuestion(ctx, q) })
	waiting, err := c.Waiting(t.Context(), here, q.Desk, 9)
	same(t, "waiting", waiting, err, []referral.Question{q})
	q.State, q.Report, q.PutBy, q.PutAt = referral.Put, id.New(), id.New(), noon
	c.must(func(ctx context.Context) error { return c.SaveQuestion(ctx, q) })
	put, err := c.PutTo(t.Context(), here, q.Report)
	same(t, "put", put, err, []referral.Question{q})
	q.State, q.Version, q.Reason, q.EndedBy, q.EndedAt = referral.Passed, 2, "r", id.New(), noon
	c.must(func(ctx context.Context) error { return c.SaveQuestion(ctx, q) })
	got, err := c.Question(t.Context(), here, q.ID)
	same(t, "question", got, err, q)
	all, err := c.Questions(t.Context(), here, q.Referral)
	same(t, "of the referral", all, err, []referral.Question{q})
	waiting, err = c.Waiting(t.Context(), here, q.Desk, 9)
	same(t, "none waits", waiting, err, nil)
	_, err = c.Question(t.Context(), id.New(), q.ID)
	missing(t, "in another programme", err)
}

func testForget(t *testing.T, open Factory) {
	c, here := openCounter(t, open), id.New()
	gone, stays := aReferral(here, id.New(), 0), aReferral(here, id.New(), 0)
	for _, r := range []referral.Referral{gone, stays} {
		c.Do(t, func(ctx context.Context, _ *tx.Recorder) error {
			if err := c.Save(ctx, r); err != nil {
				return err
			}
			if err := c.AddPackage(ctx, referral.Sealed{Programme: here, Referral: r.ID, Version: 1, Body: []byte("words"), Made: noon}); err != nil {
				return err
			}
			return c.AddStep(ctx, referral.Step{Programme: here, ID: id.New(), Referral: r.ID, At: noon, Act: referral.Refer, Text: "words"})
		})
	}
	c.must(func(ctx context.Context) error { return c.Forget(ctx, here, gone.Item) })
	for _, r := range []referral.Referral{gone, stays} {
		p, err := c.Packages(t.Context(), here, r.ID)
		if err != nil || len(p) != 1 || (len(p[0].Body) == 0) != (r.ID == gone.ID) {
			t.Errorf("packages %v, %v", p, err)
		}
		steps, err := c.Steps(t.Context(), here, r.ID)
		if err != nil || len(steps) != 1 || (steps[0].Text == "") != (r.ID == gone.ID) {
			t.Errorf("steps %v, %v", steps, err)
		}
		got, err := c.Referral(t.Context(), here, r.ID)
		if err != nil || (got.Title == "") != (r.ID == gone.ID) || got.Number != r.Number {
			t.Errorf("referral %+v, %v", got, err)
		}
	}
}
