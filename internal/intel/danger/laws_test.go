// SPDX-License-Identifier: AGPL-3.0-or-later

package danger_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// longest is more than any alarm of the default policy waits; afterBack is more
// than it waits when the machine's clock was put back meanwhile.
const (
	longest   = 11 * time.Minute
	afterBack = 62 * time.Minute
)

var width = map[danger.Who]int{danger.Duty: 0, danger.Reviewers: 1, danger.Everybody: 2}

// listener hears who is called, and compares it with the alarms.
type listener struct {
	*world
	all    []id.ID // each at a desk of its own, so that calls tell them apart
	widest map[id.ID]int
	seen   int // calls
}

func (l *listener) check(t *rapid.T) {
	for _, c := range l.calls[l.seen:] {
		at := slices.IndexFunc(l.all, func(a id.ID) bool { return l.alarms[a].Desk == c.Desk })
		a := l.alarms[l.all[at]]
		if a.State != danger.Ringing {
			t.Fatalf("an alarm that is %s rang", a.State)
		}
		if width[c.Who] < l.widest[a.ID] {
			t.Fatalf("the circle grew narrower: %s", c.Who)
		}
		l.widest[a.ID] = width[c.Who]
	}
	l.seen = len(l.calls)
	for _, known := range l.all {
		if a, ok := l.alarms[known]; !ok {
			t.Fatal("an alarm is lost")
		} else if (a.State == danger.Ringing) == a.Due.IsZero() {
			t.Fatalf("%s and due %v", a.State, a.Due)
		}
	}
}

// Laws of the clocks, with workers that die in any change, mail that fails,
// clocks that are put back, double ticks and people who act at any time:
// an alarm rings until it is acknowledged; whoever waits long enough and ticks
// hears it again; the circle never grows narrower; after the acknowledgement
// it never rings; nothing is lost.
func TestAnAlarmRingsUntilItIsAcknowledged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, programme := newWorld(), id.New()
		s := w.service()
		by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Director, Programme: programme}}}
		l := &listener{world: w, widest: map[id.ID]int{}}
		wait := longest
		tick := func() {
			if _, err := s.Tick(t.Context()); err != nil && !w.unreached && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
		}
		for n := range rapid.IntRange(1, 40).Draw(t, "acts") {
			switch rapid.SampledFrom([]string{"open", "open", "wait", "wait", "tick", "tick twice", "die", "mail", "acknowledge", "close", "put back"}).Draw(t, "act") {
			case "open":
				a := danger.OfReport(programme, id.New(), id.New(), w.now)
				if rapid.Bool().Draw(t, "source") {
					a = danger.OfSource(programme, id.New(), "platform", danger.Alert{ID: strconv.Itoa(n)}, nil, w.now)
				}
				if _, err := s.Open(t.Context(), a); err != nil && !errors.Is(err, errKilled) {
					t.Fatal(err)
				} else if err == nil {
					l.all = append(l.all, a.ID)
				}
			case "wait":
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 1500).Draw(t, "seconds")) * time.Second)
			case "put back":
				wait = afterBack
				w.now = w.now.Add(-time.Duration(rapid.IntRange(1, 500).Draw(t, "minutes")) * time.Minute)
			case "tick":
				tick()
			case "tick twice":
				well := w.dieAt == 0
				tick()
				before := len(w.calls)
				tick()
				if len(w.calls) != before && well {
					t.Fatal("a second tick at the same moment called again")
				}
			case "die":
				w.dieAt = rapid.IntRange(1, 3).Draw(t, "in change")
			case "mail":
				w.unreached = !w.unreached
			case "acknowledge", "close":
				if len(l.all) == 0 {
					continue
				}
				a := rapid.SampledFrom(l.all).Draw(t, "which")
				err := s.Acknowledge(t.Context(), by, programme, a)
				if err == nil && w.alarms[a].State == danger.Ringing {
					t.Fatal("acknowledged, and rings")
				}
				_ = s.Close(t.Context(), by, programme, a, "found-safe", "seen") // may be refused
			}
			l.check(t)
		}
		// Whoever waits and ticks hears every alarm that still rings, dead workers or not.
		w.dieAt, w.unreached = 0, false
		l.seen = len(w.calls)
		for end := w.now.Add(wait); !w.now.After(end); w.now = w.now.Add(time.Minute) {
			tick()
		}
		for _, known := range l.all {
			a := w.alarms[known]
			rang := slices.ContainsFunc(w.calls[l.seen:], func(c danger.Call) bool { return c.Desk == a.Desk })
			if rang != (a.State == danger.Ringing) {
				t.Fatalf("an alarm that is %s, due %v at %v: rang %v", a.State, a.Due, w.now, rang)
			}
		}
		l.check(t)
	})
}

// Law: no order of acts leaves the order of states, and a closed alarm says
// nothing of people any more.
func TestStatesGoForward(t *testing.T) {
	order := []danger.State{danger.Ringing, danger.Acknowledged, danger.HandedOver, danger.Closed}
	rapid.Check(t, func(t *rapid.T) {
		w, programme := newWorld(), id.New()
		s := w.service()
		team := danger.Responder{Programme: programme, ID: id.New(), Name: "Team"}
		w.responders = []danger.Responder{team}
		a := danger.OfSource(programme, id.New(), "platform", danger.Alert{ID: "7", Text: "planted words", Person: "planted words"}, nil, w.now)
		if _, err := s.Open(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		people := []authz.Subject{}
		for _, g := range []authz.Grant{{Role: authz.Director}, {Role: authz.Reviewer, Desk: a.Desk}, {Role: authz.Reviewer, Desk: id.New()}, {Role: authz.Analyst}} {
			g.Programme = programme
			people = append(people, authz.Subject{Account: id.New(), Grants: []authz.Grant{g}})
		}
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			before := w.alarms[a.ID]
			n := rapid.IntRange(0, 3).Draw(t, "who")
			var err error
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				err = s.Acknowledge(t.Context(), people[n], programme, a.ID)
				if err == nil && before.State != danger.Ringing && before.Holder != people[n].Account {
					t.Fatal("an acknowledgement took the alarm from a colleague")
				}
			case 3:
				err = s.TakeOver(t.Context(), people[n], programme, a.ID)
			case 1:
				err = s.HandOver(t.Context(), people[n], programme, a.ID, team.ID, "planted words")
			case 2:
				err = s.Close(t.Context(), people[n], programme, a.ID, "found-safe", "the team called back")
			}
			after := w.alarms[a.ID]
			if slices.Index(order, after.State) < slices.Index(order, before.State) {
				t.Fatalf("from %s to %s", before.State, after.State)
			}
			if n > 1 && (err == nil || after != before) {
				t.Fatal("somebody of another desk or role changed it")
			}
			if err != nil && after != before {
				t.Fatalf("refused with %v, and changed", err)
			}
			if after.State == danger.Closed && (after.Alert != danger.Alert{} || after.Told != "" || after.Reference != "") {
				t.Fatal("a closed alarm still says whom it was about")
			}
		}
		for _, e := range w.entries {
			if string(e.Payload) == "" || slices.Contains([]string{"planted words"}, string(e.Payload)) {
				t.Fatal("an entry holds what was sent")
			}
		}
		for _, by := range people {
			list, err := s.List(t.Context(), by, programme, danger.Filter{Closed: w.alarms[a.ID].State == danger.Closed})
			if err != nil {
				continue
			}
			for _, x := range list {
				took := by.Account == x.AckBy || by.Account == x.Holder
				if x.MayRead != took || !took && (x.Alert != danger.Alert{} || x.Told != "") {
					t.Fatalf("who did not take it on reads it: %+v", x)
				}
			}
		}
	})
}
