// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/referralstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

type noLedger struct{}

func (noLedger) Append(context.Context, []tx.Entry) error { return nil }

// BenchmarkFull measures the lists of an installation with
// TURNSTONE_BENCH_REFERRALS referrals (default 20,000; docs/benchmarks.md tells
// of 300,000 over a million items), in four desks, ten compartments and 200 partners.
func BenchmarkFull(b *testing.B) {
	want := 20_000
	if s := os.Getenv("TURNSTONE_BENCH_REFERRALS"); s != "" {
		var err error
		if want, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "bench.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	h := &full{Store: referralstore.New(db), here: id.New(), now: time.Unix(1_780_000_000, 0).UTC()}
	for range 4 {
		h.desks = append(h.desks, id.New())
	}
	h.compartments = append(h.compartments, id.ID{})
	for range 9 {
		h.compartments = append(h.compartments, id.New())
	}
	for range 200 {
		h.partners = append(h.partners, id.New())
	}
	h.fill(b, store.NewRunner(db, noLedger{}, store.NewOutbox(db)), want)
	all := referral.Filter{Desks: h.desks, Compartments: h.compartments, Limit: 50}
	lists := map[string]func(ctx context.Context) error{
		"list": func(ctx context.Context) error { _, _, err := h.List(ctx, h.here, all); return err },
		"list, page 20": func(ctx context.Context) error {
			f := all
			f.Offset = 950
			_, _, err := h.List(ctx, h.here, f)
			return err
		},
		"by state": func(ctx context.Context) error {
			f := all
			f.States = []referral.State{referral.Accepted}
			_, _, err := h.List(ctx, h.here, f)
			return err
		},
		"by partner": func(ctx context.Context) error {
			f := all
			f.Partner = h.partners[rand.IntN(200)]
			_, _, err := h.List(ctx, h.here, f)
			return err
		},
		"partner's list": func(ctx context.Context) error {
			_, _, err := h.OfPartner(ctx, h.here, h.partners[rand.IntN(200)], nil, 0, 50)
			return err
		},
		"chase list":     func(ctx context.Context) error { _, _, err := h.Due(ctx, h.here, all, h.now); return err },
		"overdue counts": func(ctx context.Context) error { _, err := h.DueCounts(ctx, h.here, h.now); return err },
		"one item's": func(ctx context.Context) error {
			_, err := h.OfItem(ctx, h.here, h.items[rand.IntN(len(h.items))])
			return err
		},
		"to escalate": func(ctx context.Context) error { _, err := h.ToEscalate(ctx, h.here, h.now, 500); return err },
	}
	for name, ask := range lists {
		b.Run(name, func(b *testing.B) {
			storetest.Measure(b, func() error { return ask(b.Context()) })
		})
	}
}

// full is a filled store.
type full struct {
	*referralstore.Store
	here                          id.ID
	desks, compartments, partners []id.ID
	items                         []id.ID
	now                           time.Time
}

func (h *full) fill(b *testing.B, runner *store.Runner, want int) {
	b.Helper()
	const batch = 2000
	for done := 0; done < want; done += batch {
		err := runner.Do(b.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			for range min(batch, want-done) {
				r := h.some()
				if err := h.Save(ctx, r); err != nil {
					return err
				}
				h.items = append(h.items, r.Item)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// some makes a referral: nine in ten are open items', one in ten is overdue.
func (h *full) some() referral.Referral {
	sent := h.now.Add(-time.Duration(rand.IntN(5*365*24)) * time.Hour)
	r := referral.Referral{
		Programme: h.here, ID: id.New(), Number: "R-" + id.New().String(), Item: id.New(), ItemNumber: "2026-4F7K", Title: "A lorry with cigarettes behind the port",
		Version: 1, Desk: h.desks[rand.IntN(4)], Category: "contraband", Channel: "web", Partner: h.partners[rand.IntN(200)], Role: referral.Primary,
		State: referral.States[rand.IntN(len(referral.States))], Reason: "It is in their port.", By: id.New(), SentAt: sent, Revision: 1,
	}
	if rand.IntN(10) == 0 {
		r.Compartment = h.compartments[1+rand.IntN(9)]
	}
	if r.Live() && r.State != referral.Closed && rand.IntN(5) == 0 {
		r.Due = h.now.Add(-time.Duration(1+rand.IntN(1000)) * time.Hour)
		r.Escalated = rand.IntN(2) == 0
	}
	return r
}
