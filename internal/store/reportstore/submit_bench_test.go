// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/store/slotstore"
)

// oneDesk is the report.Keys of a programme with one desk.
type oneDesk id.ID

func (k oneDesk) Sealed(context.Context, id.ID, report.Hash) ([]id.ID, error) {
	return []id.ID{id.ID(k)}, nil
}

// BenchmarkSubmit sends reports that were sealed before over HTTP from 16
// clients to a server in the same process, through the room, the slots and the
// database, and waits for each until it is durable.
func BenchmarkSubmit(b *testing.B) {
	h := openHouse(b, filepath.Join(b.TempDir(), "bench.db"))
	slots, err := slotstore.Open(filepath.Join(b.TempDir(), "slots"), "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = slots.Close() })
	bodies, programme, desk := sealed(b, b.N)
	intake := &report.Intake{
		Store: h, Marks: h, Keys: oneDesk(desk), Slots: slots, Tx: h.runner, Clock: clock.System{},
		Pepper: func(use string, token []byte) [32]byte {
			m := hmac.New(sha256.New, []byte("pepper"))
			m.Write(append([]byte(use+"\x00"), token...))
			return [32]byte(m.Sum(nil))
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = intake.Submit(r.Context(), programme, report.ChannelWeb, body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}))
	b.Cleanup(server.Close)
	took := make([]time.Duration, len(bodies))
	b.ResetTimer()
	send(b, server.URL, bodies, took)
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(len(bodies))/b.Elapsed().Seconds(), "reports/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// sealed seals n reports to one desk.
func sealed(b *testing.B, n int) (bodies [][]byte, programme, desk id.ID) {
	b.Helper()
	identity, err := seal.NewIdentity()
	if err != nil {
		b.Fatal(err)
	}
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	name := map[string]string{"en": "Line"}
	r := seal.Roster{
		Programme: id.New(), Slug: "line", Name: name, Number: 1, Recovery: identity.Recipient(), Log: "log",
		ValidFrom: now.Add(-time.Hour), ValidUntil: now.Add(time.Hour),
		Desks: []seal.RosterDesk{{ID: id.New(), Slug: "line", Name: name, Organisation: name, Recipient: identity.Recipient()}},
	}
	signed, err := seal.SignRoster(r, key)
	if err != nil {
		b.Fatal(err)
	}
	roster, err := signed.Verify(public, now, 0)
	if err != nil {
		b.Fatal(err)
	}
	for range n {
		sub, err := seal.SealSubmission(seal.Tip{
			Roster: roster, Desk: r.Desks[0].ID, Receipt: seal.NewReceipt(),
			Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "a lorry"},
			Report: seal.Report{Language: "en", Category: "drugs", Questionnaire: "1", Text: "a lorry at night"},
		})
		if err != nil {
			b.Fatal(err)
		}
		body, err := sub.Encode()
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return bodies, r.Programme, r.Desks[0].ID
}

// send posts every body once, from 16 clients.
func send(b *testing.B, url string, bodies [][]byte, took []time.Duration) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(bodies) {
					return
				}
				start := time.Now()
				res, err := client.Post(url, "application/octet-stream", bytes.NewReader(bodies[i]))
				if err != nil {
					b.Error(err)
					return
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusCreated {
					b.Errorf("answered %s", res.Status)
				}
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
}
