// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// keyring is all that a member's browser needs to read and write in one
// programme: the packages of their desks' keys, and the signed rosters to
// check everything against.
type keyring struct {
	Programme    id.ID               `json:"programme"`
	ProgrammeKey []byte              `json:"programmeKey"`
	Rosters      []seal.SignedRoster `json:"rosters"` // newest first
	Checkpoint   string              `json:"checkpoint"`
	Desks        []keyringDesk       `json:"desks"`
}

type keyringDesk struct {
	Desk    id.ID           `json:"desk"`
	Package []byte          `json:"package"` // null when nobody has given it yet
	Epochs  []keyringEpoch  `json:"epochs"`  // newest first
	Members []keyringMember `json:"members"` // reviewers of the desk, with the key or waiting for it
}

type keyringEpoch struct {
	Epoch     int    `json:"epoch"`
	Recipient string `json:"recipient"`
}

type keyringMember struct {
	ID        id.ID  `json:"id"`
	Name      string `json:"name"`
	Recipient string `json:"recipient"`
	Key       []byte `json:"key"`
	Print     string `json:"print"`
	Holds     bool   `json:"holds"`
}

func (s *Site) keyring(v *visit, w http.ResponseWriter, r *http.Request) error {
	k := keyring{Programme: v.programme.ID, ProgrammeKey: v.programme.Key, Rosters: []seal.SignedRoster{}, Desks: []keyringDesk{}}
	for _, published := range s.Programmes.Rosters(v.programme.ID) {
		k.Rosters = append(k.Rosters, published.Signed)
	}
	checkpoint, err := s.Ledger.Checkpoint(r.Context())
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	k.Checkpoint = string(checkpoint)
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	for _, desk := range v.Subject.Desks(v.programme.ID, authz.Reviewer) {
		keys, err := s.People.DeskKeys(r.Context(), v.Subject, v.programme.ID, desk)
		if err != nil {
			return err
		}
		k.Desks = append(k.Desks, keyringOf(desk, keys, colleagues))
	}
	page.WriteJSON(w, http.StatusOK, k)
	return nil
}

func keyringOf(desk id.ID, keys people.DeskKeys, colleagues []people.Colleague) keyringDesk {
	d := keyringDesk{Desk: desk, Package: keys.Mine, Epochs: []keyringEpoch{}, Members: []keyringMember{}}
	for _, e := range keys.Epochs {
		d.Epochs = append(d.Epochs, keyringEpoch{e.Epoch, e.Recipient})
	}
	for _, c := range colleagues {
		if c.State != people.Active || !c.AtDesk(desk, authz.Reviewer) {
			continue
		}
		d.Members = append(d.Members, keyringMember{
			ID: c.ID, Name: c.Name, Recipient: c.Recipient, Key: c.SigningKey, Print: fingerprint(c.Recipient),
			Holds: slices.Contains(keys.Holders, c.ID),
		})
	}
	return d
}

// fingerprint is what two people read to each other to know that a key is
// theirs: the first 60 bits of its hash, in groups.
func fingerprint(recipient string) string {
	if recipient == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(recipient))
	digits := hex.EncodeToString(sum[:])[:15]
	return strings.Join([]string{digits[:5], digits[5:10], digits[10:15]}, " ")
}

type keysPage struct {
	frame
	Desks    []deskKeyRow
	Reviewer bool
}

type deskKeyRow struct {
	ID, Name string
	Epoch    int // -1 when there is no key
	Made     string
	ByWhom   string
	Holders  []string
	Waiting  []waitingRow
	Mine     bool // the visitor reviews here
	Holds    bool
	InRoster bool // the roster shows this epoch
}

type waitingRow struct{ ID, Name, Print string }

func (s *Site) keysPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	if err != nil {
		return err
	}
	who := names(colleagues)
	p := keysPage{frame: s.frame(v, "/keys")}
	mine := v.Subject.Desks(v.programme.ID, authz.Reviewer)
	p.Reviewer = len(mine) > 0
	roster, published := s.Programmes.Roster(v.programme.ID)
	for _, d := range v.programme.Desks {
		keys, err := s.People.DeskKeyState(r.Context(), v.Subject, v.programme.ID, d.ID)
		if err != nil {
			return err
		}
		row := deskKeyRow{
			ID: d.ID.String(), Name: d.Name.In(v.lang), Epoch: -1, Mine: slices.Contains(mine, d.ID), Holds: slices.Contains(keys.Holders, v.Account.ID),
		}
		if len(keys.Epochs) > 0 {
			newest := keys.Epochs[0]
			row.Epoch, row.Made, row.ByWhom = newest.Epoch, minute(newest.Made), who[newest.By]
			if published {
				shown, ok := roster.Roster.Desk(d.ID)
				row.InRoster = ok && shown.Epoch == newest.Epoch
			}
		}
		for _, h := range keys.Holders {
			row.Holders = append(row.Holders, who[h])
		}
		for _, c := range keys.Waiting {
			row.Waiting = append(row.Waiting, waitingRow{c.ID.String(), c.Name, fingerprint(c.Recipient)})
		}
		p.Desks = append(p.Desks, row)
	}
	p.Done = done(r)
	return s.templates.Write(w, http.StatusOK, v.lang, "keys", p)
}

func (s *Site) giveKey(v *visit, w http.ResponseWriter, r *http.Request) error {
	desk, err := v.pathDesk(r)
	if err != nil {
		return err
	}
	var in struct {
		Member  id.ID  `json:"member"`
		Package []byte `json:"package"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := s.People.GiveKey(r.Context(), v.Subject, v.programme.ID, desk, in.Member, in.Package); err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]string{"next": v.at("/keys?done=saved")})
	return nil
}

func (s *Site) renewKey(v *visit, w http.ResponseWriter, r *http.Request) error {
	desk, err := v.pathDesk(r)
	if err != nil {
		return err
	}
	var in struct {
		Epoch     int              `json:"epoch"`
		Recipient string           `json:"recipient"`
		Packages  map[id.ID][]byte `json:"packages"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	e := people.Epoch{Programme: v.programme.ID, Desk: desk, Epoch: in.Epoch, Recipient: in.Recipient}
	if err := s.People.RenewKey(r.Context(), v.Subject, e, in.Packages); err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, map[string]string{"next": v.at("/keys?done=saved")})
	return nil
}

// exportDocument writes docs/formats.md, "Export": what was released, the
// roster that it was sealed under, and the member's own desk key package.
func (s *Site) exportDocument(v *visit, r *http.Request, o report.Opened) ([]byte, error) {
	e := seal.Export{Programme: v.programme.ID, Report: o.Report.ID}
	for _, published := range s.Programmes.Rosters(v.programme.ID) {
		e.Rosters = append(e.Rosters, published.Signed) // members may have answered under any since
		if e.Roster.Roster == nil {
			e.Roster = published.Signed
		}
		if published.Roster.Hash() == o.Report.Roster {
			e.Roster = published.Signed
			break
		}
	}
	for _, g := range o.Grants {
		e.Grants = append(e.Grants, seal.GrantFor{Epoch: g.Epoch, To: g.To, Body: g.Body})
	}
	for _, m := range o.Envelopes {
		e.Messages = append(e.Messages, seal.Stored{Seq: m.Seq, Epoch: m.Epoch, Role: seal.Role(m.Role), Hash: m.Hash, Body: m.Body})
	}
	keys, err := s.People.DeskKeys(r.Context(), v.Subject, v.programme.ID, o.Report.Desk)
	if err != nil {
		return nil, err
	}
	if keys.Mine != nil {
		e.Keys = append(e.Keys, keys.Mine)
	}
	document, err := e.Encode()
	if err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	return document, nil
}

// readableJSON indents a document for people.
func readableJSON(text []byte) string {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return string(text)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(text)
	}
	return string(out)
}
