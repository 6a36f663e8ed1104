// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

const tellPath = "/tell"

// tellRoutes are the pages on which reporters are told what came of it. What
// they are told is sealed in the browser, as an answer in the reading room is.
var tellRoutes = []Route{
	{"GET", "/p/{programme}/tell", Inside, (*Site).tellsPage},
	{"GET", "/p/{programme}/tell/{outcome}/{item}", Inside, (*Site).tellPage},
	{"POST", "/p/{programme}/tell/{outcome}/{item}/{report}", Inside, (*Site).informReporter},
	{"POST", "/p/{programme}/tell/{outcome}/{item}/{report}/leave", Inside, (*Site).leaveReporter},
}

type tellsPage struct {
	frame
	Rows []tellRow
}

// tellRow is an item of an outcome whose reporters wait.
type tellRow struct {
	To, Number, Kind, Date, Since string
	Days                          int // since it waits
	Reporters, Gone               int
}

func (s *Site) tellsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	all, err := s.Outcomes.ToTell(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := tellsPage{frame: s.frame(v, tellPath)}
	for _, x := range all {
		p.Rows = append(p.Rows, s.tellRow(v, x))
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "tells", p)
}

func (s *Site) tellRow(v *visit, x outcome.Tell) tellRow {
	row := tellRow{
		To: v.at(tellPath + "/" + x.Outcome.String() + "/" + x.Item.String()), Number: x.Number, Kind: x.Kind, Date: day(outcome.Date(x.Day)), Since: day(x.Since),
		Days: int(s.Clock.Now().Sub(x.Since) / (24 * time.Hour)), Reporters: len(x.Reports), Gone: len(x.Gone),
	}
	if k, ok := s.Outcomes.Table.Kind(x.Kind); ok {
		row.Kind = k.Name.In(v.lang)
	}
	return row
}

type tellPage struct {
	frame
	Tell     tellRow
	Outcome  link
	Item     link
	Report   string // whose reporter is told now
	Short    string
	Deleted  bool   // the mailbox is gone
	Shut     bool   // sealed to others: they tell
	Others   []link // reports of the same item that wait too
	Language string // of the draft that is shown while the keys are locked
	Draft    string
	Drafts   map[string]string
	Why      string // of a form that was refused
}

func (s *Site) tellPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showTell(v, w, r, id.ID{}, "", nil)
}

// showTell shows whom to tell of one item's outcome: the reporter of report,
// else of the one that the address names, else the first.
func (s *Site) showTell(v *visit, w http.ResponseWriter, r *http.Request, rep id.ID, why string, problem error) error {
	of, item, err := tellOf(r)
	if err != nil {
		return err
	}
	x, err := s.Outcomes.OneToTell(r.Context(), v.Subject, v.programme.ID, of, item)
	if err != nil {
		return err
	}
	if rep.IsZero() {
		if rep, err = formID(r.URL.Query(), "report"); err != nil {
			return err
		}
	}
	p := tellPage{frame: s.frame(v, tellPath+"/one"), Tell: s.tellRow(v, x), Language: x.Language, Draft: x.Draft(), Drafts: x.Drafts, Why: why}
	p.Outcome = link{To: v.at("/outcomes/" + of.String()), Text: p.Tell.Kind + ", " + p.Tell.Date}
	p.Item = link{To: v.at("/items/" + item.String()), Text: x.Number}
	waiting := append(append([]id.ID{}, x.Reports...), x.Gone...)
	if rep.IsZero() {
		rep = waiting[0]
	}
	found := false
	for i, one := range waiting {
		if one == rep {
			found, p.Deleted = true, i >= len(x.Reports)
			continue
		}
		p.Others = append(p.Others, link{To: p.Tell.To + "?report=" + one.String(), Text: short(one)})
	}
	if !found {
		return errNoPage()
	}
	p.Report, p.Short = rep.String(), short(rep)
	if !p.Deleted {
		look, err := s.Reports.Look(r.Context(), v.Subject, v.programme.ID, rep)
		if err != nil {
			return err
		}
		p.Shut = shut(v, look)
	}
	status := http.StatusOK
	if problem != nil {
		status = page.Status(problem)
		p.Problems = []page.Problem{{Field: "why", Message: s.sentence(v.lang, problem)}}
	}
	return s.templates.Write(w, status, v.lang, "tell", p)
}

func tellOf(r *http.Request) (of, item id.ID, err error) {
	if of, err = pathID(r, "outcome"); err != nil {
		return of, item, err
	}
	item, err = pathID(r, "item")
	return of, item, err
}

func telling(r *http.Request) (t outcome.Telling, err error) {
	if t.Outcome, t.Item, err = tellOf(r); err != nil {
		return t, err
	}
	t.Report, err = pathID(r, "report")
	return t, err
}

// informReporter appends what the reviewer's browser sealed and takes the
// reporter off the list, both or neither.
func (s *Site) informReporter(v *visit, w http.ResponseWriter, r *http.Request) error {
	t, err := telling(r)
	if err != nil {
		return err
	}
	var in sealedJSON
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	err = s.Outcomes.Inform(r.Context(), v.Subject, v.programme.ID, t, func(also func(ctx context.Context, rec *tx.Recorder) error) error {
		return s.Reports.Answer(r.Context(), v.Subject, v.programme.ID, t.Report, in.Prev, in.envelope(), false, also)
	})
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusCreated, map[string]string{"next": v.at(tellPath + "?done=told")})
	return nil
}

// leaveReporter takes a reporter off the list who is not told.
func (s *Site) leaveReporter(v *visit, w http.ResponseWriter, r *http.Request) error {
	t, err := telling(r)
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	t.Ending, t.Reason = outcome.Ending(form.Get("ending")), form.Get("why")
	err = s.Outcomes.Leave(r.Context(), v.Subject, v.programme.ID, t)
	var bad *outcome.Invalid
	if errors.As(err, &bad) {
		return s.showTell(v, w, r, t.Report, t.Reason, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at(tellPath+"?done=saved"))
}
