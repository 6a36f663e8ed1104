// SPDX-License-Identifier: AGPL-3.0-or-later

// Package doctor says in plain words what is unsafe about an installation and
// what to do about it. It changes nothing, and never prints a secret.
package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/turnstone-project/turnstone/internal/app"
)

// Grade says how bad a finding is.
type Grade string

// The grades, from good to bad.
const (
	Good   Grade = "good"
	Advice Grade = "advice"
	Unsafe Grade = "unsafe"
)

// Finding is one thing that was looked at.
type Finding struct {
	Grade Grade
	What  string // what was found, one sentence
	Do    string // what to do about it; empty when good
}

// lowDisk is how much room must be left for a bad day: some 400,000 reports.
const lowDisk = 10 << 30

// Examine looks at everything and returns what it found, in a fixed order.
func Examine(ctx context.Context, i *app.Installation) []Finding {
	var all []Finding
	all = append(all, listeners(i)...)
	all = append(all, files(i.Config.Data)...)
	all = append(all, machine(i.Config.Data)...)
	all = append(all, database(ctx, i)...)
	return append(all, programmes(i)...)
}

func listeners(i *app.Installation) []Finding {
	var out []Finding
	for name, listen := range map[string]string{"portal": i.Config.Portal.Listen, "desk": i.Config.Desk.Listen} {
		if loopback(listen) {
			out = append(out, Finding{Good, "The " + name + " listens on this machine only; a proxy with a certificate, or an onion service, stands before it.", ""})
			continue
		}
		out = append(out, Finding{
			Unsafe, fmt.Sprintf("The %s listens on %s without encryption.", name, listen),
			"Let it listen on 127.0.0.1 and put a proxy with a certificate, or an onion service, before it. The proxy must not log addresses.",
		})
	}
	if !loopback(i.Config.Ops.Listen) {
		out = append(out, Finding{Unsafe, "Metrics and health are open to the network on " + i.Config.Ops.Listen + ".", "Set ops.listen to 127.0.0.1:8082."})
	}
	if origin, err := url.Parse(i.Config.Desk.Origin); err == nil && origin.Scheme != "https" && origin.Hostname() != "localhost" {
		out = append(out, Finding{Unsafe, "The desk is reached without encryption at " + i.Config.Desk.Origin + ".", "Set desk.origin to an https address."})
	}
	if i.Config.Portal.Onion == "" {
		out = append(out, Finding{Advice, "The portal has no onion address.", "An onion service hides from the network who visits; set portal.onion to its address."})
	}
	return out
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// files looks for what others on the machine can read, and for keys that
// should not be here.
func files(data string) []Finding {
	var open, offline []string
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, rel)
		}
		if strings.HasSuffix(path, "programme.key") || strings.Contains(d.Name(), "recovery-share") {
			offline = append(offline, rel)
		}
		return nil
	})
	var out []Finding
	if err != nil {
		out = append(out, Finding{Unsafe, "The data directory can't be read whole: " + err.Error() + ".", "Run doctor as the user that runs the server."})
	}
	if len(open) > 0 {
		out = append(out, Finding{Unsafe, "Other users of this machine can read " + strings.Join(open, ", ") + ".", "chmod -R go-rwx " + data})
	} else {
		out = append(out, Finding{Good, "Only this user can read the data directory.", ""})
	}
	if len(offline) > 0 {
		out = append(out, Finding{Unsafe, "Keys that belong offline lie on this machine: " + strings.Join(offline, ", ") + ".", "Move them to media that stay away from any network, then delete them here."})
	}
	return out
}

// machine looks at what the operating system may leave of memory, and at room.
func machine(data string) []Finding {
	var out []Finding
	if swaps, err := os.ReadFile("/proc/swaps"); err == nil && strings.Count(string(swaps), "\n") > 1 {
		out = append(out, Finding{
			Unsafe, "This machine swaps memory to disk: what is sent without script could be left there.",
			"Turn swap off (swapoff -a) or encrypt it with a key that dies with the machine.",
		})
	}
	var core unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err == nil && core.Cur > 0 {
		out = append(out, Finding{Advice, "A crash could write memory to a core file.", "Start the server with `ulimit -c 0`, or LimitCORE=0 in its unit."})
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(data, &disk); err == nil {
		free := disk.Bavail * uint64(disk.Bsize)
		if free < lowDisk {
			out = append(out, Finding{Unsafe, fmt.Sprintf("Only %.1f GiB are free for reports.", float64(free)/(1<<30)), "Make room: when the disk is full, new reports are refused. None that was acknowledged is lost."})
		} else {
			out = append(out, Finding{Good, fmt.Sprintf("%.0f GiB are free for reports.", float64(free)/(1<<30)), ""})
		}
	}
	return out
}

func database(ctx context.Context, i *app.Installation) []Finding {
	if err := i.Check(ctx); err != nil {
		return []Finding{{Unsafe, "The database does not fit its log, or the slots their replica: " + err.Error() + ".", "Stop the server, keep a copy of everything, and restore the last good backup."}}
	}
	out := []Finding{{Good, "The database fits the log that it published.", ""}}
	if i.Config.SlotsReplica == "" {
		return append(out, Finding{Advice, "The slots have no replica: losing their file loses every report.", "Set slots_replica to a file on another disk. Never put the slots into backups."})
	}
	return append(out, Finding{Good, "The slots' replica is as they are.", ""})
}

func programmes(i *app.Installation) []Finding {
	var out []Finding
	now := i.Clock.Now()
	for _, p := range i.Programmes.All() {
		published, ok := i.Programmes.Roster(p.ID)
		if !ok {
			out = append(out, Finding{Unsafe, "The programme " + p.Slug + " has no signed roster: nobody can report to it.", "Sign one with `turnstone roster sign` and upload it."})
			continue
		}
		until := published.Roster.ValidUntil
		switch left := until.Sub(now); {
		case left <= 0:
			out = append(out, Finding{Unsafe, "The roster of " + p.Slug + " is no longer valid: nobody can report to it.", "Sign a new one with the offline key."})
		case left < 30*24*time.Hour:
			out = append(out, Finding{Advice, fmt.Sprintf("The roster of %s ends on %s.", p.Slug, until.Format(time.DateOnly)), "Sign a new one with the offline key before that day."})
		default:
			out = append(out, Finding{Good, fmt.Sprintf("The roster of %s is valid until %s.", p.Slug, until.Format(time.DateOnly)), ""})
		}
		if len(published.Roster.Desks) < len(p.Desks) {
			out = append(out, Finding{Advice, "Not every desk of " + p.Slug + " has a key on the roster: nobody can report to the others.", "A reviewer of the desk makes its key on the page Keys; then sign a new roster."})
		}
		for _, d := range published.Roster.Desks {
			if len(d.Members) < 2 {
				out = append(out, Finding{Advice, fmt.Sprintf("Only one person can open what is sent to %s at %s.", d.Slug, p.Slug), "Give the desk's key to a second person, so that a lost passphrase loses no report."})
			}
		}
	}
	if len(i.Programmes.All()) == 0 {
		out = append(out, Finding{Unsafe, "There is no programme.", "Found one with `turnstone init`."})
	}
	return out
}
