// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Import keeps outcomes that were read from a file, confirmed by whoever sent
// it, all of them or none. An outcome whose key is there already is left as it
// is, whatever became of it since. With dry nothing is kept.
func (v *Service) Import(ctx context.Context, programme id.ID, history []Outcome, dry bool) (made, had int, err error) {
	// Whoever holds the machine is nobody's account and inside of no compartment.
	var holder authz.Subject
	ordered := stagesInOrder(history)
	err = tx.Rehearse(ctx, v.Tx, dry, func(ctx context.Context, rec *tx.Recorder) error {
		for _, o := range ordered {
			_, err := v.Store.ByKey(ctx, programme, o.Key)
			if err == nil {
				had++
				continue
			}
			if fault.KindOf(err) != fault.NotFound {
				return fmt.Errorf("look for key: %w", err)
			}
			made++
			if err := v.hide(ctx, &o); err != nil {
				return err
			}
			o.Version, o.State, o.What, o.Reason = 1, Confirmed, "recorded", "imported"
			o.Author, o.Written = holder.Account, v.Clock.Now()
			if err := v.recount(ctx, Outcome{}, o, func() error { return v.Store.Save(ctx, o) }); err != nil {
				return err
			}
		}
		if made == 0 {
			return nil
		}
		payload, err := json.Marshal(map[string]string{"at": v.Clock.Now().Format(time.RFC3339), "act": "imported outcomes", "detail": fmt.Sprint(made)})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Programme: programme, Kind: "audit", Payload: payload})
		return nil
	})
	return made, had, err
}

// stagesInOrder puts each outcome behind what it is a later stage of. The
// stages make no circle: whoever read the file looked.
func stagesInOrder(history []Outcome) []Outcome {
	byID := map[id.ID]Outcome{}
	for _, o := range history {
		byID[o.ID] = o
	}
	depth := func(o Outcome) (n int) {
		for ok := true; ok; n++ {
			o, ok = byID[o.Follows]
		}
		return n
	}
	ordered := slices.Clone(history)
	slices.SortStableFunc(ordered, func(a, b Outcome) int { return depth(a) - depth(b) })
	return ordered
}

// WrongStage says why an outcome can't be a later stage of another one, nil
// when it can.
func (v *Service) WrongStage(o, earlier Outcome) error {
	k, _ := v.Table.Kind(o.Kind)
	switch {
	case earlier.State == Withdrawn || earlier.State == Merged:
		return fault.Newf(fault.Invalid, "The earlier stage is %s. Choose one that stands.", earlier.State.said())
	case !slices.Contains(k.Follows, earlier.Kind):
		return fault.Newf(fault.Invalid, "%s can't be a later stage of %q, only of: %s.", called{k.Name}, earlier.Kind, strings.Join(k.Follows, ", "))
	case o.Day < earlier.Day:
		return fault.Newf(fault.Invalid, "It happened on %s, before its earlier stage on %s.", Date(o.Day).Format(time.DateOnly), Date(earlier.Day).Format(time.DateOnly))
	case earlier.Programme != o.Programme:
		return fault.New(fault.Invalid, "The earlier stage belongs to another programme.")
	}
	return nil
}
