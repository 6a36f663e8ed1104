// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/outcome/suppress"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// Publishing makes the figures of a year for everybody. All fields are
// required. It counts open compartments only, whoever publishes: what is
// closed must not move a figure that the public can see.
type Publishing struct {
	Rollups  stats.Rollups
	Contacts stats.ContactCounter
	Table    *kinds.Table
	Policy   suppress.Policy
	Out      prevent.Publisher
	Last     prevent.Publisheds
	Tx       tx.Runner
	Clock    clock.Clock
	// Category returns the public name of a category of crime.
	Category func(programme id.ID, code string) programme.Text
}

// Draft is a publication before it is one.
type Draft struct {
	Publication prevent.Publication
	Hidden      int // cells that are not told
	Last        prevent.Publication
	Changes     []Change
}

// Change is a figure that differs from the last publication of the same year.
type Change struct {
	Table, Row, Column programme.Text
	Was, Now           prevent.Cell
}

func publication(of id.ID) authz.Object {
	return authz.Object{Kind: authz.Publication, Programme: of}
}

// Draft makes the publication of a year that is over and attacks it; it fails
// with fault.Invalid when a small count could be worked out.
func (p *Publishing) Draft(ctx context.Context, s authz.Subject, of id.ID, year int) (Draft, error) {
	if err := authz.Check(s, authz.Publish, publication(of)); err != nil {
		return Draft{}, err
	}
	now := p.Clock.Now().Year()
	if year < 1970 || year >= now {
		return Draft{}, fault.Newf(fault.Invalid, "Figures are published for a year that is over, %d or before: a running one would tell with each publication what is new.", now-1)
	}
	last, err := p.Last.Latest(ctx, of)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Draft{}, fmt.Errorf("read the last publication: %w", err)
	}
	period := prevent.Period{From: fmt.Sprintf("%d-01-01", year), Until: fmt.Sprintf("%d-12-31", year)}
	if last.Number > 0 && period.From < last.Period.From {
		return Draft{}, fault.Newf(fault.Invalid, "The last publication is of %s. Publish that year again, or a later one.", last.Period.From[:4])
	}
	b := &building{Publishing: p, of: of, year: year, problem: suppress.Problem{Cells: map[string]int64{}, Before: map[string]suppress.Told{}}}
	if err := b.count(ctx, s); err != nil {
		return Draft{}, err
	}
	if last.Period == period {
		b.remember(last)
	}
	marks, err := suppress.Protect(b.problem, p.Policy)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Last: last, Publication: prevent.Publication{
		Format: prevent.Format, Programme: of, Number: last.Number + 1, Made: p.Clock.Now().Format(time.DateOnly), Period: period, K: int(p.Policy.K),
		Title: say("What came of it in "+strconv.Itoa(year), "Hvad der kom ud af det i "+strconv.Itoa(year), "ما الذي نتج في عام "+strconv.Itoa(year)),
	}}
	for _, t := range b.tables {
		d.Publication.Tables = append(d.Publication.Tables, t.publish(b.problem.Cells, marks))
	}
	for _, m := range marks {
		if m != suppress.Shown {
			d.Hidden++
		}
	}
	if last.Period == period {
		d.Changes = changes(last, d.Publication)
	}
	return d, d.Publication.Check()
}

// Publish makes the draft anew and gives it to everybody.
func (p *Publishing) Publish(ctx context.Context, s authz.Subject, of id.ID, year int) error {
	d, err := p.Draft(ctx, s, of, year)
	if err != nil {
		return err
	}
	err = p.Tx.Do(ctx, func(_ context.Context, rec *tx.Recorder) error {
		payload, err := json.Marshal(map[string]string{"at": p.Clock.Now().Format(time.RFC3339), "who": s.Account.String(), "what": "publish figures", "detail": strconv.Itoa(year)})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Programme: of, Kind: "audit", Payload: payload})
		return nil
	})
	if err != nil {
		return err
	}
	return p.Out.Publish(ctx, d.Publication)
}

func say(en, da, ar string) programme.Text { return programme.Text{"en": en, "da": da, "ar": ar} }

// building is a publication on its way: its cells by name, each once, and the
// tables in which they stand.
type building struct {
	*Publishing
	of      id.ID
	year    int
	problem suppress.Problem
	tables  []*plan
}

// plan is a table of names of cells.
type plan struct {
	table prevent.Table
	cells [][]string
}

// publish fills a table with numbers and marks.
func (p *plan) publish(n map[string]int64, marks map[string]suppress.Mark) prevent.Table {
	for i, row := range p.cells {
		for _, name := range row {
			c := prevent.Cell{Value: n[name]}
			switch marks[name] {
			case suppress.Small:
				c = prevent.Cell{Mark: prevent.Fewer}
			case suppress.Companion:
				c = prevent.Cell{Mark: prevent.Withheld}
			}
			p.table.Rows[i].Cells = append(p.table.Rows[i].Cells, c)
		}
	}
	return p.table
}

// measures are what the public is told of each month and category.
var measures = []struct {
	code string
	name programme.Text
}{
	{"items", say("Intelligence items", "Efterretninger", "معلومات استخباراتية")},
	{"referred", say("Handed to a partner", "Givet til en partner", "سُلّمت إلى شريك")},
	{stats.Success, say("Successes", "Resultater", "نجاحات")},
}

func (b *building) count(ctx context.Context, s authz.Subject) error {
	first := stats.Month(b.year * 12)
	for _, by := range []stats.By{stats.ByNothing, stats.ByCategory} {
		q := stats.Query{Programme: b.of, Inside: []id.ID{{}}, By: by, From: first, To: first + 11}
		figures, err := b.Rollups.Sum(ctx, q)
		if err != nil {
			return err
		}
		report := stats.Report{Ask: stats.Ask{By: by, From: q.From, To: q.To}, Figures: figures}
		if by == stats.ByCategory {
			b.byCategory(report)
			continue
		}
		b.byMonth(report)
		b.byKind(report)
	}
	contacts, err := b.Contacts(ctx, s, b.of, stats.Ask{By: stats.ByChannel, From: first, To: first + 11})
	if err != nil {
		return fmt.Errorf("count contacts: %w", err)
	}
	b.byChannel(stats.Report{Figures: contacts})
	return nil
}

// add makes a table of parts and their sum. The sum's cell is named by its
// measure alone, so that tables which share it are seen to.
func (b *building) add(t prevent.Table, division string, keys []string, label func(key string) programme.Text, columns []string, n func(measure, key string) int64) {
	p := &plan{}
	t.Rows = nil
	for _, key := range keys {
		var row []string
		for _, m := range columns {
			name := m + " by " + division + " " + key
			b.problem.Cells[name] = n(m, key)
			row = append(row, name)
		}
		p.cells = append(p.cells, row)
		t.Rows = append(t.Rows, prevent.Row{Label: label(key)})
	}
	var sums []string
	for j, m := range columns {
		r := suppress.Relation{Total: m}
		sum := int64(0)
		for i := range keys {
			r.Parts = append(r.Parts, p.cells[i][j])
			sum += b.problem.Cells[p.cells[i][j]]
		}
		b.problem.Cells[m] = sum
		b.problem.Relations = append(b.problem.Relations, r)
		sums = append(sums, m)
	}
	p.cells = append(p.cells, sums)
	t.Rows = append(t.Rows, prevent.Row{Label: say("All", "I alt", "المجموع"), Total: true})
	p.table = t
	b.tables = append(b.tables, p)
}

func columnsOf() (columns []prevent.Column, codes []string) {
	for _, m := range measures {
		columns = append(columns, prevent.Column{Name: m.name, Kind: prevent.Count})
		codes = append(codes, m.code)
	}
	return columns, codes
}

func (b *building) byCategory(r stats.Report) {
	columns, codes := columnsOf()
	keys := slices.DeleteFunc(r.Keys(), func(key string) bool {
		return !slices.ContainsFunc(codes, func(m string) bool { return r.Of(m, key) != 0 })
	})
	if len(keys) == 0 {
		return
	}
	t := prevent.Table{
		ID: "outcomes-by-category", Title: say("By kind of crime", "Efter slags kriminalitet", "حسب نوع الجريمة"), Columns: columns, Chart: prevent.BarChart,
		Definition: say("Items that were approved, items handed to a partner, and confirmed outcomes. Later stages of the same thing are left out.",
			"Godkendte efterretninger, efterretninger givet til en partner, og bekræftede resultater. Senere trin af samme ting er ikke talt med.",
			"معلومات تمت الموافقة عليها، ومعلومات سُلّمت إلى شريك، ونتائج مؤكدة. لا تُحسب المراحل اللاحقة للشيء نفسه."),
	}
	b.add(t, "category", keys, func(key string) programme.Text {
		if key == "" {
			return say("Not known", "Ikke kendt", "غير معروف")
		}
		return b.Category(b.of, key)
	}, codes, r.Of)
}

func (b *building) byMonth(r stats.Report) {
	columns, codes := columnsOf()
	var keys []string
	for m := r.From; m <= r.To; m++ {
		keys = append(keys, m.String())
	}
	t := prevent.Table{
		ID: "outcomes-by-month", Title: say("By month", "Efter måned", "حسب الشهر"), Columns: columns, Chart: prevent.LineChart,
		Definition: say("The same figures, by the month in which it happened.", "De samme tal, efter den måned hvor det skete.", "الأرقام نفسها حسب الشهر الذي حدثت فيه."),
	}
	b.add(t, "month", keys, func(key string) programme.Text { return say(key, key, key) }, codes, func(measure, key string) (n int64) {
		for _, f := range r.Figures {
			if f.Measure == measure && f.Month.String() == key {
				n += f.N
			}
		}
		return n
	})
}

// byKind counts outcomes of each kind. Kinds are stages of one another, so they
// have no sum.
func (b *building) byKind(r stats.Report) {
	p := &plan{table: prevent.Table{
		ID: "outcomes-by-type", Title: say("By type of outcome", "Efter slags resultat", "حسب نوع النتيجة"), Chart: prevent.BarChart,
		Columns: []prevent.Column{{Name: say("Confirmed outcomes", "Bekræftede resultater", "نتائج مؤكدة"), Kind: prevent.Count}},
		Definition: say("Confirmed outcomes of each type, each counted once. Types can be stages of the same thing, so they are not added.",
			"Bekræftede resultater af hver slags, hvert talt én gang. Slags kan være trin af samme ting, så de lægges ikke sammen.",
			"نتائج مؤكدة من كل نوع، تُحسب كل منها مرة واحدة. قد تكون الأنواع مراحل للشيء نفسه، لذلك لا تُجمع."),
	}}
	for _, k := range b.Table.Kinds {
		n := int64(0)
		for _, of := range append([]string{""}, k.Of...) {
			n += r.Total(stats.OutcomeMeasure(k.Code, of))
		}
		if n == 0 {
			continue
		}
		name := "outcomes of kind " + k.Code
		b.problem.Cells[name] = n
		p.cells = append(p.cells, []string{name})
		p.table.Rows = append(p.table.Rows, prevent.Row{Label: programme.Text(k.Name)})
	}
	if len(p.cells) > 0 {
		b.tables = append(b.tables, p)
	}
}

func (b *building) byChannel(r stats.Report) {
	keys := slices.DeleteFunc(r.Keys(), func(key string) bool { return r.Of(stats.Reports, key) == 0 })
	if len(keys) == 0 {
		return
	}
	names := map[string]programme.Text{
		"web": say("On the web", "På nettet", "عبر الإنترنت"), "phone": say("By telephone", "I telefonen", "عبر الهاتف"), "partner": say("From a partner", "Fra en partner", "من شريك"),
	}
	t := prevent.Table{
		ID: "reports-by-channel", Title: say("Reports by the way they came", "Anmeldelser efter den vej, de kom", "البلاغات حسب طريقة وصولها"), Chart: prevent.BarChart,
		Columns:    []prevent.Column{{Name: say("Reports", "Anmeldelser", "بلاغات"), Kind: prevent.Count}},
		Definition: say("Contacts that ended and told something.", "Henvendelser, der er afsluttet og fortalte noget.", "اتصالات انتهت وأخبرت بشيء."),
	}
	b.add(t, "channel", keys, func(key string) programme.Text {
		if name, ok := names[key]; ok {
			return name
		}
		return say(key, key, key)
	}, []string{stats.Reports}, r.Of)
}

// remember tells the attack what the last publication said of the same cells.
func (b *building) remember(last prevent.Publication) {
	for _, t := range b.tables {
		i := slices.IndexFunc(last.Tables, func(x prevent.Table) bool { return x.ID == t.table.ID })
		if i < 0 {
			continue
		}
		for r, row := range t.table.Rows {
			j := slices.IndexFunc(last.Tables[i].Rows, func(x prevent.Row) bool { return x.Label["en"] == row.Label["en"] })
			if j < 0 {
				continue
			}
			for c, name := range t.cells[r] {
				if c < len(last.Tables[i].Rows[j].Cells) {
					told := last.Tables[i].Rows[j].Cells[c]
					b.problem.Before[name] = suppress.Told{N: told.Value, Hidden: told.Mark != ""}
				}
			}
		}
	}
}

// changes lists the figures that differ between two publications of a year.
func changes(last, now prevent.Publication) []Change {
	var out []Change
	for _, t := range now.Tables {
		i := slices.IndexFunc(last.Tables, func(x prevent.Table) bool { return x.ID == t.ID })
		for _, row := range t.Rows {
			for c, cell := range row.Cells {
				was := prevent.Cell{Mark: prevent.Unknown}
				if i >= 0 {
					j := slices.IndexFunc(last.Tables[i].Rows, func(x prevent.Row) bool { return x.Label["en"] == row.Label["en"] })
					if j >= 0 && c < len(last.Tables[i].Rows[j].Cells) {
						was = last.Tables[i].Rows[j].Cells[c]
					}
				}
				if was != cell {
					out = append(out, Change{Table: t.Title, Row: row.Label, Column: t.Columns[c].Name, Was: was, Now: cell})
				}
			}
		}
	}
	return out
}
