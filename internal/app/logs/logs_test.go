// SPDX-License-Identifier: AGPL-3.0-or-later

package logs_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app/logs"
)

func TestOnlyTheAllowListPasses(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(logs.NewPortal(slog.NewTextHandler(&out, nil)))
	marker := "marker-4711"
	log.With("addr", marker, "act", "submit").WithGroup("request").Info("done",
		"status", 201, "path", marker, "err", errors.New(marker), "user_agent", marker,
		slog.Group("kind", "x", marker), "programme", slog.AnyValue(struct{ S string }{marker}))
	line := out.String()
	if strings.Contains(line, marker) {
		t.Fatalf("leaked: %s", line)
	}
	for _, want := range []string{"act=submit", "status=201", "msg=done"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is missing in %s", want, line)
		}
	}
}

func TestTimesAreCutToTheHour(t *testing.T) {
	var out bytes.Buffer
	slog.New(logs.NewPortal(slog.NewTextHandler(&out, nil))).Info("x")
	if !strings.Contains(out.String(), ":00:00.000Z") {
		t.Fatalf("a finer time is in %s", out.String())
	}
}
