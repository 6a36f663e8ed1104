// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/logs"
	"github.com/turnstone-project/turnstone/internal/app/ops"
	"github.com/turnstone-project/turnstone/internal/app/serve"
	"github.com/turnstone-project/turnstone/internal/exchange/xliff"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/screen"
	"github.com/turnstone-project/turnstone/internal/web/desk"
	"github.com/turnstone-project/turnstone/internal/web/portal"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// Parts are what `serve --only` knows, in the order in which they start.
// The part exchange is there when its listener is configured.
var Parts = []string{"portal", "desk", "exchange", "worker"}

// Running is an installation that listens.
type Running struct {
	*Installation
	group *serve.Group
	log   *slog.Logger
	parts []string
}

// Listen opens the sockets of the parts (all of them when none is named).
func (i *Installation) Listen(ctx context.Context, log *slog.Logger, parts ...string) (*Running, error) {
	if len(parts) == 0 {
		parts = Parts
	}
	for _, part := range parts {
		if !slices.Contains(Parts, part) {
			return nil, fmt.Errorf("there is no part %q (parts: %s)", part, strings.Join(Parts, ", "))
		}
	}
	if i.Config.API.Listen == "" && len(parts) == 1 && parts[0] == "exchange" {
		return nil, errors.New("the part exchange has no listener: set listen in the table [api]")
	}
	assets, err := static.Load()
	if err != nil {
		return nil, err
	}
	if err := i.LogScripts(ctx, assets); err != nil {
		return nil, err
	}
	meter := ops.New(i.Clock)
	sites := []serve.Site{{Name: "ops", Listen: i.Config.Ops.Listen, Handler: meter.Handler(i.healthy), Log: log}}
	var public *portal.Site // the desk makes previews with it
	if slices.Contains(parts, "portal") || slices.Contains(parts, "desk") {
		if public, err = i.portal(ctx, assets, slog.New(logs.NewPortal(log.Handler()))); err != nil {
			return nil, err
		}
	}
	if slices.Contains(parts, "portal") {
		handler := meter.Portal(crowd(i.Config.Intake.MaxConcurrent, serve.WipeClosing(public.Handler())))
		sites = append(sites, serve.Site{Name: "portal", Listen: i.Config.Portal.Listen, Handler: handler, Log: log})
	}
	if slices.Contains(parts, "desk") {
		handler, err := i.desk(ctx, assets, public, log)
		if err != nil {
			return nil, err
		}
		sites = append(sites, serve.Site{Name: "desk", Listen: i.Config.Desk.Listen, Handler: meter.Desk(handler), Log: log})
	}
	if slices.Contains(parts, "exchange") && i.Config.API.Listen != "" {
		sites = append(sites, serve.Site{Name: "exchange", Listen: i.Config.API.Listen, Handler: i.exchange(log), Log: log})
	}
	group, err := serve.Listen(ctx, sites...)
	if err != nil {
		return nil, err
	}
	return &Running{Installation: i, group: group, log: log, parts: parts}, nil
}

// Addr returns the address that a part listens on.
func (r *Running) Addr(part string) string { return r.group.Addr(part) }

// Run serves until ctx ends.
func (r *Running) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	if slices.Contains(r.parts, "worker") {
		warn := func(err error) { r.log.Warn("a task failed and is tried again", "err", err) }
		wg.Go(func() {
			if err := r.Outbox.Run(ctx, news{r.Installation, r.log}, warn); err != nil && ctx.Err() == nil {
				r.log.Error("the outbox stopped", "err", err)
			}
		})
		wg.Go(func() { r.logArrivals(ctx, warn) })
		wg.Go(func() { r.ring(ctx, warn) })
		wg.Go(func() { news{r.Installation, r.log}.watchReferrals(ctx, warn) })
	}
	if slices.Contains(r.parts, "portal") || slices.Contains(r.parts, "desk") {
		wg.Go(func() {
			again(ctx, directoryEvery, r.Directory.Refresh, func(err error) { r.log.Warn("the directory could not be read and is tried again", "err", err) })
		})
		wg.Go(func() {
			again(ctx, textsEvery, r.Texts.Shelf.Refresh, func(err error) { r.log.Warn("texts for the public could not be read and are tried again", "err", err) })
		})
	}
	err := r.group.Run(ctx)
	cancel()
	wg.Wait()
	return err
}

// again refreshes something that another process may have changed, or whose hour
// may have come, until ctx ends.
func again(ctx context.Context, every time.Duration, refresh func(context.Context) error, warn func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := refresh(ctx); err != nil && ctx.Err() == nil {
				warn(err)
			}
		}
	}
}

// healthy reports whether a change would be kept: an empty one goes all the way
// to the writer.
func (i *Installation) healthy(ctx context.Context) error {
	return i.Tx.Do(ctx, func(context.Context, *tx.Recorder) error { return nil })
}

// release overwrites memory in which something lay in clear, within ten seconds
// after the last request that asked for it. It needs the runtime's setting
// clobberfree (see Clobber): a collection alone only forgets where things lay.
type release struct {
	mu      sync.Mutex
	pending bool
	again   bool // asked for while one was pending
}

// pause is how long a request may take to be done with its memory.
const pause = 2 * time.Second

// Soon schedules a release. A call while one is pending gets another one after
// it: what that request left may not have been free yet at the first.
func (r *release) Soon() {
	burn(16)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending {
		r.again = true
		return
	}
	r.pending = true
	time.AfterFunc(pause, r.now)
}

// burn overwrites what calls that have returned left on this goroutine's stack,
// four kilobytes with each level: ciphers keep the last part of what they seal
// there, and a stack that is kept for the next goroutine keeps it too.
//
//go:noinline
func burn(levels int) byte {
	var frame [4 << 10]byte
	if levels > 0 {
		frame[levels] = burn(levels - 1)
	}
	runtime.KeepAlive(&frame)
	return frame[len(frame)-1-levels]
}

// now collects three times: pools keep what they hold over two.
func (r *release) now() {
	for range 3 {
		debug.FreeOSMemory()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = r.again
	r.again = false
	if r.pending {
		time.AfterFunc(pause, r.now)
	}
}

func (i *Installation) desk(ctx context.Context, assets *static.Set, public *portal.Site, log *slog.Logger) (http.Handler, error) {
	questions, err := i.questionnaires()
	if err != nil {
		return nil, err
	}
	lists, err := i.lists(ctx, log)
	if err != nil {
		return nil, err
	}
	if err := i.Directory.Refresh(ctx); err != nil {
		return nil, err
	}
	site, err := desk.New(desk.Config{
		People: i.People, Programmes: i.Programmes, Reports: i.Desk, Intake: i.Intake, Ledger: i.Ledger, LogKey: i.LogKey,
		Referrals: i.Referrals, CheckRecipient: CheckRecipient,
		Outcomes: i.Outcomes, Figures: i.Figures, Publishing: i.Publishing(questions), Help: i.Directory.Index,
		Items: i.Items, Grading: i.Grading,
		Texts: i.Texts, PreviewPage: public.Preview, ToTranslators: xliff.Export, FromTranslators: readTranslated,
		Clock: i.Clock, Questions: questions, Danger: i.Danger, Screen: &screen.Service{Lists: lists, Clock: i.Clock}, Assets: assets, Logger: log, Secure: strings.HasPrefix(i.Config.Desk.Origin, "https:"),
	})
	if err != nil {
		return nil, err
	}
	return site.Handler(), nil
}

func (i *Installation) portal(ctx context.Context, assets *static.Set, log *slog.Logger) (*portal.Site, error) {
	questions, err := i.questionnaires()
	if err != nil {
		return nil, err
	}
	own, err := i.ownQuestionnaires()
	if err != nil {
		return nil, err
	}
	if err := i.stockShelf(ctx, func(err error) { log.Error("a programme's texts can't be shown", "err", err) }); err != nil {
		return nil, err
	}
	if err := i.Directory.Refresh(ctx); err != nil {
		return nil, err
	}
	memory := &release{}
	site, err := portal.New(portal.Config{
		Programmes: i.Programmes, Questions: questions, OwnQuestions: own, Content: i.Texts.Shelf.Content, Figures: i.Publications, Help: i.Directory.Index, Intake: i.Intake, Log: keyLog{i.Ledger}, Assets: assets, Clock: i.Clock,
		Forget: memory.Soon, TakesFiles: i.Config.Files.PerReport > 0, Onion: i.Config.Portal.Onion, Source: i.Config.Portal.Source,
		Address: i.Config.Portal.Address, SecurityContact: i.Config.Portal.SecurityContact,
		Failed: func(act string, err error) { log.Error("an act failed", "act", act, "err", err) },
	})
	if err != nil {
		return nil, err
	}
	return site, nil
}

// ownQuestionnaires returns those of the programmes that have a folder of
// their own, named by the programme's slug, among the operator's.
func (i *Installation) ownQuestionnaires() (map[id.ID]*programme.Questionnaires, error) {
	own := map[id.ID]*programme.Questionnaires{}
	if i.Config.Portal.Questionnaires == "" {
		return own, nil
	}
	for _, p := range i.Programmes.All() {
		folder := filepath.Join(i.Config.Portal.Questionnaires, p.Slug)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		q, err := programme.LoadQuestionnaires(os.DirFS(folder), p.Languages)
		if err != nil {
			return nil, fmt.Errorf("questionnaires of %s: %w", p.Slug, err)
		}
		own[p.ID] = q
	}
	return own, nil
}

// questionnaires returns the operator's own for all programmes, or those that
// come with the binary, checked in every language of every programme.
func (i *Installation) questionnaires() (*programme.Questionnaires, error) {
	var languages []string
	for _, p := range i.Programmes.All() {
		for _, l := range p.Languages {
			if !slices.Contains(languages, l) {
				languages = append(languages, l)
			}
		}
	}
	dir := i.Config.Portal.Questionnaires
	if _, err := os.Stat(filepath.Join(dir, "_common.yaml")); dir == "" || errors.Is(err, fs.ErrNotExist) {
		return programme.BuiltIn(languages)
	}
	return programme.LoadQuestionnaires(os.DirFS(dir), languages)
}
