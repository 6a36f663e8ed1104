// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/api"
)

// late is the machine's clock, some time later.
type late time.Duration

func (l late) Now() time.Time { return time.Now().UTC().Add(time.Duration(l)) }

func listening(data, hook string) config.Config {
	c := config.Default()
	c.Data, c.Alerts.Webhook = data, hook
	for _, listen := range []*string{&c.Portal.Listen, &c.Desk.Listen, &c.Ops.Listen, &c.API.Listen} {
		*listen = "127.0.0.1:0"
	}
	return c
}

// TestDangerChild is not a test: it is the process that
// TestKilledServersForgetNoLifeAtRisk kills.
func TestDangerChild(t *testing.T) {
	data := os.Getenv("TURNSTONE_DANGER_DATA")
	if data == "" {
		t.Skip("runs only as a child")
	}
	minutes, err := strconv.Atoi(os.Getenv("TURNSTONE_DANGER_LATE"))
	if err != nil {
		t.Fatal(err)
	}
	now := late(time.Duration(minutes) * time.Minute)
	i, err := app.Open(t.Context(), listening(data, os.Getenv("TURNSTONE_DANGER_HOOK")), now)
	if err != nil {
		t.Fatal(err)
	}
	running, err := i.Listen(t.Context(), slog.New(slog.DiscardHandler), "exchange", "worker")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		fmt.Println("listens", running.Addr("exchange"))
		for {
			due, err := i.Danger.Store.Due(t.Context(), now.Now(), now.Now().Add(24*time.Hour), 1)
			if err == nil && len(due) == 0 {
				fmt.Println("quiet")
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	_ = running.Run(t.Context()) // until it is killed
}

// child is a serving process.
type child struct {
	cmd   *exec.Cmd
	addr  string
	quiet chan struct{}
}

func startChild(t *testing.T, data, hook string, minutes int) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], "-test.run=^TestDangerChild$", "-test.v"), quiet: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), "TURNSTONE_DANGER_DATA="+data, "TURNSTONE_DANGER_HOOK="+hook, "TURNSTONE_DANGER_LATE="+strconv.Itoa(minutes))
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if at, ok := strings.CutPrefix(lines.Text(), "listens "); ok {
				addr <- at
			}
			if lines.Text() == "quiet" {
				close(c.quiet)
			}
		}
	}()
	select {
	case c.addr = <-addr:
	case <-time.After(time.Minute):
		t.Fatal("the child does not listen")
	}
	return c
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
}

// sender sends alerts like a partner's machine: what is not answered is sent
// again, the same as it was.
type sender struct {
	secret []byte
	addr   atomic.Value // string
	sent   atomic.Int64 // answered
}

func (s *sender) send(ctx context.Context, n int) error {
	body := fmt.Appendf(nil, `{"id":"case-%d","text":"simulated"}`, n)
	for {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr.Load().(string)+"/v1/alerts", bytes.NewReader(body)) //nolint:forcetypeassert // only strings are stored
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Turnstone-Source", "platform")
		r.Header.Set("Turnstone-Timestamp", stamp)
		r.Header.Set("Turnstone-Signature", api.Sign(s.secret, stamp, body))
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			if err := res.Body.Close(); err != nil {
				return err
			}
			if res.StatusCode == http.StatusAccepted {
				s.sent.Add(1)
				return nil
			}
			if res.StatusCode != http.StatusServiceUnavailable {
				return fmt.Errorf("alert %d was answered %s", n, res.Status)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// foundSource makes an installation with a source and returns its data
// directory, its programme and the source's secret.
func foundSource(t *testing.T) (data string, programme id.ID, secret []byte) {
	t.Helper()
	c := listening(filepath.Join(t.TempDir(), "data"), "")
	i, err := app.OpenOrMake(t.Context(), c, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := app.ReadProgramme("demo/programme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := i.Found(t.Context(), app.Founding{Programme: file, Offline: t.TempDir(), Handle: "anna", Keepers: 3, Threshold: 2})
	if err != nil {
		t.Fatal(err)
	}
	text, err := i.AddDangerSource("platform", f.Programme.Slug, "line")
	if err != nil {
		t.Fatal(err)
	}
	if secret, err = base64.StdEncoding.DecodeString(text); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Data, f.Programme.ID, secret
}

// TestKilledServersForgetNoLifeAtRisk sends 1,000 alerts to a process that is
// killed in the middle, again and again: every alert that was answered is there
// once, and after the last restart, with everything overdue, every one of them
// is escalated at once.
func TestKilledServersForgetNoLifeAtRisk(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for some seconds: not with -short")
	}
	var rang atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { rang.Add(1) }))
	defer hook.Close()
	data, programme, secret := foundSource(t)
	const all = 1000
	s := &sender{secret: secret}
	c := startChild(t, data, hook.URL, 0)
	s.addr.Store(c.addr)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	faults := make(chan error, 16)
	for lane := range 16 {
		wg.Go(func() {
			for n := lane; n < all; n += 16 {
				if err := s.send(ctx, n); err != nil {
					faults <- err
					return
				}
			}
		})
	}
	for _, at := range []int64{150, 400, 401, 700} {
		for s.sent.Load() < at && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		c.kill(t)
		c = startChild(t, data, hook.URL, 0)
		s.addr.Store(c.addr)
	}
	wg.Wait()
	select {
	case err := <-faults:
		t.Fatal(err)
	default:
	}
	c.kill(t)
	before := rang.Load()
	c = startChild(t, data, hook.URL, 30)
	select {
	case <-c.quiet:
	case <-time.After(30 * time.Second):
		t.Fatal("half a minute after the restart alarms are still overdue")
	}
	c.kill(t)
	if rang.Load() == before {
		t.Error("nobody was called after the restart")
	}
	i, err := app.Open(t.Context(), listening(data, ""), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}()
	kept, err := i.Danger.Store.List(t.Context(), programme, nil, danger.Filter{Limit: 2 * all})
	if err != nil {
		t.Fatal(err)
	}
	seen, silent := map[string]bool{}, 0
	for _, a := range kept {
		seen[a.Reference] = true
		if a.State != danger.Ringing || a.Step < 1 || !a.Due.After(time.Now().Add(29*time.Minute)) {
			silent++
		}
	}
	if len(kept) != all || len(seen) != all || silent > 0 {
		t.Errorf("%d alarms of %d alerts kept, %d not escalated", len(kept), len(seen), silent)
	}
	t.Logf("%d alerts, 5 kills, %d calls", all, rang.Load())
}

func TestSourcesHaveTwoSecretsAtMost(t *testing.T) {
	data, _, first := foundSource(t)
	i, err := app.Open(t.Context(), listening(data, ""), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}()
	for n, want := range []int{2, 2} {
		if _, err := i.AddDangerSource("platform", "", "line"); err != nil {
			t.Fatal(err)
		}
		all, err := app.DangerSources(data)
		if err != nil || len(all) != 1 || len(all[0].Secrets) != want || (n == 0) != bytes.Equal(all[0].Secrets[1], first) {
			t.Errorf("after %d more: %v, %v", n+1, all, err)
		}
	}
	if err := i.RemoveDangerSource("platform", true); err != nil {
		t.Fatal(err)
	}
	if all, err := app.DangerSources(data); err != nil || len(all[0].Secrets) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	info, err := os.Stat(filepath.Join(data, "secret", "danger-sources.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	var faults []error
	for _, bad := range [][3]string{{"Bad Name", "", "line"}, {"x", "nowhere", "line"}, {"x", "", "nodesk"}} {
		_, err := i.AddDangerSource(bad[0], bad[1], bad[2])
		faults = append(faults, err)
	}
	if faults[0] == nil || faults[1] == nil || faults[2] == nil || i.RemoveDangerSource("nobody", false) == nil {
		t.Errorf("bad input was taken: %v", errors.Join(faults...))
	}
	if err := i.RemoveDangerSource("platform", false); err != nil {
		t.Fatal(err)
	}
	if all, err := app.DangerSources(data); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
