// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Waiting is a question that the desk has to deal with.
type Waiting struct {
	Question
	Number  string // of the referral
	Item    id.ID
	Reports []id.ID // sealed reports that the reader may list
}

// OpenQuestions returns the questions of partners that by has to deal with.
func (s *Service) OpenQuestions(ctx context.Context, by authz.Subject, programme id.ID) ([]Waiting, error) {
	desks, err := s.desks(by, programme)
	if err != nil {
		return nil, err
	}
	var all []Waiting
	for _, desk := range desks {
		questions, err := s.Questions.Waiting(ctx, programme, desk, 200)
		if err != nil {
			return nil, fmt.Errorf("read questions: %w", err)
		}
		for _, q := range questions {
			w, err := s.waiting(ctx, by, q)
			if err == nil {
				all = append(all, w)
			} else if fault.KindOf(err) == fault.Internal {
				return nil, err
			}
		}
	}
	return all, nil
}

func (s *Service) waiting(ctx context.Context, by authz.Subject, q Question) (Waiting, error) {
	r, err := s.may(ctx, by, authz.Change, q.Programme, q.Referral)
	if err != nil {
		return Waiting{}, err
	}
	item, err := s.approved(ctx, by, q.Programme, r.Item)
	if err != nil {
		return Waiting{}, err
	}
	return Waiting{Question: q, Number: r.Number, Item: r.Item, Reports: item.Reports}, nil
}

// AQuestion returns one question with the reports it can be put to.
func (s *Service) AQuestion(ctx context.Context, by authz.Subject, programme, question id.ID) (Waiting, error) {
	q, err := s.Questions.Question(ctx, programme, question)
	if fault.KindOf(err) == fault.NotFound {
		return Waiting{}, notHere()
	}
	if err != nil {
		return Waiting{}, fmt.Errorf("read question: %w", err)
	}
	return s.waiting(ctx, by, q)
}

// PutQuestion records that the desk has put a question, in its own sealed words,
// to the reporter of one of the item's reports.
func (s *Service) PutQuestion(ctx context.Context, by authz.Subject, programme, question, report id.ID) error {
	w, err := s.AQuestion(ctx, by, programme, question)
	if err != nil {
		return err
	}
	if !slices.Contains(w.Reports, report) {
		return fault.New(fault.Invalid, "The item does not rest on this report. Open the question from one that it rests on.")
	}
	return s.move(ctx, w.Question, Put, "question-put", func(q *Question) {
		q.Report, q.PutBy, q.PutAt = report, by.Account, s.Clock.Now()
	}, by.Account, nil)
}

// Replied notes that the reporter of a report has written: questions that were
// put there wait for the desk again. The platform calls it.
func (s *Service) Replied(ctx context.Context, programme, report id.ID) error {
	questions, err := s.Questions.PutTo(ctx, programme, report)
	if err != nil {
		return fmt.Errorf("read questions: %w", err)
	}
	for _, q := range questions {
		if err := s.move(ctx, q, Replied, "question-answered", nil, id.ID{}, nil); err != nil {
			return err
		}
	}
	return nil
}

// PassOn sends the partner the newest version of the item, which holds what the
// desk says to the question.
func (s *Service) PassOn(ctx context.Context, by authz.Subject, programme, question id.ID) error {
	w, err := s.AQuestion(ctx, by, programme, question)
	if err != nil {
		return err
	}
	r, err := s.may(ctx, by, authz.Refer, programme, w.Referral)
	if err != nil {
		return err
	}
	item, err := s.approved(ctx, by, programme, r.Item)
	if err != nil {
		return err
	}
	steps := func(ctx context.Context, rec *tx.Recorder) error {
		return s.also(ctx, rec, programme, r.ID, Answered, by.Account, "")
	}
	if item.Version > r.Version {
		_, item, p, err := s.renewable(ctx, by, programme, r.ID)
		if err != nil {
			return err
		}
		steps = func(ctx context.Context, rec *tx.Recorder) error {
			if _, err := s.apply(ctx, rec, programme, r.ID, Renew, Step{Way: ByHouse, By: by.Account}, s.renew(item, p)); err != nil {
				return err
			}
			return s.also(ctx, rec, programme, r.ID, Answered, by.Account, "")
		}
	} else if !s.renewedSince(ctx, r, w.Question) {
		return fault.New(fault.Conflict, "Write the addendum first: the partner has the newest version of the item already.")
	}
	return s.move(ctx, w.Question, Passed, "question-passed-on", func(q *Question) {
		q.Version, q.EndedBy, q.EndedAt = item.Version, by.Account, s.Clock.Now()
	}, by.Account, steps)
}

// renewedSince reports whether the partner got a new version after it asked.
func (s *Service) renewedSince(ctx context.Context, r Referral, q Question) bool {
	packages, err := s.Store.Packages(ctx, r.Programme, r.ID)
	return err == nil && len(packages) > 0 && packages[0].Made.After(q.At)
}

// RefuseQuestion ends a question with a reason that the partner reads.
func (s *Service) RefuseQuestion(ctx context.Context, by authz.Subject, programme, question id.ID, reason string) error {
	w, err := s.AQuestion(ctx, by, programme, question)
	if err != nil {
		return err
	}
	reason, err = checkText(fault.Phrase("why the question is not answered; the partner reads it, so say nothing of the reporter"), reason, maxReason)
	if err != nil {
		return err
	}
	return s.move(ctx, w.Question, NotAsked, "question-refused", func(q *Question) {
		q.Reason, q.EndedBy, q.EndedAt = reason, by.Account, s.Clock.Now()
	}, by.Account, func(ctx context.Context, rec *tx.Recorder) error {
		return s.also(ctx, rec, programme, w.Referral, Refused, by.Account, reason)
	})
}

// also records a step that the partner sees, and has it told.
func (s *Service) also(ctx context.Context, rec *tx.Recorder, programme, referral id.ID, a Act, by id.ID, text string) error {
	r, err := s.apply(ctx, rec, programme, referral, a, Step{Way: ByHouse, By: by, Text: text}, nil)
	if err != nil {
		return err
	}
	return tell(rec, TopicTell, r, a)
}

// move takes a question to its next state in one change.
func (s *Service) move(ctx context.Context, seen Question, to QuestionState, what string, set func(q *Question), who id.ID, more func(ctx context.Context, rec *tx.Recorder) error) error {
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		q, err := s.Questions.Question(ctx, seen.Programme, seen.ID)
		if err != nil {
			return fmt.Errorf("read question: %w", err)
		}
		if q, err = q.Move(to); err != nil {
			return err
		}
		if set != nil {
			set(&q)
		}
		if err := s.Questions.SaveQuestion(ctx, q); err != nil {
			return fmt.Errorf("keep question: %w", err)
		}
		if err := s.enter(rec, q.Programme, "audit", who, entry{What: what, Code: q.ID.String()}); err != nil {
			return err
		}
		if more == nil {
			return nil
		}
		return more(ctx, rec)
	})
}
