// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"golang.org/x/mod/sumdb/note"
)

// TestAReporterGetsProofThatTheLogContinues takes a checkpoint as a reporter
// saw it, lets the log grow, and checks what the portal answers.
func TestAReporterGetsProofThatTheLogContinues(t *testing.T) {
	i, p := founded(t)
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	verifier, err := note.NewVerifier(i.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	running, err := i.Listen(ctx, slog.New(slog.DiscardHandler), "portal")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	open := func(signed []byte) ledger.Checkpoint {
		t.Helper()
		c, _, err := ledger.OpenCheckpoint(signed, verifier)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	signed, err := i.Ledger.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := open(signed)
	for n := range 5 {
		err := i.Tx.Do(t.Context(), func(_ context.Context, rec *tx.Recorder) error {
			rec.Entry(tx.Entry{Programme: p, Kind: "audit", Payload: fmt.Appendf(nil, `{"n":%d}`, n)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(body string) (int, []byte) {
		t.Helper()
		res, err := http.Post("http://"+running.Addr("portal")+"/api/log", "application/json", bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, answer
	}
	status, answer := ask(fmt.Sprintf(`{"size":%d}`, before.Size))
	var proof struct {
		Checkpoint string   `json:"checkpoint"`
		Hashes     [][]byte `json:"hashes"`
	}
	if err := json.Unmarshal(answer, &proof); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, answer, err)
	}
	now := open([]byte(proof.Checkpoint))
	c := ledger.Consistency{Earlier: before.Size, Later: now.Size, Hashes: proof.Hashes}
	if err := c.Verify(before, now); err != nil || now.Size <= before.Size {
		t.Errorf("from %d to %d: %v", before.Size, now.Size, err)
	}
	forked := before
	forked.Root[0] ^= 1
	if err := c.Verify(forked, now); err == nil {
		t.Error("the proof also holds for another log")
	}
	for _, bad := range []string{`{"size":-1}`, `{"size":1000000}`, `{"size":"x"}`, `{}x`, `{"size":1,"more":2}`} {
		if status, answer := ask(bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, status, answer)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
