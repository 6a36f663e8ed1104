// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type itemPage struct {
	frame
	itemRow
	ID           string
	Version      int
	Statements   []statementView
	Language     string
	Channel      string
	Compartment  string
	Author       string
	Approver     string
	Approved     string
	Independence string
	Judgement    string // the analyst's reason
	Judge        string // who judged
	Reports      []link
	Unlisted     int // sealed reports that the reader may not list
	Remarks      []remarkView
	Versions     []versionView
	Acts         []actView
	Sections     []itemSection
	Leads        []link // to pages that do something with it
	May          itemMay
	Proposed     string // why somebody proposed disposal, when that waits
	Proposer     string
	RetainUntil  string // a year from now, for the form
	Reason       string // of a form that was refused
}

// itemMay is what the page offers; the room decides again.
type itemMay struct{ Submit, Approve, Judge, Retain, Propose, Dispose bool }

type statementView struct {
	N                          int
	Text                       string
	Grade, Source, Information badge
	Scheme                     string
	Unknown                    bool
	Selectors                  []selectorView
}

type selectorView struct{ Kind, Shown, To string } // Kind is a key of the catalogue

type remarkView struct{ Kind, Reason, By string } // Kind is a key of the catalogue

// versionView is one version with what it changed in the one before.
type versionView struct {
	N             int
	State         intel.State
	Author, When  string
	Changes       []changeView
	First, Newest bool
}

type changeView struct {
	What          string // key of the catalogue
	N             int    // of the statement; 0: not of one
	Before, After string
}

type actView struct{ When, Who, What, Detail string }

// itemSection is a part of an item's page that another room answers for, such
// as its referrals or outcomes: rows with their links, in the order of the way.
type itemSection struct {
	ID    string // of the heading, for links
	Title string // key of the catalogue
	Empty string // key: what to do when there are no rows
	Rows  []itemSectionRow
	Way   link // to add one; zero where the visitor can't
}

// itemSectionRow is one line of a section. Text and facts are as they are, Tag
// is a key of the catalogue.
type itemSectionRow struct {
	To, Text, Tag string
	Facts         []string
}

// itemSections is where other rooms put their sections: one line each. A nil
// section is not shown.
var itemSections = []func(s *Site, v *visit, r *http.Request, item intel.View) (*itemSection, error){
	referralsOfItem,
	outcomesOfItem,
}

// itemWay is an action of another page that an item's page leads to.
type itemWay struct {
	text  string // key of the catalogue
	path  func(item id.ID) string
	offer func(item intel.View) bool
}

// itemWays is where other pages put their links: one line each.
var itemWays = []itemWay{
	{"write.edit", func(item id.ID) string { return "/items/" + item.String() + "/edit" }, func(item intel.View) bool {
		return item.May[authz.Change]
	}},
	{"intel.refer", func(item id.ID) string { return "/refer/" + item.String() }, func(item intel.View) bool {
		return item.State == intel.Approved && item.May[authz.Refer]
	}},
}

func (s *Site) itemPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showItem(v, w, r, nil, nil)
}

// showItem shows an item, and what was wrong with a form about it.
func (s *Site) showItem(v *visit, w http.ResponseWriter, r *http.Request, refused error, form url.Values) error {
	item, err := pathID(r, "item")
	if err != nil {
		return err
	}
	it, err := s.Items.Read(r.Context(), v.Subject, v.programme.ID, item)
	if err != nil {
		return err
	}
	p, err := s.itemView(v, r, it)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if refused != nil {
		status = page.Status(refused)
		p.Problems = []page.Problem{{Field: "main", Message: s.sentence(v.lang, refused)}}
		p.Reason = form.Get("reason")
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "intel_item", p)
}

func (s *Site) itemView(v *visit, r *http.Request, it intel.View) (itemPage, error) {
	p := itemPage{
		frame: s.frame(v, "/intelligence/item"), itemRow: s.itemRow(v, it.Row), ID: it.ID.String(), Version: it.Version, Language: it.Language,
		Channel: it.Channel, Approved: minute(it.Approved), Independence: string(it.Sources.Independence), Judgement: it.Sources.Reason,
		Unlisted: it.ReportCount - len(it.Reports), RetainUntil: day(s.Clock.Now().AddDate(1, 0, 0)),
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return p, err
	}
	p.Author, p.Approver, p.Judge = who[it.Author], who[it.Approver], who[it.Sources.By]
	if p.Compartment, err = s.compartmentName(v, r, it.Compartment); err != nil {
		return p, err
	}
	for i, st := range it.Statements {
		p.Statements = append(p.Statements, s.statementView(v, i+1, st))
	}
	for _, x := range it.Reports {
		p.Reports = append(p.Reports, link{To: v.at("/reports/" + x.String()), Text: short(x)})
	}
	for _, x := range it.Remarks {
		p.Remarks = append(p.Remarks, remarkView{v.keyOr("intel.mark_", x.Kind), x.Reason, who[x.By]})
	}
	p.Versions = versionViews(it.Versions, who)
	for _, a := range it.Acts {
		p.Acts = append(p.Acts, actView{minute(a.At), who[a.Who], v.keyOr("intel.act_", a.What), a.Detail})
	}
	p.May = mayOf(v, it)
	if len(it.Acts) > 0 && it.Acts[0].What == "proposed-disposal" {
		p.Proposed, p.Proposer = it.Acts[0].Detail, who[it.Acts[0].Who]
	}
	for _, make := range itemSections {
		section, err := make(s, v, r, it)
		if err != nil {
			return p, err
		}
		if section != nil {
			p.Sections = append(p.Sections, *section)
		}
	}
	for _, x := range itemWays {
		if x.offer(it) {
			p.Leads = append(p.Leads, link{To: v.at(x.path(it.ID)), Text: x.text})
		}
	}
	return p, nil
}

// mayOf says which forms are of use to the visitor.
func mayOf(v *visit, it intel.View) itemMay {
	proposed := len(it.Acts) > 0 && it.Acts[0].What == "proposed-disposal"
	mine := proposed && it.Acts[0].Who == v.Account.ID
	return itemMay{
		Submit:  it.State == intel.Draft && it.May[authz.Change],
		Approve: it.State == intel.Submitted && it.May[authz.Approve],
		Judge:   it.State == intel.Approved && it.May[authz.Judge],
		Retain:  it.State == intel.Approved && it.May[authz.Dispose],
		Propose: it.State == intel.Approved && it.May[authz.Dispose] && !proposed,
		Dispose: it.State == intel.Approved && it.May[authz.Dispose] && proposed && !mine,
	}
}

func (s *Site) statementView(v *visit, n int, st intel.Statement) statementView {
	out := statementView{N: n, Text: st.Text, Grade: badge{Code: st.Grade.Source + st.Grade.Information}}
	if scheme, ok := s.Grading.Scheme(st.Grade.Ref); ok {
		source, _ := grading.Find(scheme.Source, st.Grade.Source)
		information, _ := grading.Find(scheme.Information, st.Grade.Information)
		out.Scheme = scheme.Names.In(v.lang)
		out.Source, out.Information = badge{source.Code, source.Names.In(v.lang)}, badge{information.Code, information.Names.In(v.lang)}
		out.Unknown = source.Unknown || information.Unknown
	}
	for _, sel := range st.Selectors {
		q := url.Values{"kind": {sel.Kind}, "value": {sel.Value}}
		shown := sel.Shown
		if shown == "" {
			shown = sel.Value
		}
		out.Selectors = append(out.Selectors, selectorView{v.keyOr("intel.kind_", sel.Kind), shown, v.at("/intelligence?") + q.Encode()})
	}
	return out
}

// keyOr returns the key of a name's text, that of "other" where there is none:
// names are data, and a page must not fail over one that is new.
func (v *visit) keyOr(prefix, name string) string {
	if _, err := v.words.Say(prefix + name); err != nil {
		return prefix + "other"
	}
	return prefix + name
}

// handlingBadge is how an item may travel, in codes and in words.
func (s *Site) handlingBadge(v *visit, it intel.Item) badge {
	b := badge{Code: handlingCode(it)}
	scheme, ok := s.Grading.Scheme(it.Handling.Ref)
	if !ok {
		return b
	}
	c, _ := grading.Find(scheme.Handling, it.Handling.Code)
	said := []string{c.Names.In(v.lang)}
	for _, x := range it.Handling.Conditions {
		condition, _ := grading.Find(scheme.Conditions, x)
		said = append(said, condition.Names.In(v.lang))
	}
	b.Says = strings.Join(said, " · ")
	return b
}

// versionViews shows each version with what it changed in the one before that
// the reader may see.
func versionViews(all []intel.Item, who map[id.ID]string) []versionView {
	out := make([]versionView, len(all))
	for i, it := range all {
		out[i] = versionView{N: it.Version, State: it.State, Author: who[it.Author], When: minute(it.Written), Newest: i == 0, First: i == len(all)-1}
		if it.State == intel.Approved {
			out[i].When = minute(it.Approved)
		}
		if i+1 < len(all) {
			out[i].Changes = changes(all[i+1], it)
		}
	}
	return out
}

// changes says what differs between two versions.
func changes(was, is intel.Item) []changeView {
	var out []changeView
	say := func(what string, n int, before, after string) {
		if before != after {
			out = append(out, changeView{"intel.change_" + what, n, before, after})
		}
	}
	say("title", 0, was.Title, is.Title)
	say("category", 0, was.Category, is.Category)
	say("seriousness", 0, was.Seriousness, is.Seriousness)
	say("handling", 0, handlingCode(was), handlingCode(is))
	say("language", 0, was.Language, is.Language)
	say("review", 0, day(was.Review), day(is.Review))
	say("independence", 0, string(was.Sources.Independence), string(is.Sources.Independence))
	if was.Compartment != is.Compartment {
		out = append(out, changeView{What: "intel.change_compartment"})
	}
	if was.Sources.Malicious != is.Sources.Malicious {
		out = append(out, changeView{What: "intel.change_malicious"})
	}
	for i, st := range is.Statements {
		j := slices.IndexFunc(was.Statements, func(x intel.Statement) bool { return x.ID == st.ID })
		if j < 0 {
			say("added", i+1, "", st.Text)
			continue
		}
		say("statement", i+1, was.Statements[j].Text, st.Text)
		say("grade", i+1, was.Statements[j].Grade.Source+was.Statements[j].Grade.Information, st.Grade.Source+st.Grade.Information)
		say("selectors", i+1, shownSelectors(was.Statements[j]), shownSelectors(st))
	}
	for i, st := range was.Statements {
		if !slices.ContainsFunc(is.Statements, func(x intel.Statement) bool { return x.ID == st.ID }) {
			say("removed", i+1, st.Text, "")
		}
	}
	return out
}

func shownSelectors(st intel.Statement) string {
	all := make([]string, len(st.Selectors))
	for i, sel := range st.Selectors {
		all[i] = sel.Value
	}
	return strings.Join(all, ", ")
}

// itemStep answers a form of the item's page. It names the version that the
// visitor saw; what is refused is said on the page as it is now.
func itemStep(step string) func(*Site, *visit, http.ResponseWriter, *http.Request) error {
	return func(s *Site, v *visit, w http.ResponseWriter, r *http.Request) error {
		item, err := pathID(r, "item")
		if err != nil {
			return err
		}
		// What the visitor may not read says nothing, not even that a form lacks something.
		if _, err := s.Items.Read(r.Context(), v.Subject, v.programme.ID, item); err != nil {
			return err
		}
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		version, err := strconv.Atoi(form.Get("version"))
		if err != nil {
			version = 0 // which no item has
		}
		err = s.step(v, r, step, item, version, form)
		switch fault.KindOf(err) {
		case fault.Conflict, fault.Invalid:
			return s.showItem(v, w, r, err, form)
		}
		if err != nil {
			return err
		}
		if step == "dispose" {
			return back(w, r, v.at("/intelligence?queue=due&done=saved"))
		}
		return back(w, r, v.at("/items/"+item.String()+"?done=saved"))
	}
}

func (s *Site) step(v *visit, r *http.Request, step string, item id.ID, version int, form url.Values) (err error) {
	ctx, in := r.Context(), v.programme.ID
	reason := form.Get("reason")
	switch step {
	case "submit":
		_, err = s.Items.Submit(ctx, v.Subject, in, item, version)
	case "approve":
		_, err = s.Items.Approve(ctx, v.Subject, in, item, version)
	case "send-back":
		_, err = s.Items.SendBack(ctx, v.Subject, in, item, version, reason)
	case "judge":
		_, err = s.Items.Judge(ctx, v.Subject, in, item, version, intel.Judgement{
			Independence: intel.Independence(form.Get("independence")), Reason: reason, Malicious: form.Get("malicious") != "",
		})
	case "retain":
		until, bad := time.Parse(time.DateOnly, form.Get("until"))
		if bad != nil {
			return fault.Wrap(fault.Invalid, "Write the date of the next review as 2027-01-31.", bad)
		}
		_, err = s.Items.Retain(ctx, v.Subject, in, item, version, until, reason)
	case "propose":
		err = s.Items.ProposeDisposal(ctx, v.Subject, in, item, version, reason)
	case "dispose":
		err = s.Items.Dispose(ctx, v.Subject, in, item, version)
	default:
		return errNoPage()
	}
	return err
}
