// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// kindArrivals is the ledger's kind of an hour's arrivals.
const kindArrivals = "arrivals"

// arrivalsReach is how far back hours are still written when nothing was, in
// hours: after a restore, or for the demo's month.
const arrivalsReach = 24 * 40

// hourOfArrivals is the payload of a ledger entry: how many reports of an hour
// there were and which, as one hash. It is written when the hour is over, so
// that its place in the log tells no finer time.
type hourOfArrivals struct {
	Hour  clock.Hour `json:"hour"`
	Count int        `json:"count"`
	Sum   string     `json:"sha256"` // of the sorted report ids, 16 bytes each
}

// LogArrivals writes the entries of all hours that are over and not written
// yet, one for each hour in which something arrived.
func (i *Installation) LogArrivals(ctx context.Context) error {
	for _, p := range i.Programmes.All() {
		if err := i.logArrivalsOf(ctx, p); err != nil {
			return fmt.Errorf("write the arrivals of %s to the log: %w", p.Slug, err)
		}
	}
	return nil
}

func (i *Installation) logArrivalsOf(ctx context.Context, p programme.Programme) error {
	now := clock.HourOf(i.Clock.Now())
	from := now - arrivalsReach
	rows, err := i.Ledger.Find(ctx, ledger.Query{Programme: p.ID, Kind: kindArrivals, Limit: 1})
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		var last hourOfArrivals
		if err := json.Unmarshal(rows[0].Payload, &last); err != nil {
			return fmt.Errorf("read the last hour: %w", err)
		}
		from = max(from, last.Hour+1)
	}
	return i.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		for h := from; h < now; h++ {
			ids, err := i.Arrivals.ArrivalsOf(ctx, p.ID, int64(h))
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				continue
			}
			sum := sha256.New()
			for _, v := range ids {
				sum.Write(v[:])
			}
			payload, err := json.Marshal(hourOfArrivals{Hour: h, Count: len(ids), Sum: hex.EncodeToString(sum.Sum(nil))})
			if err != nil {
				return err
			}
			rec.Entry(tx.Entry{Programme: p.ID, Kind: kindArrivals, Payload: payload})
		}
		return nil
	})
}

// tidyLimit is the size up to which the database is written anew each hour. It
// takes about a second and hides in which order some thousand reports
// came; where there are more, many come in each hour.
const tidyLimit = 64 << 20

// logArrivals calls LogArrivals at the start and soon after each full hour,
// keeps the checkpoint, so that a rolled-back log is noticed at the next start,
// tidies the database, and sweeps up half files.
func (i *Installation) logArrivals(ctx context.Context, onError func(error)) {
	for {
		if err := errors.Join(i.LogArrivals(ctx), i.noteDanger(ctx), i.KeepCheckpoint(ctx), i.tidy(ctx), i.sweep(ctx)); err != nil && ctx.Err() == nil {
			onError(err)
		}
		next := time.Until(time.Now().Truncate(time.Hour).Add(time.Hour + time.Minute))
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// sweep throws away what is left of files that never became whole.
func (i *Installation) sweep(ctx context.Context) error {
	var all []id.ID
	for _, p := range i.Programmes.All() {
		all = append(all, p.ID)
	}
	return i.Files.Sweep(ctx, all)
}

func (i *Installation) tidy(ctx context.Context) error {
	_, err := i.DB.Tidy(ctx, tidyLimit)
	return err
}

// KeepCheckpoint keeps the log's present checkpoint.
func (i *Installation) KeepCheckpoint(ctx context.Context) error {
	signed, err := i.Ledger.Checkpoint(ctx)
	if err != nil {
		return err
	}
	return i.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error { return i.Ledger.Keep(ctx, signed) })
}
