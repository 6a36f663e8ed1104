// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app/bench"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// TestRecoveryKeepersOpenWhatNobodyElseCan goes the way of the worst day: the
// desk is gone, and three of five keepers open a report on another machine.
func TestRecoveryKeepersOpenWhatNobodyElseCan(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server: not with -short")
	}
	dir := t.TempDir()
	portal, path := installation(t, dir)
	server := serving(t, path, portal)
	client, err := bench.Visit(t.Context(), portal, 1)
	if err != nil {
		t.Fatal(err)
	}
	receipt := seal.NewReceipt()
	body, err := client.Seal(0, receipt, "A ledger lies under the third stair.")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Submit(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	photo := []byte("a photo of the third stair")
	if err := client.SendFile(t.Context(), receipt, seal.File{Name: "stair.jpg", Media: "image/jpeg"}, photo); err != nil {
		t.Fatal(err)
	}
	box, err := client.Open(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Fatal(err)
	}
	export := filepath.Join(dir, "report.zip")
	if out, err := exec.Command("turnstone", "export", box.Report.String(), "-c", path, "--out", export).CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
	share := func(n string) string {
		return "--share=" + filepath.Join(dir, "offline", "north-sea-line", "recovery-share-"+n+".txt")
	}
	kept := filepath.Join(dir, "kept")
	out, err := exec.Command("turnstone", "unseal", "--in", export, "--out", kept, share("1"), share("4"), share("5")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "under the third stair") {
		t.Fatalf("three keepers: %v\n%s", err, out)
	}
	if got, err := os.ReadFile(filepath.Join(kept, "files", "02-stair.jpg")); err != nil || !bytes.Equal(got, photo) {
		t.Fatalf("the photo: %q, %v\n%s", got, err, out)
	}
	out, err = exec.Command("turnstone", "unseal", "--in", export, share("2"), share("3")).CombinedOutput()
	if err == nil || strings.Contains(string(out), "third stair") {
		t.Fatalf("two keepers opened it:\n%s", out)
	}
	if err := os.Remove(export); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("turnstone", "export", strings.Repeat("0", 32), "-c", path, "--out", export).CombinedOutput(); err == nil {
		t.Fatalf("a report that is not there was exported:\n%s", out)
	}
}
