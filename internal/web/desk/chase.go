// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

type chasePage struct {
	frame
	Rows  []referralRow
	Today string
	Newer string
	Older string
}

func (s *Site) chasePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	offset := pageOffset(q)
	late, more, err := s.Referrals.ChaseList(r.Context(), v.Subject, v.programme.ID, offset, referralsSize)
	if err != nil {
		return err
	}
	p := chasePage{frame: s.frame(v, "/chase"), Today: minute(s.Clock.Now())}
	if p.Rows, err = s.referralRows(v, r, late); err != nil {
		return err
	}
	p.Newer, p.Older = turn(q, offset, referralsSize, more)
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "chase", p)
}

// chaseCSV is the chase list for whoever telephones: numbers and days, without
// titles, so that it can lie on a table.
func (s *Site) chaseCSV(v *visit, w http.ResponseWriter, r *http.Request) error {
	late, _, err := s.Referrals.ChaseList(r.Context(), v.Subject, v.programme.ID, 0, 200)
	if err != nil {
		return err
	}
	rows, err := s.referralRows(v, r, late)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="chase.csv"`)
	out := csv.NewWriter(w)
	if err := out.Write([]string{"number", "partner", "role", "state", "sent", "due", "days_overdue", "chased", "last_chased"}); err != nil {
		return nil //nolint:nilerr // the browser left: nobody to tell
	}
	for _, x := range rows {
		if err := out.Write([]string{x.Number, safeCell(x.Partner), string(x.Role), string(x.State), x.Sent, x.Due, strconv.Itoa(x.Days), strconv.Itoa(x.Chases), x.Chased}); err != nil {
			return nil //nolint:nilerr // the browser left: nobody to tell
		}
	}
	out.Flush()
	return nil
}

// chased records with one key that a partner was asked again.
func (s *Site) chased(v *visit, w http.ResponseWriter, r *http.Request) error {
	of, err := pathID(r, "referral")
	if err != nil {
		return err
	}
	if _, err := s.Referrals.Chased(r.Context(), v.Subject, v.programme.ID, of); err != nil {
		return err
	}
	return back(w, r, v.at("/chase?done=chased"))
}

type overduePage struct {
	frame
	Reports []lateReports
	Rows    []overdueRow
	Sum     int
}

type overdueRow struct {
	Partner string
	N, Days int
	Oldest  string
}

// overduePage shows the director counts and numbers, and no content.
func (s *Site) overduePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	late, err := s.Referrals.Overdue(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	p := overduePage{frame: s.frame(v, "/overdue")}
	if p.Reports, err = s.lateReports(v, r); err != nil {
		return err
	}
	for _, x := range late {
		p.Rows = append(p.Rows, overdueRow{Partner: x.Partner, N: x.N, Oldest: minute(x.Oldest), Days: int(s.Clock.Now().Sub(x.Oldest) / (24 * time.Hour))})
		p.Sum += x.N
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "overdue", p)
}

// partnersOf returns the ways of a liaison to the pages of its partners.
func (s *Site) partnersOf(v *visit) []link {
	var links []link
	for _, g := range v.Subject.Grants {
		p, ok := s.Programmes.ByID(g.Programme)
		if !ok || !g.Role.OfPartner() || g.Desk == (id.ID{}) {
			continue
		}
		to := "/at/" + url.PathEscape(p.Slug) + "/" + g.Desk.String()
		links = append(links, link{To: to, Text: p.Name.In(v.lang), Here: v.partner == g.Desk})
	}
	return links
}
