// SPDX-License-Identifier: AGPL-3.0-or-later

package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/bench"
)

// town is a portal with a few pages. It stalls once, and breaks for one card.
type town struct {
	mu      sync.Mutex
	asked   map[string]int
	stall   time.Duration
	stalled sync.Once
	broken  bool
}

func (p *town) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	again, broken := p.asked[r.URL.Path] > 3, p.broken
	p.mu.Unlock()
	switch path := strings.TrimPrefix(r.URL.Path, "/p/nord/en"); {
	case path == "/advice" && strings.HasPrefix(r.URL.Path, "/p/nord/en"):
		fmt.Fprint(w, `<a href="/p/nord/en/advice/one">1</a><a href="/p/nord/en/advice/two">2</a><a href="/p/nord/da/advice/other">3</a><a href="https://elsewhere.example/en/advice/evil">4</a>`)
	case path == "", path == "/report":
		if p.stall > 0 && again {
			p.stalled.Do(func() { time.Sleep(p.stall) })
		}
		fmt.Fprint(w, strings.Repeat("word ", 100))
	case path == "/advice/one", path == "/advice/two", path == "/embed/one", path == "/embed/two":
		if broken && again {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, "a card")
	default:
		http.NotFound(w, r)
	}
}

func ask(t *testing.T, p *town, s bench.Site) bench.SiteResult {
	t.Helper()
	p.asked = map[string]int{}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	s.Portal, s.Languages, s.Connections = server.URL+"/p/nord/", []string{"en"}, 4
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func kind(r bench.SiteResult, name string) *bench.SiteKind {
	for _, k := range r.Kinds {
		if k.Name == name {
			return k
		}
	}
	return &bench.SiteKind{}
}

func TestEveryKindOfPageIsAskedFor(t *testing.T) {
	p := &town{}
	r := ask(t, p, bench.Site{Rate: 500, For: time.Second})
	if len(r.Kinds) != 6 || r.All.Asked != 500 || r.All.Failed != 0 || len(r.All.Latencies) != 500 {
		t.Fatalf("%d kinds, %d asked, %d failed: %v", len(r.Kinds), r.All.Asked, r.All.Failed, r.All.FirstErr)
	}
	for _, name := range []string{"start", "form", "advice", "chosen advice", "card", "embedded"} {
		if k := kind(r, name); k.Asked < 83 || k.Asked > 84 || k.Bytes == 0 {
			t.Errorf("%s: asked %d times, %d bytes", name, k.Asked, k.Bytes)
		}
	}
	for path, n := range p.asked {
		if strings.Contains(path, "/da/") || strings.Contains(path, "evil") || strings.HasPrefix(path, "/en") {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if one, two := p.asked["/p/nord/en/advice/one"], p.asked["/p/nord/en/advice/two"]; one < 35 || two < 35 {
		t.Errorf("two cards were asked for %d and %d times", one, two)
	}
}

// A portal that stands still for a moment is charged for all that waited
// meanwhile, not for one page on each connection.
func TestAStallIsNotHidden(t *testing.T) {
	r := ask(t, &town{stall: 400 * time.Millisecond}, bench.Site{Rate: 200, For: time.Second, Only: []string{"form"}})
	slow := 0
	for _, l := range r.All.Latencies {
		if l > 100*time.Millisecond {
			slow++
		}
	}
	// Only one of four connections stands still: the others go on.
	if worst := bench.Percentile(r.All.Latencies, 100); worst < 390*time.Millisecond || slow < 1 {
		t.Errorf("worst %v, %d slow", worst, slow)
	}
	if r.All.Asked != 200 || len(r.Kinds) != 1 {
		t.Errorf("%d of %d kinds", r.All.Asked, len(r.Kinds))
	}
}

// One connection alone is behind after a stall, and says so.
func TestWhatWaitedBehindAStallCounts(t *testing.T) {
	p := &town{stall: 400 * time.Millisecond, asked: map[string]int{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	r, err := bench.Site{Portal: server.URL + "/p/nord", Languages: []string{"en"}, Connections: 1, Rate: 100, For: time.Second, Only: []string{"form"}}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slow := 0
	for _, l := range r.All.Latencies {
		if l > 100*time.Millisecond {
			slow++
		}
	}
	if slow < 20 {
		t.Errorf("%d of 100 waited, while one in three had to", slow)
	}
}

func TestWhatFailsIsCounted(t *testing.T) {
	r := ask(t, &town{broken: true}, bench.Site{For: 200 * time.Millisecond, Each: true})
	card := kind(r, "card")
	if card.Failed == 0 || card.FirstErr == nil || r.All.Failed == 0 || kind(r, "start").Failed != 0 || card.Asked != card.Failed+len(card.Latencies) {
		t.Errorf("%d of %d cards failed: %v", card.Failed, card.Asked, card.FirstErr)
	}
	if kind(r, "start").PerSecond() < 10 {
		t.Errorf("%.1f a second", kind(r, "start").PerSecond())
	}
}

func TestNothingIsMeasuredThatIsNotThere(t *testing.T) {
	p := &town{asked: map[string]int{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	good := bench.Site{Portal: server.URL + "/p/nord", Languages: []string{"en"}, Connections: 1, Rate: 10, For: time.Second}
	for name, change := range map[string]func(*bench.Site){
		"no such kind": func(s *bench.Site) { s.Only = []string{"nonsense"} }, "no such language": func(s *bench.Site) { s.Languages = []string{"zz"} },
		"no address": func(s *bench.Site) { s.Portal = "nonsense" }, "nobody there": func(s *bench.Site) { s.Portal = "http://127.0.0.1:1" },
		"no connection": func(s *bench.Site) { s.Connections = 0 }, "no time": func(s *bench.Site) { s.For = 0 },
	} {
		s := good
		change(&s)
		if _, err := s.Run(t.Context()); err == nil {
			t.Errorf("%s: measured", name)
		}
	}
}
