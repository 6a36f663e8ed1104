// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// maxAppend bounds the JSON of a message: the largest envelope in base64.
const maxAppend = 256 << 10

// rosterAnswer is the roster with what a client checks it with.
type rosterAnswer struct {
	seal.SignedRoster
	Checkpoint   string `json:"checkpoint"`
	Proof        *Proof `json:"proof,omitempty"`
	ProgrammeKey []byte `json:"programme_key"`
}

// rosterText is rosterAnswer for our own pages: the bytes that were signed as
// the text that they are. In base64 its long keys, which are letters and digits
// of 32 kinds, compress to half as much again.
type rosterText struct {
	Text       string `json:"text"`
	Key        []byte `json:"key"`
	Signature  []byte `json:"signature"`
	Checkpoint string `json:"checkpoint"`
	Proof      *Proof `json:"proof,omitempty"`
}

func (s *Site) roster(w http.ResponseWriter, r *http.Request, v visit) error {
	answer, err := s.provenRoster(r, v)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusOK, answer)
	return nil
}

func (s *Site) rosterText(w http.ResponseWriter, r *http.Request, v visit) error {
	a, err := s.provenRoster(r, v)
	if err != nil {
		return err
	}
	if !utf8.Valid(a.Roster) {
		return errors.New("write roster: it is no text")
	}
	page.WriteJSON(w, http.StatusOK, rosterText{Text: string(a.Roster), Key: a.Key, Signature: a.Signature, Checkpoint: a.Checkpoint, Proof: a.Proof})
	return nil
}

func (s *Site) provenRoster(r *http.Request, v visit) (rosterAnswer, error) {
	published, ok := s.sealable(v)
	if !ok {
		return rosterAnswer{}, fault.New(fault.Unavailable, v.say("failure.closed_text"))
	}
	answer := rosterAnswer{SignedRoster: published.Signed, ProgrammeKey: v.programme.Key}
	if s.Log != nil {
		checkpoint, proof, err := s.Log.Prove(r.Context(), published.Entry)
		if err != nil {
			return rosterAnswer{}, fmt.Errorf("prove roster: %w", err)
		}
		answer.Checkpoint, answer.Proof = checkpoint, &proof
	}
	return answer, nil
}

// pastRoster is an earlier roster by the hash of its bytes: a mailbox checks
// with it who answered, when they have left since. Nobody seals to one.
func (s *Site) pastRoster(w http.ResponseWriter, r *http.Request, v visit) error {
	hash, err := seal.ParseHash(r.PathValue("hash"))
	if err != nil {
		return fault.New(fault.NotFound, v.say("failure.not_found"))
	}
	for _, published := range s.Programmes.Rosters(v.programme.ID) {
		if published.Roster.Hash() == hash {
			page.WriteJSON(w, http.StatusOK, published.Signed)
			return nil
		}
	}
	return fault.New(fault.NotFound, v.say("failure.not_found"))
}

// continueLog proves that the log continues what a reporter saw of it, which
// lies sealed in the report: a log that was forked since can't. The size comes
// in a body: it tells when somebody wrote, and addresses end up in logs.
func (s *Site) continueLog(w http.ResponseWriter, r *http.Request, v visit) error {
	if s.Log == nil {
		return fault.New(fault.NotFound, v.say("failure.not_found"))
	}
	var body struct {
		Size int64 `json:"size"`
	}
	if err := readJSON(w, r, 1<<10, &body); err != nil {
		return err
	}
	checkpoint, hashes, err := s.Log.Continue(r.Context(), body.Size)
	if err != nil {
		return fmt.Errorf("continue the log: %w", err)
	}
	page.WriteJSON(w, http.StatusOK, struct {
		Checkpoint string   `json:"checkpoint"`
		Hashes     [][]byte `json:"hashes"`
	}{checkpoint, append([][]byte{}, hashes...)})
	return nil
}

// submit keeps a report that was sealed in a browser.
func (s *Site) submit(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		return fault.New(fault.Invalid, "Send the sealed report as application/octet-stream.")
	}
	body, err := readAll(w, r, seal.MaxSubmission)
	if err != nil {
		return err
	}
	kept, err := s.Intake.Submit(r.Context(), v.programme.ID, report.ChannelWeb, body)
	if err != nil {
		return err
	}
	page.WriteJSON(w, http.StatusCreated, map[string]id.ID{"report": kept})
	return nil
}

// readAll reads a body of at most limit bytes.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, fault.Newf(fault.TooLarge, "This is larger than %d KiB.", limit>>10)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "The sending broke off. Nothing was kept.", err)
	}
	return body, nil
}

// readJSON reads exactly one JSON document without unknown fields.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	body, err := readAll(w, r, limit)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.Wrap(fault.Invalid, "This is not the JSON that belongs here.", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "Something follows the JSON.")
	}
	return nil
}

type loginBody struct {
	Login []byte `json:"login"`
}

func (b loginBody) check() error {
	if len(b.Login) != seal.KeySize {
		return fault.Newf(fault.Invalid, "A login token has %d bytes.", seal.KeySize)
	}
	return nil
}

type messageJSON struct {
	Seq   int       `json:"seq"`
	Epoch int       `json:"epoch"`
	Role  string    `json:"role"`
	Hash  seal.Hash `json:"hash"`
	Hour  int64     `json:"hour"`
	Body  []byte    `json:"body"`
}

type grantJSON struct {
	Epoch int    `json:"epoch"`
	Body  []byte `json:"body"`
}

type mailboxJSON struct {
	Report   id.ID         `json:"report"`
	Desk     id.ID         `json:"desk"`
	State    string        `json:"state"`
	Messages []messageJSON `json:"messages"`
	Grants   []grantJSON   `json:"grants"`
}

func (s *Site) openMailbox(w http.ResponseWriter, r *http.Request, v visit) error {
	var body loginBody
	if err := readJSON(w, r, 1<<10, &body); err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	box, err := s.Intake.Open(r.Context(), v.programme.ID, body.Login)
	if err != nil {
		return err
	}
	answer := mailboxJSON{
		Report: box.Report.ID, Desk: box.Report.Desk, State: string(box.Report.Marks.State),
		Messages: []messageJSON{}, Grants: []grantJSON{},
	}
	for _, e := range box.Envelopes {
		answer.Messages = append(answer.Messages, messageJSON{Seq: e.Seq, Epoch: e.Epoch, Role: e.Role, Hash: e.Hash, Hour: int64(e.Hour), Body: e.Body})
	}
	for _, g := range box.Grants {
		answer.Grants = append(answer.Grants, grantJSON{Epoch: g.Epoch, Body: g.Body})
	}
	page.WriteJSON(w, http.StatusOK, answer)
	return nil
}

type appendBody struct {
	Login []byte    `json:"login"`
	Seq   int       `json:"seq"`
	Epoch int       `json:"epoch"`
	Prev  seal.Hash `json:"prev"`
	Hash  seal.Hash `json:"hash"`
	Body  []byte    `json:"body"`
	File  *id.ID    `json:"file,omitempty"` // the blob of which this is the manifest
	Half  []byte    `json:"half,omitempty"` // of an original: the server's half of its key
}

type headJSON struct {
	Seq  int       `json:"seq"`
	Hash seal.Hash `json:"hash"`
}

func (s *Site) appendMessage(w http.ResponseWriter, r *http.Request, v visit) error {
	var body appendBody
	if err := readJSON(w, r, maxAppend, &body); err != nil {
		return err
	}
	if err := (loginBody{body.Login}).check(); err != nil {
		return err
	}
	e := report.Envelope{Seq: body.Seq, Epoch: body.Epoch, Role: string(seal.RoleReporter), Hash: body.Hash, Body: body.Body}
	var err error
	switch {
	case body.File == nil && body.Half != nil:
		err = fault.New(fault.Invalid, "Half a key belongs to a file.")
	case body.File != nil && body.Half != nil:
		err = s.Intake.ReplyOriginal(r.Context(), v.programme.ID, body.Login, body.Prev, e, *body.File, body.Half)
	case body.File != nil:
		err = s.Intake.ReplyFile(r.Context(), v.programme.ID, body.Login, body.Prev, e, *body.File)
	default:
		err = s.Intake.Reply(r.Context(), v.programme.ID, body.Login, body.Prev, e)
	}
	if fault.KindOf(err) == fault.Conflict {
		return s.conflict(w, r, v, body.Login, err)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

// conflict says what the newest message is, so that the client can refresh and
// sign again.
func (s *Site) conflict(w http.ResponseWriter, r *http.Request, v visit, login []byte, conflict error) error {
	box, err := s.Intake.Open(r.Context(), v.programme.ID, login)
	if err != nil {
		return err
	}
	head := headJSON{Seq: box.Report.Head.Seq, Hash: box.Report.Head.Hash}
	page.WriteJSON(w, http.StatusConflict, map[string]any{"error": fault.PublicOf(conflict), "head": head})
	return nil
}

func (s *Site) deleteReport(w http.ResponseWriter, r *http.Request, v visit) error {
	var body loginBody
	if err := readJSON(w, r, 1<<10, &body); err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if err := s.Intake.Delete(r.Context(), v.programme.ID, body.Login); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
