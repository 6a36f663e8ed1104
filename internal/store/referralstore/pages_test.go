// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore_test

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store/referralstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

// A page is the same cut out of all referrals that fit, wherever it begins and
// however many desks, compartments and states it is merged from.
func TestLawAPageIsACutOfTheWhole(t *testing.T) {
	h := storetest.Build(t, storetest.SQLite)
	kept := referralstore.New(h.DB)
	rapid.Check(t, func(t *rapid.T) {
		here, ctx := id.New(), context.Background()
		desks, compartments, partners := []id.ID{id.New(), id.New()}, []id.ID{{}, id.New()}, []id.ID{id.New(), id.New()}
		now := time.Unix(1_780_000_000, 0).UTC()
		states := rapid.SampledFrom(referral.States)
		var all []referral.Referral
		for range rapid.IntRange(1, 120).Draw(t, "referrals") {
			at := now.Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "hours")) * time.Hour) // many at the same time
			r := referral.Referral{
				Programme: here, ID: id.New(), Number: "R-" + id.New().String(), Item: id.New(), Desk: rapid.SampledFrom(desks).Draw(t, "desk"),
				Compartment: rapid.SampledFrom(compartments).Draw(t, "compartment"), Partner: rapid.SampledFrom(partners).Draw(t, "partner"), Role: referral.Primary,
				State: states.Draw(t, "state"), By: id.New(), SentAt: at, Revision: 1,
			}
			if rapid.Bool().Draw(t, "due") {
				r.Due = at
			}
			all = append(all, r)
		}
		err := h.Runner.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
			for _, r := range all {
				if err := kept.Save(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		f := referral.Filter{
			Desks: desks[:rapid.IntRange(0, 2).Draw(t, "desks")], Compartments: compartments[:rapid.IntRange(1, 2).Draw(t, "compartments")],
			States: rapid.SliceOfNDistinct(states, 0, 3, rapid.ID).Draw(t, "states"), Offset: rapid.IntRange(0, 100).Draw(t, "offset"), Limit: rapid.IntRange(1, 70).Draw(t, "limit"),
		}
		if rapid.Bool().Draw(t, "of one partner") {
			f.Partner = partners[0]
		}
		fits := func(r referral.Referral) bool {
			return slices.Contains(f.Desks, r.Desk) && slices.Contains(f.Compartments, r.Compartment) && (len(f.States) == 0 || slices.Contains(f.States, r.State)) && (f.Partner.IsZero() || r.Partner == f.Partner)
		}
		late := func(r referral.Referral) bool {
			return slices.Contains(f.Desks, r.Desk) && slices.Contains(f.Compartments, r.Compartment) && !r.Due.IsZero() && r.Due.Before(now)
		}
		page, more, err := kept.List(ctx, here, f)
		cut(t, "list", f, all, fits, func(a, b referral.Referral) int { return newestOf(b, a) }, page, more, err)
		page, more, err = kept.OfPartner(ctx, here, partners[0], f.States, f.Offset, f.Limit)
		received := func(r referral.Referral) bool {
			return r.Partner == partners[0] && (len(f.States) == 0 || slices.Contains(f.States, r.State))
		}
		cut(t, "received", f, all, received, func(a, b referral.Referral) int { return newestOf(b, a) }, page, more, err)
		page, more, err = kept.Due(ctx, here, f, now)
		cut(t, "due", f, all, late, newestOf, page, more, err)
	})
}

func newestOf(a, b referral.Referral) int {
	return cmp.Or(a.SentAt.Compare(b.SentAt), slices.Compare(a.ID[:], b.ID[:]))
}

func cut(t *rapid.T, what string, f referral.Filter, all []referral.Referral, fits func(referral.Referral) bool, order func(a, b referral.Referral) int, page []referral.Referral, more bool, err error) {
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var whole []referral.Referral
	for _, r := range all {
		if fits(r) {
			whole = append(whole, r)
		}
	}
	slices.SortFunc(whole, order)
	want := whole[min(f.Offset, len(whole)):min(f.Offset+f.Limit, len(whole))]
	if !slices.EqualFunc(want, page, func(a, b referral.Referral) bool { return a.ID == b.ID }) || more != (len(whole) > f.Offset+f.Limit) {
		t.Fatalf("%s: %d rows, more %v; the cut has %d of %d", what, len(page), more, len(want), len(whole))
	}
}
