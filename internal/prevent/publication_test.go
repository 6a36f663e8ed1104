// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

func en(s string) programme.Text { return programme.Text{"en": s} }

func example() prevent.Publication {
	return prevent.Publication{
		Format: prevent.Format, Programme: id.ID{1}, Number: 1, Made: "2026-11-26", Title: en("What came of reports"), K: 5,
		Period: prevent.Period{From: "2026-01-01", Until: "2026-09-30"},
		Tables: []prevent.Table{{
			ID: "outcomes-by-type", Title: en("Outcomes"), Definition: en("Outcomes that the police confirmed."), Chart: prevent.BarChart,
			Columns: []prevent.Column{{Name: en("Number"), Kind: prevent.Count}, {Name: en("Worth"), Kind: prevent.Amount, Unit: "EUR", Decimals: 2}},
			Rows: []prevent.Row{
				{Label: en("Arrests"), Cells: []prevent.Cell{{Value: 41}, {Mark: prevent.Unknown}}},
				{Label: en("Guns"), Cells: []prevent.Cell{{Mark: prevent.Fewer}, {Value: 120_000}}},
				{Label: en("Cars"), Cells: []prevent.Cell{{Mark: prevent.Withheld}, {Value: 1_000_000}}},
				{Label: en("All"), Cells: []prevent.Cell{{Value: 52}, {Value: 1_120_000}}, Total: true},
			},
		}},
	}
}

func TestWhatMayBePublished(t *testing.T) {
	if err := example().Check(); err != nil {
		t.Fatalf("the example: %v", err)
	}
	for name, c := range map[string]struct {
		spoil func(p *prevent.Publication)
		want  string
	}{
		"a small count in clear":    {func(p *prevent.Publication) { p.Tables[0].Rows[0].Cells[0].Value = 4 }, "below k = 5 and has no mark"},
		"a figure under a mark":     {func(p *prevent.Publication) { p.Tables[0].Rows[1].Cells[0].Value = 3 }, "must not be in the publication"},
		"one hidden, total known":   {func(p *prevent.Publication) { p.Tables[0].Rows[2].Cells[0] = prevent.Cell{Value: 9} }, "can be worked out"},
		"an unknown table":          {func(p *prevent.Publication) { p.Tables[0].ID = "names-of-reporters" }, "no such table is known"},
		"a table twice":             {func(p *prevent.Publication) { p.Tables = append(p.Tables, p.Tables[0]) }, "it is there twice"},
		"no definition":             {func(p *prevent.Publication) { p.Tables[0].Definition = nil }, "definition"},
		"k of one":                  {func(p *prevent.Publication) { p.K = 1 }, "k = 1"},
		"a cell too few":            {func(p *prevent.Publication) { p.Tables[0].Rows[0].Cells = p.Tables[0].Rows[0].Cells[:1] }, "1 cells for 2 columns"},
		"no rows":                   {func(p *prevent.Publication) { p.Tables[0].Rows = nil }, "0 rows"},
		"a day that is not":         {func(p *prevent.Publication) { p.Period.Until = "2026-02-30" }, "period.until"},
		"an end before the start":   {func(p *prevent.Publication) { p.Period.Until = "2025-01-01" }, "before it begins"},
		"an unknown mark":           {func(p *prevent.Publication) { p.Tables[0].Rows[0].Cells[0] = prevent.Cell{Mark: "secret"} }, "mark \"secret\""},
		"fewer, of money":           {func(p *prevent.Publication) { p.Tables[0].Rows[0].Cells[1] = prevent.Cell{Mark: prevent.Fewer} }, "belongs to counts"},
		"fewer than none":           {func(p *prevent.Publication) { p.Tables[0].Rows[0].Cells[0].Value = -7 }, "below nothing"},
		"another chart":             {func(p *prevent.Publication) { p.Tables[0].Chart = "pie" }, "chart \"pie\""},
		"a column of another kind":  {func(p *prevent.Publication) { p.Tables[0].Columns[0].Kind = "name" }, "kind \"name\""},
		"half a person":             {func(p *prevent.Publication) { p.Tables[0].Columns[0].Decimals = 1 }, "none for counts"},
		"no programme":              {func(p *prevent.Publication) { p.Programme = id.ID{} }, "programme"},
		"a number before the first": {func(p *prevent.Publication) { p.Number = -1 }, "numbered from 1"},
		"another form":              {func(p *prevent.Publication) { p.Format = "turnstone-publication/9" }, "this version reads"},
		"an endless text":           {func(p *prevent.Publication) { p.Title = en(strings.Repeat("x", 3000)) }, "at most 2000"},
	} {
		p := example()
		c.spoil(&p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// One figure hidden in a row of counts with their sum is as good as shown.
func TestARowGivesNothingAway(t *testing.T) {
	p := example()
	count := func(name string, total bool) prevent.Column {
		return prevent.Column{Name: en(name), Kind: prevent.Count, Total: total}
	}
	p.Tables[0].Columns = []prevent.Column{count("Men", false), count("Women", false), count("All", true)}
	p.Tables[0].Rows = []prevent.Row{{Label: en("Arrests"), Cells: []prevent.Cell{{Mark: prevent.Fewer}, {Value: 30}, {Value: 32}}}}
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "row 1: the one hidden figure") {
		t.Errorf("32 - 30 = 2 was published: %v", err)
	}
	p.Tables[0].Rows[0].Cells[1] = prevent.Cell{Mark: prevent.Withheld}
	if err := p.Check(); err != nil {
		t.Errorf("two hidden figures: %v", err)
	}
}

func TestOnlyWhatWeSignedIsRead(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := prevent.Sign(example(), private)
	if err != nil {
		t.Fatal(err)
	}
	got, err := signed.Verify(public)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example(), got); diff != "" {
		t.Errorf("it came back otherwise:\n%s", diff)
	}
	for name, spoil := range map[string]func(s *prevent.Signed){
		"another figure":    func(s *prevent.Signed) { s.Bytes = []byte(strings.Replace(string(s.Bytes), "41", "91", 1)) },
		"another signature": func(s *prevent.Signed) { s.Signature = make([]byte, ed25519.SignatureSize) },
		"no signature":      func(s *prevent.Signed) { s.Signature = nil },
		"another programme": func(s *prevent.Signed) { s.Programme = id.ID{2} },
		"another number":    func(s *prevent.Signed) { s.Number = 7 },
	} {
		bad := signed
		spoil(&bad)
		if _, err := bad.Verify(public); err == nil {
			t.Errorf("%s was believed", name)
		}
	}
	other, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Verify(other); err == nil {
		t.Error("another installation's publication was believed")
	}
	if _, err := signed.Verify(nil); err == nil {
		t.Error("without a key anything is believed")
	}
}

// memory keeps publications for a test.
type memory struct {
	kept    []prevent.Signed
	entries []tx.Entry
}

func (m *memory) Newest(context.Context, id.ID) (prevent.Signed, error) {
	if len(m.kept) == 0 {
		return prevent.Signed{}, fault.New(fault.NotFound, "none")
	}
	return m.kept[len(m.kept)-1], nil
}

func (m *memory) Numbered(_ context.Context, _ id.ID, number int) (prevent.Signed, error) {
	for _, s := range m.kept {
		if s.Number == number {
			return s, nil
		}
	}
	return prevent.Signed{}, fault.New(fault.NotFound, "none")
}

func (m *memory) Keep(_ context.Context, s prevent.Signed) error {
	m.kept = append(m.kept, s)
	return nil
}

func (m *memory) Do(ctx context.Context, change func(context.Context, *tx.Recorder) error) error {
	var rec tx.Recorder
	if err := change(ctx, &rec); err != nil {
		return err
	}
	m.entries = append(m.entries, rec.Entries()...)
	return nil
}

func TestPublishing(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	kept := &memory{}
	room := &prevent.Publications{Store: kept, Tx: kept, Key: private, Clock: clock.Fixed(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))}
	if _, err := room.Latest(t.Context(), id.ID{1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before the first: %v", err)
	}
	p := example()
	p.Format, p.Number, p.Made = "", 0, ""
	for want := 1; want <= 2; want++ {
		if err := room.Publish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		got, err := room.Latest(t.Context(), id.ID{1})
		if err != nil {
			t.Fatal(err)
		}
		if got.Number != want || got.Made != "2026-11-26" {
			t.Errorf("number %d of %s, want %d", got.Number, got.Made, want)
		}
	}
	if len(kept.entries) != 2 || kept.entries[0].Kind != "release" || !strings.Contains(string(kept.entries[0].Payload), `"sha256"`) {
		t.Errorf("the ledger keeps %v", kept.entries)
	}
	p.Tables[0].Rows[0].Cells[0].Value = 1
	if err := room.Publish(t.Context(), p); fault.KindOf(err) != fault.Invalid || len(kept.kept) != 2 {
		t.Errorf("a single arrest was published: %v", err)
	}
	kept.kept[1].Bytes[10]++
	if _, err := room.Latest(t.Context(), id.ID{1}); err == nil {
		t.Error("a changed publication was shown")
	}
}

func FuzzReadPublication(f *testing.F) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := prevent.Sign(example(), private)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed.Bytes)
	f.Add([]byte(`{"format":"turnstone-publication/1"}{}`))
	f.Add([]byte(`{"tables":[{"columns":[{}],"rows":[{"cells":[{"value":1e99}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := prevent.ReadPublication(body)
		if err == nil && p.Check() != nil {
			t.Error("what was read would not pass its own check")
		}
	})
}
