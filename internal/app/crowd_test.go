// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestACrowdWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, most atomic.Int64
		h := crowd(3, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			most.Store(max(most.Load(), inside.Add(1)))
			time.Sleep(time.Second)
			inside.Add(-1)
			w.WriteHeader(http.StatusCreated)
		}))
		var wg sync.WaitGroup
		var created, later atomic.Int64
		for range 100 {
			wg.Go(func() {
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/api/submit", nil))
				switch rec.Code {
				case http.StatusCreated:
					created.Add(1)
				case http.StatusServiceUnavailable:
					later.Add(1)
				}
			})
		}
		synctest.Wait()
		rec := httptest.NewRecorder()
		start := time.Now()
		crowd(1, http.NotFoundHandler()).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
		if time.Since(start) != 0 {
			t.Error("reading was held up")
		}
		wg.Wait()
		if most.Load() != 3 {
			t.Errorf("%d were inside at once, want 3", most.Load())
		}
		// Three a second for twenty seconds, and those who were let in last.
		if created.Load() < 60 || created.Load()+later.Load() != 100 || later.Load() == 0 {
			t.Errorf("%d were kept and %d asked to try again", created.Load(), later.Load())
		}
	})
}

// A form with files may come for longer than the server waits for any other,
// as long as something of it comes.
func TestALongFormMayTakeItsTime(t *testing.T) {
	const wait = time.Second
	read := make(chan error, 1)
	server := httptest.NewUnstartedServer(crowd(32, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err == nil && n != longBody+1 {
			err = fmt.Errorf("%d bytes came", n)
		}
		read <- err
		w.WriteHeader(http.StatusCreated)
	})))
	server.Config.ReadTimeout, server.Config.WriteTimeout = wait, wait
	server.Start()
	defer server.Close()
	body, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = longBody + 1
	go func() {
		half := make([]byte, longBody/2)
		_, err := w.Write(half)
		<-time.After(3 * wait / 2) // longer than the server waits
		if err == nil {
			_, err = w.Write(append(half, 0))
		}
		w.CloseWithError(err)
	}()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if err := <-read; err != nil || res.StatusCode != http.StatusCreated {
		t.Errorf("a slow form: %d, %v", res.StatusCode, err)
	}
}

// Forms with files that never end hold up forms with files, and nobody else.
func TestLongFormsStandInNobodysWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		h := crowd(32, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/en/report" {
				<-ended
			}
			w.WriteHeader(http.StatusCreated)
		}))
		var wg sync.WaitGroup
		var later atomic.Int64
		for range 40 {
			wg.Go(func() {
				rec := httptest.NewRecorder()
				r := httptest.NewRequest(http.MethodPost, "/en/report", nil)
				r.ContentLength = 100 << 20
				h.ServeHTTP(rec, r)
				if rec.Code == http.StatusServiceUnavailable {
					later.Add(1)
				}
			})
		}
		synctest.Wait()
		rec := httptest.NewRecorder()
		start := time.Now()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/api/submit", nil))
		if rec.Code != http.StatusCreated || time.Since(start) != 0 {
			t.Errorf("a report waited for %v and was answered with %d", time.Since(start), rec.Code)
		}
		time.Sleep(time.Minute)
		if later.Load() != 38 {
			t.Errorf("%d of 40 long forms were asked to try again, two have a turn", later.Load())
		}
		close(ended)
		wg.Wait()
	})
}
