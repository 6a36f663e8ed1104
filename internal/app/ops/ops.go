// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ops is the listener for those who run the machine: health and
// metrics. A counter that is read every few seconds is a clock, so what
// strangers do at the portal is counted here in whole hours that are over, and
// the runtime's own counters, which move with each visit, are left out.
//
// It must never be open to the world, and never show a finer time than that.
package ops

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

// Meter counts what the sites do. It is safe for concurrent use.
type Meter struct {
	clock    clock.Clock
	registry *prometheus.Registry
	desk     *prometheus.CounterVec
	portal   *prometheus.CounterVec

	mu      sync.Mutex
	hour    clock.Hour
	pending map[[2]string]float64
}

// New returns a Meter.
func New(c clock.Clock) *Meter {
	m := &Meter{
		clock: c, registry: prometheus.NewRegistry(), hour: clock.HourOf(c.Now()), pending: map[[2]string]float64{},
		desk:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "turnstone_desk_requests_total", Help: "Requests to the desk by status."}, []string{"status"}),
		portal: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "turnstone_portal_requests_total", Help: "Requests to the portal by status and whether they changed something, in whole hours that are over."}, []string{"status", "change"}),
	}
	start := prometheus.NewGauge(prometheus.GaugeOpts{Name: "turnstone_start_time_seconds", Help: "When this process started."})
	start.Set(float64(c.Now().Unix()))
	m.registry.MustRegister(m.desk, m.portal, start)
	return m
}

// Desk counts the requests of the desk.
func (m *Meter) Desk(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &status{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(s, r)
		m.desk.WithLabelValues(strconv.Itoa(s.code)).Inc()
	})
}

// Portal counts the requests of the portal, to be shown when their hour is over.
func (m *Meter) Portal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &status{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(s, r)
		change := "no"
		if r.Method == http.MethodPost {
			change = "yes"
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.turn()
		m.pending[[2]string{strconv.Itoa(s.code), change}]++
	})
}

// turn shows what was counted in hours that are over. The caller holds mu.
func (m *Meter) turn() {
	now := clock.HourOf(m.clock.Now())
	if now == m.hour {
		return
	}
	for labels, n := range m.pending {
		m.portal.WithLabelValues(labels[0], labels[1]).Add(n)
	}
	clear(m.pending)
	m.hour = now
}

// Handler serves /metrics and /healthz; healthy answers whether the
// installation can keep a report.
func (m *Meter) Handler(healthy func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.turn()
		m.mu.Unlock()
		metrics.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := healthy(ctx); err != nil {
			http.Error(w, "not healthy: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("healthy\n")) // the asker left: nobody to tell
	})
	return mux
}

// status remembers the status code of an answer.
type status struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
