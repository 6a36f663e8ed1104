// SPDX-License-Identifier: AGPL-3.0-or-later

package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Site says how to ask a portal for its pages.
type Site struct {
	Portal      string // address, with the programme's path if there is one
	Languages   []string
	Rate        float64 // pages a second in all; 0 is as fast as the connections can
	For         time.Duration
	Connections int
	Only        []string // names of kinds; none: all of them
	Each        bool     // one kind after the other, each for that long
	// Server tells the processor time that the portal has used so far; nil:
	// unknown.
	Server func() (time.Duration, error)
	// Progress hears of every answer.
	Progress func(kind string, done, total int)
}

// SiteKind is one kind of page, and what came of asking for it.
type SiteKind struct {
	Name  string
	paths []string

	Asked     int
	Failed    int // answered with another status than 200, or not at all
	Bytes     int64
	Took      time.Duration   // from the first turn to the last answer
	Latencies []time.Duration // of those that did not fail, sorted
	Server    time.Duration   // the portal's processor time, when kinds were asked for one after the other
	FirstErr  error
}

// PerSecond returns answers a second.
func (k *SiteKind) PerSecond() float64 {
	if k.Took <= 0 {
		return 0
	}
	return float64(len(k.Latencies)) / k.Took.Seconds()
}

// SiteResult is what came of it.
type SiteResult struct {
	Kinds  []*SiteKind
	All    SiteKind
	Server time.Duration // the portal's processor time while pages were asked for
}

// Run finds the site's pages, asks once for each that will be asked for, so that
// nothing that happens once is measured, and then measures. It returns an error
// only when it could not begin.
func (s Site) Run(ctx context.Context) (SiteResult, error) {
	if s.Connections < 1 || s.For <= 0 || len(s.Languages) == 0 {
		return SiteResult{}, errors.New("bench: at least one connection, one language and some time")
	}
	base, err := url.Parse(strings.TrimSuffix(s.Portal, "/"))
	if err != nil || base.Host == "" {
		return SiteResult{}, fmt.Errorf("bench: %q is no address of a portal", s.Portal)
	}
	all, err := s.kinds(ctx)
	if err != nil {
		return SiteResult{}, err
	}
	if all, err = pick(all, s.Only); err != nil {
		return SiteResult{}, err
	}
	r := &siteRun{Site: s, base: base}
	if err := r.warm(ctx, all); err != nil {
		return SiteResult{}, err
	}
	groups := [][]*SiteKind{all}
	if s.Each {
		groups = nil
		for _, k := range all {
			groups = append(groups, []*SiteKind{k})
		}
	}
	result := SiteResult{Kinds: all, All: SiteKind{Name: "all"}}
	for _, group := range groups {
		spent, took, err := r.measure(ctx, group)
		if err != nil {
			return SiteResult{}, err
		}
		result.Server, result.All.Took = result.Server+spent, result.All.Took+took
		for _, k := range group {
			k.Took = took
			if s.Each {
				k.Server = spent
			}
		}
	}
	for _, k := range all {
		slices.Sort(k.Latencies)
		result.All.Asked, result.All.Failed, result.All.Bytes = result.All.Asked+k.Asked, result.All.Failed+k.Failed, result.All.Bytes+k.Bytes
		result.All.Latencies = append(result.All.Latencies, k.Latencies...)
		result.All.FirstErr = cmp.Or(result.All.FirstErr, k.FirstErr)
	}
	slices.Sort(result.All.Latencies)
	return result, nil
}

// pick returns the kinds with those names.
func pick(all []*SiteKind, names []string) ([]*SiteKind, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []*SiteKind
	for _, name := range names {
		i := slices.IndexFunc(all, func(k *SiteKind) bool { return k.Name == name })
		if i < 0 {
			var known []string
			for _, k := range all {
				known = append(known, k.Name)
			}
			return nil, fmt.Errorf("bench: this site has no pages of the kind %q; there are: %s", name, strings.Join(known, ", "))
		}
		picked = append(picked, all[i])
	}
	return picked, nil
}

// single are the pages of which there is one in each language.
var single = [][2]string{
	{"start", ""},
	{"danger", "/danger"},
	{"hide", "/hide"},
	{"how", "/how"},
	{"form", "/report"},
	{"mailbox", "/mailbox"},
	{"crimes", "/crimes"},
	{"connected", "/connected"},
	{"advice", "/advice"},
	{"chosen advice", "/advice?crime=fraud&moment=now"},
	{"training", "/training"},
	{"search", "/search"},
	{"found", "/search?q=police+bank+112"},
	{"not found", "/search?q=zzyzzxa+xyzzyqu+qwertzui+plughplo"},
	{"offline", "/offline"},
	{"help", "/help"},
	{"help found", "/help?near=Aarhus&language=so&open=yes"},
	{"help for a crime", "/help?about=fraud&for=adult"},
	{"help list", "/help/pack"},
	{"figures", "/came-of-it"},
	{"feed", "/feed.xml"},
}

// many are the pages of which there are several, by the pattern of their paths.
var many = []struct {
	name    string
	pattern *regexp.Regexp
	as      string // what the path becomes; $1 is the page's name
}{
	{"crime", regexp.MustCompile(`^/crimes/([a-z0-9-]+)$`), "/crimes/$1"},
	{"poster", regexp.MustCompile(`^/crimes/([a-z0-9-]+)$`), "/crimes/$1/poster"},
	{"card", regexp.MustCompile(`^/advice/([a-z0-9-]+)$`), "/advice/$1"},
	{"quiz", regexp.MustCompile(`^/training/([a-z0-9-]+)$`), "/training/$1"},
	{"embedded", regexp.MustCompile(`^/advice/([a-z0-9-]+)$`), "/embed/$1"},
	{"picture", regexp.MustCompile(`^/training/([a-z0-9-]+)$`), "/picture/training/$1.png"},
	{"service", regexp.MustCompile(`^/help/service/([0-9a-f-]+)$`), "/help/service/$1"},
}

var address = regexp.MustCompile(`href="([^"#?]+)"`)

// kinds finds out which pages the site has: by the links on those that lead to
// others.
func (s Site) kinds(ctx context.Context) ([]*SiteKind, error) {
	client := &http.Client{Timeout: time.Minute}
	path := ""
	if u, err := url.Parse(strings.TrimSuffix(s.Portal, "/")); err == nil {
		path = u.Path
	}
	byName := map[string]*SiteKind{}
	var all []*SiteKind
	add := func(name, path string) {
		if byName[name] == nil {
			byName[name] = &SiteKind{Name: name}
			all = append(all, byName[name])
		}
		if k := byName[name]; !slices.Contains(k.paths, path) {
			k.paths = append(k.paths, path)
		}
	}
	for _, lang := range s.Languages {
		root := path + "/" + lang
		for _, one := range single {
			status, body, err := get(ctx, client, strings.TrimSuffix(s.Portal, "/")+"/"+lang+one[1])
			if err != nil {
				return nil, fmt.Errorf("bench: look for pages: %w", err)
			}
			switch {
			case status == http.StatusNotFound && one[0] != "start":
				continue // this site has none
			case status != http.StatusOK:
				return nil, fmt.Errorf("bench: %s%s: the portal answered %d", root, one[1], status)
			}
			add(one[0], root+one[1])
			for _, m := range address.FindAllStringSubmatch(body, -1) {
				for _, many := range many {
					if below, ok := strings.CutPrefix(m[1], root); ok && many.pattern.MatchString(below) {
						add(many.name, root+many.pattern.ReplaceAllString(below, many.as))
					}
				}
			}
		}
	}
	return all, nil
}

// mostPage is how much of a page is read.
const mostPage = 16 << 20

func get(ctx context.Context, client *http.Client, address string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, mostPage))
	return res.StatusCode, string(b), errors.Join(err, res.Body.Close())
}

type siteRun struct {
	Site
	base *url.URL
}

// turn is what a connection asks for next.
type turn struct {
	kind *SiteKind
	path string
}

// turns gives out kind after kind, and of each one page after the other.
func turns(kinds []*SiteKind, i int) turn {
	k := kinds[i%len(kinds)]
	return turn{k, k.paths[i/len(kinds)%len(k.paths)]}
}

// warm asks once for every page.
func (r *siteRun) warm(ctx context.Context, kinds []*SiteKind) error {
	c := &connection{base: r.base}
	defer c.close()
	for _, k := range kinds {
		for _, path := range k.paths {
			if status, _, err := c.ask(ctx, path); err != nil || status != http.StatusOK {
				return fmt.Errorf("bench: %s: status %d, %w", path, status, cmp.Or(err, errors.New("no page")))
			}
		}
	}
	return nil
}

// measure asks for pages of some kinds until the time is over.
func (r *siteRun) measure(ctx context.Context, kinds []*SiteKind) (spent, took time.Duration, err error) {
	total := int(r.Rate * r.For.Seconds()) // 0: as many as there is time for
	before, err := r.server()
	if err != nil {
		return 0, 0, err
	}
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for range r.Connections {
		all.Go(func() {
			c := &connection{base: r.base}
			defer c.close()
			for {
				i := int(next.Add(1)) - 1
				due := time.Now()
				if total > 0 {
					due = start.Add(time.Duration(float64(i) / r.Rate * float64(time.Second)))
					sleep(ctx, time.Until(due))
				}
				if total > 0 && i >= total || total == 0 && due.Sub(start) >= r.For || ctx.Err() != nil {
					return
				}
				t := turns(kinds, i)
				status, length, err := c.ask(ctx, t.path)
				// From the moment at which the page's turn had come: a server that
				// stalls can't hide it by slowing us down.
				latency := time.Since(due)
				mu.Lock()
				t.kind.note(status, length, latency, err, t.path)
				if r.Progress != nil {
					r.Progress(t.kind.Name, i+1, total)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	took = time.Since(start)
	after, err := r.server()
	return after - before, took, errors.Join(err, ctx.Err())
}

func (r *siteRun) server() (time.Duration, error) {
	if r.Server == nil {
		return 0, nil
	}
	return r.Server()
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (k *SiteKind) note(status int, length int64, latency time.Duration, err error, path string) {
	k.Asked++
	if err == nil && status != http.StatusOK {
		err = &Refusal{Path: path, Status: status}
	}
	if err != nil {
		k.Failed++
		k.FirstErr = cmp.Or(k.FirstErr, err)
		return
	}
	k.Bytes += length
	k.Latencies = append(k.Latencies, latency)
}
