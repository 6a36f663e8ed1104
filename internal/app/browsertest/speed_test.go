// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
)

// film makes a film of about so many MiB out of noise.
func film(tb testing.TB, mib int) (path string, size int64) {
	tb.Helper()
	tool, err := exec.LookPath("ffmpeg")
	if err != nil {
		tb.Skip("there is no ffmpeg on this machine: `make setup` installs it")
	}
	noise, err := os.Open("/dev/urandom")
	if err != nil {
		tb.Skip("no noise here")
	}
	defer func() { _ = noise.Close() }()
	path = filepath.Join(tb.TempDir(), "film.mp4")
	cmd := exec.CommandContext(tb.Context(), tool, "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1280x720", "-r", "25", "-i", "-",
		"-c:v", "mjpeg", "-q:v", "2", "-fs", strconv.Itoa(mib<<20), "-y", path)
	cmd.Stdin = noise
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return path, info.Size()
}

// renderer returns how many bytes of memory the browser's page processes have
// of their own: what they share is counted in parts.
func (b *browser) renderer() int64 {
	b.t.Helper()
	all, err := chromedp.CallBrowser(b.ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	var most int64
	for _, p := range all.ProcessInfo {
		if p.Type != "renderer" {
			continue
		}
		rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.ID))
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(rollup)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
				if err == nil {
					most = max(most, kib<<10)
				}
			}
		}
	}
	return most
}

// busy returns how many seconds processors have worked for the browser and for
// this process, which is the server.
func (b *browser) busy() float64 {
	b.t.Helper()
	all, err := chromedp.CallBrowser(b.ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		b.t.Fatal(err)
	}
	sum := time.Duration(own.Utime.Nano() + own.Stime.Nano()).Seconds()
	for _, p := range all.ProcessInfo {
		sum += p.CPUTime
	}
	return sum
}

// BenchmarkAFilmFromTheBrowser measures from the choice of a file in a browser
// until its ciphertext is durable and its manifest in the conversation, and
// what the page's process needs for it. TURNSTONE_BENCH_FILM says how many MiB
// the film has.
func BenchmarkAFilmFromTheBrowser(tb *testing.B) {
	needsCleaning(tb)
	mib := 100
	if n, err := strconv.Atoi(os.Getenv("TURNSTONE_BENCH_FILM")); err == nil {
		mib = n
	}
	path, size := film(tb, mib)
	h := open(tb)
	b := newBrowser(tb, mode{})
	b.tell(h, "en", "drugs", "A long film.")
	b.until(`!document.querySelector('#files').hidden`)
	empty := b.renderer()
	var peak atomic.Int64
	busyBefore := b.busy()
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(250 * time.Millisecond); ; {
			select {
			case <-tick.C:
				peak.Store(max(peak.Load(), b.renderer()))
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	tb.SetBytes(size)
	n := 0
	for tb.Loop() {
		n++
		b.do(chromedp.SetUploadFiles("#file-input", []string{path}))
		for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
			state := get[string](b, fmt.Sprintf(`document.querySelector('.ts-file:nth-child(%d)')?.dataset.state || ''`, n))
			if state == "safe" {
				break
			}
			if state == "ended" || time.Now().After(deadline) {
				tb.Fatalf("it was not sent: %s", get[string](b, `document.querySelector('#file-list').textContent`))
			}
		}
	}
	close(stop)
	<-stopped
	// On a machine that others use, what the processors did says more than the clock.
	tb.ReportMetric((b.busy()-busyBefore)/float64(n)/(float64(size)/(100<<20)), "processor-s/100MiB")
	tb.ReportMetric(float64(empty>>20), "MiB-before")
	tb.ReportMetric(float64(peak.Load()>>20), "MiB-peak")
}
