// SPDX-License-Identifier: AGPL-3.0-or-later

package ops_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/ops"
)

type hand struct{ at time.Time }

func (h *hand) Now() time.Time { return h.at }

func scrape(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}

func TestTheHourOfAReportIsNotOverUntilItIs(t *testing.T) {
	clock := &hand{time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC)}
	m := ops.New(clock)
	h := m.Handler(func(context.Context) error { return nil })
	_, before := scrape(t, h, "/metrics")
	portal := m.Portal(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }))
	portal.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/api/submit", nil))
	if _, after := scrape(t, h, "/metrics"); after != before {
		t.Fatalf("the metrics moved with a visit:\n%s\n%s", before, after)
	}
	clock.at = clock.at.Add(50 * time.Minute)
	if _, later := scrape(t, h, "/metrics"); !strings.Contains(later, `turnstone_portal_requests_total{change="yes",status="201"} 1`) {
		t.Fatalf("the visit was never counted:\n%s", later)
	}
}

func TestHealthSaysWhatIsWrong(t *testing.T) {
	m := ops.New(&hand{time.Now()})
	code, text := scrape(t, m.Handler(func(context.Context) error { return errors.New("the disk is full") }), "/healthz")
	if code != http.StatusServiceUnavailable || !strings.Contains(text, "the disk is full") {
		t.Fatalf("%d %s", code, text)
	}
}

func TestDeskIsCountedAtOnce(t *testing.T) {
	m := ops.New(&hand{time.Now()})
	m.Desk(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	if _, text := scrape(t, m.Handler(nil), "/metrics"); !strings.Contains(text, `turnstone_desk_requests_total{status="404"} 1`) {
		t.Fatal(text)
	}
}
