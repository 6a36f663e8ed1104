// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/turnstone-project/turnstone/internal/app/importing"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/store/intelstore"
)

// Period is a choice of figures as it is typed.
type Period struct{ From, To, By string }

func (p Period) ask() (a stats.Ask, err error) {
	a.By = stats.By(p.By)
	if p.From != "" {
		if a.From, err = stats.ParseMonth(p.From); err != nil {
			return a, err
		}
	}
	if p.To != "" {
		if a.To, err = stats.ParseMonth(p.To); err != nil {
			return a, err
		}
	}
	return a, a.Check()
}

// outcomeColumns are those of a file of outcomes (docs/formats.md).
var outcomeColumns = []importing.Column{
	{Name: "key", Required: true},
	{Name: "kind", Required: true},
	{Name: "date", Required: true},
	{Name: "by", Required: true},
	{Name: "reference"},
	{Name: "quantity"},
	{Name: "unit"},
	{Name: "of"},
	{Name: "value"},
	{Name: "currency"},
	{Name: "value_source"},
	{Name: "value_date"},
	{Name: "purity"},
	{Name: "months"},
	{Name: "category"},
	{Name: "channel"},
	{Name: "follows"},
	{Name: "items"},
	{Name: "note"},
	{Name: "sure"},
}

// ImportOutcomes keeps a programme's history, or with dry nothing of it, and
// returns how many outcomes are new and how many were there already. All that
// is wrong is one importing.Problems.
func (i *Installation) ImportOutcomes(ctx context.Context, slug string, in io.Reader, dry bool) (made, had int, err error) {
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return 0, 0, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	table, err := importing.Read(in, "key", outcomeColumns...)
	if err != nil {
		return 0, 0, err
	}
	var history []outcome.Outcome
	lines := map[id.ID]importing.Row{}
	for _, row := range table.Rows {
		o, err := outcome.Read(i.Outcomes.Table, entryOfRow(row), outcome.DayOf(i.Clock.Now()))
		var bad *outcome.Invalid
		if errors.As(err, &bad) {
			for _, x := range bad.Problems {
				says := x.Message()
				if bad.AskSure {
					says += " Write yes in the column sure."
				}
				table.Add(row, strings.TrimPrefix(x.Field, "detail_"), "%s", says)
			}
			continue
		}
		if err != nil {
			return 0, 0, err
		}
		o.Programme, o.ID = p.ID, importing.ID("outcome", p.ID, row.Key)
		if row.Get("follows") != "" {
			o.Follows = importing.ID("outcome", p.ID, row.Get("follows"))
		}
		if err := i.linkRow(ctx, table, row, &o); err != nil {
			return 0, 0, err
		}
		history, lines[o.ID] = append(history, o), row
	}
	i.checkStages(ctx, table, history, lines)
	if err := table.Err(); err != nil {
		return 0, 0, err
	}
	made, had, err = i.Outcomes.Import(ctx, p.ID, history, dry)
	if err != nil {
		return 0, 0, fmt.Errorf("import outcomes: %w", err)
	}
	return made, had, nil
}

// linkRow links an outcome to the items that its row names: by the key of an
// imported item, or by number.
func (i *Installation) linkRow(ctx context.Context, table *importing.Table, row importing.Row, o *outcome.Outcome) error {
	var links []outcome.LinkEntry
	for _, part := range row.List("items", "|") {
		item, says, _ := strings.Cut(part, ":")
		basis, share, _ := strings.Cut(says, ":")
		links = append(links, outcome.LinkEntry{Item: item, Basis: or(strings.TrimSpace(basis), outcome.LedTo), Share: share})
	}
	if len(links) == 0 {
		return nil
	}
	problems, err := i.Outcomes.LinkHistory(ctx, o, links, func(ctx context.Context, text string) (outcome.Source, error) {
		return i.itemOfFile(ctx, o.Programme, text)
	})
	if err != nil {
		return fmt.Errorf("look for items: %w", err)
	}
	for _, x := range problems {
		table.Add(row, x.Field, "%s", x.Message())
	}
	return nil
}

// itemOfFile finds an approved item for whoever holds the machine.
func (i *Installation) itemOfFile(ctx context.Context, programme id.ID, text string) (outcome.Source, error) {
	item := importing.ID("item", programme, text)
	newest, approved, err := i.Items.Store.Item(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound {
		if item, err = intelstore.New(i.DB).Numbered(ctx, programme, strings.ToUpper(text)); err == nil {
			newest, approved, err = i.Items.Store.Item(ctx, programme, item)
		}
	}
	if err == nil && approved == nil {
		err = noItem()
	}
	if err != nil {
		return outcome.Source{}, err
	}
	src := sourceOf(*approved, newest.Created)
	src.Compartment, err = i.Items.Wall(ctx, programme, item)
	return src, err
}

// checkStages looks whether each row that follows another names one that is
// in the file or was imported before, and that may come before it.
func (i *Installation) checkStages(ctx context.Context, table *importing.Table, history []outcome.Outcome, lines map[id.ID]importing.Row) {
	byID := map[id.ID]outcome.Outcome{}
	for _, o := range history {
		byID[o.ID] = o
	}
	for _, o := range history {
		row := lines[o.ID]
		seen := map[id.ID]bool{o.ID: true}
		for at := o; !at.Follows.IsZero(); {
			earlier, ok := byID[at.Follows]
			if !ok {
				var err error
				if earlier, err = i.Outcomes.Store.Outcome(ctx, o.Programme, at.Follows); err != nil {
					table.Add(row, "follows", "no row of the file has the key %q, and nothing was imported under it", row.Get("follows"))
					break
				}
			}
			if at.ID == o.ID {
				if wrong := i.Outcomes.WrongStage(o, earlier); wrong != nil {
					table.Add(row, "follows", "%s", fault.PublicOf(wrong))
				}
			}
			if seen[earlier.ID] {
				table.Add(row, "follows", "the rows follow each other in a circle")
				break
			}
			seen[earlier.ID] = true
			at = earlier
		}
	}
}

func entryOfRow(row importing.Row) outcome.Entry {
	return outcome.Entry{
		Kind: row.Get("kind"), Date: row.Get("date"), By: row.Get("by"), Reference: row.Get("reference"), Quantity: row.Get("quantity"), Unit: row.Get("unit"), Of: row.Get("of"),
		Value: row.Get("value"), Currency: row.Get("currency"), ValueSource: row.Get("value_source"), ValueDate: row.Get("value_date"),
		Category: row.Get("category"), Channel: row.Get("channel"), Note: row.Get("note"), Key: row.Key, Sure: row.Get("sure") == "yes",
		Details: map[string]string{"purity": row.Get("purity"), "months": row.Get("months")},
	}
}
