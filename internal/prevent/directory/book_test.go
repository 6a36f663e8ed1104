// SPDX-License-Identifier: AGPL-3.0-or-later

package directory_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/invent"
)

// memory is a store and a runner: what a change that fails kept is forgotten.
type memory struct {
	kept    []directory.Imported
	entries []tx.Entry
	broken  error
}

func (m *memory) Do(ctx context.Context, change func(context.Context, *tx.Recorder) error) error {
	before := slices.Clone(m.kept)
	rec := &tx.Recorder{}
	if err := errors.Join(change(ctx, rec), m.broken); err != nil {
		m.kept = before
		return err
	}
	m.entries = append(m.entries, rec.Entries()...)
	return nil
}

func (m *memory) Last(context.Context) (int, error) { return len(m.kept), nil }

func (m *memory) Current(context.Context) ([]directory.Imported, error) {
	newest := map[string]directory.Imported{}
	for _, i := range m.kept {
		newest[i.Source] = i
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b directory.Imported) int { return a.Number - b.Number }), nil
}

func (m *memory) Keep(_ context.Context, i directory.Imported) error {
	m.kept = append(m.kept, i)
	return nil
}

func book(t *testing.T) (*directory.Book, *memory) {
	t.Helper()
	m := &memory{}
	b := &directory.Book{Store: m, Tx: m, Clock: clock.Fixed(now)}
	if b.Index() != nil {
		t.Error("a directory that was never read")
	}
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, m
}

func TestAnImportIsShownWholeOrNotAtAll(t *testing.T) {
	b, m := book(t)
	before := len(b.Index().Services)
	m.broken = errors.New("the disk is full")
	if _, err := b.Import(t.Context(), "town", invent.Dataset(5)); !errors.Is(err, m.broken) || len(m.kept)+len(m.entries) != 0 {
		t.Fatalf("%v; %d kept", err, len(m.kept))
	}
	m.broken = nil
	kept, err := b.Import(t.Context(), "town", invent.Dataset(5))
	if err != nil || kept.Number != 1 || kept.Services != 5 || kept.Day != "2026-11-26" || len(m.entries) != 1 {
		t.Fatalf("%+v %v, %d entries in the ledger", kept, err, len(m.entries))
	}
	if got := len(b.Index().Services); got != before {
		t.Errorf("%d services before anybody asked again", got)
	}
	for n, want := range []int{before + 5, before + 2, before, 0} {
		var err error
		switch n {
		case 1:
			_, err = b.Import(t.Context(), "town", invent.Dataset(2))
		case 2:
			err = b.Remove(t.Context(), "town")
		case 3:
			err = b.Remove(t.Context(), directory.StartSource)
		}
		if err := errors.Join(err, b.Refresh(t.Context())); err != nil {
			t.Fatal(err)
		}
		if got := len(b.Index().Services); got != want {
			t.Errorf("after step %d there are %d services, want %d", n, got, want)
		}
	}
	if sources, err := b.Sources(t.Context()); err != nil || len(sources) != 0 {
		t.Errorf("%v %v", sources, err)
	}
}

// A source can't replace or shadow what another one says.
func TestOneSourceCantSpeakForAnother(t *testing.T) {
	b, m := book(t)
	if _, err := b.Import(t.Context(), "town", invent.Dataset(3)); err != nil {
		t.Fatal(err)
	}
	start, err := directory.Start()
	if err != nil {
		t.Fatal(err)
	}
	for source, data := range map[string]*hsds.Dataset{"other": invent.Dataset(1), "forger": start} {
		if _, err := b.Import(t.Context(), source, data); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v, want a conflict", source, err)
		}
	}
	for _, source := range []string{"", "A", "../x", "a b", "x--y", "-"} {
		if _, err := b.Import(t.Context(), source, invent.Dataset(1)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, want invalid", source, err)
		}
	}
	if _, err := b.Import(t.Context(), "empty", &hsds.Dataset{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty directory: %v", err)
	}
	if err := b.Remove(t.Context(), "nobody"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a source that is not there: %v", err)
	}
	if len(m.kept) != 1 {
		t.Errorf("%d imports are kept", len(m.kept))
	}
}
