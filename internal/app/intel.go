// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store/intelstore"
)

// defaultScheme grades what programmes write that chose none.
const defaultScheme = "3x5x2"

// wireIntel opens the room of intelligence items.
func (i *Installation) wireIntel() error {
	var err error
	if i.Grading, err = gradingOf(i.Config); err != nil {
		return err
	}
	retention, err := intel.BuiltInSchedule(i.Grading)
	if err != nil {
		return err
	}
	questions, err := i.questionnaires()
	if err != nil {
		return err
	}
	items := intelstore.New(i.DB)
	i.Items = &intel.Items{
		Store: items, Log: items, Compartments: items, Reports: i.Desk, Tx: i.Tx, Clock: i.Clock, Grading: i.Grading,
		Categories: questions.Categories(), Retention: retention, PolicyOf: i.intelPolicy, Tally: i.Tally,
	}
	i.Desk.Timed = i.countTimes
	i.Intake.Gone = func(ctx context.Context, programme, report id.ID) error {
		return i.Tally.Settle(ctx, programme, report)
	}
	return nil
}

// intelPolicy is what a programme decided of its items.
func (i *Installation) intelPolicy(programme id.ID) intel.Policy {
	out := intel.Policy{Scheme: defaultScheme}
	if p, ok := i.Programmes.ByID(programme); ok {
		out.OnePerson = p.Intelligence.OnePerson
		if p.Intelligence.Scheme != "" {
			out.Scheme = p.Intelligence.Scheme
		}
	}
	return out
}
