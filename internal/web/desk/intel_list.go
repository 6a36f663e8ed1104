// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// itemsSize is how many items one page of the list shows; itemsExported how
// many a CSV holds.
const (
	itemsSize     = 50
	itemsExported = 2000
)

// intelRoutes are the pages right of the wall.
var intelRoutes = []Route{
	{"GET", "/p/{programme}/intelligence", Inside, (*Site).itemsPage},
	{"GET", "/p/{programme}/intelligence.csv", Inside, (*Site).itemsCSV},
	{"GET", "/p/{programme}/items/{item}", Inside, (*Site).itemPage},
	{"POST", "/p/{programme}/items/{item}/submit", Inside, itemStep("submit")},
	{"POST", "/p/{programme}/items/{item}/approve", Inside, itemStep("approve")},
	{"POST", "/p/{programme}/items/{item}/send-back", Inside, itemStep("send-back")},
	{"POST", "/p/{programme}/items/{item}/judge", Inside, itemStep("judge")},
	{"POST", "/p/{programme}/items/{item}/retain", Inside, itemStep("retain")},
	{"POST", "/p/{programme}/items/{item}/propose", Inside, itemStep("propose")},
	{"POST", "/p/{programme}/items/{item}/dispose", Inside, itemStep("dispose")},
	{"GET", "/p/{programme}/compartments", Inside, (*Site).compartmentsPage},
	{"POST", "/p/{programme}/compartments", Inside, (*Site).setCompartment},
	{"GET", "/p/{programme}/schemes", Inside, (*Site).schemesPage},
}

// itemQueue is a filter that people come back to, with an address of its own.
type itemQueue struct {
	Name   string
	Counts bool // its number says that work waits
	set    func(f *intel.Filter, now time.Time)
}

var itemQueues = []itemQueue{
	{"all", false, func(*intel.Filter, time.Time) {}},
	{"review", true, func(f *intel.Filter, _ time.Time) { f.State = intel.Submitted }},
	{"drafts", true, func(f *intel.Filter, _ time.Time) { f.State = intel.Draft }},
	{"approved", false, func(f *intel.Filter, _ time.Time) { f.State = intel.Approved }},
	{"due", true, func(f *intel.Filter, now time.Time) { f.DueBefore = now }},
	{"voice", false, func(f *intel.Filter, _ time.Time) { f.OneVoice = true }},
	{"malice", false, func(f *intel.Filter, _ time.Time) { f.Malicious = true }},
}

type itemsPage struct {
	frame
	Queue         string
	Queues        []queueLink
	Rows          []itemRow
	Count         string // "1,000+" where there are more
	Sought        string // words that are searched for
	Ranked        bool
	Named         string // the thing that the items name
	Kind          string // key of its kind
	Categories    []option
	Category      string
	Seriousnesses []option
	Desks         []option
	Filtered      bool
	Newest        string // address of the first page, when this is a later one
	Older         string
	CSV           string
}

type itemRow struct {
	To, Number, Title, Desk, Category, Written, Review, Begins string
	State                                                      intel.State
	Seriousness                                                string
	Pending, Overdue, Closed                                   bool
	Independent, Malicious, OneVoice                           bool
	Handling                                                   badge
	Statements, Reports                                        int
}

// badge is a code with its words.
type badge struct{ Code, Says string }

// itemFilter reads the filters that the address holds; what it doesn't know
// filters nothing.
func (s *Site) itemFilter(v *visit, q url.Values) (intel.Filter, itemQueue, error) {
	f := intel.Filter{Limit: itemsSize, Category: q.Get("category"), Seriousness: q.Get("seriousness")}
	if !slices.Contains(intel.Seriousnesses, f.Seriousness) {
		f.Seriousness = ""
	}
	if !slices.ContainsFunc(s.categories(v.lang), func(o option) bool { return o.Value == f.Category }) {
		f.Category = ""
	}
	i := max(0, slices.IndexFunc(itemQueues, func(x itemQueue) bool { return x.Name == q.Get("queue") }))
	itemQueues[i].set(&f, s.Clock.Now())
	var err error
	if f.Desk, err = formID(q, "desk"); err != nil {
		return f, itemQueues[i], err
	}
	f.Before, err = readCursor(q.Get("before"))
	return f, itemQueues[i], err
}

// writeCursor and readCursor carry a place in the list through the address.
func writeCursor(c intel.Cursor) string {
	return strconv.FormatInt(c.Created.Unix(), 10) + "-" + c.ID.String()
}

func readCursor(text string) (intel.Cursor, error) {
	if text == "" {
		return intel.Cursor{}, nil
	}
	seconds, item, _ := strings.Cut(text, "-")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || at < 0 || at > 1<<40 {
		return intel.Cursor{}, fault.New(fault.Invalid, "The address names no place in the list: begin with the newest.")
	}
	last, err := id.Parse(item)
	if err != nil {
		return intel.Cursor{}, fault.Wrap(fault.Invalid, "The address names no place in the list: begin with the newest.", err)
	}
	return intel.Cursor{Created: time.Unix(at, 0).UTC(), ID: last}, nil
}

// items asks for what the address says: a search, what names a thing, or a
// page of the list.
func (s *Site) items(v *visit, r *http.Request, p *itemsPage, f intel.Filter) ([]intel.Row, string, error) {
	q, ctx := r.URL.Query(), r.Context()
	switch {
	case q.Get("kind") != "":
		p.Kind, p.Named = v.keyOr("intel.kind_", q.Get("kind")), q.Get("value")
		rows, err := s.Items.BySelector(ctx, v.Subject, v.programme.ID, q.Get("kind"), p.Named)
		p.Count = capped(len(rows))
		return rows, "", err
	case strings.TrimSpace(q.Get("q")) != "":
		p.Sought, p.Ranked = strings.TrimSpace(q.Get("q")), q.Get("sort") == "relevance"
		from, _ := strconv.Atoi(q.Get("from")) // what is no number is the first page
		found, err := s.Items.Search(ctx, v.Subject, v.programme.ID, intel.Query{Words: p.Sought, Language: v.lang, Ranked: p.Ranked, Offset: from, Limit: f.Limit})
		p.Count = capped(found.Count)
		next := ""
		if from+len(found.Rows) < min(found.Count, intel.MostCounted) && len(found.Rows) > 0 {
			next = v.itemsAt(q, "from", strconv.Itoa(from+len(found.Rows)))
		}
		return found.Rows, next, err
	}
	list, err := s.Items.List(ctx, v.Subject, v.programme.ID, f)
	p.Count = capped(list.Count)
	next := ""
	if list.More && len(list.Rows) > 0 {
		next = v.itemsAt(q, "before", writeCursor(list.Rows[len(list.Rows)-1].Cursor()))
	}
	return list.Rows, next, err
}

// capped writes a count as far as it was counted.
func capped(n int) string {
	if n > intel.MostCounted {
		return "1,000+"
	}
	return strconv.Itoa(n)
}

// itemsAt is the list's address with one value changed.
func (v *visit) itemsAt(q url.Values, name, value string) string {
	next := url.Values{}
	for k, values := range q {
		if k != "before" && k != "from" {
			next[k] = values
		}
	}
	next.Set(name, value)
	return v.at("/intelligence?") + next.Encode()
}

func (s *Site) itemsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, queue, err := s.itemFilter(v, q)
	if err != nil {
		return err
	}
	p := itemsPage{frame: s.frame(v, "/intelligence"), Queue: queue.Name}
	rows, older, err := s.items(v, r, &p, f)
	if err != nil {
		return err
	}
	p.Older = older
	for _, row := range rows {
		p.Rows = append(p.Rows, s.itemRow(v, row))
	}
	for _, x := range itemQueues {
		l := queueLink{To: v.at("/intelligence?queue=" + x.Name), Text: "intel.queue_" + x.Name, Here: x.Name == queue.Name && p.Sought == "" && p.Kind == ""}
		if x.Counts {
			probe := intel.Filter{Limit: 1}
			x.set(&probe, s.Clock.Now())
			some, err := s.Items.List(r.Context(), v.Subject, v.programme.ID, probe)
			if err != nil {
				return err
			}
			l.Count, l.Loud = some.Count, x.Name == "due" && some.Count > 0
		}
		p.Queues = append(p.Queues, l)
	}
	p.Category = f.Category
	p.Categories = append([]option{{}}, s.categories(v.lang)...)
	for i := range p.Categories {
		p.Categories[i].Selected = p.Categories[i].Value == f.Category
	}
	p.Seriousnesses = options(append([]string{""}, intel.Seriousnesses...), f.Seriousness, "intel.ser_")
	for _, d := range v.programme.Desks {
		p.Desks = append(p.Desks, option{Value: d.ID.String(), Text: d.Name.In(v.lang), Selected: d.ID == f.Desk})
	}
	p.Filtered = f.Category != "" || f.Seriousness != "" || !f.Desk.IsZero() || p.Sought != "" || p.Kind != ""
	if q.Get("before") != "" || q.Get("from") != "" {
		next := url.Values{}
		for k, values := range q {
			if k != "before" && k != "from" {
				next[k] = values
			}
		}
		p.Newest = v.at("/intelligence?") + next.Encode()
	}
	p.CSV = v.at("/intelligence.csv?") + r.URL.RawQuery
	return s.templates.Write(w, http.StatusOK, v.lang, "intel", p)
}

func (s *Site) itemRow(v *visit, row intel.Row) itemRow {
	out := itemRow{
		To: v.at("/items/" + row.ID.String()), Number: row.Number, Title: row.Title, Desk: v.deskName(row.Desk), Category: s.categoryName(v, row.Category),
		Written: day(row.Created), Review: day(row.Review), State: row.State, Seriousness: row.Seriousness, Pending: row.Pending,
		Overdue: !row.Review.IsZero() && !row.Review.After(s.Clock.Now()), Closed: !row.Compartment.IsZero(),
		Independent: row.Sources.Independence == intel.Independent, Malicious: row.Sources.Malicious, OneVoice: row.Sources.OneVoice,
		Handling: s.handlingBadge(v, row.Item), Statements: len(row.Statements), Reports: len(row.Reports),
	}
	if len(row.Statements) > 0 {
		out.Begins = clip(row.Statements[0].Text, 200)
	}
	return out
}

// clip cuts a text to n characters.
func clip(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return strings.TrimSpace(string(r[:n])) + "…"
	}
	return text
}

// day writes a date, "" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// itemsCSV is what the list shows, all its pages up to itemsExported; of a
// search the first 200.
func (s *Site) itemsCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.itemFilter(v, r.URL.Query())
	if err != nil {
		return err
	}
	var all []intel.Row
	for f.Limit = 200; len(all) < itemsExported; {
		rows, older, err := s.items(v, r, &itemsPage{}, f)
		if err != nil {
			return err
		}
		all = append(all, rows...)
		if r.URL.Query().Get("q") != "" || older == "" || len(rows) == 0 {
			break
		}
		f.Before = rows[len(rows)-1].Cursor()
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="intelligence.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"number", "title", "state", "category", "seriousness", "desk", "handling", "independence", "malicious", "one_voice", "written", "review", "statements"}) // errors show in Error
	for _, x := range all {
		_ = out.Write([]string{
			x.Number, safeCell(x.Title), string(x.State), x.Category, x.Seriousness, safeCell(v.deskName(x.Desk)), handlingCode(x.Item),
			string(x.Sources.Independence), strconv.FormatBool(x.Sources.Malicious), strconv.FormatBool(x.Sources.OneVoice), day(x.Created), day(x.Review), strconv.Itoa(len(x.Statements)),
		})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	return nil
}

// handlingCode writes a handling as "C A1 S2".
func handlingCode(it intel.Item) string {
	return strings.Join(append([]string{it.Handling.Code}, it.Handling.Conditions...), " ")
}

// byName sorts options by what they say.
func byName(a, b option) int { return cmp.Compare(a.Text, b.Text) }
