// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Reply is a partner's word on a referral, whatever way it came.
type Reply struct {
	Act    Act
	Code   string // reason for declining
	Text   string // needed for progress and questions
	Result Result // for outcomes
}

// checkReply says what is wrong with a reply, nil if nothing is.
func (s *Service) checkReply(r Reply) (Reply, error) {
	if !r.Act.OfPartner() {
		return r, fault.New(fault.Invalid, "Choose what the partner says: acknowledge, accept, decline, progress, outcome, closed or a question.")
	}
	if utf8.RuneCountInString(r.Text) > maxText {
		return r, fault.Newf(fault.Invalid, "Write at most %d letters.", maxText)
	}
	var err error
	switch r.Act {
	case Decline:
		if !s.Rules.Declining(r.Code) {
			return r, fault.New(fault.Invalid, "Choose why it is declined.")
		}
	case Progress:
		r.Text, err = checkText(fault.Phrase("how far it is"), r.Text, maxText)
	case Ask:
		r.Text, err = checkText(fault.Phrase("the question"), r.Text, maxText)
	case Outcome:
		if err = r.Result.check(s.Clock.Now()); err == nil {
			r.Result.Text = strings.TrimSpace(r.Text)
			r.Text = strings.TrimSpace(r.Result.Line() + "\n" + r.Text)
		}
	}
	if r.Act != Decline {
		r.Code = ""
	}
	return r, err
}

var (
	amount   = regexp.MustCompile(`^[0-9]{1,15}([.,][0-9]{1,6})?$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// check says what can't be about a result as it was typed.
func (r Result) check(now time.Time) error {
	kind := strings.TrimSpace(r.Kind)
	switch {
	case kind == "" || utf8.RuneCountInString(kind) > 60:
		return fault.New(fault.Invalid, "Say what came of it, such as arrests or cash, in at most 60 letters.")
	case r.Quantity == "" && r.Value == "":
		return fault.New(fault.Invalid, "Say how much: a quantity, a value, or both.")
	case r.Quantity != "" && !amount.MatchString(r.Quantity):
		return fault.New(fault.Invalid, "The quantity is a number that is not negative, such as 3 or 12.5.")
	case r.Value != "" && !amount.MatchString(r.Value):
		return fault.New(fault.Invalid, "The value is a number that is not negative, such as 40000.")
	case (r.Value != "") != (r.Currency != ""), r.Currency != "" && !currency.MatchString(r.Currency):
		return fault.New(fault.Invalid, "A value has a currency of three letters, such as DKK.")
	case utf8.RuneCountInString(r.Unit) > 20 || utf8.RuneCountInString(r.Of) > 60 || utf8.RuneCountInString(r.Reference) > 80:
		return fault.New(fault.Invalid, "The unit has at most 20 letters, the reference 80.")
	}
	d, err := time.Parse(time.DateOnly, r.Day)
	if err != nil || d.After(now) {
		return fault.New(fault.Invalid, "Give the day of the outcome, such as 2026-01-31, not later than today.")
	}
	return nil
}

// Line is the result in one line, for the history.
func (r Result) Line() string {
	var parts []string
	for _, part := range []string{r.Kind, r.Of, strings.TrimSpace(r.Quantity + " " + r.Unit), strings.TrimSpace(r.Value + " " + r.Currency), r.Day, r.Reference} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

// pastDay refuses what is no day, or one that has not come.
func pastDay(text string, now time.Time) error {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil || d.After(now) {
		return fault.New(fault.Invalid, "Give the day on which it was said, such as 2026-01-31, not later than today.")
	}
	return nil
}

// reply records a partner's word.
func (s *Service) reply(ctx context.Context, programme, referral id.ID, in Reply, step Step) (Referral, error) {
	in, err := s.checkReply(in)
	if err != nil {
		return Referral{}, err
	}
	step.Code, step.Text = in.Code, in.Text
	return s.change(ctx, programme, referral, in.Act, step, s.inReply(in, step))
}

// inReply is what a reply does beside the referral: a question is kept for the
// desk, an outcome handed on, and the desk is told.
func (s *Service) inReply(in Reply, step Step) func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
	return func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
		switch in.Act {
		case Ask:
			q := Question{Programme: r.Programme, ID: id.New(), Referral: r.ID, Desk: r.Desk, Text: in.Text, State: Asked, At: s.Clock.Now()}
			if err := s.Questions.SaveQuestion(ctx, q); err != nil {
				return fmt.Errorf("keep question: %w", err)
			}
		case Outcome:
			if s.Outcomes == nil {
				break // the desk reads it in the history, and records it there
			}
			result := in.Result
			result.Programme, result.Item, result.Referral, result.Partner, result.By = r.Programme, r.Item, r.ID, r.Partner, step.By
			if err := s.Outcomes.Report(ctx, rec, result); err != nil {
				return err
			}
		}
		if step.Way == ByDesk {
			return nil
		}
		return tell(rec, TopicHeard, *r, in.Act)
	}
}

// ours loads a referral for a liaison of its partner. To everybody else it is
// not there: whether it exists is decided by the address of the partner alone.
func (s *Service) ours(ctx context.Context, by authz.Subject, programme, partner, referral id.ID) (Referral, error) {
	if err := s.liaison(by, programme, partner); err != nil {
		return Referral{}, err
	}
	r, err := s.Store.Referral(ctx, programme, referral)
	if fault.KindOf(err) == fault.NotFound || err == nil && r.Partner != partner {
		return Referral{}, notHere()
	}
	if err != nil {
		return Referral{}, fmt.Errorf("read referral: %w", err)
	}
	return r, nil
}

// liaison demands that by answers for the partner.
func (s *Service) liaison(by authz.Subject, programme, partner id.ID) error {
	if partner.IsZero() || authz.Check(by, authz.Answer, authz.Object{Kind: authz.Referral, Programme: programme, Desk: partner}) != nil {
		return notHere()
	}
	return nil
}

// Received is what a liaison sees of a referral: no compartment, no reason for
// permission, no desk's account, and of the history only what both sides know.
type Received struct {
	Referral  Referral
	Package   Package // newest; empty after a recall
	Versions  []int
	Steps     []Step
	Questions []Question
}

// Inbox returns a page of what the partner received, newest first.
func (s *Service) Inbox(ctx context.Context, by authz.Subject, programme, partner id.ID, states []State, offset, limit int) ([]Referral, bool, error) {
	if err := s.liaison(by, programme, partner); err != nil {
		return nil, false, err
	}
	all, more, err := s.Store.OfPartner(ctx, programme, partner, states, max(0, min(offset, 10_000)), max(1, min(limit, 200)))
	if err != nil {
		return nil, false, fmt.Errorf("list what a partner received: %w", err)
	}
	for i := range all {
		all[i] = outside(all[i])
	}
	return all, more, nil
}

// At returns the partner to one of its own liaisons.
func (s *Service) At(ctx context.Context, by authz.Subject, programme, partner id.ID) (Partner, error) {
	if err := s.liaison(by, programme, partner); err != nil {
		return Partner{}, err
	}
	return s.Partners.Partner(ctx, programme, partner)
}

// Receive shows a referral to a liaison of its partner.
func (s *Service) Receive(ctx context.Context, by authz.Subject, programme, partner, referral id.ID) (Received, error) {
	r, err := s.ours(ctx, by, programme, partner, referral)
	if err != nil {
		return Received{}, err
	}
	return s.received(ctx, r)
}

// received cuts a referral down to what its partner may see.
func (s *Service) received(ctx context.Context, r Referral) (Received, error) {
	v, err := s.view(ctx, r)
	if err != nil {
		return Received{}, err
	}
	out := Received{Referral: outside(r)}
	if r.State != Recalled {
		out.Package = v.Package
		for _, p := range v.Packages {
			out.Versions = append(out.Versions, p.Version)
		}
	}
	for _, st := range v.Steps {
		switch {
		case st.Act.OfPartner(), st.Act == Refer, st.Act == Recall, st.Act == Renew, st.Act == Answered, st.Act == Refused:
			text := st.Text
			if st.Act == Refer {
				text = ""
			}
			out.Steps = append(out.Steps, Step{At: st.At, Act: st.Act, Way: st.Way, Said: st.Said, Code: st.Code, Text: text})
		}
	}
	for _, q := range v.Questions {
		out.Questions = append(out.Questions, q.ForPartner())
	}
	return out, nil
}

// outside blanks what is the house's own business.
func outside(r Referral) Referral {
	r.Item, r.ItemNumber, r.Desk, r.Compartment, r.By = id.ID{}, "", id.ID{}, id.ID{}, id.ID{}
	r.Permission, r.ChasedAt, r.Chases, r.Escalated, r.Channel = "", time.Time{}, 0, false, ""
	if r.State == Recalled {
		r.Title, r.Reason = "", ""
	}
	return r
}

// Reply records the word of a liaison of the partner.
func (s *Service) Reply(ctx context.Context, by authz.Subject, programme, partner, referral id.ID, in Reply) (Referral, error) {
	if _, err := s.ours(ctx, by, programme, partner, referral); err != nil {
		return Referral{}, err
	}
	r, err := s.reply(ctx, programme, referral, in, Step{Way: ByAccount, By: by.Account})
	return outside(r), err
}
