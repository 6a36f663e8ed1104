// SPDX-License-Identifier: AGPL-3.0-or-later

package danger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// The attack: who gets database and ledger afterwards wants to know at which
// minute a reporter wrote. Reports of 14:03 and 14:41, rung for and
// acknowledged at the same moments of the clock, must leave the very same.
func TestNothingTellsTheMinuteOfAReport(t *testing.T) {
	programme, desk, report, alarm, who := id.New(), id.New(), id.New(), id.New(), id.New()
	by := authz.Subject{Account: who, Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}}
	for _, acknowledged := range []string{"14:50", "17:20"} {
		var left [2]string
		for n, arrival := range []string{"14:03", "14:41"} {
			w := newWorld()
			s := w.service()
			at := func(clock string) time.Time {
				when, err := time.Parse("2006-01-02 15:04", "2026-11-26 "+clock)
				if err != nil {
					t.Fatal(err)
				}
				return when
			}
			w.now = at(arrival)
			a := danger.OfReport(programme, desk, report, w.now)
			a.ID = alarm
			if _, err := s.Open(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			for end := at(acknowledged); w.now.Before(end); w.now = w.now.Add(time.Minute) {
				if _, err := s.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
				if w.now.Minute() == 1 {
					if err := s.NoteHours(t.Context(), programme); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := s.Acknowledge(t.Context(), by, programme, alarm); err != nil {
				t.Fatal(err)
			}
			row, err := json.Marshal(w.alarms[alarm])
			if err != nil {
				t.Fatal(err)
			}
			left[n] = string(row)
			for _, e := range w.entries {
				left[n] += fmt.Sprintf("\n%s %s", e.Kind, e.Payload)
			}
			if len(w.calls) == 0 {
				t.Error("nobody was called")
			}
		}
		if left[0] != left[1] {
			t.Errorf("acknowledged at %s: what is left tells the arrivals apart:\n%s", acknowledged, cmp.Diff(left[0], left[1]))
		}
	}
}

func TestTheLedgerTellsEveryStepOfASourcesAlarm(t *testing.T) {
	w, programme, desk := newWorld(), id.New(), id.New()
	s := w.service()
	admin := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: programme}}}
	by := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}}
	if err := s.AddResponder(t.Context(), admin, danger.Responder{Programme: programme, Name: "Crisis team", Place: "Hull", Phone: "01482"}); err != nil {
		t.Fatal(err)
	}
	a, err := s.Open(t.Context(), danger.OfSource(programme, desk, "platform", danger.Alert{ID: "7", Text: "planted words"}, []byte("raw"), w.now))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(longest)
	}
	for _, act := range []func() error{
		func() error { return s.Acknowledge(t.Context(), by, programme, a.ID) },
		func() error {
			return s.HandOver(t.Context(), by, programme, a.ID, w.responders[0].ID, "Mill Street, red door, planted words")
		},
		func() error {
			return s.Close(t.Context(), by, programme, a.ID, "found-safe", "the team called back")
		},
	} {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"danger-responder-added", "danger-opened", "danger-rang", "danger-rang", "danger-rang", "danger-acknowledged", "danger-handed-over", "danger-closed"}
	if got := w.acts(); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := w.alarms[a.ID].Took; got != 33 {
		t.Errorf("took %d minutes", got)
	}
	if calls := []danger.Who{w.calls[0].Who, w.calls[1].Who, w.calls[2].Who}; !cmp.Equal(calls, []danger.Who{danger.Duty, danger.Reviewers, danger.Everybody}) {
		t.Errorf("called %v", calls)
	}
	for _, e := range w.entries {
		if bytes.Contains(e.Payload, []byte("planted")) || bytes.Contains(e.Payload, []byte("Mill Street")) {
			t.Errorf("the ledger says what was sent: %s", e.Payload)
		}
	}
}

func TestASecondTellingIsTheSameAlarm(t *testing.T) {
	w, programme, desk := newWorld(), id.New(), id.New()
	s := w.service()
	of := func(text string) danger.Alarm {
		return danger.OfSource(programme, desk, "platform", danger.Alert{ID: "7", Text: text}, []byte(text), w.now)
	}
	first, err := s.Open(t.Context(), of("one"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Open(t.Context(), of("one")); err != nil || again.ID != first.ID {
		t.Errorf("again: %v, %v", again.ID, err)
	}
	if _, err := s.Open(t.Context(), of("two")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another text under the same id: %v", err)
	}
	if len(w.alarms) != 1 || len(w.entries) != 1 {
		t.Errorf("%d alarms, %d entries", len(w.alarms), len(w.entries))
	}
}

func TestPoliciesAreChecked(t *testing.T) {
	const results = `"results":[{"code":"x","name":{"en":"X"}}]}`
	for body, want := range map[string]string{
		`{`:                      "not a policy",
		`{"steps":[],` + results: "1 to 10 steps",
		`{"steps":[{"who":"boss","minutes":5}],` + results:                                         "write duty",
		`{"steps":[{"who":"duty","minutes":0}],` + results:                                         "1 to 60",
		`{"steps":[{"who":"everybody","minutes":5},{"who":"duty","minutes":5}],` + results:         "fewer people",
		`{"steps":[{"who":"duty","minutes":5}],` + results:                                         "call everybody",
		`{"steps":[{"who":"everybody","minutes":5}],"results":[]}`:                                 "at least one result",
		`{"steps":[{"who":"everybody","minutes":5}],"results":[{"code":"x","name":{"da":"kun"}}]}`: "name in English",
	} {
		if _, err := danger.ParsePolicy([]byte(body)); err == nil || !strings.Contains(fault.PublicOf(err), want) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	p, err := danger.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Results {
		if r.In("da") == r.In("en") {
			t.Errorf("%s has no Danish name", r.Code)
		}
	}
}

func TestBadInputIsRefusedInWords(t *testing.T) {
	w, programme, desk := newWorld(), id.New(), id.New()
	s := w.service()
	admin := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: programme}}}
	w.responders = []danger.Responder{{Programme: programme, ID: id.New(), Name: "Team"}}
	a, err := s.Open(t.Context(), danger.OfReport(programme, desk, id.New(), w.now))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(fault.PublicOf(err), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	team := w.responders[0].ID
	refused("does not allow", s.HandOver(t.Context(), admin, programme, a.ID, team, "x")) // not yet taken on
	if err := s.Acknowledge(t.Context(), admin, programme, a.ID); err != nil {
		t.Fatal(err)
	}
	refused("what you told", s.HandOver(t.Context(), admin, programme, a.ID, team, "  "))
	refused("what you told", s.HandOver(t.Context(), admin, programme, a.ID, team, strings.Repeat("x", 2001)))
	refused("responder of the list", s.HandOver(t.Context(), admin, programme, a.ID, id.New(), "x"))
	refused("one of the results", s.Close(t.Context(), admin, programme, a.ID, "nonsense", "x"))
	refused("who found it so", s.Close(t.Context(), admin, programme, a.ID, "found-safe", ""))
	refused("none", s.Acknowledge(t.Context(), admin, programme, id.New()))
	refused("name, a place", s.AddResponder(t.Context(), admin, danger.Responder{Programme: programme, Name: "x"}))
	refused("one line", s.AddResponder(t.Context(), admin, danger.Responder{Programme: programme, Name: "x\ny", Place: "x", Phone: "1"}))
	if err := s.Close(t.Context(), admin, programme, a.ID, "found-safe", "seen"); err != nil {
		t.Fatal(err)
	}
	refused("closed already", s.Acknowledge(t.Context(), admin, programme, a.ID))
}
