// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

const linkColumns = `token, programme, referral, step, made, expires, used, revoked, steps`

func scanLink(scan func(dest ...any) error) (referral.Link, error) {
	var l referral.Link
	var token []byte
	var made, expires, used, revoked int64
	if err := scan(&token, &l.Programme, &l.Referral, &l.Step, &made, &expires, &used, &revoked, &l.Steps); err != nil {
		return referral.Link{}, err
	}
	if len(token) != len(l.Token) {
		return l, errors.New("a stored hash has another length")
	}
	copy(l.Token[:], token)
	l.Made, l.Expires, l.Used, l.Revoked = store.Moment(made), store.Moment(expires), store.Moment(used), store.Moment(revoked)
	return l, nil
}

// Link implements referral.LinkStore.
func (s *Store) Link(ctx context.Context, token referral.Hash) (referral.Link, error) {
	return scanLink(func(dest ...any) error {
		return s.one(ctx, "link", `SELECT `+linkColumns+` FROM referral_link WHERE token = ?`, []any{token[:]}, dest...)
	})
}

// AddLink implements referral.LinkStore.
func (s *Store) AddLink(ctx context.Context, l referral.Link) error {
	_, err := s.write(ctx, "link", `INSERT INTO referral_link (`+linkColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.Token[:], l.Programme, l.Referral, flag(l.Step), store.Seconds(l.Made), store.Seconds(l.Expires), store.Seconds(l.Used), store.Seconds(l.Revoked), l.Steps)
	return err
}

// UseLink implements referral.LinkStore.
func (s *Store) UseLink(ctx context.Context, token referral.Hash, at time.Time) (int64, error) {
	return s.write(ctx, "link", `UPDATE referral_link SET used = ? WHERE token = ? AND used = 0 AND revoked = 0`, store.Seconds(at), token[:])
}

// RevokeLinks implements referral.LinkStore.
func (s *Store) RevokeLinks(ctx context.Context, programme, of id.ID, at time.Time) (int64, error) {
	return s.write(ctx, "links", `UPDATE referral_link SET revoked = ? WHERE programme = ? AND referral = ? AND used = 0 AND revoked = 0`, store.Seconds(at), programme, of)
}

// Links implements referral.LinkStore.
func (s *Store) Links(ctx context.Context, programme, of id.ID) ([]referral.Link, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Link, error) { return scanLink(rows.Scan) },
		`SELECT `+linkColumns+` FROM referral_link WHERE programme = ? AND referral = ? AND step = 0 ORDER BY made DESC LIMIT 20`, programme, of)
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	return all, nil
}

const questionColumns = `programme, id, referral, desk, state, asked, body, report, putby, put, version, reason, endedby, ended`

func scanQuestion(scan func(dest ...any) error) (referral.Question, error) {
	var q referral.Question
	var asked, put, ended int64
	err := scan(&q.Programme, &q.ID, &q.Referral, &q.Desk, &q.State, &asked, &q.Text, &q.Report, &q.PutBy, &put, &q.Version, &q.Reason, &q.EndedBy, &ended)
	q.At, q.PutAt, q.EndedAt = store.Moment(asked), store.Moment(put), store.Moment(ended)
	return q, err
}

func (s *Store) questions(ctx context.Context, query string, args ...any) ([]referral.Question, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Question, error) { return scanQuestion(rows.Scan) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list questions: %w", err)
	}
	return all, nil
}

// Question implements referral.QuestionStore.
func (s *Store) Question(ctx context.Context, programme, question id.ID) (referral.Question, error) {
	return scanQuestion(func(dest ...any) error {
		return s.one(ctx, "question", `SELECT `+questionColumns+` FROM referral_question WHERE programme = ? AND id = ?`, []any{programme, question}, dest...)
	})
}

// Questions implements referral.QuestionStore.
func (s *Store) Questions(ctx context.Context, programme, of id.ID) ([]referral.Question, error) {
	return s.questions(ctx, `SELECT `+questionColumns+` FROM referral_question WHERE programme = ? AND referral = ? ORDER BY asked, id LIMIT 500`, programme, of)
}

// Waiting implements referral.QuestionStore.
func (s *Store) Waiting(ctx context.Context, programme, desk id.ID, limit int) ([]referral.Question, error) {
	return s.questions(ctx, `SELECT `+questionColumns+` FROM referral_question WHERE programme = ? AND desk = ? AND open = 1 ORDER BY asked, id LIMIT ?`, programme, desk, limit)
}

// PutTo implements referral.QuestionStore.
func (s *Store) PutTo(ctx context.Context, programme, report id.ID) ([]referral.Question, error) {
	return s.questions(ctx, `SELECT `+questionColumns+` FROM referral_question WHERE programme = ? AND report = ? AND state = 'with-reporter' LIMIT 100`, programme, report)
}

// SaveQuestion implements referral.QuestionStore.
func (s *Store) SaveQuestion(ctx context.Context, q referral.Question) error {
	_, err := s.write(ctx, "question", `INSERT INTO referral_question (`+questionColumns+`, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (programme, id) DO UPDATE SET state = excluded.state, report = excluded.report, putby = excluded.putby, put = excluded.put,
		version = excluded.version, reason = excluded.reason, endedby = excluded.endedby, ended = excluded.ended, open = excluded.open`,
		q.Programme, q.ID, q.Referral, q.Desk, string(q.State), store.Seconds(q.At), q.Text, q.Report, q.PutBy, store.Seconds(q.PutAt), q.Version, q.Reason, q.EndedBy, store.Seconds(q.EndedAt), flag(q.Open()))
	return err
}
