// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

const ledgerSize = 50

var entryKinds = []string{"", "release", "membership", "audit", "roster", "danger", "arrivals", "script"}

type ledgerPage struct {
	frame
	Kinds      []option
	Entries    []entryRow
	Older      string
	Checkpoint string
}

type entryRow struct {
	To      string
	N       int64
	Kind    string
	At      string
	Who     string
	What    string
	Objects string
	Erased  bool
}

// watch asks authz for the ledger, which comes before it and can't.
func (v *visit) watch() error {
	return authz.Check(v.Subject, authz.Read, authz.Object{Kind: authz.Ledger, Programme: v.programme.ID})
}

func (s *Site) ledgerPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := v.watch(); err != nil {
		return err
	}
	q := r.URL.Query()
	find := ledger.Query{Programme: v.programme.ID, Kind: q.Get("kind"), Limit: ledgerSize + 1}
	if !slices.Contains(entryKinds, find.Kind) {
		find.Kind = ""
	}
	if before, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && before > 0 {
		find.Before = before
	}
	rows, err := s.Ledger.Find(r.Context(), find)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	p := ledgerPage{frame: s.frame(v, "/ledger"), Kinds: options(entryKinds, find.Kind, "kind.")}
	if len(rows) > ledgerSize {
		rows = rows[:ledgerSize]
		p.Older = v.at("/ledger?") + url.Values{"kind": {find.Kind}, "before": {strconv.FormatInt(rows[ledgerSize-1].N, 10)}}.Encode()
	}
	for _, row := range rows {
		p.Entries = append(p.Entries, s.entryRow(v, row, who))
	}
	checkpoint, err := s.Ledger.Checkpoint(r.Context())
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	p.Checkpoint = string(checkpoint)
	return s.templates.Write(w, http.StatusOK, v.lang, "ledger", p)
}

func (s *Site) whoIs(v *visit, r *http.Request) (map[id.ID]string, error) {
	colleagues, err := s.People.Colleagues(r.Context(), v.Subject, v.programme.ID)
	return names(colleagues), err
}

// payload is what the rooms write into entries, as far as a list shows it.
type payload struct {
	At      string   `json:"at"`
	Who     id.ID    `json:"who"`
	What    string   `json:"what"`
	Act     string   `json:"act"`
	Object  string   `json:"object"`
	Detail  string   `json:"detail"`
	Reports []string `json:"reports"`
	Hour    int64    `json:"hour"`
}

func (s *Site) entryRow(v *visit, row ledger.Row, who map[id.ID]string) entryRow {
	out := entryRow{To: v.at("/ledger/" + strconv.FormatInt(row.N, 10)), N: row.N, Kind: "kind." + row.Kind, Erased: row.Payload == nil}
	if !slices.Contains(entryKinds, row.Kind) {
		out.Kind = "kind.other"
	}
	var p payload
	if row.Payload == nil || json.Unmarshal(row.Payload, &p) != nil {
		return out // a roster, or erased: the entry's own page shows it
	}
	out.At, out.Who, out.What, out.Objects = p.At, who[p.Who], v.act(p.What+p.Act, who), p.Detail
	if len(out.At) > 16 {
		out.At = out.At[:10] + " " + out.At[11:16]
	}
	if object, err := id.Parse(p.Object); err == nil {
		out.Objects = who[object]
		if out.Objects == "" {
			out.Objects = short(object)
		}
	}
	switch n := len(p.Reports); {
	case n == 1:
		out.Objects = p.Reports[0][:8]
	case n > 1:
		out.Objects = fmt.Sprintf("%d × %s", n, v.say("ledger.reports"))
	}
	return out
}

type entryPage struct {
	frame
	Row     entryRow
	Leaf    string
	Salt    string
	Payload string
	Proof   string
}

// entry reads one entry of the visit's programme; those of others are not there.
func (s *Site) entry(v *visit, r *http.Request) (ledger.Row, error) {
	if err := v.watch(); err != nil {
		return ledger.Row{}, err
	}
	n, err := strconv.ParseInt(r.PathValue("entry"), 10, 64)
	if err != nil || n < 0 {
		return ledger.Row{}, errNoPage()
	}
	row, err := s.Ledger.Row(r.Context(), n)
	if err != nil {
		return ledger.Row{}, err
	}
	if row.Programme != v.programme.ID {
		return ledger.Row{}, errNoPage()
	}
	return row, nil
}

func (s *Site) entryPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	row, err := s.entry(v, r)
	if err != nil {
		return err
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	p := entryPage{
		frame: s.frame(v, "/ledger/entry"), Row: s.entryRow(v, row, who), Leaf: string(row.Leaf), Salt: fmt.Sprintf("%x", row.Salt),
		Payload: readableJSON(row.Payload), Proof: v.at("/ledger/" + strconv.FormatInt(row.N, 10) + "/proof"),
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "entry", p)
}

// proof is one entry with what shows that it is in the log: what
// turnstone-verify reads.
func (s *Site) proof(v *visit, w http.ResponseWriter, r *http.Request) error {
	row, err := s.entry(v, r)
	if err != nil {
		return err
	}
	proof, err := s.proofOf(r, row)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="entry-%d.json"`, row.N))
	page.WriteJSON(w, http.StatusOK, proof)
	return nil
}

// proofFile is an entry with its proof and the checkpoint that it is proved in.
type proofFile struct {
	Kind       string           `json:"kind"`
	Leaf       string           `json:"leaf"`
	Payload    []byte           `json:"payload"` // null when erased
	Proof      ledger.Inclusion `json:"proof"`
	Checkpoint string           `json:"checkpoint"`
}

func (s *Site) proofOf(r *http.Request, row ledger.Row) (proofFile, error) {
	signed, err := s.Ledger.Checkpoint(r.Context())
	if err != nil {
		return proofFile{}, err
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := ledger.ParseCheckpoint(text + "\n")
	if err != nil {
		return proofFile{}, fmt.Errorf("read own checkpoint: %w", err)
	}
	inclusion, err := s.Ledger.Prove(r.Context(), row.N, c.Size)
	if err != nil {
		return proofFile{}, err
	}
	return proofFile{Kind: row.Kind, Leaf: string(row.Leaf), Payload: row.Payload, Proof: inclusion, Checkpoint: string(signed)}, nil
}

// consistency proves to a member's browser that the log of now continues the
// one that a reporter saw. The log's shape is public, so any role may ask.
func (s *Site) consistency(_ *visit, w http.ResponseWriter, r *http.Request) error {
	earlier, err := strconv.ParseInt(r.PathValue("size"), 10, 64)
	if err != nil || earlier < 0 {
		return errNoPage()
	}
	signed, err := s.Ledger.Checkpoint(r.Context())
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := ledger.ParseCheckpoint(text + "\n")
	if err != nil {
		return fmt.Errorf("read own checkpoint: %w", err)
	}
	proof, err := s.Ledger.ProveConsistency(r.Context(), earlier, c.Size)
	if err != nil {
		return err
	}
	hashes := proof.Hashes
	if hashes == nil {
		hashes = [][]byte{}
	}
	page.WriteJSON(w, http.StatusOK, map[string]any{"checkpoint": string(signed), "hashes": hashes})
	return nil
}
