// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// send seals one report to the first desk and submits it.
func send(t testing.TB, i *app.Installation, p id.ID, danger bool) id.ID {
	t.Helper()
	published, _ := i.Programmes.Roster(p)
	sub, err := seal.SealSubmission(seal.Tip{
		Roster: published.Roster, Desk: published.Roster.Desks[0].ID, Danger: danger, Receipt: seal.NewReceipt(),
		Cover:  seal.Cover{Category: "drugs", Language: "en", Urgency: seal.UrgencyNone, Words: "a lorry"},
		Report: seal.Report{Category: "drugs", Language: "en", Text: "a lorry at night"},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := sub.Encode()
	if err != nil {
		t.Fatal(err)
	}
	rep, err := i.Intake.Submit(t.Context(), p, report.ChannelWeb, body)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestAnArrivalAlertsWithoutContent(t *testing.T) {
	heard := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		heard <- string(body)
	}))
	defer hook.Close()
	i, p := founded(t)
	i.Config.Alerts.Webhook = hook.URL
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	running, err := i.Listen(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	for _, danger := range []bool{false, true} {
		rep := send(t, i, p, danger)
		select {
		case got := <-heard:
			if strings.Contains(got, rep.String()) || strings.Contains(got, "lorry") {
				t.Errorf("the alert says too much: %s", got)
			}
			if strings.Contains(got, `"danger"`) != danger {
				t.Errorf("danger is %v, the alert says %s", danger, got)
			}
		case <-time.After(time.Minute):
			t.Fatal("nobody was alerted")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// hand is a clock that a test sets.
type hand struct{ at time.Time }

func (h *hand) Now() time.Time { return h.at }

func TestArrivalsAreLoggedWhenTheirHourIsOver(t *testing.T) {
	clock := &hand{time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC)}
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	i, err := app.OpenOrMake(t.Context(), c, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}()
	file, err := app.ReadProgramme("demo/programme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := i.Found(t.Context(), app.Founding{Programme: file, Offline: t.TempDir(), Handle: "anna", Keepers: 3, Threshold: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		send(t, i, f.Programme.ID, false)
	}
	logged := func() []ledger.Row {
		t.Helper()
		if err := i.LogArrivals(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := i.Ledger.Find(t.Context(), ledger.Query{Programme: f.Programme.ID, Kind: "arrivals", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	if rows := logged(); len(rows) != 0 {
		t.Fatalf("the hour is not over, and %d entries tell of it", len(rows))
	}
	clock.at = clock.at.Add(time.Hour)
	send(t, i, f.Programme.ID, false)
	for range 2 { // a second look adds nothing
		rows := logged()
		if len(rows) != 1 {
			t.Fatalf("%d entries, want one for the one hour that is over", len(rows))
		}
		var said struct {
			Hour  int64  `json:"hour"`
			Count int    `json:"count"`
			Sum   string `json:"sha256"`
		}
		if err := json.Unmarshal(rows[0].Payload, &said); err != nil {
			t.Fatal(err)
		}
		if said.Count != 3 || said.Hour != clock.at.Unix()/3600-1 || len(said.Sum) != 64 {
			t.Fatalf("the entry says %+v", said)
		}
	}
}

func TestEachReleaseOfTheScriptsIsInTheLogOnce(t *testing.T) {
	i, _ := founded(t)
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // three starts of the same binary
		if err := i.LogScripts(t.Context(), assets); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := i.Ledger.Find(t.Context(), ledger.Query{Kind: "script", Limit: 10})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d entries, %v; want one", len(rows), err)
	}
	form, ok := assets.Get("portal-report.js")
	if !ok || !strings.Contains(string(rows[0].Payload), `"portal-report.js":"`+form.SHA256+`"`) {
		t.Fatalf("the form's script is not in %s", rows[0].Payload)
	}
}
