// SPDX-License-Identifier: AGPL-3.0-or-later

package demo

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
)

//go:embed texts/*.md
var textFiles embed.FS

// write tells what the demo's editors did: a card of their own that is shown,
// its translation that waits, a change that will be shown in three days, and a
// draft that was sent back.
func (t *telling) write(ctx context.Context, today time.Time) error {
	own := func(name string) ([]byte, error) { return textFiles.ReadFile("texts/" + name) }
	changed := func(name, old, fresh string) ([]byte, error) {
		b, err := fs.ReadFile(prevent.Files(), name)
		if err != nil || !strings.Contains(string(b), old) {
			return nil, fmt.Errorf("%s does not hold %q: %w", name, old, err)
		}
		return []byte(strings.Replace(string(b), old, fresh, 1)), nil
	}
	for _, step := range []struct {
		ago        int // days
		who, text  string
		note       string
		body       func() ([]byte, error)
		then, why  string
		shownAhead int // days from today
	}{
		{9, "eva", "cards/fake-tickets.en.md", "Five calls about concert tickets this month", func() ([]byte, error) { return own("fake-tickets.en.md") }, "approve", "", 0},
		{8, "eva", "cards/fake-tickets.da.md", "", func() ([]byte, error) { return own("fake-tickets.da.md") }, "approve", "", 0},
		{6, "tariq", "cards/overdose.ar.md", "Fewer words", func() ([]byte, error) { return changed("cards/overdose.ar.md", "- ", "- (!) ") }, "return", "No signs in front of a step: they are read aloud.", 0},
		{4, "eva", "cards/fake-listing.en.md", "The new rule begins on that day", func() ([]byte, error) {
			return changed("cards/fake-listing.en.md", "\n- ", "\n- Ask the site for its mark of a checked host.\n- ")
		}, "schedule", "", 3},
		{2, "tariq", "cards/fake-tickets.ar.md", "First translation", func() ([]byte, error) { return own("fake-tickets.ar.md") }, "", "", 0},
	} {
		t.clock.set(today.AddDate(0, 0, -step.ago))
		body, err := step.body()
		if err != nil {
			return err
		}
		writer, chief := t.members[step.who].Subject, t.members["chen"].Subject
		v, err := t.Texts.Save(ctx, writer, t.programme.ID, editing.Written{Text: step.text, Sort: editing.Words, Body: body, Note: step.note})
		if err != nil {
			return err
		}
		if err := t.Texts.Send(ctx, writer, t.programme.ID, step.text, v.Number); err != nil {
			return err
		}
		switch step.then {
		case "approve":
			err = t.Texts.Approve(ctx, chief, t.programme.ID, step.text, v.Number, time.Time{})
		case "schedule":
			err = t.Texts.Approve(ctx, chief, t.programme.ID, step.text, v.Number, today.AddDate(0, 0, step.shownAhead))
		case "return":
			err = t.Texts.Return(ctx, chief, t.programme.ID, step.text, v.Number, step.why)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.text, err)
		}
	}
	return nil
}
