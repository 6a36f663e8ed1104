// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store/dangerstore"
)

func testDanger(t *testing.T, open Factory) {
	h := Build(t, open)
	s, programme, desk, elsewhere := dangerstore.New(h.DB), id.New(), id.New(), id.New()
	now := time.Unix(1_750_000_123, 0).UTC()
	do := func(t *testing.T, change func(ctx context.Context) error) error {
		t.Helper()
		return h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return change(ctx) })
	}
	must := func(t *testing.T, change func(ctx context.Context) error) {
		t.Helper()
		if err := do(t, change); err != nil {
			t.Fatal(err)
		}
	}
	sent := danger.OfSource(programme, desk, "platform", danger.Alert{ID: "7", Text: "wants to jump", Place: "Hull"}, []byte("raw"), now)
	told := danger.OfReport(programme, elsewhere, id.New(), now.Add(-2*time.Hour))
	t.Run("kept as it was", func(t *testing.T) {
		for _, a := range []danger.Alarm{sent, told} {
			must(t, func(ctx context.Context) error { return s.Insert(ctx, a) })
			for _, read := range []func() (danger.Alarm, error){
				func() (danger.Alarm, error) { return s.Alarm(t.Context(), programme, a.ID) },
				func() (danger.Alarm, error) { return s.ByKey(t.Context(), programme, a.Key) },
			} {
				if got, err := read(); err != nil || !cmp.Equal(got, a) {
					t.Errorf("%v\n%s", err, cmp.Diff(a, got))
				}
			}
			again := a
			again.ID = id.New()
			if err := do(t, func(ctx context.Context) error { return s.Insert(ctx, again) }); fault.KindOf(err) != fault.Conflict {
				t.Errorf("the same origin twice: %v", err)
			}
		}
		if _, err := s.Alarm(t.Context(), id.New(), sent.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another programme: %v", err)
		}
		if err := s.Insert(t.Context(), sent); err == nil {
			t.Error("written outside of a change")
		}
	})
	t.Run("who sees what", func(t *testing.T) {
		for _, tt := range []struct {
			desks []id.ID
			want  int
		}{{nil, 2}, {[]id.ID{}, 0}, {[]id.ID{desk}, 1}, {[]id.ID{desk, elsewhere}, 2}, {[]id.ID{id.New()}, 0}} {
			got, err := s.List(t.Context(), programme, tt.desks, danger.Filter{Limit: 10})
			n, countErr := s.Ringing(t.Context(), programme, tt.desks)
			if err != nil || countErr != nil || len(got) != tt.want || n != tt.want {
				t.Errorf("%d desks: %d listed, %d counted, want %d (%v, %v)", len(tt.desks), len(got), n, tt.want, err, countErr)
			}
		}
	})
	t.Run("the clock is set by one alone", func(t *testing.T) {
		due, err := s.Due(t.Context(), now, now.Add(2*time.Hour), 10)
		if err != nil || len(due) != 2 || due[0].ID != told.ID {
			t.Fatalf("%d due, %v", len(due), err)
		}
		next := sent
		next.Step, next.Due = 1, now.Add(time.Minute)
		for n, want := range []bool{true, false} {
			must(t, func(ctx context.Context) error {
				ok, err := s.Rang(ctx, next, sent.Due)
				if ok != want {
					t.Errorf("claim %d: %v", n, ok)
				}
				return err
			})
		}
		if due, err = s.Due(t.Context(), now, now.Add(2*time.Hour), 10); err != nil || len(due) != 1 {
			t.Errorf("%d due after the claim, %v", len(due), err)
		}
		// A machine whose clock was put back does not fall silent.
		if due, err = s.Due(t.Context(), now.Add(-9*time.Hour), now.Add(-7*time.Hour), 10); err != nil || len(due) != 2 {
			t.Errorf("%d due after the clock was put back, %v", len(due), err)
		}
	})
	t.Run("a change names what it saw", func(t *testing.T) {
		a, err := s.Alarm(t.Context(), programme, sent.ID)
		if err != nil {
			t.Fatal(err)
		}
		a.State, a.Version, a.Due, a.AckBy = danger.Acknowledged, 2, time.Time{}, id.New()
		must(t, func(ctx context.Context) error { return s.Save(ctx, a) })
		if err := do(t, func(ctx context.Context) error { return s.Save(ctx, a) }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a stale change: %v", err)
		}
		must(t, func(ctx context.Context) error {
			if ok, err := s.Rang(ctx, a, now.Add(time.Minute)); ok || err != nil {
				t.Errorf("an acknowledged alarm rang: %v, %v", ok, err)
			}
			return nil
		})
		got, err := s.Alarm(t.Context(), programme, sent.ID)
		if err != nil || !cmp.Equal(got, a) {
			t.Errorf("%v\n%s", err, cmp.Diff(a, got))
		}
	})
	t.Run("closed ones page", func(t *testing.T) { testClosedAlarms(t, h) })
	t.Run("settings", func(t *testing.T) { testDangerSettings(t, h) })
}

func testClosedAlarms(t *testing.T, h *House) {
	s, desk, now := dangerstore.New(h.DB), id.New(), time.Unix(1_750_000_123, 0).UTC()
	other := id.New()
	for n := range 7 {
		a := danger.OfSource(other, desk, "platform", danger.Alert{ID: string(rune('a' + n))}, nil, now.Add(time.Duration(n/2)*time.Hour))
		a.State, a.Due = danger.Closed, time.Time{}
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.Insert(ctx, a) })
	}
	seen := map[id.ID]bool{}
	var f danger.Filter
	f.Closed, f.Limit = true, 3
	for range 3 {
		page, err := s.List(t.Context(), other, []id.ID{desk}, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			if seen[a.ID] || f.Before.Hour != 0 && a.Hour > f.Before.Hour {
				t.Errorf("out of order or twice: %v", a.Hour)
			}
			seen[a.ID] = true
			f.Before = danger.Cursor{Hour: a.Hour, ID: a.ID}
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d of 7 were listed", len(seen))
	}
}

func testDangerSettings(t *testing.T, h *House) {
	s, programme := dangerstore.New(h.DB), id.New()
	if body, err := s.Policy(t.Context(), programme); err != nil || body != nil {
		t.Errorf("no policy: %q, %v", body, err)
	}
	for _, body := range []string{"one", "two"} {
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.SavePolicy(ctx, programme, []byte(body)) })
	}
	if body, err := s.Policy(t.Context(), programme); err != nil || string(body) != "two" {
		t.Errorf("policy: %q, %v", body, err)
	}
	r := danger.Responder{Programme: programme, ID: id.New(), Name: "Crisis team", Place: "Hull", Phone: "01482", Hours: "always"}
	h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.SaveResponder(ctx, r) })
	if got, err := s.Responders(t.Context(), programme); err != nil || !cmp.Equal(got, []danger.Responder{r}) {
		t.Errorf("responders: %v, %v", got, err)
	}
	h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.DropResponder(ctx, programme, r.ID) })
	if err := h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return s.DropResponder(ctx, programme, r.ID) }); fault.KindOf(err) != fault.NotFound {
		t.Errorf("removed twice: %v", err)
	}
}
