// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mostBytes is how long all files of a directory may be together (docs/directory.md).
const mostBytes = 256 << 20

// A million services are refused in every form that a directory may have, with a
// sentence that says how many may be, before they fill the memory; nothing of
// them is kept.
func TestAMillionServicesAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some hundred megabytes: not with -short")
	}
	dir := t.TempDir()
	_, path := installation(t, dir)
	const million = 1_000_000
	rows := func(w io.Writer) {
		fmt.Fprintln(w, "id,name,status")
		for n := range million {
			fmt.Fprintf(w, "%d,Service %d,active\n", n, n)
		}
	}
	whole := filepath.Join(dir, "whole")
	check(t, os.Mkdir(whole, 0o700))
	check(t, os.WriteFile(filepath.Join(whole, "services.csv"), []byte("id,name,status\n1,Service 1,active\n"), 0o600))
	check(t, os.WriteFile(filepath.Join(whole, "addresses.csv"), nil, 0o600))
	check(t, os.Truncate(filepath.Join(whole, "addresses.csv"), mostBytes)) // a hole: no disk is filled
	for name, tc := range map[string]struct {
		file   string
		write  func(io.Writer)
		says   string
		memory int64 // MiB at most
	}{
		"a table":  {"services.csv", rows, "more than 250000 services", 600},
		"a bundle": {"tables.zip", func(w io.Writer) { zipped(t, w, rows) }, "more than 250000 services", 600},
		"JSON": {"services.json", func(w io.Writer) {
			for n := range million {
				fmt.Fprintf(w, "%s{\"id\":\"%d\",\"name\":\"Service %d\",\"status\":\"active\"}", map[bool]string{true: `{"services":[`, false: ","}[n == 0], n, n)
			}
			fmt.Fprint(w, "]}")
		}, "more than 250000 services", 600},
		"a bomb": {"bomb.zip", func(w io.Writer) {
			zipped(t, w, func(w io.Writer) {
				fmt.Fprintln(w, "id,name,status")
				row := strings.Repeat("0", 1<<16) + "\n"
				for range 4 * mostBytes / len(row) {
					_, _ = io.WriteString(w, row) // checked where the file is closed
				}
			})
		}, "when unpacked", 1200},
		"a folder": {"whole", nil, "at most 64 and 268435456", 100},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, tc.file)
			if tc.write != nil {
				written(t, file, tc.write)
			}
			cmd := exec.Command("turnstone", "directory", "import", "-c", path, "--source", "town", "--accept-problems", file)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), tc.says) || !strings.Contains(string(out), "Nothing was read of it.") {
				t.Errorf("%v: %.500s", err, out)
			}
			peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024
			t.Logf("%d MiB, %v of the processor", peak, cmd.ProcessState.UserTime())
			if peak > tc.memory && !raceDetector {
				t.Errorf("it took %d MiB of memory, at most %d", peak, tc.memory)
			}
		})
	}
	out, err := exec.Command("turnstone", "directory", "list", "-c", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "Service 1") || !strings.Contains(string(out), "Samaritans") {
		t.Errorf("something was kept: %v\n%.500s", err, out)
	}
}

// zipped writes a bundle with one table.
func zipped(t *testing.T, w io.Writer, rows func(io.Writer)) {
	t.Helper()
	z := zip.NewWriter(w)
	f, err := z.Create("services.csv")
	check(t, err)
	b := bufio.NewWriterSize(f, 1<<20)
	rows(b)
	check(t, b.Flush())
	check(t, z.Close())
}

func written(t *testing.T, file string, write func(io.Writer)) {
	t.Helper()
	f, err := os.Create(file)
	check(t, err)
	b := bufio.NewWriterSize(f, 1<<20)
	write(b)
	check(t, b.Flush())
	check(t, f.Close())
}
