// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAProgrammeAsksItsOwnQuestions gives one programme a folder of its own in
// which a category has another name, and looks at the form.
func TestAProgrammeAsksItsOwnQuestions(t *testing.T) {
	i, _ := founded(t)
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	dir := t.TempDir()
	own := filepath.Join(dir, "north-sea-line")
	if err := os.CopyFS(own, os.DirFS("../programme/questionnaires")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(own, "drugs.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(text, []byte("Illegal drugs"), []byte("Drugs at sea"), 1)
	if bytes.Equal(changed, text) {
		t.Fatal("the case changes nothing")
	}
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	form := func() string {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		running, err := i.Listen(ctx, slog.New(slog.DiscardHandler), "portal")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- running.Run(ctx) }()
		res, err := http.Get("http://" + running.Addr("portal") + "/en/report")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if page := form(); !strings.Contains(page, "Illegal drugs") {
		t.Error("the questions that come with the binary are not asked")
	}
	i.Config.Portal.Questionnaires = dir
	if page := form(); !strings.Contains(page, "Drugs at sea") || strings.Contains(page, "Illegal drugs") {
		t.Error("the programme's own questions are not asked")
	}
	if err := os.WriteFile(file, []byte("questions: 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Listen(t.Context(), slog.New(slog.DiscardHandler), "portal"); err == nil || !strings.Contains(err.Error(), "north-sea-line") {
		t.Errorf("a broken questionnaire lets the portal start: %v", err)
	}
}
