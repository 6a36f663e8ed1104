// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/outcome"
)

// referralsOfItem is the part of an item's page about those to whom it was
// referred, as far as the visitor may see.
func referralsOfItem(s *Site, v *visit, r *http.Request, item intel.View) (*itemSection, error) {
	all, err := s.Referrals.OfItem(r.Context(), v.Subject, v.programme.ID, item.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.referralRows(v, r, all)
	if err != nil {
		return nil, err
	}
	refers := item.State == intel.Approved && item.May[authz.Refer]
	if len(rows) == 0 && !refers {
		return nil, nil //nolint:nilnil // a section with nothing to show or do is left out
	}
	out := &itemSection{ID: "referrals", Title: "nav.referrals", Empty: "sections.no_referrals"}
	for _, x := range rows {
		row := itemSectionRow{To: x.To, Text: x.Number, Tag: "ref.state_" + string(x.State), Facts: []string{x.Partner, v.say("ref.sent") + " " + x.Sent}}
		if x.Role == "information" {
			row.Facts = append(row.Facts, v.say("ref.information"))
		}
		if x.Overdue {
			row.Facts = append(row.Facts, v.say("ref.overdue", "n", x.Days))
		} else if x.Due != "" {
			row.Facts = append(row.Facts, v.say("ref.due")+" "+x.Due)
		}
		out.Rows = append(out.Rows, row)
	}
	if refers {
		out.Way = link{To: v.at("/refer/" + item.ID.String()), Text: "intel.refer"}
	}
	return out, nil
}

// outcomesOfItem is the part of an item's page about what came of it, as far as
// the visitor may see.
func outcomesOfItem(s *Site, v *visit, r *http.Request, item intel.View) (*itemSection, error) {
	all, err := s.Outcomes.OfItem(r.Context(), v.Subject, v.programme.ID, item.ID)
	if k := fault.KindOf(err); k == fault.Forbidden || k == fault.NotFound {
		return nil, nil //nolint:nilnil // outcomes are none of the visitor's business
	}
	if err != nil {
		return nil, err
	}
	records := item.State == intel.Approved && s.mayRecord(v) == nil
	if len(all) == 0 && !records {
		return nil, nil //nolint:nilnil // a section with nothing to show or do is left out
	}
	out := &itemSection{ID: "outcomes", Title: "nav.outcomes", Empty: "sections.no_outcomes"}
	for _, o := range all {
		out.Rows = append(out.Rows, s.outcomeInSection(v, o))
	}
	if records {
		out.Way = link{To: v.at("/outcomes/new?" + url.Values{"item": {item.Number}}.Encode()), Text: "outcome.record"}
	}
	return out, nil
}

func (s *Site) outcomeInSection(v *visit, o outcome.Outcome) itemSectionRow {
	x := s.outcomeRow(v, o)
	row := itemSectionRow{To: x.To, Text: x.Date + " " + x.Kind, Tag: "outcome.state." + string(x.State)}
	if x.Of != "" {
		row.Text += ": " + x.Of
	}
	for _, fact := range []string{strings.TrimSpace(x.Quantity), x.Value, x.By} {
		if fact != "" {
			row.Facts = append(row.Facts, fact)
		}
	}
	return row
}
