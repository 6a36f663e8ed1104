// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/bench"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// attempt is one report that a client tried to send.
type attempt struct {
	receipt      seal.Receipt
	text         string
	acknowledged bool
}

// TestKilledServersLoseNothing kills a serving process in the middle of its
// work, again and again: every report that was acknowledged is there in whole
// afterwards, and every other one is there in whole or not at all.
func TestKilledServersLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds: not with -short")
	}
	dir := t.TempDir()
	portal, path := installation(t, dir)
	var all []attempt
	for round := range 6 {
		server := serving(t, path, portal)
		client, err := bench.Visit(t.Context(), portal, 8)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan []attempt)
		var answered atomic.Int64
		for range 8 {
			go func() { results <- sendUntil(ctx, client, &answered) }()
		}
		for deadline := time.Now().Add(time.Minute); answered.Load() < 20 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		if err := server.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cancel()
		for range 8 {
			all = append(all, <-results...)
		}
		_ = server.Wait() // it was killed
		t.Logf("round %d: %d attempts so far", round, len(all))
	}
	server := serving(t, path, portal)
	defer func() {
		if err := server.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := server.Wait(); err != nil {
			t.Errorf("a graceful stop ended with %v", err)
		}
	}()
	openAll(t, portal, all)
}

// openAll opens every mailbox.
func openAll(t *testing.T, portal string, all []attempt) {
	t.Helper()
	client, err := bench.Visit(t.Context(), portal, 1)
	if err != nil {
		t.Fatal(err)
	}
	kept, unsaid := 0, 0
	for _, a := range all {
		box, err := client.Open(t.Context(), a.receipt)
		var refusal *bench.Refusal
		switch {
		case errors.As(err, &refusal) && refusal.Status == http.StatusNotFound:
			if a.acknowledged {
				t.Errorf("an acknowledged report is lost")
			}
			continue
		case err != nil:
			t.Fatal(err)
		}
		if err := client.Compare(box, a.receipt, a.text); err != nil {
			t.Errorf("a report is there in part: %v", err)
		}
		kept++
		if !a.acknowledged {
			unsaid++
		}
	}
	if kept < 50 {
		t.Errorf("only %d reports were kept: the test shows nothing", kept)
	}
	t.Logf("%d attempts, %d kept, %d of them not acknowledged", len(all), kept, unsaid)
}

// sendUntil sends reports until ctx ends or the server dies.
func sendUntil(ctx context.Context, client *bench.Client, answered *atomic.Int64) []attempt {
	var out []attempt
	for n := 0; ctx.Err() == nil; n++ {
		a := attempt{receipt: seal.NewReceipt(), text: bench.Words(n)}
		body, err := client.Seal(n, a.receipt, a.text)
		if err != nil {
			return out
		}
		err = client.Submit(ctx, body)
		a.acknowledged = err == nil
		out = append(out, a)
		if err != nil {
			return out
		}
		answered.Add(1)
	}
	return out
}

// installation founds one in dir and returns the portal's address and the path
// of its configuration.
func installation(t *testing.T, dir string) (portal, path string) {
	t.Helper()
	listen := [3]string{freePort(t), freePort(t), freePort(t)}
	path = filepath.Join(dir, "turnstone.toml")
	text := fmt.Sprintf("[portal]\nlisten = %q\n[desk]\nlisten = %q\n[ops]\nlisten = %q\n", listen[0], listen[1], listen[2])
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("turnstone", "init", "-c", path, "--programme", "../../internal/app/demo/programme.yaml", "--offline", filepath.Join(dir, "offline"), "--admin", "anna").CombinedOutput()
	if err != nil {
		t.Fatalf("init: %v\n%s", err, out)
	}
	return "http://" + listen[0], path
}

// serving starts `turnstone serve` and waits until it answers.
func serving(t *testing.T, path, portal string) *exec.Cmd {
	t.Helper()
	var mu sync.Mutex
	return servingTo(t, path, portal, writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		t.Logf("server: %s", p)
		return len(p), nil
	}))
}

// servingTo is serving with what the server prints going to out.
func servingTo(t *testing.T, path, portal string, out io.Writer) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("turnstone", "serve", "-c", path)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		if _, err := bench.Visit(t.Context(), portal, 1); err == nil {
			return cmd
		} else if time.Now().After(deadline) {
			t.Fatalf("the server does not answer: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// freePort finds a port that nobody listens on. It lies below those that systems
// hand out by themselves, so that no connection of another test takes it before
// the server does, or while the server is being restarted.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }
