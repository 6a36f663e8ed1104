// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

const listLines = `{"id":"e1","schema":"Person","properties":{"name":["Ibrahim Al-Hashimi"],"birthDate":["1979-04-12"],"country":["iq"]},"datasets":["wanted"]}
{"id":"e2","schema":"Company","properties":{"name":["North Quay Cold Storage Ltd"],"country":["gb"]}}
`

func smallList(t *testing.T) *index.Index {
	t.Helper()
	source, err := index.Read(strings.NewReader(listLines), "list.jsonl", nil)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := index.Build(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func (o *office) matchingAnswersOnItsPage(t *testing.T) {
	person := func(more ...string) url.Values {
		v := url.Values{"left-schema": {"Person"}, "top": {"10"}, "threshold": {"0.3"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	tests := []struct {
		name string
		form url.Values
		code int
		want []string
	}{
		{"compare across scripts", person("left-names", "Ibrahim Al-Hashimi", "right-names", "إبراهيم الهاشمي"), 200, []string{"the same", "dk-words-svg", "الهاشمي", "Together"}},
		{"compare what differs", person("left-names", "Anna Berg", "right-names", "Anna Berg", "left-born", "1980", "right-born", "1950"), 200, []string{"more than ten years apart", "dk-against"}},
		{"an age", person("left-names", "Dave Marston", "right-names", "David Marston", "left-born", "about 40", "right-born", "1984"), 200, []string{"Date"}},
		{"a plate in part", url.Values{"left-schema": {"Vehicle"}, "left-plate": {"BD51***"}, "right-plate": {"BD51 SMR"}}, 200, []string{"agrees as far as seen"}},
		{"search", person("mode", "search", "left-names", "Ibrahim Hashimi"), 200, []string{"1 hit", "Al-Hashimi", "1979-04-12", "IQ", "wanted"}},
		{"search filtered", person("mode", "search", "left-names", "Ibrahim Hashimi", "in-country", "dk"), 200, []string{"0 hits", "Nothing in the list"}},
		{"open a hit", person("mode", "entry", "left-names", "Ibrahim Hashimi", "in", "made-up", "entity", "e1"), 200, []string{"Compared with the entry", "dk-words-svg"}},
		{"no such hit", person("mode", "entry", "left-names", "Ibrahim Hashimi", "in", "made-up", "entity", "e9"), 404, []string{"Search again"}},
		{"no such list", person("mode", "search", "left-names", "Ibrahim", "list", "other"), 422, []string{"no such list"}},
		{"nothing", person(), 422, []string{"Give at least a name"}},
		{"one letter", person("left-names", "x", "right-names", "Anna"), 422, []string{"single letter"}},
		{"control characters", person("left-names", "An\x00na", "right-names", "Anna"), 422, []string{"control character"}},
		{"no Unicode", person("left-names", "An\xffna", "right-names", "Anna"), 422, []string{"Unicode"}},
		{"unknown schema", url.Values{"left-schema": {"Dragon"}, "left-names": {"Anna"}, "right-names": {"Anna"}}, 422, []string{"no such kind of thing"}},
		{"long", person("left-names", strings.Repeat("Anna ", 1000), "right-names", "Anna"), 422, []string{"longer than 300"}},
		{"many", person("left-names", strings.Repeat("Anna B\n", 40), "right-names", "Anna"), 422, []string{"40 names"}},
		{"a megabyte", person("left-names", strings.Repeat("Anna ", 200_000), "right-names", "Anna"), 413, []string{"more than this page takes"}},
		{"no country", person("left-names", "Anna", "right-names", "Anna", "right-country", "zz"), 422, []string{"no country we know"}},
		{"no date", person("left-names", "Anna", "right-names", "Anna", "right-born", "yesterday"), 422, []string{"neither a date nor an age"}},
		{"day first", person("left-names", "Anna", "right-names", "Anna", "right-born", "01/02/1980"), 422, []string{"year first"}},
		{"no day", person("left-names", "Anna", "right-names", "Anna", "right-born", "1980-02-31"), 422, []string{"no such day"}},
		{"threshold", person("mode", "search", "left-names", "Anna", "threshold", "NaN"), 422, []string{"from 0 to 1"}},
		{"top", person("mode", "search", "left-names", "Anna", "top", "1000000"), 422, []string{"1 to 100"}},
	}
	for _, tt := range tests {
		start := processor(t)
		w := o.ask(t.Context(), "analyst", "POST", "/p/one/matching", form, tt.form.Encode())
		body := html.UnescapeString(w.Body.String())
		if w.Code != tt.code {
			t.Errorf("%s: %d, want %d: %s", tt.name, w.Code, tt.code, body)
		}
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", tt.name, want)
			}
		}
		if took := processor(t) - start; took > 5*time.Second {
			t.Errorf("%s took %s", tt.name, took)
		}
	}
}

// Whom a colleague asks for is their affair: no name that was asked stands in
// the database, the log of the process or the ledger.
func (o *office) matchingLeavesNoTrace(t *testing.T) {
	ask := url.Values{"left-schema": {"Person"}, "left-names": {"Zebulon Quokkason"}, "right-names": {"Zebulon Quokkason"}, "mode": {"search"}, "top": {"10"}, "threshold": {"0.3"}}
	if w := o.ask(t.Context(), "analyst", "POST", "/p/one/matching", form, ask.Encode()); w.Code != http.StatusOK {
		t.Fatalf("search: %d", w.Code)
	}
	files, err := filepath.Glob(filepath.Join(o.Config.Data, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err == nil && bytes.Contains(bytes.ToLower(b), []byte("quokkason")) {
			t.Errorf("%s holds a name that was asked for", filepath.Base(name))
		}
	}
	if strings.Contains(o.logged.String(), "uokkason") {
		t.Error("the process's log holds a name that was asked for")
	}
}

func TestListsAreLoadedAtTheStart(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lines, csv := write("lines.jsonl", listLines+"{broken\n"), write("table.csv", "id,name,country\n7,Anna Berg,dk\n")
	saved := filepath.Join(dir, "saved.index")
	if err := smallList(t).Save(saved); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		lists []string
		fault string
	}{
		{[]string{lines, csv, saved}, ""},
		{[]string{lines, write("lines.csv", "name\nAnna\n")}, "two files are called"},
		{[]string{filepath.Join(dir, "missing.jsonl")}, "missing.jsonl"},
	} {
		c := config.Default()
		c.Data, c.Matching.Lists = t.TempDir(), tt.lists
		c.Portal.Listen, c.Desk.Listen, c.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
		i, err := app.OpenOrMake(t.Context(), c, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		_, err = i.Listen(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), "desk")
		if tt.fault == "" && (err != nil || strings.Count(log.String(), "a list is loaded") != 3 || !strings.Contains(log.String(), "left out")) {
			t.Errorf("%v: %v\n%s", tt.lists, err, log.String())
		}
		if tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
			t.Errorf("%v: %v", tt.lists, err)
		}
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}
}

// processor is the time that this process has had of the processors: the clock
// on the wall tells how many others are at work here.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
