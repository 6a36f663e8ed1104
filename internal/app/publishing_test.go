// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// What was published is shown after a restart: the key was kept.
func TestPublicationsOutliveARestart(t *testing.T) {
	i, nord := founded(t)
	english := func(s string) programme.Text { return programme.Text{"en": s} }
	err := i.Publications.Publish(t.Context(), prevent.Publication{
		Programme: nord, Title: english("Figures"), K: 5, Period: prevent.Period{From: "2026-01-01", Until: "2026-06-30"},
		Tables: []prevent.Table{{
			ID: "reports-by-category", Title: english("Reports"), Definition: english("Reports that arrived."),
			Columns: []prevent.Column{{Name: english("Number"), Kind: prevent.Count}},
			Rows:    []prevent.Row{{Label: english("Fraud"), Cells: []prevent.Cell{{Value: 17}}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := app.Open(t.Context(), i.Config, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := again.Publications.Latest(t.Context(), nord)
	if err != nil {
		t.Fatal(err)
	}
	if p.Number != 1 || p.Tables[0].Rows[0].Cells[0].Value != 17 {
		t.Errorf("it came back as %+v", p)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}
