// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/directory/gazetteer"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
)

// Query is what somebody looks for. Every field may be empty.
type Query struct {
	Country  string // ISO 3166-1
	Near     *Spot
	Language string // ISO 639
	Crime    string
	For      string // young, adult, women, men, older, business
	Kind     string
	OpenNow  bool
	Now      time.Time
	Offset   int
	Limit    int // at most MaxLimit; 0 is 20
}

// MaxLimit is how many services are answered at once at most.
const MaxLimit = 100

// Reach is how far away a place may be to be near, in kilometres.
const Reach = 100.0

// lineDistance is what a service without a place counts for among places: a
// telephone is as near as a place in the next town.
const lineDistance = 10.0

// Hit is a service that was found.
type Hit struct {
	*Service
	State    hours.State
	Place    int     // which of its places is nearest; -1 none
	Distance float64 // to that place in kilometres; -1 unknown
	Stale    bool
}

// Answer is what a search found.
type Answer struct {
	Hits  []Hit
	Total int
}

// bitset has a bit for each service.
type bitset []uint64

func (b bitset) set(i int) { b[i/64] |= 1 << (i % 64) }

// Index searches a directory in memory. What a service is and whom it is for are
// bits, 64 services to a word; where it is, a square of the earth. A search near
// a place looks at each service of the squares around it, any other one at whole
// words: 100,000 services take well under a millisecond, unless all of them are
// in one town.
type Index struct {
	*Directory
	all, anyCrime, anyFor, anyCountry bitset
	crimes, persons, languages        map[string]bitset
	kinds, countries                  map[string]bitset
	adult, child                      bitset // whom age lets in
	tables                            []*hours.Timetable
	table                             []int32            // of each service: its timetable among tables, -1 none
	points                            []point            // places with coordinates
	first                             []int32            // of each service: its first point; one more at the end
	squares                           map[square][]int32 // services with a place there
	placeless                         bitset             // services without a known place
	ranks                             [4]bitset          // services by kindRank
	rank                              []uint8            // of each service
	towns                             map[string][]Spot
	codes                             map[string]Spot
	lastMinute                        atomic.Pointer[minute]
	lastDay                           atomic.Pointer[today]
}

type point struct {
	lat, long, cos float64 // radians
	place          int32
}

// NewIndex makes the index of a directory.
func NewIndex(d *Directory) *Index {
	n := (len(d.Services) + 63) / 64
	fresh := func() bitset { return make(bitset, n) }
	x := &Index{
		Directory: d, all: fresh(), anyCrime: fresh(), anyFor: fresh(), anyCountry: fresh(), adult: fresh(), child: fresh(),
		crimes: map[string]bitset{}, persons: map[string]bitset{}, languages: map[string]bitset{}, kinds: map[string]bitset{}, countries: map[string]bitset{},
		squares: map[square][]int32{}, placeless: fresh(), ranks: [4]bitset{fresh(), fresh(), fresh(), fresh()}, towns: map[string][]Spot{}, codes: map[string]Spot{},
	}
	mark := func(m map[string]bitset, key string, i int) {
		if m[key] == nil {
			m[key] = fresh()
		}
		m[key].set(i)
	}
	seen := map[string]int32{}
	for i := range d.Services {
		s := &d.Services[i]
		x.all.set(i)
		for _, l := range s.Languages {
			mark(x.languages, l, i)
		}
		for _, c := range s.Crimes {
			mark(x.crimes, c, i)
		}
		for _, f := range s.For {
			mark(x.persons, f, i)
		}
		for _, c := range s.Countries {
			mark(x.countries, c, i)
		}
		mark(x.kinds, s.Kind, i)
		x.lets(s, i)
		x.table = append(x.table, x.timetable(s, seen))
		x.first = append(x.first, int32(len(x.points)))
		for n, p := range s.Places {
			if p.Known {
				x.points = append(x.points, point{p.Lat * math.Pi / 180, p.Long * math.Pi / 180, math.Cos(p.Lat * math.Pi / 180), int32(n)})
				x.squares[squareOf(p.Lat, p.Long)] = append(x.squares[squareOf(p.Lat, p.Long)], int32(i))
			}
		}
		if int(x.first[i]) == len(x.points) {
			x.placeless.set(i)
		}
		x.ranks[kindRank(s.Kind)].set(i)
		x.rank = append(x.rank, kindRank(s.Kind))
	}
	x.first = append(x.first, int32(len(x.points)))
	x.learnPlaces()
	return x
}

// lets marks whom a service leaves out, and whom not.
func (x *Index) lets(s *Service, i int) {
	if len(s.Crimes) == 0 {
		x.anyCrime.set(i)
	}
	if len(s.For) == 0 {
		x.anyFor.set(i)
	}
	if len(s.Countries) == 0 {
		x.anyCountry.set(i)
	}
	if s.MaxAge == 0 || s.MaxAge >= 25 {
		x.adult.set(i)
	}
	if s.MinAge < 18 {
		x.child.set(i)
	}
}

// timetable returns the number of a service's timetable. Many services keep
// the same hours: each timetable is asked once in a search.
func (x *Index) timetable(s *Service, seen map[string]int32) int32 {
	if !s.Hours.Known() {
		return -1
	}
	key := s.Hours.Key()
	n, ok := seen[key]
	if !ok {
		n = int32(len(x.tables))
		x.tables = append(x.tables, s.Hours)
		seen[key] = n
	}
	return n
}

// learnPlaces lets the addresses of services be found by name and postcode.
func (x *Index) learnPlaces() {
	type sum struct {
		Spot
		n float64
	}
	towns, codes := map[[2]string]*sum{}, map[[2]string]*sum{}
	add := func(m map[[2]string]*sum, key string, p Place) {
		if key == "" {
			return
		}
		s := m[[2]string{key, p.Country}]
		if s == nil {
			s = &sum{Spot: Spot{Name: p.City, Country: p.Country}}
			m[[2]string{key, p.Country}] = s
		}
		s.Lat, s.Long, s.n = s.Lat+p.Lat, s.Long+p.Long, s.n+1
	}
	for i := range x.Services {
		for _, p := range x.Services[i].Places {
			if !p.Known {
				continue
			}
			add(towns, gazetteer.Fold(p.City), p)
			code := postcode(p.Postcode)
			add(codes, code, p)
			if m := britishCode.FindStringSubmatch(code); m != nil && p.Country == "GB" {
				add(codes, m[1]+m[2], p)
			}
		}
	}
	mean := func(s *sum) Spot { return Spot{Name: s.Name, Country: s.Country, Lat: s.Lat / s.n, Long: s.Long / s.n} }
	for key, s := range towns {
		x.towns[key[0]] = append(x.towns[key[0]], mean(s))
	}
	for _, spots := range x.towns {
		slices.SortFunc(spots, func(a, b Spot) int { return compareSpots(a, b) })
	}
	for key, s := range codes {
		if old, ok := x.codes[key[0]]; !ok || compareSpots(mean(s), old) < 0 {
			x.codes[key[0]] = mean(s)
		}
	}
}

// kindRank puts those who act before those who advise.
func kindRank(kind string) uint8 {
	switch kind {
	case "emergency":
		return 0
	case "report", "helpline":
		return 1
	case "advice":
		return 3
	}
	return 2
}

// Find searches. The order: checked in time before stale, made for this kind
// of crime or person before general, open before closed, those who act before
// those who advise, then near before far.
func (x *Index) Find(q Query) Answer {
	found, total := x.find(q)
	a := Answer{Total: total}
	for _, i := range found {
		a.Hits = append(a.Hits, x.hit(i, q))
	}
	return a
}

// find returns the numbers of the services of a page, and how many there are in
// all.
func (x *Index) find(q Query) (found []int, total int) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit, q.Offset = min(q.Limit, MaxLimit), max(0, q.Offset)
	left := x.filter(q)
	if q.Near != nil {
		return x.findNear(q, left)
	}
	m := x.minute(q.Now)
	open := make(bitset, len(left))
	for w := range left {
		open[w] = x.open(w, left[w], m)
		if q.OpenNow {
			left[w] &= open[w]
		}
		total += bits.OnesCount64(left[w])
	}
	if q.Offset >= total {
		return nil, total
	}
	stale, special := x.stale(q.Now), x.special(q)
	passed := 0
	for class := range 32 { // those before come first, in the order of the names
		of := x.ranks[class&3]
		for w := range left {
			bit := left[w] & of[w]
			if bit == 0 {
				continue
			}
			bit &= either(open[w], class&4 == 0) & either(special[w], class&8 == 0) & either(stale[w], class&16 != 0)
			if n := bits.OnesCount64(bit); passed+n <= q.Offset {
				passed += n
				continue
			}
			for ; bit != 0; bit &= bit - 1 {
				if passed++; passed <= q.Offset {
					continue
				}
				if found = append(found, w*64+bits.TrailingZeros64(bit)); len(found) == q.Limit {
					return found, total
				}
			}
		}
	}
	return found, total
}

// either returns the bits, or the others.
func either(bits uint64, wanted bool) uint64 {
	if wanted {
		return bits
	}
	return ^bits
}

// findNear looks at what is left of the services around a place, and of those
// that have none.
func (x *Index) findNear(q Query, left bitset) (found []int, total int) {
	m, stale, special := x.minute(q.Now), x.stale(q.Now), x.special(q)
	best := newLeast(q.Offset + q.Limit)
	take := func(i int, km float64) {
		w, bit := i/64, uint64(1)<<(i%64)
		isOpen := x.open(w, bit, m) != 0
		if q.OpenNow && !isOpen {
			return
		}
		key := uint64(x.rank[i])<<57 | uint64(min(km*100, 1<<24-1))<<32 | uint64(i)
		if stale[w]&bit != 0 {
			key |= 1 << 61
		}
		if special[w]&bit == 0 {
			key |= 1 << 60
		}
		if !isOpen {
			key |= 1 << 59
		}
		best.add(key)
		total++
	}
	for w := range left {
		for bit := left[w] & x.placeless[w]; bit != 0; bit &= bit - 1 {
			take(w*64+bits.TrailingZeros64(bit), lineDistance) // it comes over the telephone
		}
	}
	lat, long := q.Near.Lat*math.Pi/180, q.Near.Long*math.Pi/180
	cos := math.Cos(lat)
	for _, s := range around(q.Near.Lat, q.Near.Long) {
		for _, n := range x.squares[s] {
			i, bit := int(n), uint64(1)<<(n%64)
			if left[i/64]&bit == 0 {
				continue
			}
			left[i/64] &^= bit // it may have a place in another square
			if q.OpenNow && m.closed(i/64, bit) {
				continue
			}
			if km := x.nearest(i, lat, long, cos); km <= Reach {
				take(i, km)
			}
		}
	}
	keys := best.sorted()
	for _, key := range keys[min(q.Offset, len(keys)):] {
		found = append(found, int(uint32(key)))
	}
	return found, total
}

func (x *Index) hit(i int, q Query) Hit {
	s := &x.Services[i]
	h := Hit{Service: s, State: s.Hours.At(q.Now), Place: -1, Distance: -1, Stale: s.Stale(q.Now)}
	if len(s.Places) > 0 {
		h.Place = 0
	}
	if q.Near != nil {
		for n, p := range s.Places {
			if !p.Known {
				continue
			}
			if km := Distance(q.Near.Lat, q.Near.Long, p.Lat, p.Long); h.Distance < 0 || km < h.Distance {
				h.Place, h.Distance = n, km
			}
		}
	}
	return h
}

// filter returns the services that a query leaves.
func (x *Index) filter(q Query) bitset {
	left := slices.Clone(x.all)
	keep := func(sets ...bitset) {
		for w := range left {
			var any uint64
			for _, s := range sets {
				if s != nil {
					any |= s[w]
				}
			}
			left[w] &= any
		}
	}
	country := q.Country
	if country == "" && q.Near != nil {
		country = q.Near.Country
	}
	if country != "" {
		keep(x.countries[country], x.anyCountry)
	}
	if q.Language != "" {
		keep(x.languages[q.Language])
	}
	if q.Crime != "" {
		keep(x.crimes[q.Crime], x.anyCrime)
	}
	if q.Kind != "" {
		keep(x.kinds[q.Kind])
	}
	switch q.For {
	case "":
	case "young":
		keep(x.persons["young"], x.anyFor)
		keep(x.child)
	case "adult":
		keep(x.anyFor, x.persons["women"], x.persons["men"], x.persons["older"])
		keep(x.adult)
	default:
		keep(x.persons[q.For], x.anyFor)
		keep(x.adult)
	}
	return left
}

// special returns the services that are made for what a query asks.
func (x *Index) special(q Query) bitset {
	out := make(bitset, len(x.all))
	crime, person := x.crimes[q.Crime], x.persons[q.For]
	if q.Crime == "" && person == nil {
		return out // nothing was asked for: all are alike
	}
	for w := range out {
		if crime != nil {
			out[w] |= crime[w]
		}
		if person != nil {
			out[w] |= person[w]
		}
	}
	return out
}

// LanguageCodes returns the languages in which somebody can be reached, in order.
func (x *Index) LanguageCodes() []string {
	var all []string
	for l := range x.languages {
		all = append(all, l)
	}
	slices.Sort(all)
	return all
}

// ForCrime returns whom to call about a kind of crime in a country: those made
// for it, then the police and those who take what people know about any
// crime. With young only those for people under 18.
func (x *Index) ForCrime(crime, country string, young bool, now time.Time) []Hit {
	q := Query{Country: country, Crime: crime, For: "adult", Now: now, Limit: MaxLimit}
	if young {
		q.For = "young"
	}
	var hits []Hit
	found, _ := x.find(q)
	for _, i := range found {
		s := &x.Services[i]
		own := slices.Contains(s.Crimes, crime)
		general := len(s.Crimes) == 0 && (s.Kind == "police" || s.Kind == "report")
		if young && slices.Contains(s.For, "young") || !young && (own || general) {
			hits = append(hits, x.hit(i, q))
		}
		if len(hits) == maxForCrime {
			break
		}
	}
	return hits
}

// maxForCrime is how many services ForCrime returns at most.
const maxForCrime = 12

// least keeps the n smallest of many numbers: a heap with the largest on top.
type least struct {
	n    int
	heap []uint64
}

func newLeast(n int) *least { return &least{n: n} }

func (l *least) add(key uint64) {
	switch {
	case len(l.heap) < l.n:
		l.heap = append(l.heap, key)
		for i := len(l.heap) - 1; i > 0 && l.heap[(i-1)/2] < l.heap[i]; i = (i - 1) / 2 {
			l.heap[i], l.heap[(i-1)/2] = l.heap[(i-1)/2], l.heap[i]
		}
	case l.n > 0 && key < l.heap[0]:
		l.heap[0] = key
		for i := 0; ; {
			large := i
			for _, child := range []int{2*i + 1, 2*i + 2} {
				if child < len(l.heap) && l.heap[child] > l.heap[large] {
					large = child
				}
			}
			if large == i {
				return
			}
			l.heap[i], l.heap[large] = l.heap[large], l.heap[i]
			i = large
		}
	}
}

func (l *least) sorted() []uint64 {
	slices.Sort(l.heap)
	return l.heap
}
