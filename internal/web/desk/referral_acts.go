// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// onReferral runs one act of the desk and goes back to the referral's page;
// what can be put right is said there, with what was typed.
func (s *Site) onReferral(v *visit, w http.ResponseWriter, r *http.Request, act func(ctx context.Context, of id.ID, form url.Values) error) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	err = act(r.Context(), of, form)
	if correctable(err) {
		return s.showReferral(v, w, r, form, err, "")
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/referrals/"+of.String()+"?done=saved"))
}

// replyOf reads a partner's word from a form.
func replyOf(form url.Values) referral.Reply {
	return referral.Reply{
		Act: referral.Act(form.Get("act")), Code: form.Get("code"), Text: form.Get("text"),
		Result: referral.Result{
			Kind: form.Get("kind"), Quantity: form.Get("quantity"), Unit: form.Get("unit"), Of: form.Get("of"), Value: form.Get("value"), Currency: form.Get("currency"),
			Day: form.Get("day"), Reference: form.Get("theirs"),
		},
	}
}

// resultChoices are what a partner chooses from to report an outcome.
type resultChoices struct{ Kinds, Units, Of []option }

func (s *Site) resultChoices(v *visit, form url.Values) resultChoices {
	table := s.Outcomes.Table
	c := resultChoices{Kinds: s.kindOptions(v, form.Get("kind"))[1:]}
	for _, u := range table.Units {
		c.Units = append(c.Units, option{Value: u.Code, Text: u.Name.In(v.lang), Selected: u.Code == form.Get("unit")})
	}
	for _, of := range table.Of {
		c.Of = append(c.Of, option{Value: of.Code, Text: of.Name.In(v.lang), Selected: of.Code == form.Get("of")})
	}
	return c
}

func (s *Site) typeIn(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onReferral(v, w, r, func(ctx context.Context, of id.ID, form url.Values) error {
		_, err := s.Referrals.Type(ctx, v.Subject, v.programme.ID, of, referral.Typed{Reply: replyOf(form), Said: form.Get("said"), How: form.Get("how"), When: form.Get("when")})
		return err
	})
}

func (s *Site) recall(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onReferral(v, w, r, func(ctx context.Context, of id.ID, form url.Values) error {
		_, err := s.Referrals.Recall(ctx, v.Subject, v.programme.ID, of, form.Get("why"))
		return err
	})
}

func (s *Site) renewReferral(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onReferral(v, w, r, func(ctx context.Context, of id.ID, _ url.Values) error {
		_, err := s.Referrals.Renew(ctx, v.Subject, v.programme.ID, of)
		return err
	})
}

// makeLink shows a new one-time link, this once.
func (s *Site) makeLink(v *visit, w http.ResponseWriter, r *http.Request) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	token, err := s.Referrals.MakeLink(r.Context(), v.Subject, v.programme.ID, of)
	if correctable(err) {
		return s.showReferral(v, w, r, url.Values{}, err, "")
	}
	if err != nil {
		return err
	}
	return s.showReferral(v, w, r, url.Values{}, nil, "/partner/"+token)
}

func (s *Site) revokeLink(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onReferral(v, w, r, func(ctx context.Context, of id.ID, _ url.Values) error {
		return s.Referrals.RevokeLink(ctx, v.Subject, v.programme.ID, of)
	})
}

// questionRow is one question of a partner at the desk.
type questionRow struct {
	ID, Number, To, Text, At, Reason string
	State                            referral.QuestionState
	Open                             bool
	Reports                          []reportLink
}

type reportLink struct{ To, Short string }

func questionRows(v *visit, questions []referral.Question) []questionRow {
	rows := make([]questionRow, len(questions))
	for i, q := range questions {
		rows[i] = questionRow{ID: q.ID.String(), Text: q.Text, At: minute(q.At), Reason: q.Reason, State: q.State, Open: q.Open(), To: v.at("/referrals/" + q.Referral.String())}
	}
	return rows
}

type questionsPage struct {
	frame
	Rows []questionRow
}

func (s *Site) questionsPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	waiting, err := s.Referrals.OpenQuestions(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := questionsPage{frame: s.frame(v, "/questions")}
	for _, q := range waiting {
		row := questionRows(v, []referral.Question{q.Question})[0]
		row.Number = q.Number
		for _, report := range q.Reports {
			row.Reports = append(row.Reports, reportLink{To: v.at("/reports/" + report.String() + "?question=" + q.ID.String()), Short: short(report)})
		}
		p.Rows = append(p.Rows, row)
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "questions", p)
}

// onQuestion runs one act on a question and goes back to the list.
func (s *Site) onQuestion(v *visit, w http.ResponseWriter, r *http.Request, act func(ctx context.Context, question id.ID, form url.Values) error) error {
	question, err := pathID(r, "question")
	if err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := act(r.Context(), question, form); err != nil {
		return err
	}
	return back(w, r, v.at("/questions?done=saved"))
}

func (s *Site) putQuestion(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onQuestion(v, w, r, func(ctx context.Context, question id.ID, form url.Values) error {
		report, err := formID(form, "report")
		if err != nil {
			return err
		}
		return s.Referrals.PutQuestion(ctx, v.Subject, v.programme.ID, question, report)
	})
}

func (s *Site) passOn(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onQuestion(v, w, r, func(ctx context.Context, question id.ID, _ url.Values) error {
		return s.Referrals.PassOn(ctx, v.Subject, v.programme.ID, question)
	})
}

func (s *Site) refuseQuestion(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onQuestion(v, w, r, func(ctx context.Context, question id.ID, form url.Values) error {
		return s.Referrals.RefuseQuestion(ctx, v.Subject, v.programme.ID, question, form.Get("why"))
	})
}
