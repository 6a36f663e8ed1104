// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// rosterFor is how long a drafted roster is valid.
const rosterFor = 90 * 24 * time.Hour

type rosterPage struct {
	frame
	Number     int
	ValidUntil string
	Hash       string
	DaysLeft   int
	Desks      []rosterDeskRow
	May        bool
}

type rosterDeskRow struct {
	Name, Organisation string
	Epoch, Members     int
}

func rosterObject(v *visit) authz.Object {
	return authz.Object{Kind: authz.Roster, Programme: v.programme.ID}
}

func (s *Site) rosterPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showRoster(v, w, r, http.StatusOK, nil)
}

func (s *Site) showRoster(v *visit, w http.ResponseWriter, r *http.Request, status int, problem error) error {
	if err := authz.Check(v.Subject, authz.Read, rosterObject(v)); err != nil {
		return err
	}
	p := rosterPage{frame: s.frame(v, "/roster"), May: v.Subject.Holds(v.programme.ID, authz.Administrator)}
	if published, ok := s.Programmes.Roster(v.programme.ID); ok {
		roster := published.Roster
		p.Number, p.ValidUntil, p.Hash = roster.Number, minute(roster.ValidUntil), roster.Hash().String()
		p.DaysLeft = int(roster.ValidUntil.Sub(s.Clock.Now()).Hours() / 24)
		for _, d := range roster.Desks {
			name, organisation := d.Slug, ""
			if known, ok := v.programme.Desk(d.ID); ok {
				name, organisation = known.Name.In(v.lang), known.Organisation.In(v.lang)
			}
			p.Desks = append(p.Desks, rosterDeskRow{Name: name, Organisation: organisation, Epoch: d.Epoch, Members: len(d.Members)})
		}
	}
	if problem != nil {
		p.Problems = []page.Problem{{Field: "roster", Message: s.sentence(v.lang, problem)}}
	}
	p.Done = done(r)
	return s.templates.Write(w, status, v.lang, "roster", p)
}

// rosterDraft makes the document that the holder of the programme key checks
// and signs on a machine without network.
func (s *Site) rosterDraft(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := authz.Check(v.Subject, authz.Change, rosterObject(v)); err != nil {
		return err
	}
	draft, err := s.draft(v, r)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(draft, "", "  ")
	if err != nil {
		return fmt.Errorf("write draft roster: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="roster-%s-%d.json"`, v.programme.Slug, draft.Number))
	_, _ = w.Write(text) // the browser left: nobody to tell
	return nil
}

// draft puts the present state of desks and members behind the last roster.
func (s *Site) draft(v *visit, r *http.Request) (seal.Roster, error) {
	last, ok := s.Programmes.Roster(v.programme.ID)
	if !ok {
		return seal.Roster{}, fault.New(fault.Conflict, "The first roster is made when the programme is founded, with its recovery key.")
	}
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return seal.Roster{}, err
	}
	now := s.Clock.Now().UTC().Truncate(time.Second)
	draft := seal.Roster{
		Version: seal.Version, Programme: v.programme.ID, Slug: v.programme.Slug, Name: v.programme.Name, Number: last.Roster.Number + 1, Previous: last.Roster.Hash(),
		ValidFrom: now, ValidUntil: now.Add(rosterFor), Recovery: last.Roster.Recovery, Log: s.LogKey,
	}
	for _, d := range v.programme.Desks {
		epochs, err := s.People.Epochs(r.Context(), v.Subject, v.programme.ID, d.ID)
		if err != nil {
			return seal.Roster{}, err
		}
		if len(epochs) == 0 {
			continue // nobody could open what is sealed to it
		}
		desk := seal.RosterDesk{ID: d.ID, Slug: d.Slug, Name: d.Name, Organisation: d.Organisation, Police: d.Police, Epoch: epochs[0].Epoch}
		if desk.Recipient, err = seal.ParseRecipient(epochs[0].Recipient); err != nil {
			return seal.Roster{}, fmt.Errorf("read recipient of desk %s: %w", d.Slug, err)
		}
		for _, c := range colleagues {
			member, ok, err := rosterMember(c, d.ID)
			if err != nil {
				return seal.Roster{}, err
			}
			if ok {
				desk.Members = append(desk.Members, member)
			}
		}
		draft.Desks = append(draft.Desks, desk)
	}
	return draft, nil
}

func (s *Site) publishRoster(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := authz.Check(v.Subject, authz.Change, rosterObject(v)); err != nil {
		return err
	}
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	signed, err := seal.ParseSignedRoster([]byte(strings.TrimSpace(form.Get("roster"))))
	if err != nil {
		return s.showRoster(v, w, r, http.StatusUnprocessableEntity, fault.Wrap(fault.Invalid, "This is not a signed roster: paste the whole file that `turnstone roster sign` wrote.", err))
	}
	err = s.Programmes.Publish(r.Context(), v.programme.ID, signed)
	var told *fault.Error
	if errors.As(err, &told) && (told.Kind == fault.Invalid || told.Kind == fault.Conflict) {
		return s.showRoster(v, w, r, page.Status(err), err)
	}
	if err != nil {
		return err
	}
	return back(w, r, v.at("/roster?done=published"))
}

// rosterMember returns the public keys of a colleague who reviews or takes
// calls at a desk; ok is false for everybody else.
func rosterMember(c people.Colleague, desk id.ID) (m seal.RosterMember, ok bool, err error) {
	if c.State != people.Active || !c.AtDesk(desk, authz.Reviewer) && !c.AtDesk(desk, authz.CallTaker) {
		return m, false, nil
	}
	recipient, err := seal.ParseRecipient(c.Recipient)
	if err != nil {
		return m, false, fmt.Errorf("read recipient of %s: %w", c.Handle, err)
	}
	return seal.RosterMember{ID: c.ID, Key: c.SigningKey, Recipient: recipient}, true, nil
}
