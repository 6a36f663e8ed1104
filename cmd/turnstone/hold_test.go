// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app/bench"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestAHeldReportCantBeDeletedAndSaysSo holds a report while its server runs,
// tries to delete it as its reporter would, and ends the hold.
func TestAHeldReportCantBeDeletedAndSaysSo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	portal, path := installation(t, t.TempDir())
	server := serving(t, path, portal)
	defer func() {
		if err := server.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = server.Wait() // it was killed
	}()
	client, err := bench.Visit(t.Context(), portal, 1)
	if err != nil {
		t.Fatal(err)
	}
	receipt := seal.NewReceipt()
	body, err := client.Seal(0, receipt, "The books are kept twice.")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Submit(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	box, err := client.Open(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	hold := func(args ...string) (string, error) {
		out, err := exec.Command("turnstone", append([]string{"hold", "-c", path}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := hold(box.Report.String(), "--reason", " "); err == nil {
		t.Errorf("held without a reason: %s", out)
	}
	if out, err := hold(strings.Repeat("0", 32), "--reason", "order 17"); err == nil {
		t.Errorf("held what is not there: %s", out)
	}
	if out, err := hold(box.Report.String(), "--reason", "order 17"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var refusal *bench.Refusal
	if err := client.Delete(t.Context(), receipt); !errors.As(err, &refusal) || refusal.Status != http.StatusLocked || !strings.Contains(refusal.Body, "makes us keep") {
		t.Errorf("deleting what is held: %v", err)
	}
	if out, err := hold(box.Report.String(), "--reason", "order lifted", "--end"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := client.Delete(t.Context(), receipt); err != nil {
		t.Errorf("after the hold: %v", err)
	}
}
