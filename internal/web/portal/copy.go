// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hours"
	"github.com/turnstone-project/turnstone/internal/programme"
)

//go:embed pages/copy.css
var copyStyle string

// copyPolicy lets the copy show its own style and do nothing else, wherever it
// is opened: it stands in the file too.
var copyPolicy = func() string {
	sum := sha256.Sum256([]byte(copyStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// Bounds of a copy: what a cheap telephone takes over Bluetooth in a minute.
const (
	maxCopy      = 300     // services of a country
	maxCopyBytes = 1 << 20 // of the file; there are fewer services when they say much
	maxCopyText  = 600     // bytes of one text
)

// usualView is the hours of days that follow each other and have the same.
type usualView struct{ Days, Spans string }

// copyService is a service with all that can be said of it for months.
type copyService struct {
	hitView
	Anchor       string
	Phones       []phoneView
	Email        string
	Always       bool
	Usual        []usualView
	Varies       bool
	Until        string // last day of these hours
	Zone         string
	Holidays     string // in words
	HoursSaid    []string
	Places       []placeView
	Eligibility  string
	Interpreters string
	Fees, Alert  string
}

type copyCountry struct {
	Code, Name string
	Numbers    []numberView
	Services   []copyService
	Left       int // how many there are beside these
}

type copyPage struct {
	frame
	Style     template.CSS
	Policy    string
	Countries []copyCountry
	Made      string
	Site      string // where a newer one is
}

// kept is the copy of the directory as browsers show it, and as the worker of
// this part keeps it on a device.
func (s *Site) kept(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.writeCopy(w, r, v, "")
}

// copyFile is the same as a file to download and to pass on.
func (s *Site) copyFile(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.writeCopy(w, r, v, "attachment")
}

// writeCopy makes one page of the whole directory, or of the services of the
// country that was asked for, that needs nothing beside itself.
func (s *Site) writeCopy(w http.ResponseWriter, r *http.Request, v visit, disposition string) error {
	x, err := s.directory()
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	chosen := slices.Clone(v.programme.Countries)
	name := "numbers"
	if i := slices.IndexFunc(chosen, func(c programme.Country) bool { return c.Code == r.URL.Query().Get("country") }); i >= 0 {
		chosen = chosen[i : i+1]
		name += "-" + strings.ToLower(chosen[0].Code)
	}
	p := copyPage{frame: s.frame(v), Style: template.CSS(copyStyle), Policy: copyPolicy, Made: now.Format(time.DateOnly), Site: s.origin(r) + v.root() + "/help"} //nolint:gosec // the style is built in
	var b []byte
	for n := maxCopy; n > 0; n /= 2 {
		p.Countries = copyCountries(v, x, chosen, now, n)
		b, err = s.pages.Execute(v.lang, "copy", p)
		if err != nil {
			return fmt.Errorf("write the copy: %w", err)
		}
		if len(b) <= maxCopyBytes {
			break
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", copyPolicy+"; frame-ancestors 'none'")
	if disposition != "" {
		h.Set("Content-Disposition", fmt.Sprintf(`%s; filename="%s-%s-%s.html"`, disposition, name, v.lang, p.Made))
	}
	_, _ = w.Write(b) // the browser left: nobody to tell
	return nil
}

// copyCountries lists at most n services of each country, in the order of an
// answer to which nothing was asked.
func copyCountries(v visit, x *directory.Index, chosen []programme.Country, now time.Time, n int) []copyCountry {
	anchored := map[string]bool{}
	var all []copyCountry
	for _, c := range chosen {
		part := copyCountry{Code: strings.ToLower(c.Code), Name: c.Name.In(v.lang), Numbers: numbers(v, c)}
		hits, total := everybody(x, c.Code, now, n)
		for _, h := range hits {
			if repeats(c, h) {
				total--
				continue // it stands above already
			}
			one := copied(v, h, now)
			if !anchored[h.ID] {
				one.Anchor, anchored[h.ID] = "s-"+h.ID, true
			}
			part.Services = append(part.Services, one)
		}
		part.Left = total - len(part.Services)
		all = append(all, part)
	}
	return all
}

// everybody returns the first n services of a country, and how many there are.
func everybody(x *directory.Index, country string, now time.Time, n int) (hits []directory.Hit, total int) {
	for len(hits) < n {
		answer := x.Find(directory.Query{Country: country, Now: now, Offset: len(hits), Limit: min(directory.MaxLimit, n-len(hits))})
		hits, total = append(hits, answer.Hits...), answer.Total
		if len(answer.Hits) == 0 || len(hits) >= total {
			break
		}
	}
	return hits, total
}

// repeats reports whether a service is one of the country's emergency numbers.
func repeats(c programme.Country, h directory.Hit) bool {
	return slices.ContainsFunc(c.Emergency, func(e programme.Emergency) bool {
		return len(h.Phones) > 0 && h.Phones[0].Dial == strings.ReplaceAll(e.Number, " ", "")
	})
}

func copied(v visit, h directory.Hit, now time.Time) copyService {
	one := copyService{
		hitView: hit(v, h, now), Email: h.Email, Always: h.State.Always, Interpreters: brief(h.Interpreters), Eligibility: brief(h.Eligibility), Fees: brief(h.Fees), Alert: brief(h.Alert),
	}
	one.About = brief(one.About)
	one.Phones = phones(v, h.Phones[:min(5, len(h.Phones))])
	for _, p := range h.Places[:min(3, len(h.Places))] {
		one.Places = append(one.Places, placeView{Name: brief(p.Name), Lines: p.Lines, Token: strings.TrimSpace(p.Postcode + " " + p.City)})
	}
	for _, said := range h.HoursSaid[:min(3, len(h.HoursSaid))] {
		one.HoursSaid = append(one.HoursSaid, brief(said))
	}
	if !one.Always && h.Hours.Known() {
		one.usual(v, h.Hours, now)
	}
	return one
}

// usual says the ordinary week in words.
func (c *copyService) usual(v visit, t *hours.Timetable, now time.Time) {
	u, ok := t.Usual(now)
	c.Varies = !ok
	if !ok {
		return
	}
	c.Zone = zoneName(now.In(t.ZoneOrUTC()))
	if !u.Until.IsZero() {
		c.Until = u.Until.Format(time.DateOnly)
	}
	c.Holidays = v.say(map[hours.Policy]string{
		hours.Closed: "help.holidays_closed", hours.AsSunday: "help.holidays_sunday", hours.AsAlways: "help.holidays_open", hours.Unsaid: "help.holidays_unsaid",
	}[u.Holidays])
	day := func(i int) string { return v.say("day." + strconv.Itoa((i+1)%7)) }
	for from := 0; from < 7; {
		to := from
		for to < 6 && slices.Equal(u.Week[to+1], u.Week[from]) {
			to++
		}
		view := usualView{Days: day(from), Spans: strings.Join(u.Week[from], v.say("help.comma"))}
		if to > from {
			view.Days += "–" + day(to)
		}
		c.Usual = append(c.Usual, view)
		from = to + 1
	}
}

// brief cuts a text for a copy.
func brief(s string) string {
	if len(s) <= maxCopyText {
		return s
	}
	return short(s, maxCopyText) + "…"
}

// countryLinks are the countries that a copy can be had for alone.
func countryLinks(v visit) []choice {
	if len(v.programme.Countries) < 2 {
		return nil
	}
	var all []choice
	for _, c := range v.programme.Countries {
		all = append(all, choice{ID: c.Code, Name: c.Name.In(v.lang)})
	}
	return all
}
