// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

type mailboxPage struct {
	frame
	Typed string
	Wrong []words.Unknown
	Plan  plan
}

func (s *Site) mailbox(w http.ResponseWriter, _ *http.Request, v visit) error {
	return s.showMailbox(w, http.StatusOK, v, "", nil, "")
}

func (s *Site) showMailbox(w http.ResponseWriter, status int, v visit, typed string, wrong []words.Unknown, problem string) error {
	s.allowFiles(w)
	p := mailboxPage{frame: s.frame(v, "portal-mailbox.js"), Typed: typed, Wrong: wrong, Plan: s.basePlan(v)}
	if problem != "" {
		p.Problems = []page.Problem{{Field: "words", Message: problem}}
	}
	return s.pages.Write(w, status, v.lang, "mailbox", p)
}

// talk is the mailbox without script: open, reply and delete, each in one POST
// that carries the words.
func (s *Site) talk(w http.ResponseWriter, r *http.Request, v visit) error {
	defer s.forget(w)()
	form, err := s.openForm(w, r)
	if err != nil {
		return err
	}
	fields := form.fields
	if first(fields["act"]) != "files" {
		form.drain()
	}
	typed := strings.TrimSpace(first(fields["words"]))
	receipt, err := seal.ParseReceipt(typed, v.lang)
	if err != nil {
		form.drain()
		return s.wrongWords(w, v, typed, err)
	}
	switch first(fields["act"]) {
	case "reply":
		return s.replyInClear(w, r, v, receipt, typed, first(fields["reply"]), first(fields["head"]))
	case "delete":
		return s.deleteInClear(w, r, v, receipt, typed)
	case "files":
		return s.filesInClear(w, r, v, receipt, typed, form)
	}
	return s.showTalk(w, r, v, receipt, typed, talkPage{})
}

// wrongWords says what is known of words that are no receipt.
func (s *Site) wrongWords(w http.ResponseWriter, v visit, typed string, err error) error {
	var count *words.CountError
	var unknown *words.UnknownError
	switch {
	case errors.As(err, &count):
		return s.showMailbox(w, http.StatusUnprocessableEntity, v, typed, nil, v.say("mailbox.count", "n", count.Got))
	case errors.As(err, &unknown):
		return s.showMailbox(w, http.StatusUnprocessableEntity, v, typed, unknown.Words, v.say("mailbox.unknown_words"))
	case errors.Is(err, seal.ErrReceiptCheck):
		return s.showMailbox(w, http.StatusUnprocessableEntity, v, typed, nil, v.say("mailbox.check"))
	}
	return err
}

// conversation is an opened mailbox.
type conversation struct {
	box      report.Mailbox
	grant    seal.Grant
	chain    *seal.Chain
	messages []spoken
}

type spoken struct {
	opened seal.Opened
	signer seal.Signer
	at     report.Envelope
}

// report returns the first message's content.
func (c conversation) report() (seal.Report, bool) {
	for _, m := range c.messages {
		if r, ok := m.opened.Content.(seal.Report); ok {
			return r, true
		}
	}
	return seal.Report{}, false
}

// openFor opens the mailbox of a receipt and verifies its conversation.
func (s *Site) openFor(ctx context.Context, v visit, receipt seal.Receipt) (conversation, error) {
	box, err := s.Intake.Open(ctx, v.programme.ID, receipt.Login())
	if err != nil {
		return conversation{}, err
	}
	identity, err := receipt.Mailbox()
	if err != nil {
		return conversation{}, err
	}
	c := conversation{box: box}
	for i, g := range box.Grants {
		grant, err := seal.OpenGrant(identity, g.Body, v.programme.ID, box.Report.ID)
		if err != nil {
			return conversation{}, err
		}
		if i == 0 || grant.Epoch > c.grant.Epoch {
			c.grant = grant
		}
	}
	var rosters []*seal.Roster
	for _, p := range s.Programmes.Rosters(v.programme.ID) {
		rosters = append(rosters, p.Roster)
	}
	if c.chain, err = seal.NewChain(c.grant, rosters...); err != nil {
		return conversation{}, err
	}
	for _, e := range box.Envelopes {
		opened, signer, err := c.chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body})
		if err != nil {
			return conversation{}, fmt.Errorf("open conversation: %w", err)
		}
		c.messages = append(c.messages, spoken{opened, signer, e})
	}
	return c, nil
}

type messageView struct {
	Who, When, Text string
	File            string // the name of one
	Mine, Unchecked bool
	Answers         []seal.Answer
}

type talkPage struct {
	frame
	clearFiles
	Typed, Head string
	State, Done string
	Reply       string
	TakesFiles  bool
	Messages    []messageView
}

// showTalk opens the mailbox and shows it; p brings what is said beside.
func (s *Site) showTalk(w http.ResponseWriter, r *http.Request, v visit, receipt seal.Receipt, typed string, p talkPage) error {
	c, err := s.openFor(r.Context(), v, receipt)
	if fault.KindOf(err) == fault.NotFound {
		return s.showMailbox(w, http.StatusNotFound, v, typed, nil, v.say("mailbox.no_report"))
	}
	if err != nil {
		return err
	}
	problems := p.Problems
	p.frame, p.Typed, p.TakesFiles = s.frame(v), typed, s.TakesFiles
	p.Problems = problems
	p.Head = c.chain.Place().Prev.String()
	p.State = v.say("mailbox.state_" + string(c.box.Report.Marks.State))
	for _, m := range c.messages {
		if view, ok := s.message(v, m); ok {
			p.Messages = append(p.Messages, view)
		}
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.pages.Write(w, status, v.lang, "conversation", p)
}

// message makes the view of one message; covers have none.
func (s *Site) message(v visit, m spoken) (messageView, bool) {
	view := messageView{
		Mine: m.signer.Role == seal.RoleReporter, Unchecked: !m.signer.Known,
		When: m.at.Hour.Time().Format("2006-01-02"), Who: v.say("mailbox.me"),
	}
	if !view.Mine {
		view.Who = v.say("mailbox.desk")
		if desk, ok := v.programme.Desk(m.signer.Desk); ok {
			view.Who = v.say("desk.of", "name", desk.Name.In(v.lang), "organisation", desk.Organisation.In(v.lang))
		}
	}
	switch content := m.opened.Content.(type) {
	case seal.Report:
		view.Text, view.Answers = content.Text, content.Answers
	case seal.Message:
		view.Text = content.Text
	case seal.File:
		view.Text, view.File = v.say("script.file_in_talk"), content.Name
	case seal.Key:
		view.Text = v.say("mailbox.key_changed")
	default:
		return messageView{}, false
	}
	return view, true
}

// replyInClear seals a reply that came in clear. head is what the person had
// read: with it, the same reply sent twice is one message.
func (s *Site) replyInClear(w http.ResponseWriter, r *http.Request, v visit, receipt seal.Receipt, typed, text, head string) error {
	p := talkPage{Reply: text}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		p.Problems = []page.Problem{{Field: "reply", Message: v.say("mailbox.reply_empty")}}
		return s.showTalk(w, r, v, receipt, typed, p)
	}
	c, err := s.openFor(r.Context(), v, receipt)
	if fault.KindOf(err) == fault.NotFound {
		return s.showMailbox(w, http.StatusNotFound, v, typed, nil, v.say("mailbox.no_report"))
	}
	if err != nil {
		return err
	}
	prev := c.chain.Place().Prev
	if prev.String() != head {
		return s.showMoved(w, r, v, receipt, typed, text, c)
	}
	m, err := c.chain.Seal(seal.Message{Text: text, Language: v.lang}, seal.RoleReporter, receipt.SigningKey())
	if errors.Is(err, seal.ErrTooLong) {
		return fault.Wrap(fault.TooLarge, "The message is too long.", err)
	}
	if err != nil {
		return err
	}
	err = s.Intake.Reply(r.Context(), v.programme.ID, receipt.Login(), prev, report.Envelope{
		Seq: m.Seq, Epoch: m.Epoch, Role: string(m.Role), Hash: m.Hash, Body: m.Body,
	})
	if fault.KindOf(err) == fault.Conflict {
		return s.showMoved(w, r, v, receipt, typed, text, c)
	}
	if err != nil {
		return err
	}
	return s.showTalk(w, r, v, receipt, typed, talkPage{Done: v.say("mailbox.reply_done")})
}

// showMoved answers a reply to a conversation that has gone on: when the
// newest message is this very reply it had arrived, else it is shown again.
func (s *Site) showMoved(w http.ResponseWriter, r *http.Request, v visit, receipt seal.Receipt, typed, text string, c conversation) error {
	last := c.messages[len(c.messages)-1]
	if content, ok := last.opened.Content.(seal.Message); ok && last.signer.Role == seal.RoleReporter && content.Text == text {
		return s.showTalk(w, r, v, receipt, typed, talkPage{Done: v.say("mailbox.reply_done")})
	}
	p := talkPage{Reply: text}
	p.Problems = []page.Problem{{Field: "reply", Message: v.say("mailbox.reply_again")}}
	return s.showTalk(w, r, v, receipt, typed, p)
}

// filesInClear takes files that came in clear into the conversation.
func (s *Site) filesInClear(w http.ResponseWriter, r *http.Request, v visit, receipt seal.Receipt, typed string, form *clearForm) error {
	if _, err := s.Intake.Open(r.Context(), v.programme.ID, receipt.Login()); err != nil || form.file == nil {
		form.drain()
		p := talkPage{}
		if err == nil {
			p.Problems = []page.Problem{{Field: "file", Message: v.say("clear.none")}}
		}
		return s.showTalk(w, r, v, receipt, typed, p) // which says what is wrong with the words
	}
	return s.showTalk(w, r, v, receipt, typed, talkPage{clearFiles: s.takeFiles(r, v, receipt, form)})
}

type deletedPage struct{ frame }

func (s *Site) deleteInClear(w http.ResponseWriter, r *http.Request, v visit, receipt seal.Receipt, typed string) error {
	err := s.Intake.Delete(r.Context(), v.programme.ID, receipt.Login())
	if fault.KindOf(err) == fault.NotFound {
		return s.showMailbox(w, http.StatusNotFound, v, typed, nil, v.say("mailbox.no_report"))
	}
	if err != nil {
		return err
	}
	return s.pages.Write(w, http.StatusOK, v.lang, "deleted", deletedPage{s.frame(v)})
}
