// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"sync/atomic"
	"testing"

	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// BenchmarkIntake keeps presealed reports durably, from 16 callers at once,
// without HTTP.
func BenchmarkIntake(b *testing.B) {
	i, p := founded(b)
	published, _ := i.Programmes.Roster(p)
	bodies := make([][]byte, b.N)
	for n := range bodies {
		sub, err := seal.SealSubmission(seal.Tip{
			Roster: published.Roster, Desk: published.Roster.Desks[0].ID, Receipt: seal.NewReceipt(),
			Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "a lorry"},
			Report: seal.Report{Category: "drugs", Language: "en", Text: "a lorry at night"},
		})
		if err != nil {
			b.Fatal(err)
		}
		if bodies[n], err = sub.Encode(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(bodies[0])))
	b.SetParallelism(8) // times GOMAXPROCS
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := bodies[next.Add(1)-1]
			if _, err := i.Intake.Submit(b.Context(), p, report.ChannelWeb, body); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
