// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

const (
	maxForm   = 1 << 20   // bytes of a whole form
	maxField  = 256 << 10 // bytes of one field
	maxFields = 1000
)

func readField(part *multipart.Part) (string, error) {
	value, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return "", formError(err)
	}
	if len(value) > maxField {
		return "", fault.New(fault.TooLarge, "An answer is too long.")
	}
	return strings.ToValidUTF8(string(value), "\uFFFD"), nil
}

func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fault.Wrap(fault.TooLarge, "The form is too large.", err)
	}
	return fault.Wrap(fault.Invalid, "The form broke off. Nothing was kept.", err)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// send seals a report that came in clear because the browser runs no script.
func (s *Site) send(w http.ResponseWriter, r *http.Request, v visit) error {
	defer s.forget(w)()
	form, err := s.openForm(w, r)
	if err != nil {
		return err
	}
	f, err := readFilled(form.fields)
	if err != nil {
		return err
	}
	published, ok := s.sealable(v)
	if !ok {
		return fault.New(fault.Gone, "No report can be sealed now.")
	}
	tip, problems := s.tip(v, published, f)
	if len(problems) > 0 {
		if form.file != nil {
			problems = append(problems, page.Problem{Field: "file", Message: v.say("clear.choose_again")})
		}
		form.drain()
		return s.showForm(w, http.StatusUnprocessableEntity, v, f, problems)
	}
	changed, err := s.keep(r, v, tip)
	if err != nil {
		form.drain()
		return err
	}
	return s.showSent(w, v, tip, changed, s.takeFiles(r, v, tip.Receipt, form))
}

// readFilled reads what the form carries. The receipt came hidden with the
// form, so that the same form sent twice is one report.
func readFilled(fields map[string][]string) (filled, error) {
	raw, err := base64.StdEncoding.DecodeString(first(fields["receipt"]))
	if err != nil {
		return filled{}, fault.Wrap(fault.Invalid, "The form is not complete.", err)
	}
	receipt, err := seal.ReceiptFromBytes(raw)
	if err != nil {
		return filled{}, fault.Wrap(fault.Invalid, "The form is not complete.", err)
	}
	f := filled{
		receipt: receipt, category: first(fields["category"]), desk: first(fields["desk"]),
		text: strings.TrimSpace(strings.ReplaceAll(first(fields["text"]), "\r\n", "\n")), danger: first(fields["danger"]) == "yes",
		given: programme.Given{},
	}
	for name, values := range fields {
		switch name {
		case "receipt", "category", "desk", "text", "danger", "file", "anyway":
			continue
		}
		for i, value := range values {
			values[i] = strings.ReplaceAll(value, "\r\n", "\n")
		}
		f.given[name] = values
	}
	return f, nil
}

// tip makes of a filled form what is sealed, or says what is wrong with it.
func (s *Site) tip(v visit, published programme.Published, f filled) (seal.Tip, []page.Problem) {
	var problems []page.Problem
	if f.text == "" {
		problems = append(problems, page.Problem{Field: "text", Message: v.say("form.text_missing")})
	}
	desk, err := id.Parse(f.desk)
	if _, ok := published.Roster.Desk(desk); err != nil || !ok {
		problems = append(problems, page.Problem{Field: "desk", Message: v.say("form.desk_missing")})
	}
	category := f.category
	if category == "" {
		category = unsure
	}
	questionnaire, ok := s.questions(v).For(category)
	if !ok {
		problems = append(problems, page.Problem{Field: "category", Message: v.say("form.option")})
	}
	answered, urgency, err := questionnaire.Collect(f.given, v.lang)
	var refused *programme.AnswerError
	if ok && errors.As(err, &refused) {
		problems = append(problems, page.Problem{Field: refused.Field, Message: v.say("form." + string(refused.Why))})
	}
	if len(problems) > 0 {
		return seal.Tip{}, problems
	}
	tip := seal.Tip{
		Roster: published.Roster, Desk: desk, Danger: f.danger, Receipt: f.receipt, ID: f.receipt.ReportID(),
		Cover:  seal.Cover{Category: category, Language: v.lang, Urgency: seal.Urgency(urgency), Words: f.text},
		Report: seal.Report{Language: v.lang, Category: category, Questionnaire: questionnaire.Version, Text: f.text},
	}
	if f.danger {
		tip.Cover.Urgency = seal.UrgencyDanger
	}
	for _, a := range answered {
		if a.ID == "where" {
			tip.Cover.Place = a.Value
		}
		tip.Report.Answers = append(tip.Report.Answers, seal.Answer(a))
	}
	return tip, nil
}

// keep seals the tip and hands it to the room. A form that was sent before is
// answered as the first time; changed says that it had other contents then.
func (s *Site) keep(r *http.Request, v visit, tip seal.Tip) (changed bool, err error) {
	if s.Log != nil {
		if tip.Report.Checkpoint, err = s.Log.Checkpoint(r.Context()); err != nil {
			return false, fmt.Errorf("read checkpoint: %w", err)
		}
	}
	submission, err := seal.SealSubmission(tip)
	if errors.Is(err, seal.ErrTooLong) {
		return false, fault.Wrap(fault.TooLarge, "The report is too long.", err)
	}
	if err != nil {
		return false, err
	}
	body, err := submission.Encode()
	if err != nil {
		return false, err
	}
	_, err = s.Intake.Submit(r.Context(), v.programme.ID, report.ChannelWeb, body)
	if fault.KindOf(err) != fault.Conflict {
		return false, err
	}
	c, openErr := s.openFor(r.Context(), v, tip.Receipt)
	if openErr != nil {
		return false, errors.Join(err, openErr)
	}
	kept, ok := c.report()
	if !ok {
		return false, err
	}
	same := kept.Text == tip.Report.Text && len(kept.Answers) == len(tip.Report.Answers)
	for i := 0; same && i < len(kept.Answers); i++ {
		same = kept.Answers[i] == tip.Report.Answers[i]
	}
	return !same, nil
}

type sentPage struct {
	frame
	clearFiles
	Changed             bool
	Words               []string
	WordsLang, WordsDir string
	Reads               string
}

// showSent shows the receipt's words, once.
func (s *Site) showSent(w http.ResponseWriter, v visit, tip seal.Tip, changed bool, files clearFiles) error {
	list, _ := words.For(v.lang)
	p := sentPage{
		frame: s.frame(v), clearFiles: files, Changed: changed, Words: tip.Receipt.Words(list),
		WordsLang: list.Language(), WordsDir: page.Direction(list.Language()),
	}
	if desk, ok := v.programme.Desk(tip.Desk); ok {
		p.Reads = s.reads(v, desk)
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "sent", p)
}
