// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
)

func testPublications(t *testing.T, open Factory) {
	h := Build(t, open)
	s := preventstore.New(h.DB)
	keep := func(p prevent.Signed) error {
		return h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return s.Keep(ctx, p) })
	}
	north, south := id.New(), id.New()
	if _, err := s.Newest(t.Context(), north); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before the first: %v, want not found", err)
	}
	if err := s.Keep(t.Context(), prevent.Signed{Programme: north, Number: 1}); err == nil {
		t.Error("a publication was kept outside of a change")
	}
	want := map[id.ID]prevent.Signed{}
	for n, of := range []id.ID{north, south, north} {
		p := prevent.Signed{Programme: of, Number: n + 1, Bytes: RandomBytes(300), Signature: RandomBytes(64)}
		must(t, keep(p))
		want[of] = p
	}
	for of, p := range want {
		got, err := s.Newest(t.Context(), of)
		must(t, err)
		wantSame(t, "the newest publication", got, p)
	}
	if _, err := s.Numbered(t.Context(), south, 1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another programme's number: %v, want not found", err)
	}
	first, err := s.Numbered(t.Context(), north, 1)
	if must(t, err); first.Number != 1 || len(first.Bytes) != 300 {
		t.Errorf("the first publication: %d with %d bytes", first.Number, len(first.Bytes))
	}
	if err := keep(prevent.Signed{Programme: north, Number: 3, Bytes: []byte("other"), Signature: []byte("other")}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a publication was replaced: %v, want a conflict", err)
	}
}
