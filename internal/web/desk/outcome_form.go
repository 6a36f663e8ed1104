// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// newOutcomePage asks first what it is, and then for what that takes.
type newOutcomePage struct {
	frame
	Groups []kindGroup
	Form   *outcomeForm // nil: choose a kind
	To     string       // where the form goes
	ID     string       // of the outcome that is corrected
	With   string       // what the address brings beside the kind: an item, a partner
}

type kindGroup struct {
	Name  string
	Kinds []option
}

// outcomeForm is one form for every kind, with the fields that it takes.
type outcomeForm struct {
	Kind, KindName                          string
	Date, By, Reference, Note               string
	HasQuantity, HasValue, NeedsValue       bool
	Quantity                                string
	Units, Of                               []option
	Value, Currency, ValueSource, ValueDate string
	Currencies                              []string
	Details                                 []detailField
	Stages                                  []option
	Links                                   []linkField
	Categories                              []option
	Partners                                []option
	Version, Reason                         string
	Correcting, AskSure                     bool
	Today                                   string
}

type detailField struct{ Code, Field, Name, Value, Message string }

type linkField struct {
	N, Item, Share string
	Bases          []option
}

const linkFields = 3 // empty lines for items; more appear as they are filled

func (s *Site) newOutcomePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := s.mayRecord(v); err != nil {
		return err
	}
	p := newOutcomePage{frame: s.frame(v, "/outcomes/new"), To: v.at("/outcomes")}
	k, ok := s.Outcomes.Table.Kind(r.URL.Query().Get("kind"))
	if !ok {
		p.Groups = s.kindGroups(v)
		q := url.Values{}
		for _, name := range []string{"item", "partner"} {
			if value := r.URL.Query().Get(name); value != "" {
				q.Set(name, value)
			}
		}
		p.With = q.Encode()
		return s.templates.Write(w, http.StatusOK, v.lang, "outcome-form", p)
	}
	e := outcome.Entry{Kind: k.Code, Partner: r.URL.Query().Get("partner")}
	if item := r.URL.Query().Get("item"); item != "" {
		e.Links = []outcome.LinkEntry{{Item: item, Basis: outcome.LedTo}}
	}
	var err error
	if p.Form, err = s.outcomeForm(v, r, k, e, id.ID{}, nil); err != nil {
		return err
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "outcome-form", p)
}

func (s *Site) mayRecord(v *visit) error {
	return authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Outcome, Programme: v.programme.ID})
}

func (s *Site) kindGroups(v *visit) []kindGroup {
	var groups []kindGroup
	for _, g := range s.Outcomes.Table.Groups {
		out := kindGroup{Name: g.Name.In(v.lang)}
		for _, k := range s.Outcomes.Table.Kinds {
			if k.Group == g.Code {
				out.Kinds = append(out.Kinds, option{Value: k.Code, Text: k.Name.In(v.lang)})
			}
		}
		groups = append(groups, out)
	}
	return groups
}

// outcomeForm fills the form of a kind with an entry.
func (s *Site) outcomeForm(v *visit, r *http.Request, k kinds.Kind, e outcome.Entry, self id.ID, bad *outcome.Invalid) (*outcomeForm, error) {
	f := &outcomeForm{
		Kind: k.Code, KindName: k.Name.In(v.lang), Date: e.Date, By: e.By, Reference: e.Reference, Note: e.Note, HasQuantity: k.Dimension != "", HasValue: k.Value != kinds.ValueNo,
		NeedsValue: k.Value == kinds.ValueRequired, Quantity: e.Quantity, Value: e.Value, Currency: e.Currency, ValueSource: e.ValueSource, ValueDate: e.ValueDate,
		Categories: s.categoryOptions(v, e.Category), AskSure: bad != nil && bad.AskSure, Today: s.Clock.Now().Format(time.DateOnly),
	}
	for i, code := range k.Units {
		u, _ := s.Outcomes.Table.Unit(code)
		f.Units = append(f.Units, option{Value: code, Text: u.Name.In(v.lang), Selected: code == e.Unit || e.Unit == "" && i == 0})
	}
	for _, code := range k.Of {
		f.Of = append(f.Of, option{Value: code, Text: s.ofName(v, code), Selected: code == e.Of})
	}
	for _, d := range k.Details {
		field := detailField{Code: d.Code, Field: "detail_" + d.Code, Name: d.Name.In(v.lang), Value: e.Details[d.Code]}
		if bad != nil {
			for _, x := range bad.Problems {
				if x.Field == field.Field {
					field.Message = s.sentence(v.lang, x.Fault)
				}
			}
		}
		f.Details = append(f.Details, field)
	}
	for _, c := range s.Outcomes.Table.Money.All {
		if c.Withdrawn == "" {
			f.Currencies = append(f.Currencies, c.Code)
		}
	}
	links := slices.Clone(e.Links)
	for len(links) < linkFields || links[len(links)-1].Item != "" && len(links) < outcome.MaxLinks {
		links = append(links, outcome.LinkEntry{})
	}
	for i, l := range links {
		f.Links = append(f.Links, linkField{N: strconv.Itoa(i + 1), Item: l.Item, Share: l.Share, Bases: options(outcome.Bases, orFirst(l.Basis), "outcome.basis.")})
	}
	var err error
	if f.Partners, err = s.partnerOptions(v, r, e.Partner); err != nil {
		return nil, err
	}
	f.Stages, err = s.stages(v, r, k, self, e.Follows)
	return f, err
}

// partnerOptions lists the partners; one whose agreement has ended is offered
// where it is chosen already.
func (s *Site) partnerOptions(v *visit, r *http.Request, selected string) ([]option, error) {
	all, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return nil, err
	}
	out := []option{{Text: v.say("outcome.no_partner"), Selected: selected == ""}}
	for _, p := range all {
		if o := (option{Value: p.ID.String(), Text: p.Name, Selected: p.ID.String() == selected}); !p.Ended || o.Selected {
			out = append(out, o)
		}
	}
	return out, nil
}

func orFirst(basis string) string {
	if basis == "" {
		return outcome.LedTo
	}
	return basis
}

// stages lists what an outcome of a kind may be a later stage of, newest first.
func (s *Site) stages(v *visit, r *http.Request, k kinds.Kind, self id.ID, selected string) ([]option, error) {
	if len(k.Follows) == 0 {
		return nil, nil
	}
	out := []option{{Text: v.say("outcome.no_stage"), Selected: selected == ""}}
	for _, kind := range k.Follows {
		found, _, err := s.Outcomes.List(r.Context(), v.Subject, v.programme.ID, outcome.Filter{Kind: kind, Limit: 40})
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if o.ID == self {
				continue
			}
			row := s.outcomeRow(v, o)
			out = append(out, option{Value: o.ID.String(), Text: strings.Join(strings.Fields(row.Date+" "+row.Kind+" "+row.Quantity+" "+row.Value+" "+row.Reference), " "), Selected: o.ID.String() == selected})
		}
	}
	return out, nil
}

// entryOf reads the form.
func entryOf(form url.Values) outcome.Entry {
	e := outcome.Entry{
		Kind: form.Get("kind"), Date: form.Get("date"), By: form.Get("by"), Reference: form.Get("reference"), Quantity: form.Get("quantity"), Unit: form.Get("unit"), Of: form.Get("of"),
		Value: form.Get("value"), Currency: form.Get("currency"), ValueSource: form.Get("value_source"), ValueDate: form.Get("value_date"), Follows: form.Get("follows"),
		Category: form.Get("category"), Partner: form.Get("partner"), Note: form.Get("note"), Sure: form.Get("sure") != "", Details: map[string]string{},
	}
	for key := range form {
		if code, ok := strings.CutPrefix(key, "detail_"); ok {
			e.Details[code] = form.Get(key)
		}
	}
	for i := 1; i <= outcome.MaxLinks+1; i++ {
		n := strconv.Itoa(i)
		if !form.Has("item" + n) {
			break
		}
		if strings.TrimSpace(form.Get("item"+n)) != "" {
			e.Links = append(e.Links, outcome.LinkEntry{Item: form.Get("item" + n), Basis: form.Get("basis" + n), Share: form.Get("share" + n)})
		}
	}
	return e
}

func (s *Site) recordOutcome(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := s.mayRecord(v); err != nil {
		return err
	}
	e := entryOf(form)
	o, err := s.Outcomes.Record(r.Context(), v.Subject, v.programme.ID, e)
	if err == nil {
		return back(w, r, v.at("/outcomes/"+o.ID.String()+"?done=saved"))
	}
	return s.again(v, w, r, newOutcomePage{frame: s.frame(v, "/outcomes/new"), To: v.at("/outcomes")}, e, id.ID{}, err, nil)
}

// again shows the form with what is wrong with it, and nothing lost.
func (s *Site) again(v *visit, w http.ResponseWriter, r *http.Request, p newOutcomePage, e outcome.Entry, self id.ID, err error, more func(*outcomeForm)) error {
	var bad *outcome.Invalid
	k, known := s.Outcomes.Table.Kind(e.Kind)
	if !errors.As(err, &bad) || !known {
		return err
	}
	var formErr error
	if p.Form, formErr = s.outcomeForm(v, r, k, e, self, bad); formErr != nil {
		return formErr
	}
	if more != nil {
		more(p.Form)
	}
	for _, x := range bad.Problems {
		field := x.Field
		if field == "items" {
			field = "item1"
		}
		p.Problems = append(p.Problems, page.Problem{Field: field, Message: s.sentence(v.lang, x.Fault)})
	}
	return s.templates.Write(w, http.StatusUnprocessableEntity, v.lang, "outcome-form", p)
}

// correctOutcomePage is the form, filled with what stands.
func (s *Site) correctOutcomePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	at, err := pathID(r, "outcome")
	if err != nil {
		return err
	}
	if err := s.mayRecord(v); err != nil {
		return err
	}
	look, err := s.Outcomes.Look(r.Context(), v.Subject, v.programme.ID, at)
	if err != nil {
		return err
	}
	o := look.Outcome
	k, ok := s.Outcomes.Table.Kind(o.Kind)
	if !ok {
		return errNoPage()
	}
	p := newOutcomePage{frame: s.frame(v, "/outcomes/one"), To: v.at("/outcomes/" + at.String() + "/correct"), ID: at.String()}
	e := s.entryFrom(o)
	for i, l := range o.Links {
		if src, err := s.Outcomes.Items.Source(r.Context(), v.Subject, v.programme.ID, l.Item); err == nil {
			e.Links[i].Item = src.Number // as people call it; one that is not the visitor's stays an id
		}
	}
	if p.Form, err = s.outcomeForm(v, r, k, e, at, nil); err != nil {
		return err
	}
	p.Form.Correcting, p.Form.Version = true, strconv.Itoa(o.Version)
	return s.templates.Write(w, http.StatusOK, v.lang, "outcome-form", p)
}

// plainly writes a number so that it is not refused as one that can be read in
// two ways: with a zero after three digits behind the point.
func plainly(number string) string {
	if i := strings.IndexByte(number, '.'); i >= 0 && len(number)-i == 4 {
		return number + "0"
	}
	return number
}

// entryFrom writes an outcome as the form has it.
func (s *Site) entryFrom(o outcome.Outcome) outcome.Entry {
	e := outcome.Entry{
		Kind: o.Kind, Date: outcome.Date(o.Day).Format(time.DateOnly), By: o.By, Reference: o.Reference, Of: o.Of, Details: o.Details, Category: o.Category, Note: o.Note,
	}
	if o.Quantity != nil {
		e.Quantity, e.Unit = plainly(o.Quantity.Written), o.Quantity.Unit
	}
	if o.Value != nil {
		c, _ := s.Outcomes.Table.Money.Find(o.Value.Currency)
		e.Value, e.Currency, e.ValueSource = plainly(c.Of(o.Value.Minor).Trim().String()), o.Value.Currency, o.Value.Source
		e.ValueDate = outcome.Date(o.Value.Day).Format(time.DateOnly)
	}
	if !o.Partner.IsZero() {
		e.Partner = o.Partner.String()
	}
	if !o.Follows.IsZero() {
		e.Follows = o.Follows.String()
	}
	for _, l := range o.Links {
		link := outcome.LinkEntry{Item: l.Item.String(), Basis: l.Basis}
		if l.Share > 0 {
			link.Share = strconv.Itoa(l.Share)
		}
		e.Links = append(e.Links, link)
	}
	return e
}

func (s *Site) correctOutcome(v *visit, w http.ResponseWriter, r *http.Request) error {
	at, err := pathID(r, "outcome")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(form.Get("version"))
	if err != nil {
		version = 0 // no version is 0: the room says that it changed meanwhile
	}
	e := entryOf(form)
	_, err = s.Outcomes.Correct(r.Context(), v.Subject, v.programme.ID, at, version, e, form.Get("reason"))
	if err == nil {
		return back(w, r, v.at("/outcomes/"+at.String()+"?done=saved"))
	}
	p := newOutcomePage{frame: s.frame(v, "/outcomes/one"), To: v.at("/outcomes/" + at.String() + "/correct"), ID: at.String()}
	return s.again(v, w, r, p, e, at, err, func(f *outcomeForm) {
		f.Correcting, f.Version, f.Reason = true, form.Get("version"), form.Get("reason")
	})
}
