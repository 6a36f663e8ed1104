// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// originalJSON says how far two people are with an original, and what the
// visitor may do: ask, wait, agree, save or nothing.
type originalJSON struct {
	Blob     id.ID  `json:"blob"`
	May      string `json:"may"`
	AskedBy  string `json:"asked_by"`
	AskedAt  string `json:"asked_at"`
	Reason   string `json:"reason"`
	AgreedBy string `json:"agreed_by"`
	AgreedAt string `json:"agreed_at"`
	Until    string `json:"until"`
}

// originals lists the originals of a report that are kept as evidence.
func (s *Site) originals(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, err := pathID(r, "report")
	if err != nil {
		return err
	}
	all, err := s.Reports.OriginalsOf(r.Context(), v.Subject, v.programme.ID, rep)
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	who := names(colleagues)
	out := make([]originalJSON, len(all))
	for i, o := range all {
		state, until := o.State(s.Clock.Now())
		out[i] = originalJSON{Blob: o.Blob, May: mayWith(o, state, v.Account.ID)}
		if state != report.OriginalSealed {
			out[i].AskedBy, out[i].AskedAt, out[i].Reason, out[i].Until = who[o.Asked.Who], minute(o.Asked.At), o.Reason, minute(until)
		}
		if state == report.OriginalOpen {
			out[i].AgreedBy, out[i].AgreedAt = who[o.Agreed.Who], minute(o.Agreed.At)
		}
	}
	page.WriteJSON(w, http.StatusOK, map[string]any{"originals": out})
	return nil
}

// mayWith says what somebody who may read the report can do with an original.
func mayWith(o report.Original, state report.OriginalState, account id.ID) string {
	switch {
	case state == report.OriginalSealed:
		return "ask"
	case state == report.OriginalAsked && o.Asked.Who == account:
		return "wait"
	case state == report.OriginalAsked:
		return "agree"
	case o.Has(account):
		return "save"
	}
	return "nothing"
}

// original reads which original a request is about.
func original(r *http.Request) (rep, blob id.ID, err error) {
	if rep, err = pathID(r, "report"); err != nil {
		return rep, blob, err
	}
	blob, err = pathID(r, "blob")
	return rep, blob, err
}

func (s *Site) askForOriginal(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, blob, err := original(r)
	if err != nil {
		return err
	}
	var in struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.Reports.AskForOriginal(r.Context(), v.Subject, v.programme.ID, rep, blob, in.Reason); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) agreeToOriginal(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, blob, err := original(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, &struct{}{}); err != nil {
		return err
	}
	if err := s.Reports.AgreeToOriginal(r.Context(), v.Subject, v.programme.ID, rep, blob); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// originalHalf releases the server's half of an original's key; the member's
// browser has the other one from the signed manifest.
func (s *Site) originalHalf(v *visit, w http.ResponseWriter, r *http.Request) error {
	rep, blob, err := original(r)
	if err != nil {
		return err
	}
	if err := readJSON(w, r, &struct{}{}); err != nil {
		return err
	}
	half, err := s.Reports.OriginalHalf(r.Context(), v.Subject, v.programme.ID, rep, blob)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]any{"half": half})
	return nil
}
