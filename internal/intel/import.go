// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Import keeps items that were read from a file, approved by whoever sent it on
// the day that it names, all of them or none. An item whose id is there
// already, or was disposed of, is left as it is. With dry nothing is kept.
// Whoever holds the machine is nobody's account.
func (x *Items) Import(ctx context.Context, programme id.ID, history []Item, dry bool) (made, had int, err error) {
	err = tx.Rehearse(ctx, x.Tx, dry, func(ctx context.Context, rec *tx.Recorder) error {
		for _, it := range history {
			known, err := x.known(ctx, programme, it.ID)
			if err != nil {
				return err
			}
			if known {
				had++
				continue
			}
			made++
			if err := x.take(ctx, rec, it); err != nil {
				return err
			}
		}
		if made == 0 {
			return nil
		}
		payload, err := json.Marshal(map[string]string{"at": x.Clock.Now().Format(time.RFC3339), "act": "imported items", "detail": fmt.Sprint(made)})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Programme: programme, Kind: "audit", Payload: payload})
		return nil
	})
	return made, had, err
}

// known reports whether there is an item, or was one.
func (x *Items) known(ctx context.Context, programme, item id.ID) (bool, error) {
	_, _, err := x.Store.Item(ctx, programme, item)
	if fault.KindOf(err) == fault.NotFound {
		_, err = x.Store.Tombstone(ctx, programme, item)
	}
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// take keeps one item of a file.
func (x *Items) take(ctx context.Context, rec *tx.Recorder, it Item) error {
	if err := x.CheckHistory(it); err != nil {
		return err
	}
	it.Version, it.State = 1, Approved
	it.Approved = it.Written
	it.Sources.Independence = OneSource
	it.Review = x.Retention.Review(it.Written, it)
	for i := range it.Statements {
		it.Statements[i].ID = id.New()
	}
	var err error
	for turn := range len(it.ID) { // of many items of a year two may draw the same number
		it.Number = numbered(it.Written, it.ID, turn)
		if err = x.Store.Insert(ctx, it, it.Written); fault.KindOf(err) != fault.Conflict {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := x.Log.AddAct(ctx, it.Programme, Act{ID: id.New(), Item: it.ID, At: x.Clock.Now(), What: "imported"}); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return x.settle(ctx, rec, it.Programme, it.ID)
}

// CheckHistory says what is wrong with an item of a file, with what would be
// right.
func (x *Items) CheckHistory(it Item) error {
	if it.Written.After(x.Clock.Now()) {
		return fault.Newf(fault.Invalid, "%s lies in the future. Give the day on which it was approved.", it.Written.Format(time.DateOnly))
	}
	return x.check(it)
}
