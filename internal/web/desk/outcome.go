// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type outcomePage struct {
	frame
	Row                           outcomeRow
	ID                            string
	Version                       int
	Category, Note                string
	Partner                       string
	Referral                      *link // on which the partner reported it
	ValueSource                   string
	Details                       []detailField
	Links                         []outcomeLink
	Earlier                       *outcomeRow
	Later, Twins                  []outcomeRow
	MergedInto                    string
	History                       []versionRow
	Tellings                      []tellingRow
	Closed                        bool
	MayConfirm, MayChange, MayEnd bool
	TwinIDs                       []option
}

type outcomeLink struct{ To, Number, Basis, Share string }

// tellingRow is what became of one reporter behind the outcome; Ending is a key.
type tellingRow struct{ At, Who, Ending, Reason string }

type versionRow struct{ At, Who, What, Says, Reason string }

func (s *Site) outcomePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showOutcome(v, w, r, http.StatusOK, nil)
}

func (s *Site) showOutcome(v *visit, w http.ResponseWriter, r *http.Request, status int, problem error) error {
	at, err := pathID(r, "outcome")
	if err != nil {
		return err
	}
	look, err := s.Outcomes.Look(r.Context(), v.Subject, v.programme.ID, at)
	if err != nil {
		return err
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	o := look.Outcome
	open := o.State != outcome.Withdrawn && o.State != outcome.Merged
	p := outcomePage{
		frame: s.frame(v, "/outcomes/one"), Row: s.outcomeRow(v, o), ID: o.ID.String(), Version: o.Version, Category: s.categoryName(v, o.Category), Note: o.Note, Closed: !o.Compartment.IsZero(),
		MayChange: look.MayChange && open, MayEnd: look.MayChange && open && (look.MayStand || o.State == outcome.Recorded),
		MayConfirm: look.MayStand && o.State == outcome.Recorded && (o.Author != v.Account.ID || !s.Outcomes.SecondPerson(v.programme.ID)),
	}
	if o.Value != nil {
		p.ValueSource = o.Value.Source + ", " + outcome.Date(o.Value.Day).Format(time.DateOnly)
	}
	if k, ok := s.Outcomes.Table.Kind(o.Kind); ok {
		for _, d := range k.Details {
			if o.Details[d.Code] != "" {
				p.Details = append(p.Details, detailField{Name: d.Name.In(v.lang), Value: o.Details[d.Code]})
			}
		}
	}
	if err := s.fromPartner(v, r, &p, o); err != nil {
		return err
	}
	for _, l := range o.Links {
		row := outcomeLink{Basis: "outcome.basis." + l.Basis}
		if l.Share > 0 {
			row.Share = strconv.Itoa(l.Share) + " %"
		}
		src, err := s.Outcomes.Items.Source(r.Context(), v.Subject, v.programme.ID, l.Item)
		if err == nil {
			row.Number, row.To = src.Number, v.at("/items/"+l.Item.String())
		} else if k := fault.KindOf(err); k != fault.NotFound && k != fault.Forbidden {
			return err
		}
		p.Links = append(p.Links, row)
	}
	if err := s.around(v, r, &p, look); err != nil {
		return err
	}
	for _, x := range look.Versions {
		p.History = append(p.History, versionRow{At: minute(x.Written), Who: cmp.Or(who[x.Author], x.By), What: "outcome.what." + x.What, Says: strings.TrimSpace(s.quantityText(v, x) + " " + s.valueText(x.Value)), Reason: x.Reason})
	}
	for _, x := range look.Tellings {
		p.Tellings = append(p.Tellings, tellingRow{At: minute(x.At), Who: who[x.By], Ending: "tell.ending." + string(x.Ending), Reason: x.Reason})
	}
	if problem != nil {
		p.Problems = []page.Problem{{Field: "reason", Message: s.sentence(v.lang, problem)}}
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "outcome", p)
}

// fromPartner fills in who told of it, and on which referral where the visitor
// may see that.
func (s *Site) fromPartner(v *visit, r *http.Request, p *outcomePage, o outcome.Outcome) error {
	if !o.Partner.IsZero() {
		partners, err := s.Referrals.AllPartners(r.Context(), v.Subject, v.programme.ID)
		if err != nil {
			return err
		}
		for _, x := range partners {
			if x.ID == o.Partner {
				p.Partner = x.Name
			}
		}
	}
	if o.Referral.IsZero() {
		return nil
	}
	x, err := s.Referrals.Look(r.Context(), v.Subject, v.programme.ID, o.Referral)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
		return nil
	}
	if err != nil {
		return err
	}
	p.Referral = &link{To: v.at("/referrals/" + o.Referral.String()), Text: x.Referral.Number}
	return nil
}

// around fills in the stages before and after, and what may be the same.
func (s *Site) around(v *visit, r *http.Request, p *outcomePage, look outcome.Look) error {
	if !look.Outcome.Follows.IsZero() {
		earlier, err := s.Outcomes.Look(r.Context(), v.Subject, v.programme.ID, look.Outcome.Follows)
		if err == nil {
			row := s.outcomeRow(v, earlier.Outcome)
			p.Earlier = &row
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	if look.Outcome.State == outcome.Merged {
		p.MergedInto = v.at("/outcomes/" + look.Outcome.MergedInto.String())
	}
	for _, o := range look.Followers {
		p.Later = append(p.Later, s.outcomeRow(v, o))
	}
	for _, o := range look.Twins {
		row := s.outcomeRow(v, o)
		p.Twins = append(p.Twins, row)
		if look.MayStand {
			p.TwinIDs = append(p.TwinIDs, option{Value: o.ID.String(), Text: strings.Join(strings.Fields(row.Date+" "+row.Kind+" "+row.Quantity+" "+row.Value+" "+row.Reference), " ")})
		}
	}
	return nil
}

func (s *Site) categoryName(v *visit, code string) string {
	for _, c := range s.categories(v.lang) {
		if c.Value == code {
			return c.Text
		}
	}
	return code
}

// onOutcome runs one act and goes back to the outcome's page; what is wrong
// with the reason is shown there.
func (s *Site) onOutcome(v *visit, w http.ResponseWriter, r *http.Request, act func(at id.ID, form url.Values, version int) error) error {
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
	err = act(at, form, version)
	var bad *outcome.Invalid
	if errors.As(err, &bad) {
		return s.showOutcome(v, w, r, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/outcomes/"+at.String()+"?done=saved"))
}

func (s *Site) confirmOutcome(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onOutcome(v, w, r, func(at id.ID, _ url.Values, version int) error {
		_, err := s.Outcomes.Confirm(r.Context(), v.Subject, v.programme.ID, at, version)
		return err
	})
}

func (s *Site) withdrawOutcome(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onOutcome(v, w, r, func(at id.ID, form url.Values, version int) error {
		_, err := s.Outcomes.Withdraw(r.Context(), v.Subject, v.programme.ID, at, version, form.Get("reason"))
		return err
	})
}

func (s *Site) mergeOutcome(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.onOutcome(v, w, r, func(at id.ID, form url.Values, _ int) error {
		into, err := formID(form, "into")
		if err != nil {
			return err
		}
		return s.Outcomes.Merge(r.Context(), v.Subject, v.programme.ID, at, into, form.Get("reason"))
	})
}
