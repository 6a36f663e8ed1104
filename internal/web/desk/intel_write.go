// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
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
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
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
	To            string // address that the form goes to
	Number        string // empty: a new item
	Seen          int
	Report        string // sealed report that it rests on, beside those that are there
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
	Theirs        []changeView // what somebody else wrote meanwhile, against this
}

// writtenStatement is a statement in the form.
type writtenStatement struct {
	N                   int
	ID, Text            string
	Source, Information []option
	Selectors           []option // found in the text or confirmed before; Value is "kind value"
}

func (s *Site) newItemPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	c := intel.Change{Programme: v.programme.ID, Seriousness: "medium", Language: v.programme.Languages[0], Category: notSure}
	if report, err := id.Parse(r.URL.Query().Get("report")); err == nil {
		look, err := s.Reports.Look(r.Context(), v.Subject, v.programme.ID, report)
		if err != nil {
			return err
		}
		c.Desk, c.Reports, c.Channel = look.Report.Desk, []id.ID{report}, string(look.Report.Channel)
	}
	return s.showWrite(v, w, r, c, nil)
}

func (s *Site) editItemPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	it, err := s.writable(v, r)
	if err != nil {
		return err
	}
	return s.showWrite(v, w, r, intel.Change{
		Programme: it.Programme, Item: it.ID, Seen: it.Version, Desk: it.Desk, Compartment: it.Compartment, Title: it.Title, Category: it.Category,
		Seriousness: it.Seriousness, Language: it.Language, Handling: it.Handling, Statements: it.Statements, Remarks: it.Remarks,
	}, nil)
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
	mine := v.Subject.Desks(v.programme.ID, authz.Reviewer)
	if len(mine) == 0 {
		return authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Draft, Programme: v.programme.ID})
	}
	scheme, ok := s.Grading.InForce(s.Items.PolicyOf(v.programme.ID).Scheme, s.Clock.Now())
	if !ok {
		return fmt.Errorf("write an item: the programme's grading scheme is not in force")
	}
	p := writePage{
		frame: s.frame(v, "/intelligence/write"), To: v.at("/items/new"), Seen: c.Seen, Desk: c.Desk.String(), Title: c.Title,
		Seriousnesses: options(intel.Seriousnesses, c.Seriousness, "intel.ser_"), Languages: options(v.programme.Languages, c.Language, ""),
		Handlings: codeOptions(scheme.Handling, v.lang, c.Handling.Code), Conditions: codeOptions(scheme.Conditions, v.lang, c.Handling.Conditions...),
	}
	if !c.Item.IsZero() {
		p.To = v.at("/items/" + c.Item.String() + "/edit")
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
		return err
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
	status := http.StatusOK
	if refused != nil {
		status = page.Status(refused)
		p.Problems = []page.Problem{{Field: "title", Message: fault.PublicOf(refused)}}
		var lost *intel.Conflict
		if errors.As(refused, &lost) {
			p.Theirs, p.Seen = changes(itemOf(c), lost.Stored), lost.Stored.Version
		}
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "intel_write", p)
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
		out.Selectors = append(out.Selectors, option{Value: sel.Kind + " " + sel.Value, Text: sel.Value, Selected: true})
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
	return s.writeChange(v, w, r, intel.Change{Programme: v.programme.ID, Item: it.ID, Desk: it.Desk, Remarks: it.Remarks})
}

// writeChange keeps what was written. What is refused is shown again with
// everything in it: nothing that was typed is lost.
func (s *Site) writeChange(v *visit, w http.ResponseWriter, r *http.Request, c intel.Change) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	s.readChange(v, form, &c)
	it, err := s.Items.Write(r.Context(), v.Subject, c)
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid, fault.TooLarge:
		return s.showWrite(v, w, r, c, err)
	}
	if err != nil {
		return err
	}
	if form.Get("then") == "look" {
		return back(w, r, v.at("/items/"+it.ID.String()+"?done=saved"))
	}
	return back(w, r, v.at("/items/"+it.ID.String()+"/edit?done=saved"))
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
		for _, chosen := range form["selector"+at] {
			kind, value, _ := strings.Cut(chosen, " ")
			st.Selectors = append(st.Selectors, intel.Selector{Kind: kind, Value: value, Shown: value})
		}
		c.Statements = append(c.Statements, st)
	}
}
