// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// Figures gives out what programmes publish of themselves; *prevent.Publications
// does.
type Figures interface {
	// At returns a publication by its number, the newest one for 0, with the
	// bytes that were signed, its signature checked; fault.NotFound.
	At(ctx context.Context, programme id.ID, number int) (prevent.Signed, prevent.Publication, error)
	// PublicKey is what its signatures are checked with.
	PublicKey() ed25519.PublicKey
}

// told is a publication with the bytes that were signed.
type told struct {
	prevent.Publication
	signed prevent.Signed
	read   time.Time
}

// lookAgain is how long the newest publication counts as the newest. What has a
// number never changes.
const lookAgain = 20 * time.Second

// mostTold bounds what is kept in memory.
const mostTold = 200

// shelf keeps publications that were read and checked. Safe for concurrent use.
type shelf struct {
	from Figures
	mu   sync.Mutex
	kept map[shelfKey]told
}

type shelfKey struct {
	programme id.ID
	number    int
}

// at returns a publication by its number, the newest one for 0; one without
// tables says that there is none.
func (s *shelf) at(ctx context.Context, now time.Time, programme id.ID, number int) (told, error) {
	if s.from == nil || number < 0 {
		return told{}, nil
	}
	key := shelfKey{programme, number}
	s.mu.Lock()
	found, ok := s.kept[key]
	s.mu.Unlock()
	if ok && (number > 0 || now.Sub(found.read) < lookAgain) {
		return found, nil
	}
	signed, p, err := s.from.At(ctx, programme, number)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return told{}, fmt.Errorf("read publication: %w", err)
	}
	found = told{Publication: p, signed: signed, read: now}
	if number > 0 && err != nil {
		return found, nil // what nobody published is not worth remembering
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= mostTold {
		clear(s.kept)
	}
	s.kept[key] = found
	return found, nil
}

// published returns the number of the newest publication of a visit's programme,
// 0 when there is none. An error is told when the page itself is asked for.
func (s *Site) published(ctx context.Context, v visit) int {
	newest, err := s.shelf.at(ctx, s.Clock.Now(), v.programme.ID, 0)
	if err != nil {
		return 0
	}
	return newest.Number
}

type cameOfItPage struct {
	frame
	Title, Made string
	From, Until string
	K, Number   int
	Newest      bool
	Headline    []headline
	Tables      []figureTable
	Earlier     []earlierFigures
	At          string // address of this publication
	Key, Sign   string
	Sum         string // SHA-256 of the file
	Published   bool
}

// headline is a number with what it counts.
type headline struct {
	Name string
	Cell figureCell
}

type figureTable struct {
	ID, Title, Definition, Notes string
	Columns                      []string
	Rows                         []figureRow
	Bars                         []bar
	Line                         *line
	Drawn                        string // name of the column that is drawn
}

type figureRow struct {
	Label string
	Total bool
	Cells []figureCell
}

// figureCell is a figure as it is written, or the key of why it is not told.
type figureCell struct{ Text, Mark string }

// bar is one row of a chart: how wide, of a hundred.
type bar struct {
	Label string
	Wide  int
	Cell  figureCell
	X     int // where it begins: on the right where words run that way
}

// line is a chart of points in time: path and dots in a box of lineWide by
// lineHigh.
type line struct {
	Path        string
	Dots        []dot
	Most        string
	First, Last string
}

type dot struct{ X, Y int }

const lineWide, lineHigh, linePad = 600, 160, 10

// earlierFigures leads to a publication before the newest.
type earlierFigures struct{ To, Title, Made string }

// mostEarlier is how many earlier publications are listed.
const mostEarlier = 20

// cameOfIt shows the newest publication, or the one whose number the address
// names.
func (s *Site) cameOfIt(w http.ResponseWriter, r *http.Request, v visit) error {
	t, err := s.toldOf(r, v)
	if err != nil {
		return err
	}
	p := cameOfItPage{frame: s.frame(v)}
	p.Robots = true
	if t.Number == 0 {
		return s.pages.Write(w, http.StatusOK, v.lang, "figures", p)
	}
	newest, err := s.shelf.at(r.Context(), s.Clock.Now(), v.programme.ID, 0)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(t.signed.Bytes)
	p.Published, p.Newest, p.Number, p.K = true, t.Number == newest.Number, t.Number, t.K
	p.Title, p.Made, p.From, p.Until = t.Title.In(v.lang), v.day(t.Made), v.day(t.Period.From), v.day(t.Period.Until)
	p.At = v.root() + "/came-of-it/" + strconv.Itoa(t.Number)
	p.Key, p.Sign, p.Sum = b64(s.Figures.PublicKey()), b64(t.signed.Signature), hex.EncodeToString(sum[:])
	for _, table := range t.Tables {
		p.Tables = append(p.Tables, figures(v, table))
	}
	p.Headline = headlines(v, t.Publication)
	for n := newest.Number; n > 0 && len(p.Earlier) < mostEarlier; n-- {
		if n == t.Number {
			continue
		}
		other, err := s.shelf.at(r.Context(), s.Clock.Now(), v.programme.ID, n)
		if err != nil {
			return err
		}
		if other.Number > 0 {
			p.Earlier = append(p.Earlier, earlierFigures{To: v.root() + "/came-of-it/" + strconv.Itoa(n), Title: other.Title.In(v.lang), Made: v.day(other.Made)})
		}
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "figures", p)
}

// toldOf reads which publication an address names; none named is the newest.
func (s *Site) toldOf(r *http.Request, v visit) (told, error) {
	number := 0
	if text := r.PathValue("number"); text != "" {
		var err error
		if number, err = strconv.Atoi(text); err != nil || number < 1 || strconv.Itoa(number) != text {
			return told{}, fault.New(fault.NotFound, "There is no such page.")
		}
	}
	t, err := s.shelf.at(r.Context(), s.Clock.Now(), v.programme.ID, number)
	if err == nil && number > 0 && t.Number == 0 {
		return told{}, fault.New(fault.NotFound, "There is no such page.")
	}
	return t, err
}

// headlines are the sums of the first table that has some.
func headlines(v visit, p prevent.Publication) []headline {
	for _, t := range p.Tables {
		for _, row := range t.Rows {
			if !row.Total {
				continue
			}
			var all []headline
			for i, c := range row.Cells {
				if c.Value != 0 || c.Mark != "" { // what never was is no news
					all = append(all, headline{Name: t.Columns[i].Name.In(v.lang), Cell: cellOf(c, t.Columns[i])})
				}
			}
			return all
		}
	}
	return nil
}

func figures(v visit, t prevent.Table) figureTable {
	out := figureTable{ID: t.ID, Title: t.Title.In(v.lang), Definition: t.Definition.In(v.lang), Notes: t.Notes.In(v.lang)}
	for _, c := range t.Columns {
		name := c.Name.In(v.lang)
		if c.Unit != "" {
			name += " (" + c.Unit + ")"
		}
		out.Columns = append(out.Columns, name)
	}
	for _, row := range t.Rows {
		x := figureRow{Label: row.Label.In(v.lang), Total: row.Total}
		for i, c := range row.Cells {
			x.Cells = append(x.Cells, cellOf(c, t.Columns[i]))
		}
		out.Rows = append(out.Rows, x)
	}
	if t.Chart == prevent.NoChart || len(t.Columns) == 0 {
		return out
	}
	at := drawnColumn(t)
	out.Drawn = out.Columns[at]
	if t.Chart == prevent.LineChart {
		out.Line = lineOf(v, t, at)
	} else {
		out.Bars = barsOf(v, t, at)
	}
	return out
}

// drawnColumn is the first column that holds figures.
func drawnColumn(t prevent.Table) int {
	for i := range t.Columns {
		for _, row := range t.Rows {
			if i < len(row.Cells) && row.Cells[i].Value != 0 {
				return i
			}
		}
	}
	return 0
}

// whyNot says why a figure is not told.
var whyNot = map[prevent.Mark]string{prevent.Fewer: "figures.fewer", prevent.Withheld: "figures.withheld", prevent.Unknown: "figures.unknown"}

// cellOf writes a figure with its point, thousands apart by a narrow space that
// no language takes for a decimal sign.
func cellOf(c prevent.Cell, in prevent.Column) figureCell {
	if c.Mark != "" {
		return figureCell{Mark: whyNot[c.Mark]}
	}
	text := strconv.FormatInt(c.Value, 10)
	fraction := ""
	if in.Decimals > 0 {
		for len(text) <= in.Decimals {
			text = "0" + text
		}
		text, fraction = text[:len(text)-in.Decimals], "."+text[len(text)-in.Decimals:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return figureCell{Text: text + fraction}
}

// drawn are the rows of a chart: those that are no sum.
func drawn(t prevent.Table, at int) (rows []prevent.Row, most int64) {
	for _, row := range t.Rows {
		if row.Total || at >= len(row.Cells) {
			continue
		}
		rows = append(rows, row)
		most = max(most, row.Cells[at].Value)
	}
	return rows, max(most, 1)
}

const barWide = 100

func barsOf(v visit, t prevent.Table, at int) []bar {
	rows, most := drawn(t, at)
	var bars []bar
	for _, row := range rows {
		b := bar{Label: row.Label.In(v.lang), Cell: cellOf(row.Cells[at], t.Columns[at]), Wide: int(row.Cells[at].Value * barWide / most)}
		if dirOf(v.lang) == "rtl" {
			b.X = barWide - b.Wide
		}
		bars = append(bars, b)
	}
	return bars
}

// lineOf draws a column over time; where a figure is not told the line breaks.
func lineOf(v visit, t prevent.Table, at int) *line {
	rows, most := drawn(t, at)
	if len(rows) < 2 {
		return nil
	}
	out := &line{Most: cellOf(prevent.Cell{Value: most}, t.Columns[at]).Text, First: rows[0].Label.In(v.lang), Last: rows[len(rows)-1].Label.In(v.lang)}
	var path strings.Builder
	pen := "M"
	for i, row := range rows {
		if row.Cells[at].Mark != "" {
			pen = "M"
			continue
		}
		x := linePad + i*(lineWide-2*linePad)/(len(rows)-1)
		if dirOf(v.lang) == "rtl" {
			x = lineWide - x
		}
		y := lineHigh - linePad - int(row.Cells[at].Value*(lineHigh-2*linePad)/most)
		fmt.Fprintf(&path, "%s%d %d", pen, x, y)
		out.Dots = append(out.Dots, dot{x, y})
		pen = "L"
	}
	out.Path = path.String()
	return out
}

// figuresJSON gives the bytes that were signed.
func (s *Site) figuresJSON(w http.ResponseWriter, r *http.Request, v visit) error {
	t, err := s.toldOf(r, v)
	if err != nil {
		return err
	}
	return s.file(w, "figures-"+strconv.Itoa(t.Number)+".json", "application/json", t.signed.Bytes)
}

// figuresCSV gives the same figures as a table for a spreadsheet.
func (s *Site) figuresCSV(w http.ResponseWriter, r *http.Request, v visit) error {
	t, err := s.toldOf(r, v)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	out := csv.NewWriter(&body)
	rows := [][]string{{"table", "row", "column", "unit", "value", "mark"}}
	for _, table := range t.Tables {
		for _, row := range table.Rows {
			for i, c := range row.Cells {
				value := ""
				if c.Mark == "" {
					value = strings.ReplaceAll(cellOf(c, table.Columns[i]).Text, "\u202f", "")
				}
				rows = append(rows, []string{table.ID, plain(row.Label.In(v.lang)), plain(table.Columns[i].Name.In(v.lang)), table.Columns[i].Unit, value, string(c.Mark)})
			}
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return s.file(w, "figures-"+strconv.Itoa(t.Number)+".csv", "text/csv; charset=utf-8", body.Bytes())
}

// plain keeps a spreadsheet from taking a label for a formula.
func plain(label string) string {
	if strings.ContainsAny(label[:min(1, len(label))], "=+-@\t\r") {
		return "'" + label
	}
	return label
}

func (s *Site) file(w http.ResponseWriter, name, media string, body []byte) error {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(body) // the browser left: nobody to tell
	return nil
}
