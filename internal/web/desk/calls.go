// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type callPage struct {
	frame
	Desks      []option
	Languages  []languageRow
	Categories []option
	Reasons    []reasonKey
	Case       string // a fresh case number: for the caller to say again, opens nothing
}

// languageRow says who of the desk speaks a caller's language.
type languageRow struct {
	Code, Name string
	Staff      []string
	Mine       bool
	Selected   bool
	List       string // address of the list of receipt words
}

func (s *Site) callPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	desks := v.Subject.Desks(v.programme.ID, authz.CallTaker, authz.Reviewer)
	for _, desk := range desks {
		if err := authz.Check(v.Subject, authz.File, callAt(v, desk)); err != nil {
			return err
		}
	}
	if len(desks) == 0 {
		return authz.Check(v.Subject, authz.File, callAt(v, id.ID{}))
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := callPage{frame: s.frame(v, "/calls"), Reasons: reasonKeys(), Case: short(id.New())}
	for i, desk := range desks {
		p.Desks = append(p.Desks, option{Value: desk.String(), Text: v.deskName(desk), Selected: i == 0})
	}
	p.Languages = languages(v, colleagues)
	for i := range p.Languages {
		p.Languages[i].List = s.wordList(p.Languages[i].Code)
	}
	p.Categories = s.categories(v.lang)
	return s.templates.Write(w, http.StatusOK, v.lang, "calls", p)
}

func callAt(v *visit, desk id.ID) authz.Object {
	return authz.Object{Kind: authz.Call, Programme: v.programme.ID, Desk: desk, Handling: authz.Sealed}
}

// languages matches the programme's languages with those who work here.
func languages(v *visit, colleagues []people.Colleague) []languageRow {
	var rows []languageRow
	for _, code := range v.programme.Languages {
		row := languageRow{Code: code, Name: page.NativeName(code), Mine: code == v.Account.Language, Selected: code == v.Account.Language}
		for _, c := range colleagues {
			if c.State == people.Active && c.Language == code && c.ID != v.Account.ID {
				row.Staff = append(row.Staff, c.Name)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// categories are those of the questionnaires, in the visitor's language.
func (s *Site) categories(lang string) []option {
	var out []option
	for _, q := range s.Questions.List {
		out = append(out, option{Value: q.Category, Text: q.Name.In(lang), Selected: q.Category == notSure})
	}
	return out
}

// wordList is where the list of receipt words in a language is; English where
// there is none, which reads the same receipt.
func (s *Site) wordList(lang string) string {
	for _, name := range []string{"words-" + lang + ".txt", "words-en.txt"} {
		if f, ok := s.Assets.Get(name); ok {
			return f.URL
		}
	}
	return ""
}

// notSure is the category of what nobody has sorted yet.
const notSure = "not-sure"

// fileCall takes in what the call taker's browser sealed.
func (s *Site) fileCall(v *visit, w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		return fault.New(fault.Invalid, "This address takes a sealed report.")
	}
	body, err := readBody(w, r, 256<<10)
	if err != nil {
		return err
	}
	made, err := s.Intake.File(r.Context(), v.Subject, v.programme.ID, body)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusCreated, map[string]any{"report": made})
	return nil
}

// endCall counts a contact that ended without a report.
func (s *Site) endCall(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	desk, err := formID(form, "desk")
	if err != nil {
		return err
	}
	if err := s.Reports.Silent(r.Context(), v.Subject, v.programme.ID, desk, report.Reason(form.Get("reason"))); err != nil {
		return err
	}
	if fromScript(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return back(w, r, v.at("/calls"))
}
