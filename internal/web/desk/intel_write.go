// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/engine/extract"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/leak"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// writeRoutes are the pages on which items are written.
var writeRoutes = []Route{
	{"GET", "/p/{programme}/items/new", Inside, (*Site).newItemPage},
	{"POST", "/p/{programme}/items/new", Inside, (*Site).writeNewItem},
	{"GET", "/p/{programme}/items/{item}/edit", Inside, (*Site).editItemPage},
	{"POST", "/p/{programme}/items/{item}/edit", Inside, (*Site).writeItem},
}

// spareStatements is how many empty statements the form offers.
const spareStatements = 2

type writePage struct {
	frame
	Form   itemForm
	Theirs []changeView // what somebody else wrote meanwhile, against this
}

// itemForm is the form on which an item is written, alone or beside the sealed
// report that it rests on.
type itemForm struct {
	To            string // address that the form goes to
	Item          string // id; empty: a new item
	Number        string
	Seen          int
	Report        string // sealed report that it rests on, beside those that are there
	Channel       string
	Desk          string
	Desks         []option
	Title         string
	Categories    []option
	Seriousnesses []option
	Languages     []option
	Handlings     []option
	Conditions    []option
	Compartments  []option
	Statements    []writtenStatement
	TitleMarks    []markView
	Remarks       []remarkField
	Countries     string    // whose telephone numbers are understood without a code
	Checker       *wasmPlan // nil: this build has no programme for checking
}

// markView is a mark of the leak check. Shown is the item's own text.
type markView struct {
	Kind, Reason string // keys of the catalogue
	Shown        string
	High         bool
}

// remarkField takes why marks of one kind may stand.
type remarkField struct {
	Kind, Text string // Text is a key of the catalogue
	Reason     string
	Marked     bool
}

// writtenStatement is a statement in the form.
type writtenStatement struct {
	N                   int
	ID, Text            string
	Source, Information []option
	Selectors           []option // found in the text or confirmed before; Value is "kind value"
	Marks               []markView
}

func (s *Site) newItemPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	c := blankChange(v)
	if report, err := id.Parse(r.URL.Query().Get("report")); err == nil {
		look, err := s.Reports.Look(r.Context(), v.Subject, v.programme.ID, report)
		if err != nil {
			return err
		}
		c.Desk, c.Reports, c.Channel = look.Report.Desk, []id.ID{report}, string(look.Report.Channel)
	}
	return s.showWrite(v, w, r, c, nil)
}

// blankChange is where writing begins.
func blankChange(v *visit) intel.Change {
	return intel.Change{Programme: v.programme.ID, Seriousness: "medium", Language: v.programme.Languages[0], Category: notSure}
}

// draftRow is an item that was written from a report, and where to go on.
type draftRow struct {
	itemRow
	GoOn string
}

// besideReport is the form in the reading room, for a new item or for the
// draft that the address names, and what else was written from the report.
// Both are empty for who writes no items.
func (s *Site) besideReport(v *visit, r *http.Request, rep report.Report) (*itemForm, []draftRow, error) {
	if !slices.Contains(v.Subject.Desks(v.programme.ID, authz.Reviewer), rep.Desk) {
		return nil, nil, nil
	}
	rows, err := s.Items.FromReport(r.Context(), v.Subject, v.programme.ID, rep.ID)
	if err != nil {
		return nil, nil, err
	}
	c := blankChange(v)
	c.Desk, c.Reports, c.Channel = rep.Desk, []id.ID{rep.ID}, string(rep.Channel)
	others := make([]draftRow, len(rows))
	for i, row := range rows {
		others[i] = draftRow{s.itemRow(v, row), v.at("/reports/" + rep.ID.String() + "?item=" + row.ID.String())}
		if row.ID.String() == r.URL.Query().Get("item") {
			c = changeOf(row.Item)
			c.Reports = []id.ID{rep.ID}
		}
	}
	form, err := s.itemForm(v, r, c)
	return &form, others, err
}

func (s *Site) editItemPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	it, err := s.writable(v, r)
	if err != nil {
		return err
	}
	return s.showWrite(v, w, r, changeOf(it.Item), nil)
}

// changeOf is the change that leaves an item as it is.
func changeOf(it intel.Item) intel.Change {
	return intel.Change{
		Programme: it.Programme, Item: it.ID, Seen: it.Version, Desk: it.Desk, Compartment: it.Compartment, Title: it.Title, Category: it.Category,
		Seriousness: it.Seriousness, Language: it.Language, Handling: it.Handling, Statements: it.Statements, Remarks: it.Remarks,
	}
}

// writable returns the item of the path to somebody who may change it.
func (s *Site) writable(v *visit, r *http.Request) (intel.View, error) {
	item, err := pathID(r, "item")
	if err != nil {
		return intel.View{}, err
	}
	it, err := s.Items.Read(r.Context(), v.Subject, v.programme.ID, item)
	if err != nil {
		return it, err
	}
	if !it.May[authz.Change] {
		return it, fault.New(fault.Forbidden, "Your role does not allow this.")
	}
	return it, nil
}

// showWrite shows the form with what was written, and what was wrong with it.
func (s *Site) showWrite(v *visit, w http.ResponseWriter, r *http.Request, c intel.Change, refused error) error {
	form, err := s.itemForm(v, r, c)
	if err != nil {
		return err
	}
	p := writePage{frame: s.frame(v, "/intelligence/write"), Form: form}
	v.leakTexts(p.Words)
	status := http.StatusOK
	if refused != nil {
		status = page.Status(refused)
		p.Problems = []page.Problem{{Field: "title", Message: s.sentence(v.lang, refused)}}
		var lost *intel.Conflict
		if errors.As(refused, &lost) {
			p.Theirs, p.Form.Seen = changes(itemOf(c), lost.Stored), lost.Stored.Version
		}
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "intel_write", p)
}

// itemForm fills the form with what a change says.
func (s *Site) itemForm(v *visit, r *http.Request, c intel.Change) (itemForm, error) {
	mine := v.Subject.Desks(v.programme.ID, authz.Reviewer)
	if len(mine) == 0 {
		return itemForm{}, authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Draft, Programme: v.programme.ID})
	}
	scheme, ok := s.Grading.InForce(s.Items.PolicyOf(v.programme.ID).Scheme, s.Clock.Now())
	if !ok {
		return itemForm{}, fmt.Errorf("write an item: the programme's grading scheme is not in force")
	}
	p := itemForm{
		To: v.at("/items/new"), Seen: c.Seen, Desk: c.Desk.String(), Title: c.Title, Channel: c.Channel, Countries: strings.Join(countriesOf(v), " "), Checker: s.checker(),
		Seriousnesses: options(intel.Seriousnesses, c.Seriousness, "intel.ser_"), Languages: options(v.programme.Languages, c.Language, ""),
		Handlings: codeOptions(scheme.Handling, v.lang, c.Handling.Code), Conditions: codeOptions(scheme.Conditions, v.lang, c.Handling.Conditions...),
	}
	if !c.Item.IsZero() {
		p.Item, p.To = c.Item.String(), v.at("/items/"+c.Item.String()+"/edit")
	}
	if len(c.Reports) > 0 {
		p.Report = c.Reports[0].String()
	}
	for _, d := range mine {
		if known, ok := v.programme.Desk(d); ok {
			p.Desks = append(p.Desks, option{Value: d.String(), Text: known.Name.In(v.lang), Selected: d == c.Desk})
		}
	}
	for _, x := range s.categories(v.lang) {
		x.Selected = x.Value == c.Category
		p.Categories = append(p.Categories, x)
	}
	closed, err := s.Items.Closed(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return itemForm{}, err
	}
	for _, x := range closed {
		if slices.Contains(x.Members, v.Account.ID) {
			p.Compartments = append(p.Compartments, option{Value: x.ID.String(), Text: x.Name, Selected: x.ID == c.Compartment})
		}
	}
	for i := range len(c.Statements) + spareStatements {
		var st intel.Statement
		if i < len(c.Statements) {
			st = c.Statements[i]
		}
		p.Statements = append(p.Statements, s.writtenStatement(v, scheme, i, st))
	}
	p.mark(v, c)
	return p, nil
}

// leakTexts gives the script what it says of marks.
func (v *visit) leakTexts(said map[string]string) {
	for _, kind := range leak.Kinds() {
		said["mark."+string(kind)] = v.say("intel.mark_" + string(kind))
	}
	for _, reason := range leak.Reasons() {
		said["leak."+reason] = v.say("leak." + reason)
	}
}

// mark shows what the leak check says of the item without the raw text, and
// why what it marked before may stand.
func (p *itemForm) mark(v *visit, c intel.Change) {
	marked := map[string]bool{}
	for _, m := range intel.Leaks(itemOf(c)) {
		marked[string(m.Kind)] = true
		text := c.Title
		if m.Statement > 0 {
			text = c.Statements[m.Statement-1].Text
		}
		view := markView{v.keyOr("intel.mark_", string(m.Kind)), v.keyOr("leak.", m.Reason), text[m.Start:m.End], m.Severity == leak.High}
		if m.Statement == 0 {
			p.TitleMarks = append(p.TitleMarks, view)
			continue
		}
		st := &p.Statements[m.Statement-1]
		st.Marks = append(st.Marks, view)
	}
	for _, kind := range leak.Kinds() {
		field := remarkField{Kind: string(kind), Text: "intel.mark_" + string(kind), Marked: marked[string(kind)]}
		for _, x := range c.Remarks {
			if x.Kind == field.Kind {
				field.Reason = x.Reason
			}
		}
		p.Remarks = append(p.Remarks, field)
	}
}

// itemOf is what a change would make of an item, for showing what differs.
func itemOf(c intel.Change) intel.Item {
	return intel.Item{
		Title: c.Title, Category: c.Category, Seriousness: c.Seriousness, Language: c.Language, Handling: c.Handling,
		Compartment: c.Compartment, Statements: c.Statements,
	}
}

func (s *Site) writtenStatement(v *visit, scheme *grading.Scheme, i int, st intel.Statement) writtenStatement {
	out := writtenStatement{
		N: i + 1, Text: st.Text, Source: codeOptions(scheme.Source, v.lang, st.Grade.Source), Information: codeOptions(scheme.Information, v.lang, st.Grade.Information),
	}
	if !st.ID.IsZero() {
		out.ID = st.ID.String()
	}
	for _, sel := range st.Selectors {
		out.Selectors = append(out.Selectors, option{Value: sel.Kind + " " + sel.Value, Text: cmp.Or(sel.Shown, sel.Value), Selected: true})
	}
	for _, m := range extract.Find(st.Text, countriesOf(v)...) {
		value := string(m.Kind) + " " + m.Value
		if !slices.ContainsFunc(out.Selectors, func(o option) bool { return o.Value == value }) {
			out.Selectors = append(out.Selectors, option{Value: value, Text: m.Shown})
		}
	}
	return out
}

func countriesOf(v *visit) []string {
	var all []string
	for _, c := range v.programme.Countries {
		all = append(all, c.Code)
	}
	return all
}

// codeOptions offers the codes of a scale with their words.
func codeOptions(scale []grading.Code, lang string, selected ...string) []option {
	out := make([]option, len(scale))
	for i, c := range scale {
		out[i] = option{Value: c.Code, Text: c.Code + " – " + c.Names.In(lang), Selected: slices.Contains(selected, c.Code)}
	}
	return out
}

func (s *Site) writeNewItem(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.writeChange(v, w, r, intel.Change{Programme: v.programme.ID})
}

func (s *Site) writeItem(v *visit, w http.ResponseWriter, r *http.Request) error {
	it, err := s.writable(v, r)
	if err != nil {
		return err
	}
	return s.writeChange(v, w, r, intel.Change{Programme: v.programme.ID, Item: it.ID, Desk: it.Desk})
}

// writtenJSON is the answer to a script that wrote an item beside its report.
type writtenJSON struct {
	To         string  `json:"to"`   // where the next version goes
	Item       string  `json:"item"` // address of the item's page
	ID         id.ID   `json:"id"`
	Number     string  `json:"number"`
	Version    int     `json:"version"`
	Statements []id.ID `json:"statements"` // in the order of the form, without those that are empty
}

// writeChange keeps what was written, and submits it where that was asked for.
// What is refused is shown again with everything in it: nothing that was typed
// is lost.
func (s *Site) writeChange(v *visit, w http.ResponseWriter, r *http.Request, c intel.Change) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	s.readChange(v, form, &c)
	it, err := s.Items.Write(r.Context(), v.Subject, c)
	if fromScript(r) {
		return s.tellScript(v, w, it, err)
	}
	at := v.at("/items/" + it.ID.String())
	if err == nil && form.Get("then") == "submit" {
		c.Item, c.Seen, c.Statements = it.ID, it.Version, it.Statements // the draft is kept, whatever comes
		_, err = s.Items.Submit(r.Context(), v.Subject, v.programme.ID, it.ID, it.Version)
	}
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid, fault.TooLarge:
		return s.showWrite(v, w, r, c, err)
	}
	if err != nil {
		return err
	}
	if form.Get("then") == "more" {
		return back(w, r, at+"/edit?done=saved")
	}
	return back(w, r, at+"?done=saved")
}

// tellScript answers a script that writes an item beside its report.
func (s *Site) tellScript(v *visit, w http.ResponseWriter, it intel.Item, err error) error {
	if err != nil {
		return err
	}
	at := v.at("/items/" + it.ID.String())
	out := writtenJSON{To: at + "/edit", Item: at, ID: it.ID, Number: it.Number, Version: it.Version, Statements: []id.ID{}}
	for _, st := range it.Statements {
		out.Statements = append(out.Statements, st.ID)
	}
	page.WriteJSON(w, http.StatusOK, out)
	return nil
}

func (s *Site) readChange(v *visit, form url.Values, c *intel.Change) {
	scheme, ok := s.Grading.InForce(s.Items.PolicyOf(v.programme.ID).Scheme, s.Clock.Now())
	var ref grading.Ref
	if ok {
		ref = scheme.Ref()
	}
	idOf := func(name string) id.ID {
		x, err := id.Parse(form.Get(name))
		if err != nil {
			return id.ID{} // which names nothing: the room refuses it where one is needed
		}
		return x
	}
	c.Seen, _ = strconv.Atoi(form.Get("seen")) // 0 where it is no number, which no item has
	if c.Item.IsZero() {
		c.Desk, c.Channel = idOf("desk"), form.Get("channel")
	}
	c.Title, c.Category, c.Seriousness, c.Language = form.Get("title"), form.Get("category"), form.Get("seriousness"), form.Get("language")
	c.Compartment = idOf("compartment")
	c.Remarks = nil
	for _, kind := range leak.Kinds() {
		if reason := strings.TrimSpace(form.Get("remark-" + string(kind))); reason != "" {
			c.Remarks = append(c.Remarks, intel.Remark{Kind: string(kind), Reason: reason})
		}
	}
	c.Handling = grading.Handling{Ref: ref, Code: form.Get("handling"), Conditions: form["condition"]}
	if report := idOf("report"); !report.IsZero() {
		c.Reports = []id.ID{report}
	}
	for n := 1; n <= intel.MaxStatements+spareStatements && form.Has("text-"+strconv.Itoa(n)); n++ {
		at := "-" + strconv.Itoa(n)
		text := strings.TrimSpace(form.Get("text" + at))
		if text == "" {
			continue // an empty one is one that was taken out
		}
		st := intel.Statement{ID: idOf("id" + at), Text: text, Grade: grading.Grade{Ref: ref, Source: form.Get("source" + at), Information: form.Get("information" + at)}}
		st.Selectors = confirmed(form["selector"+at], extract.Find(text, countriesOf(v)...))
		c.Statements = append(c.Statements, st)
	}
}

// confirmed are the selectors that were ticked, as the text writes them.
func confirmed(ticked []string, found []extract.Match) []intel.Selector {
	var all []intel.Selector
	for _, x := range ticked {
		kind, value, _ := strings.Cut(x, " ")
		sel := intel.Selector{Kind: kind, Value: value, Shown: value}
		if i := slices.IndexFunc(found, func(m extract.Match) bool { return string(m.Kind) == kind && m.Value == value }); i >= 0 {
			sel.Shown = found[i].Shown
		}
		all = append(all, sel)
	}
	return all
}
