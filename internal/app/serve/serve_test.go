// SPDX-License-Identifier: AGPL-3.0-or-later

package serve_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/serve"
)

func TestRunningRequestsFinish(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-release
		_, _ = io.WriteString(w, "kept")
	})
	ctx, cancel := context.WithCancel(t.Context())
	g, err := serve.Listen(ctx, serve.Site{Name: "portal", Listen: "127.0.0.1:0", Handler: h, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + g.Addr("portal"))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-started
	cancel()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	if got := <-answer; got != "kept" {
		t.Fatalf("the running request got %q", got)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestAPanicNeverLogsTheCaller(t *testing.T) {
	var mu sync.Mutex
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return out.Write(p)
	}), nil))
	g, err := serve.Listen(t.Context(), serve.Site{Name: "portal", Listen: "127.0.0.1:0", Log: log, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("boom")
	})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	res, err := http.Get("http://" + g.Addr("portal"))
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a panic was answered %s, %v", res.Status, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(out.String(), "boom") || strings.Count(out.String(), "127.0.0.1") != 1 {
		t.Fatalf("the log holds more than the listener's own address: %s", out.String())
	}
}

func TestAnOccupiedPortIsNamed(t *testing.T) {
	site := serve.Site{Name: "desk", Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Handler: http.NotFoundHandler()}
	g, err := serve.Listen(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	site.Listen = g.Addr("desk")
	if _, err := serve.Listen(t.Context(), site); err == nil || !strings.Contains(err.Error(), "desk") {
		t.Fatalf("err = %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestAWipedBufferKeepsNothingForTheNextConnection sends a phrase, and then
// opens connections that net/http gives the same buffer.
func TestAWipedBufferKeepsNothingForTheNextConnection(t *testing.T) {
	phrase := []byte("a phrase that nobody may keep")
	buffers := make(chan []byte, 1)
	h := serve.WipeClosing(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Connection", "close")
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
		}
	}))
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			buffers <- serve.Buffer(r)
		}
	})
	g, err := serve.Listen(t.Context(), serve.Site{Name: "portal", Listen: "127.0.0.1:0", Handler: outer, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	res, err := http.Post("http://"+g.Addr("portal"), "text/plain", bytes.NewReader(phrase))
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if buffer := <-buffers; len(buffer) < 1024 || bytes.Contains(buffer, phrase) {
		t.Errorf("a buffer of %d bytes; the phrase is in it: %v", len(buffer), bytes.Contains(buffer, phrase))
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
