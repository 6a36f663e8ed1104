// SPDX-License-Identifier: AGPL-3.0-or-later

// Package serve runs the listeners of an installation and stops them
// gracefully: no new connection, the running requests finish, then the rest.
//
// It must never log an address: net/http's own error log prints them, so it is
// discarded.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Site is one listener with its handler.
type Site struct {
	Name    string // portal, desk, ops
	Listen  string // host:port; port 0 chooses a free one
	Handler http.Handler
	Log     *slog.Logger
}

// Grace is how long running requests may take to finish when stopping.
const Grace = 15 * time.Second

// Group is a set of sites that listen.
type Group struct {
	servers   []*http.Server
	listeners []net.Listener
	sites     []Site
}

// Listen opens all sockets, or none: when one fails the others are closed.
func Listen(ctx context.Context, sites ...Site) (*Group, error) {
	g := &Group{}
	for _, s := range sites {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
		if err != nil {
			g.close()
			return nil, fmt.Errorf("listen for the %s on %s: %w", s.Name, s.Listen, err)
		}
		g.listeners = append(g.listeners, wipeListener{l})
		g.sites = append(g.sites, s)
		g.servers = append(g.servers, &http.Server{
			Handler:           recovered(s),
			ConnContext:       withConn,
			ErrorLog:          log.New(io.Discard, "", 0),
			ReadHeaderTimeout: 10 * time.Second,
			ReadTimeout:       10 * time.Minute, // a slow phone sends files
			WriteTimeout:      10 * time.Minute,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    32 << 10,
		})
	}
	return g, nil
}

// Addr returns the address that the named site listens on, "" when it has none.
func (g *Group) Addr(name string) string {
	for i, s := range g.sites {
		if s.Name == name {
			return g.listeners[i].Addr().String()
		}
	}
	return ""
}

// Run serves until ctx ends or a site fails, then stops all of them. It
// returns nil after a stop that was asked for.
func (g *Group) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(g.servers))
	var wg sync.WaitGroup
	for i := range g.servers {
		wg.Go(func() {
			g.sites[i].Log.Info("listening", "part", g.sites[i].Name, "listen", g.listeners[i].Addr().String())
			if err := g.servers[i].Serve(g.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serve the %s: %w", g.sites[i].Name, err)
				cancel()
			}
		})
	}
	<-ctx.Done()
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), Grace)
	defer done()
	var faults []error
	for _, s := range g.servers {
		if err := s.Shutdown(stop); err != nil {
			faults = append(faults, fmt.Errorf("stop: %w", err))
		}
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// recovered answers a panic with 500 and tells the operator where it happened.
// The stack names functions and lines of ours; the panic's own value may hold
// anything and is left out.
func recovered(s Site) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil || v == http.ErrAbortHandler { //nolint:errorlint // recover gives back the very value
				return
			}
			s.Log.Error("a handler panicked", "part", s.Name, "stack", frames())
			http.Error(w, "Something went wrong on our side. Nothing that you sent before is lost.", http.StatusInternalServerError)
		}()
		s.Handler.ServeHTTP(w, r)
	})
}

// frames returns the functions and lines of this module on the stack.
func frames() string {
	pcs := make([]uintptr, 64)
	stack := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var b strings.Builder
	for {
		f, more := stack.Next()
		if strings.Contains(f.Function, "/turnstone/") {
			fmt.Fprintf(&b, "%s:%d ", f.Function[strings.LastIndex(f.Function, "/")+1:], f.Line)
		}
		if !more {
			return strings.TrimSpace(b.String())
		}
	}
}

func (g *Group) close() {
	for _, l := range g.listeners {
		_ = l.Close() // nothing was served on it
	}
}
