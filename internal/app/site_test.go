// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/bench"
)

// What `turnstone bench site` measures is every kind of page that there is: it
// finds all of them by their links, none fails while many ask at once, and none
// has more than 100 KB.
func TestEveryKindOfPublicPageIsMeasured(t *testing.T) {
	i, _ := founded(t)
	i.Config.Portal.Listen, i.Config.Desk.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	running, err := i.Listen(t.Context(), slog.New(slog.DiscardHandler), "portal")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	r, err := bench.Site{Portal: "http://" + running.Addr("portal"), Languages: []string{"en", "da"}, Rate: 400, For: time.Second, Connections: 8}.Run(t.Context())
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"start", "danger", "hide", "how", "form", "mailbox", "crimes", "crime", "poster", "connected", "advice", "chosen advice", "card", "embedded", "training", "quiz", "picture",
		"search", "found", "not found", "offline", "help", "help found", "help for a crime", "help list", "service", "figures", "feed",
	} {
		k := find(r.Kinds, name)
		if k == nil || k.Asked == 0 || k.Failed > 0 {
			t.Errorf("%s: %+v", name, k)
			continue
		}
		if each := k.Bytes / int64(k.Asked); each < 300 || each > 100_000 {
			t.Errorf("%s: %d bytes", name, each)
		}
	}
	t.Logf("%d pages, p99 %v", r.All.Asked, bench.Percentile(r.All.Latencies, 99))
}

func find(kinds []*bench.SiteKind, name string) *bench.SiteKind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}
