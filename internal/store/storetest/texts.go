// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
)

func testTexts(t *testing.T, open Factory) {
	h := Build(t, open)
	s := preventstore.NewTexts(h.DB)
	at := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	north, south, writer := id.New(), id.New(), id.New()
	add := func(v editing.Version) editing.Version {
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) (err error) {
			v.Number, err = s.Add(ctx, v)
			return err
		})
		return v
	}
	draft := add(editing.Version{Programme: north, Text: "cards/overdose.da.md", Sort: editing.Words, Body: []byte("a"), Note: "because", State: editing.Draft, Revision: 1, Writer: writer, Written: at})
	if draft.Number != 1 {
		t.Errorf("the first version has the number %d", draft.Number)
	}
	second := add(editing.Version{Programme: north, Text: draft.Text, Sort: editing.Away, Base: 1, State: editing.Approved, Revision: 1, Writer: writer, Written: at, Judge: id.New(), Judged: at, Reason: "yes", Shows: at.Add(time.Hour), Undoes: true})
	other := add(editing.Version{Programme: south, Text: draft.Text, Sort: editing.Words, Body: []byte("b"), State: editing.Approved, Revision: 1, Writer: writer, Written: at, Shows: at})
	if second.Number != 2 || other.Number != 1 {
		t.Errorf("numbers %d and %d, want 2 and 1: each programme counts for itself", second.Number, other.Number)
	}
	for _, want := range []editing.Version{draft, second, other} {
		got, err := s.One(t.Context(), want.Programme, want.Text, want.Number)
		must(t, err)
		wantSame(t, "a version", got, want)
	}
	if _, err := s.One(t.Context(), south, draft.Text, 2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another programme's version: %v, want not found", err)
	}
	third := add(editing.Version{Programme: north, Text: draft.Text, Sort: editing.Words, Body: []byte("d"), State: editing.Approved, Revision: 1, Writer: writer, Written: at, Shows: at})
	fourth := add(editing.Version{Programme: north, Text: draft.Text, Sort: editing.Words, Body: []byte("e"), State: editing.Approved, Revision: 1, Writer: writer, Written: at, Shows: at})
	for _, tt := range []struct {
		now  time.Time
		want []int // numbers of north
	}{{at.Add(-time.Hour), []int{2, 3, 4}}, {at, []int{2, 4}}, {at.Add(time.Hour), []int{2}}} {
		approved, err := s.Approved(t.Context(), tt.now)
		must(t, err)
		var got []int
		for _, v := range approved {
			if v.Programme == north {
				got = append(got, v.Number)
			}
		}
		if !slices.Equal(got, tt.want) || len(approved) != len(tt.want)+1 {
			t.Errorf("at %v the versions %v may be shown, want %v, and one of another programme: %d in all", tt.now, got, tt.want, len(approved))
		}
	}
	for _, v := range []editing.Version{third, fourth} {
		v.State = editing.GivenUp
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.Change(ctx, v, editing.Approved, 1) })
	}
	for _, tt := range []struct {
		of   id.ID
		now  time.Time
		want int
	}{{north, at, 2}, {north, at.Add(time.Hour), 1}, {south, at, 0}} {
		work, err := s.Open(t.Context(), tt.of, tt.now)
		if must(t, err); len(work) != tt.want {
			t.Errorf("%d open versions, want %d", len(work), tt.want)
		}
	}
	of, err := s.Of(t.Context(), north, draft.Text, 1)
	if must(t, err); len(of) != 1 || of[0].Number != 4 {
		t.Errorf("the newest version: %v", of)
	}
	testTextChanges(t, h, s, draft)
}

func testTextChanges(t *testing.T, h *House, s *preventstore.Texts, draft editing.Version) {
	change := func(v editing.Version, from editing.State, revision int) error {
		return h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return s.Change(ctx, v, from, revision) })
	}
	draft.Body, draft.Revision = []byte("c"), 2
	must(t, change(draft, editing.Draft, 1))
	if err := change(draft, editing.Draft, 1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an older page was saved over a newer one: %v", err)
	}
	if err := change(draft, editing.Waiting, 2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a draft was changed as if it waited: %v", err)
	}
	if err := s.Change(t.Context(), draft, editing.Draft, 2); err == nil {
		t.Error("a version was changed outside of a change")
	}
	got, err := s.One(t.Context(), draft.Programme, draft.Text, 1)
	must(t, err)
	wantSame(t, "the changed draft", got, draft)

	before, err := s.Last(t.Context())
	must(t, err)
	act := editing.Act{Text: draft.Text, Of: 1, Did: "wrote", By: draft.Writer, At: draft.Written, Reason: "so"}
	for range 2 {
		h.Do(t, func(ctx context.Context, _ *tx.Recorder) error { return s.Did(ctx, draft.Programme, act) })
	}
	last, err := s.Last(t.Context())
	if must(t, err); last != before+2 {
		t.Errorf("the last act is %d after two more than %d", last, before)
	}
	acts, err := s.Acts(t.Context(), draft.Programme, draft.Text, 1)
	must(t, err)
	act.Number = last
	wantSame(t, "the newest act", acts, []editing.Act{act})
	if none, err := s.Acts(t.Context(), id.New(), draft.Text, 5); err != nil || len(none) != 0 {
		t.Errorf("another programme's acts: %v, %v", none, err)
	}
}
