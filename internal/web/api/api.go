// SPDX-License-Identifier: AGPL-3.0-or-later

// Package api is the interface for machines, on a listener of its own: signed
// alerts about lives at risk.
//
// It must never answer that something is kept before it is durable, never act
// on a message whose signature does not hold, and never log what a message
// says, nor an address.
//
// A Site is safe for concurrent use.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// MaxBody bounds one message.
const MaxBody = 16 << 10

// Source is somebody who may send alerts.
type Source struct {
	Name      string
	Programme id.ID
	Desk      id.ID
	Secrets   [][]byte // any of them signs
}

// Sources finds a source by its name.
type Sources interface {
	Source(name string) (Source, bool, error)
}

// Alarms opens alarms; danger.Service implements it.
type Alarms interface {
	Open(ctx context.Context, a danger.Alarm) (danger.Alarm, error)
}

// Config is what a Site is made of. All fields are required.
type Config struct {
	Sources Sources
	Alarms  Alarms
	Clock   clock.Clock
	Logger  *slog.Logger
}

// Site is the interface.
type Site struct {
	Config
	pace *pace
}

// New returns a Site.
func New(c Config) *Site { return &Site{Config: c, pace: newPace()} }

// Handler returns the whole site.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/alerts", s.alert)
	mux.HandleFunc("/v1/alerts", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, failure{Error: "Send alerts by POST."})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, failure{Error: "There is nothing here. Alerts go to POST /v1/alerts."})
	})
	return mux
}

// failure is the body of every refusal.
type failure struct {
	Error  string    `json:"error"`
	Fields []Problem `json:"fields,omitempty"`
}

// accepted is the body of every acceptance: the same for the same alert.
type accepted struct {
	Alarm id.ID `json:"alarm"`
}

func answer(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the sender is gone; it will ask again
}

// alert takes one alert. Its answer is 202 only when the alarm is durable.
func (s *Site) alert(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		answer(w, http.StatusUnsupportedMediaType, failure{Error: "Send JSON, with Content-Type: application/json."})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		answer(w, http.StatusRequestEntityTooLarge, failure{Error: "An alert has at most " + strconv.Itoa(MaxBody) + " bytes."})
		return
	case err != nil:
		answer(w, http.StatusBadRequest, failure{Error: "The message broke off."})
		return
	}
	source, known, err := s.Sources.Source(r.Header.Get("Turnstone-Source"))
	if err != nil {
		s.Logger.Error("the sources of alerts can't be read", "err", err)
		s.later(w)
		return
	}
	now := s.Clock.Now()
	if err := verify(source, known, r.Header, body, now); err != nil {
		if known {
			s.Logger.Warn("an alert was refused", "source", source.Name, "why", fault.PublicOf(err))
		}
		answer(w, http.StatusUnauthorized, failure{Error: fault.PublicOf(err)})
		return
	}
	alert, problems := Parse(body)
	if len(problems) > 0 {
		s.Logger.Warn("an alert of a known source is not as it must be", "source", source.Name, "first", problems[0].Field)
		answer(w, http.StatusUnprocessableEntity, failure{Error: "This is signed well, but is no alert. Nothing was kept.", Fields: problems})
		return
	}
	a := danger.OfSource(source.Programme, source.Desk, source.Name, alert, body, now)
	a.Flood = !s.pace.allows(source.Name, now)
	kept, err := s.Alarms.Open(r.Context(), a)
	switch {
	case fault.KindOf(err) == fault.Conflict:
		answer(w, http.StatusConflict, failure{Error: fault.PublicOf(err)})
	case err != nil:
		s.Logger.Error("an alert could not be kept", "source", source.Name, "err", err)
		s.later(w)
	default:
		answer(w, http.StatusAccepted, accepted{Alarm: kept.ID})
	}
}

func (s *Site) later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	answer(w, http.StatusServiceUnavailable, failure{Error: "This could not be kept. Send it again, the same as it is, and call by telephone meanwhile."})
}
