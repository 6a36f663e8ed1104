// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestUnknownAndDeletedReceiptsTakeTheSameTime asks for deleted and for unknown
// mailboxes in turn, many times, over the real store. The medians must be
// indistinguishable beside the spread of a single request.
func TestUnknownAndDeletedReceiptsTakeTheSameTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures times: not with -short")
	}
	i, p := founded(t)
	published, _ := i.Programmes.Roster(p)
	var deleted []seal.Receipt
	for n := range 100 {
		receipt := seal.NewReceipt()
		sub, err := seal.SealSubmission(seal.Tip{
			Roster: published.Roster, Desk: published.Roster.Desks[0].ID, Receipt: receipt,
			Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "x"},
			Report: seal.Report{Category: "drugs", Language: "en", Text: "x"},
		})
		if err != nil {
			t.Fatal(err)
		}
		body, err := sub.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Intake.Submit(t.Context(), p, report.ChannelWeb, body); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			if err := i.Intake.Delete(t.Context(), p, receipt.Login()); err != nil {
				t.Fatal(err)
			}
			deleted = append(deleted, receipt)
		}
	}
	ask := func(login []byte) (time.Duration, string) {
		start := time.Now()
		_, err := i.Intake.Open(t.Context(), p, login)
		took := time.Since(start)
		if fault.KindOf(err) != fault.NotFound {
			t.Fatalf("err = %v", err)
		}
		return took, fault.PublicOf(err)
	}
	var gone, never []time.Duration
	for n := range 4000 {
		a, saidA := ask(deleted[n%len(deleted)].Login())
		b, saidB := ask(seal.NewReceipt().Login())
		if saidA != saidB {
			t.Fatalf("deleted says %q, unknown %q", saidA, saidB)
		}
		gone, never = append(gone, a), append(never, b)
	}
	slices.Sort(gone)
	slices.Sort(never)
	median := func(d []time.Duration) time.Duration { return d[len(d)/2] }
	spread := never[len(never)*3/4] - never[len(never)/4]
	difference := (median(gone) - median(never)).Abs()
	t.Logf("deleted %v, unknown %v, spread of one request %v", median(gone), median(never), spread)
	if difference > spread {
		t.Errorf("the medians differ by %v, more than one request varies (%v)", difference, spread)
	}
}
