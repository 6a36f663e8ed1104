// SPDX-License-Identifier: AGPL-3.0-or-later

package directory_test

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/invent"
)

// now is a Thursday morning.
var now = time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC)

func start(t testing.TB) *directory.Index {
	t.Helper()
	d, err := directory.Start()
	if err != nil {
		t.Fatal(err)
	}
	return directory.NewIndex(directory.New(d))
}

// The starting set keeps the laws of every directory: it is written and read
// back without a single complaint.
func TestTheStartingSetKeepsTheLaws(t *testing.T) {
	d, err := directory.Start()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := hsds.WriteTables(&b, d); err != nil {
		t.Fatal(err)
	}
	again, report, err := hsds.Read("start.zip", b.Bytes(), hsds.Options{})
	if err != nil || report.Changed() > 0 || again.Len() != d.Len() {
		t.Fatalf("%v, %d of %d records: %v", err, again.Len(), d.Len(), report.Problems)
	}
	crimes, err := prevent.BuiltIn([]string{"en"})
	if err != nil {
		t.Fatal(err)
	}
	dir := directory.New(d)
	x := directory.NewIndex(dir)
	for _, k := range crimes.Crimes {
		for _, country := range []string{"GB", "DK"} {
			if len(x.ForCrime(k.ID, country, false, now)) == 0 || len(x.ForCrime(k.ID, country, true, now)) == 0 {
				t.Errorf("%s: nobody to call in %s", k.ID, country)
			}
		}
	}
	if len(dir.Services) < 40 {
		t.Errorf("only %d services", len(dir.Services))
	}
	for _, s := range dir.Services {
		for _, c := range s.Crimes {
			if _, ok := crimes.Crime(c); !ok && !slices.Contains(directory.Topics, c) {
				t.Errorf("%s is for %q, which is no kind of crime", s.Name, c)
			}
		}
		if s.Checked != "2026-11-26" || !strings.Contains(s.How, "not called") || s.ReviewBy == "" || s.Stale(now) || !s.Stale(now.AddDate(1, 0, 0)) {
			t.Errorf("%s: checked %s, %s, review by %s", s.Name, s.Checked, s.How, s.ReviewBy)
		}
		if len(s.Phones) == 0 && s.Site == "" || s.Kind == "" || len(s.Countries) != 1 || len(s.Languages) == 0 {
			t.Errorf("%s: %+v", s.Name, s)
		}
		for _, lang := range []string{"en", "da", "ar"} {
			if s.About[lang] == "" {
				t.Errorf("%s has no text in %s", s.Name, lang)
			}
		}
	}
}

func names(a directory.Answer) string {
	var all []string
	for _, h := range a.Hits {
		all = append(all, h.Name)
	}
	return strings.Join(all, "; ")
}

func TestFindingHelp(t *testing.T) {
	x := start(t)
	for name, tc := range map[string]struct {
		q           directory.Query
		first, then string // what must come first, and what must not come
	}{
		"a child in Denmark":         {directory.Query{Country: "DK", For: "young"}, "BørneTelefonen", "ForældreTelefonen of Sweden"},
		"fraud in Britain":           {directory.Query{Country: "GB", Crime: "fraud", For: "adult"}, "Report Fraud (was Action Fraud)", "National Domestic Abuse Helpline"},
		"trafficking in Denmark":     {directory.Query{Country: "DK", Crime: "trafficking", Language: "en"}, "Center mod Menneskehandel", "Livslinien"},
		"a woman in Britain":         {directory.Query{Country: "GB", For: "women"}, "National Domestic Abuse Helpline", "Men's Advice Line"},
		"open on Christmas night":    {directory.Query{Country: "GB", OpenNow: true, Now: time.Date(2026, 12, 25, 23, 0, 0, 0, time.UTC), Crime: "environment"}, "Environment incident hotline", "Citizens Advice, England"},
		"emergencies":                {directory.Query{Kind: "emergency", Country: "DK"}, "Alarm: 112", "Emergency: 999"},
		"a language that nobody has": {directory.Query{Language: "so"}, "", "Samaritans"},
	} {
		tc.q.Limit = 100
		if tc.q.Now.IsZero() {
			tc.q.Now = now
		}
		a := x.Find(tc.q)
		if got := names(a); !strings.HasPrefix(got, tc.first) || strings.Contains(got, tc.then) || a.Total != len(a.Hits) {
			t.Errorf("%s: %s", name, got)
		}
		if tc.first == "" && a.Total > 0 {
			t.Errorf("%s: %s", name, names(a))
		}
	}
}

func TestPlacesAreFoundHoweverTheyAreWritten(t *testing.T) {
	x := start(t)
	for text, want := range map[string]string{
		"Aarhus": "Aarhus", "ÅRHUS": "Aarhus", "8000": "Aarhus", "8000 Aarhus C": "Aarhus", "DK-2100": "København", "kobenhavn": "København", "SW1A 1AA": "SW1A", "m1": "M1", "BT48 6AB": "Derry/Londonderry", "8600 Silkeborg": "Silkeborg", "3300": "Frederiksværk",
		"Glasgow, Scotland": "Glasgow", " 55.68, 12.57 ": "55.68, 12.57", "Newcastle": "Newcastle upon Tyne", "كوبنهاغن": "København",
	} {
		if spot, ok := x.Where(text, ""); !ok || spot.Name != want {
			t.Errorf("%q is %+v %v, want %s", text, spot, ok, want)
		}
	}
	for _, text := range []string{"", "Atlantis", "95.0, 12", "12.0, 200", "9", strings.Repeat("a", 500), "SELECT 1", "8"} {
		if spot, ok := x.Where(text, ""); ok {
			t.Errorf("%q is %+v", text, spot)
		}
	}
	if _, ok := x.Where("London", "DK"); ok {
		t.Error("London lies in Denmark")
	}
}

// A name that several places have is told with all of them; what stands beside
// it narrows it; one that is far larger than the others is meant.
func TestPlacesOfOneName(t *testing.T) {
	x := start(t)
	for text, want := range map[string]struct {
		country string
		least   int
		clear   bool
		first   string // region of the first
	}{
		"Newport":                       {"", 4, false, "GB-WLS"},
		"Newport, Wales":                {"", 1, true, "GB-WLS"},
		"newport wales":                 {"", 1, true, "GB-WLS"},
		"Newport, Cymru":                {"", 2, true, "GB-WLS"}, // Pembrokeshire's is far smaller
		"Newport Storbritannien":        {"", 4, false, "GB-WLS"},
		"Newport, Gosport":              {"", 1, true, "GB-ENG"},
		"Bangor":                        {"GB", 2, false, "GB-NIR"},
		"Bangor, ويلز":                  {"", 1, true, "GB-WLS"},
		"Bangor, nowhere at all":        {"GB", 2, false, "GB-NIR"},
		"Leeds":                         {"", 1, true, "GB-ENG"},
		"Newcastle":                     {"", 2, true, "GB-ENG"},
		"Leeds LS1 4AP":                 {"", 1, true, ""},
		"8600 Silkeborg":                {"", 1, true, "DK-18"},
		"4800 Nykøbing Falster":         {"", 1, true, "DK-20"},
		"København NV":                  {"", 1, true, "DK-17"},
		"Aarhus C, Danmark":             {"", 1, true, "DK-18"},
		"Portsmouth":                    {"DK", 0, false, ""},
		"Newport, Newport, Newport,,, ": {"", 1, false, "GB-WLS"},
	} {
		spots := x.Places(text, want.country)
		if len(spots) < want.least || directory.Clear(spots) != want.clear || len(spots) > 0 && spots[0].Region != want.first {
			t.Errorf("%q: clear %v, %+v", text, directory.Clear(spots), spots)
		}
		seen := map[string]bool{}
		for i, s := range spots {
			if seen[s.ID()] || want.country != "" && s.Country != want.country {
				t.Errorf("%q: %+v stands twice or lies elsewhere", text, s)
			}
			seen[s.ID()] = true
			for _, other := range spots[:i] {
				if directory.Distance(s.Lat, s.Long, other.Lat, other.Long) < 10 {
					t.Errorf("%q: %+v and %+v are one", text, s, other)
				}
			}
		}
	}
}

// What the index finds is what looking at every service finds, in the order
// that is promised.
func TestTheIndexForgetsNobody(t *testing.T) {
	x := directory.NewIndex(directory.New(invent.Dataset(600)))
	rapid.Check(t, func(rt *rapid.T) {
		q := directory.Query{
			Language: rapid.SampledFrom([]string{"", "so", "da"}).Draw(rt, "language"), Crime: rapid.SampledFrom([]string{"", "fraud"}).Draw(rt, "crime"),
			For: rapid.SampledFrom([]string{"", "women", "young", "adult"}).Draw(rt, "for"), OpenNow: rapid.Bool().Draw(rt, "open"),
			Country: rapid.SampledFrom([]string{"", "DK", "GB"}).Draw(rt, "country"), Now: now.Add(time.Duration(rapid.IntRange(0, 10_000).Draw(rt, "minutes")) * time.Minute), Limit: 100,
		}
		if rapid.Bool().Draw(rt, "near") {
			q.Near = &directory.Spot{Lat: 56.16, Long: 10.20}
		}
		want := map[string]bool{}
		for i := range x.Services {
			if s := &x.Services[i]; fits(s, q) {
				want[s.ID] = true
			}
		}
		got := map[string]bool{}
		var last directory.Hit
		for q.Offset = 0; ; q.Offset += q.Limit {
			a := x.Find(q)
			if a.Total != len(want) {
				rt.Fatalf("%d found, %d there", a.Total, len(want))
			}
			for _, h := range a.Hits {
				if !want[h.ID] || got[h.ID] {
					rt.Fatalf("%s: wanted %v, twice %v", h.Name, want[h.ID], got[h.ID])
				}
				if last.Service != nil && last.Stale && !h.Stale {
					rt.Fatalf("%s is stale and stands before %s", last.Name, h.Name)
				}
				got[h.ID], last = true, h
			}
			if q.Offset+q.Limit >= a.Total {
				break
			}
		}
		if len(got) != len(want) {
			rt.Fatalf("%d on the pages, %d there", len(got), len(want))
		}
	})
}

// fits says plainly what Query means.
func fits(s *directory.Service, q directory.Query) bool {
	open, _, known := s.Hours.Open(q.Now)
	near := q.Near == nil || slices.ContainsFunc(s.Places, func(p directory.Place) bool {
		return directory.Distance(q.Near.Lat, q.Near.Long, p.Lat, p.Long) <= directory.Reach
	})
	who := true
	switch q.For {
	case "women":
		who = len(s.For) == 0 || slices.Contains(s.For, "women")
	case "young":
		who = len(s.For) == 0 || slices.Contains(s.For, "young")
	case "adult":
		who = len(s.For) == 0 || !slices.Contains(s.For, "young")
	}
	return (q.Language == "" || slices.Contains(s.Languages, q.Language)) && (q.Crime == "" || len(s.Crimes) == 0 || slices.Contains(s.Crimes, q.Crime)) &&
		(q.Country == "" || slices.Contains(s.Countries, q.Country)) && (!q.OpenNow || open && known) && who && near
}

// The order is that of looking at every service and sorting all of them, on each
// page, wherever on earth somebody looks.
func TestTheOrderIsThatOfSortingAll(t *testing.T) {
	data := invent.Dataset(400)
	for i, loc := range data.All("location") {
		switch i % 8 {
		case 0: // over the date line, at the poles, and over the telephone
			loc.Set("latitude", "-17.9").Set("longitude", []string{"179.9", "-179.9", "180", "-180"}[i/8%4])
		case 1:
			loc.Set("latitude", []string{"89.7", "90", "-89.9"}[i/8%3]).Set("longitude", strconv.Itoa(i-180))
		case 2:
			loc.Set("latitude", "").Set("longitude", "")
		}
	}
	for i, s := range data.All("service") {
		hsds.Describe(data, s, hsds.TermKind, []string{"emergency", "report", "advice", "police", "helpline"}[i%5])
	}
	x := directory.NewIndex(directory.New(data))
	rapid.Check(t, func(rt *rapid.T) {
		q := directory.Query{
			Language: rapid.SampledFrom([]string{"", "so"}).Draw(rt, "language"), Crime: rapid.SampledFrom([]string{"", "fraud"}).Draw(rt, "crime"), For: rapid.SampledFrom([]string{"", "women"}).Draw(rt, "for"),
			OpenNow: rapid.Bool().Draw(rt, "open"), Now: now.Add(time.Duration(rapid.IntRange(0, 500_000).Draw(rt, "minutes")) * time.Minute), Limit: 100,
		}
		if rapid.Bool().Draw(rt, "near") {
			q.Near = &directory.Spot{Lat: rapid.SampledFrom([]float64{56.16, 55, 54.9999, -17.5, 89.9, -90, 90, 0}).Draw(rt, "lat"), Long: rapid.SampledFrom([]float64{10.2, 10, -180, 179.95, 0, 360}).Draw(rt, "long")}
		}
		want := sorted(x, q)
		for q.Offset = 0; q.Offset < len(want)+100; q.Offset += q.Limit {
			a := x.Find(q)
			if a.Total != len(want) {
				rt.Fatalf("%d found, %d there", a.Total, len(want))
			}
			for i, h := range a.Hits {
				if h.ID != want[q.Offset+i] {
					rt.Fatalf("place %d: %s, want %s", q.Offset+i, h.Name, x.Service(want[q.Offset+i]).Name)
				}
			}
		}
	})
}

// sorted says plainly in which order Find answers.
func sorted(x *directory.Index, q directory.Query) []string {
	type ranked struct {
		id   string
		rank []int
	}
	var all []ranked
	for i := range x.Services {
		s := &x.Services[i]
		open, _, known := s.Hours.Open(q.Now)
		km, placed := math.MaxFloat64, false
		for _, p := range s.Places {
			if q.Near != nil && p.Known {
				dy, dx := (p.Lat-q.Near.Lat)*math.Pi/180, math.Remainder((p.Long-q.Near.Long)*math.Pi/180, 2*math.Pi)*(math.Cos(p.Lat*math.Pi/180)+math.Cos(q.Near.Lat*math.Pi/180))/2
				km, placed = min(km, 6371*math.Hypot(dy, dx)), true
			}
		}
		if !placed {
			km = 10
		}
		where := q
		where.Near = nil
		if !fits(s, where) || km > directory.Reach {
			continue
		}
		special := q.Crime != "" && slices.Contains(s.Crimes, q.Crime) || q.For != "" && slices.Contains(s.For, q.For)
		kind := map[string]int{"emergency": 0, "report": 1, "helpline": 1, "advice": 3, "police": 2}[s.Kind]
		all = append(all, ranked{s.ID, []int{number(s.Stale(q.Now)), number(!special), number(!open || !known), kind, int(km * 100), i}})
	}
	slices.SortFunc(all, func(a, b ranked) int { return slices.Compare(a.rank, b.rank) })
	var ids []string
	for _, r := range all {
		ids = append(ids, r.id)
	}
	return ids
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Distances against those of the geodesic between airports, which a ball
// misses by at most half of a hundredth.
func TestDistance(t *testing.T) {
	for _, tc := range []struct{ lat1, long1, lat2, long2, km float64 }{
		{55.618, 12.656, 51.470, -0.454, 978.6}, {51.470, -0.454, 40.640, -73.779, 5554.5}, {0, 179.5, 0, -179.5, 111.3}, {90, 0, -90, 0, 20003.9},
	} {
		if got := directory.Distance(tc.lat1, tc.long1, tc.lat2, tc.long2); math.Abs(got-tc.km) > tc.km*0.005 {
			t.Errorf("%v: %.1f", tc, got)
		}
	}
}

// Searching 100,000 services on one core: near me, open now, in Somali, in a
// minute of which nobody asked yet. The limit is 50 milliseconds.
func BenchmarkFind(b *testing.B) {
	x := directory.NewIndex(directory.New(invent.Dataset(100_000)))
	spot, _ := x.Where("Aarhus", "DK")
	for name, q := range map[string]directory.Query{
		"near open Somali": {Near: &spot, OpenNow: true, Language: "so"},
		"near open":        {Near: &spot, OpenNow: true},
		"everything":       {},
		"fraud women page": {Crime: "fraud", For: "women", Offset: 200},
	} {
		b.Run(name, func(b *testing.B) {
			q.Now = now
			for b.Loop() {
				q.Now = q.Now.Add(time.Minute) // nothing is known of the minute yet
				if a := x.Find(q); a.Total == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}

// hostile is a directory in which every schedule is as dear to reckon with as
// the standard lets it be: ten thousand times, long lists, long intervals.
func hostile(n int) *hsds.Dataset {
	var lists []string
	for i := range 366 {
		lists = append(lists, strconv.Itoa(i+1))
	}
	d := &hsds.Dataset{}
	i := 0
	for r := range invent.Records(n) {
		if r.Table.Name == "schedule" {
			r.Set("dtstart", "1990-01-01").Set("count", "10000")
			switch i++; i % 4 {
			case 1:
				r.Set("interval", "10000")
			case 2:
				r.Set("freq", "MONTHLY").Set("byday", strings.Repeat("1MO,-1FR,9TH,", 100)+"3SU").Set("interval", "3")
			case 3:
				r.Set("byyearday", strings.Join(lists, ",")).Set("byweekno", strings.Join(lists[:53], ","))
			}
		}
		d.Add(r)
	}
	return d
}

// Hostile schedules are answered like any: those that hold every day are open
// when they say so, and the others are not guessed.
func TestHostileSchedulesAreAnswered(t *testing.T) {
	x := directory.NewIndex(directory.New(hostile(4000)))
	spot, _ := x.Where("Aarhus", "DK")
	all, open := x.Find(directory.Query{Now: now, Near: &spot, Language: "so"}), x.Find(directory.Query{Now: now, Near: &spot, Language: "so", OpenNow: true})
	if all.Total == 0 || open.Total == 0 || open.Total >= all.Total {
		t.Errorf("%d of %d are open", open.Total, all.Total)
	}
}

// The same as "near open Somali" with nothing but such schedules; the limit
// is 50 milliseconds too.
func BenchmarkFindHostile(b *testing.B) {
	x := directory.NewIndex(directory.New(hostile(100_000)))
	spot, _ := x.Where("Aarhus", "DK")
	q := directory.Query{Now: now, Near: &spot, OpenNow: true, Language: "so"}
	for b.Loop() {
		q.Now = q.Now.Add(time.Minute)
		x.Find(q)
	}
}

// The same when somebody has asked in this minute before.
func BenchmarkFindAgain(b *testing.B) {
	x := directory.NewIndex(directory.New(invent.Dataset(100_000)))
	for b.Loop() {
		if a := x.Find(directory.Query{Now: now, OpenNow: true}); a.Total == 0 {
			b.Fatal("nothing was found")
		}
	}
}

func BenchmarkMake(b *testing.B) {
	d := invent.Dataset(100_000)
	for b.Loop() {
		directory.NewIndex(directory.New(d))
	}
}

func FuzzWhere(f *testing.F) {
	x := start(f)
	for _, s := range []string{"8000 Aarhus", "51.5,-0.1", "SW1A 1AA", "Newcastle, GB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if spot, ok := x.Where(s, ""); ok && (math.Abs(spot.Lat) > 90 || math.Abs(spot.Long) > 180) {
			t.Errorf("%q is %+v", s, spot)
		}
	})
}
