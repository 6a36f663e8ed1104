// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
)

func testDirectories(t *testing.T, open Factory) {
	h := Build(t, open)
	s := preventstore.NewDirectories(h.DB)
	keep := func(i directory.Imported) error {
		return h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return s.Keep(ctx, i) })
	}
	if last, err := s.Last(t.Context()); err != nil || last != 0 {
		t.Errorf("before the first: %d, %v", last, err)
	}
	if err := s.Keep(t.Context(), directory.Imported{Number: 1, Source: "a", Body: []byte{}}); err == nil {
		t.Error("a directory was kept outside of a change")
	}
	want := map[string]directory.Imported{}
	for n, source := range []string{"a", "b", "a", "a", "a", "a"} {
		i := directory.Imported{Number: n + 1, Source: source, Day: "2026-11-26", Services: n, Records: 2 * n, Body: RandomBytes(200)}
		must(t, keep(i))
		want[source] = i
	}
	got, err := s.Current(t.Context())
	must(t, err)
	wantSame(t, "the newest of each source", got, []directory.Imported{want["b"], want["a"]})
	if last, err := s.Last(t.Context()); err != nil || last != 6 {
		t.Errorf("the last is %d, %v", last, err)
	}
	if err := keep(directory.Imported{Number: 6, Source: "c", Body: []byte{1}}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an import was replaced: %v, want a conflict", err)
	}
	var rows int
	must(t, h.DB.Reader(t.Context()).Row(t.Context(), `SELECT COUNT(*) FROM prevent_directory WHERE source = ?`, []any{"a"}, &rows))
	if rows != 3 {
		t.Errorf("%d imports of one source are kept, want the newest three", rows)
	}
}
