// SPDX-License-Identifier: AGPL-3.0-or-later

// Package bench measures a running portal from outside as an honest client: it
// seals real reports to the roster that it is offered, submits them over HTTP,
// then opens every mailbox and compares what it finds with what it sent.
//
// It must never send traffic to anything but the address that it was given,
// nor count a report as kept that it has not opened again.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// Intake says what to send.
type Intake struct {
	Portal    string // address, with the programme's path if there is one
	Clients   int
	Reports   int
	Presealed bool    // seal everything before the clock starts
	NoScript  bool    // send the form in clear, as a browser without script does
	Rate      float64 // submissions a second over all clients; 0 is as fast as possible
	Progress  func(done int)
}

// Result is what came of it.
type Result struct {
	Kept      int // acknowledged
	Refused   int // answered with an error: the sender knows
	Lost      int // acknowledged, and not there, or not the same, afterwards
	Sending   time.Duration
	Latencies []time.Duration // of submissions, sorted
	Opening   []time.Duration // of mailboxes, sorted
	FirstErr  error
}

// PerSecond returns acknowledged reports a second.
func (r Result) PerSecond() float64 { return float64(r.Kept) / r.Sending.Seconds() }

// Percentile returns the p-th percentile (0 to 100) of sorted durations, by
// nearest rank; 0 for none.
func Percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(p/100*float64(len(sorted))+0.9999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// sent is what the client remembers of one report: enough to open its mailbox
// and to see that the words are its own.
type sent struct {
	receipt seal.Receipt
	text    string
	kept    bool
}

type run struct {
	Intake
	client *Client
	spool  *os.File
	offs   []int64 // of the presealed submissions in spool; one more than reports
	sent   []sent

	mu     sync.Mutex
	result Result
}

// Run sends and checks. It returns an error only when it could not begin.
func (in Intake) Run(ctx context.Context) (Result, error) {
	if in.NoScript && in.Presealed {
		return Result{}, errors.New("bench: a form without script is not sealed before it is sent")
	}
	if in.Clients < 1 || in.Reports < 1 {
		return Result{}, errors.New("bench: at least one client and one report")
	}
	client, err := Visit(ctx, in.Portal, in.Clients)
	if err != nil {
		return Result{}, err
	}
	r := &run{Intake: in, sent: make([]sent, in.Reports), client: client}
	for i := range r.sent {
		r.sent[i] = sent{receipt: seal.NewReceipt(), text: Words(i)}
	}
	if in.Presealed {
		if err := r.presealAll(); err != nil {
			return Result{}, err
		}
		defer func() { _ = r.spool.Close() }()
	}
	start := time.Now()
	r.each(func(i int) { r.submit(ctx, start, i) })
	r.result.Sending = time.Since(start)
	r.each(func(i int) { r.open(ctx, i) })
	slices.Sort(r.result.Latencies)
	slices.Sort(r.result.Opening)
	return r.result, nil
}

// each calls do for every report, shared among the clients.
func (r *run) each(do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range r.Clients {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= r.Reports {
					return
				}
				do(i)
				if r.Progress != nil {
					r.Progress(i + 1)
				}
			}
		})
	}
	wg.Wait()
}

// Words makes a plausible tip of one to four sentences that no other report has.
func Words(i int) string {
	parts := []string{
		"A lorry stops behind the old dairy after midnight and four men unload it.",
		"They pay in cash and nobody asks for papers.",
		"The driver is called Mads and the plate begins with BD51.",
		"It has been so every week since the summer.",
	}
	return fmt.Sprintf("%s (%d-%x)", strings.Join(parts[:1+i%4], " "), i, rand.Uint64())
}

func (r *run) presealAll() error {
	spool, err := os.CreateTemp("", "turnstone-bench-*")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	r.spool = spool
	if err := os.Remove(spool.Name()); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	r.offs = []int64{0}
	for i := range r.sent {
		body, err := r.client.Seal(i, r.sent[i].receipt, r.sent[i].text)
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		if _, err := spool.Write(body); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		r.offs = append(r.offs, r.offs[i]+int64(len(body)))
	}
	return nil
}

func (r *run) body(i int) ([]byte, error) {
	if !r.Presealed {
		return r.client.Seal(i, r.sent[i].receipt, r.sent[i].text)
	}
	body := make([]byte, r.offs[i+1]-r.offs[i])
	_, err := r.spool.ReadAt(body, r.offs[i])
	return body, err
}

// submit sends report i when its turn has come. The latency counts from that
// turn, so that a server that stalls can't hide it by slowing the client down.
func (r *run) submit(ctx context.Context, start time.Time, i int) {
	turn := time.Now()
	if r.Rate > 0 {
		turn = start.Add(time.Duration(float64(i) / r.Rate * float64(time.Second)))
		time.Sleep(time.Until(turn))
	}
	err := r.deliver(ctx, i, &turn)
	took := time.Since(turn)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.result.Refused++
		if r.result.FirstErr == nil {
			r.result.FirstErr = err
		}
		return
	}
	r.sent[i].kept = true
	r.result.Kept++
	r.result.Latencies = append(r.result.Latencies, took)
}

// deliver sends report i in the way that was asked for. Sealing is the client's
// own time: the turn begins after it, unless a rate sets the turns.
func (r *run) deliver(ctx context.Context, i int, turn *time.Time) error {
	if r.NoScript {
		return r.client.SubmitForm(ctx, i, r.sent[i].receipt, r.sent[i].text)
	}
	body, err := r.body(i)
	if err != nil {
		return err
	}
	if r.Rate == 0 {
		*turn = time.Now()
	}
	return r.client.Submit(ctx, body)
}

// open opens the mailbox of report i and compares the words.
func (r *run) open(ctx context.Context, i int) {
	if !r.sent[i].kept {
		return
	}
	start := time.Now()
	box, err := r.client.Open(ctx, r.sent[i].receipt)
	took := time.Since(start)
	if err == nil {
		err = r.client.Compare(box, r.sent[i].receipt, r.sent[i].text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Opening = append(r.result.Opening, took)
	if err != nil {
		r.result.Lost++
		if r.result.FirstErr == nil {
			r.result.FirstErr = err
		}
	}
}
