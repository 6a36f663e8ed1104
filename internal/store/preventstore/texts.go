// SPDX-License-Identifier: AGPL-3.0-or-later

package preventstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Texts keeps the versions of what programmes write for their public.
type Texts struct{ db *store.DB }

var _ editing.Store = (*Texts)(nil)

// NewTexts returns the store of versions in db.
func NewTexts(db *store.DB) *Texts { return &Texts{db} }

const versionColumns = `programme, text, number, sort, note, base, undoes, state, revision, writer, written, judge, judged, reason, shows`

// scanVersion reads versionColumns and what stands after them.
func scanVersion(scan func(dest ...any) error, after ...any) (v editing.Version, err error) {
	var written, judged, shows int64
	err = scan(append([]any{
		&v.Programme, &v.Text, &v.Number, &v.Sort, &v.Note, &v.Base, &v.Undoes, &v.State, &v.Revision, &v.Writer, &written, &v.Judge, &judged, &v.Reason, &shows,
	}, after...)...)
	v.Written, v.Judged, v.Shows = store.Moment(written), store.Moment(judged), store.Moment(shows)
	return v, err
}

func (s *Texts) list(ctx context.Context, query string, args ...any) ([]editing.Version, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (editing.Version, error) { return scanVersion(rows.Scan) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return all, nil
}

// Last implements editing.Store.
func (s *Texts) Last(ctx context.Context) (int64, error) {
	var last int64
	if err := s.db.Reader(ctx).Row(ctx, `SELECT COALESCE(MAX(number), 0) FROM prevent_text_act`, nil, &last); err != nil {
		return 0, fmt.Errorf("read acts: %w", err)
	}
	return last, nil
}

// Approved implements editing.Store.
func (s *Texts) Approved(ctx context.Context, now time.Time) ([]editing.Version, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (editing.Version, error) {
		var body []byte
		v, err := scanVersion(rows.Scan, &body)
		v.Body = body
		return v, err
	}, `SELECT `+versionColumns+`, body FROM prevent_text AS v WHERE state = 'approved' AND NOT EXISTS (
		SELECT 1 FROM prevent_text AS n WHERE n.programme = v.programme AND n.text = v.text AND n.state = 'approved' AND n.shows <= ? AND (n.shows > v.shows OR n.shows = v.shows AND n.number > v.number)
	) ORDER BY programme, text, number`, now.Unix())
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return all, nil
}

// Open implements editing.Store.
func (s *Texts) Open(ctx context.Context, programme id.ID, now time.Time) ([]editing.Version, error) {
	work, err := s.list(ctx, `SELECT `+versionColumns+` FROM prevent_text WHERE programme = ? AND state IN ('draft', 'waiting', 'returned')`, programme)
	if err != nil {
		return nil, err
	}
	later, err := s.list(ctx, `SELECT `+versionColumns+` FROM prevent_text WHERE programme = ? AND state = 'approved' AND shows > ?`, programme, now.Unix())
	if err != nil {
		return nil, err
	}
	work = append(work, later...)
	slices.SortFunc(work, func(a, b editing.Version) int {
		return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number))
	})
	return work, nil
}

// Of implements editing.Store.
func (s *Texts) Of(ctx context.Context, programme id.ID, text string, limit int) ([]editing.Version, error) {
	return s.list(ctx, `SELECT `+versionColumns+` FROM prevent_text WHERE programme = ? AND text = ? ORDER BY number DESC LIMIT ?`, programme, text, limit)
}

// One implements editing.Store.
func (s *Texts) One(ctx context.Context, programme id.ID, text string, number int) (editing.Version, error) {
	var body []byte
	v, err := scanVersion(func(dest ...any) error {
		return s.db.Reader(ctx).Row(ctx, `SELECT `+versionColumns+`, body FROM prevent_text WHERE programme = ? AND text = ? AND number = ?`, []any{programme, text, number}, dest...)
	}, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return editing.Version{}, fault.New(fault.NotFound, "There is no such version.")
	}
	if err != nil {
		return editing.Version{}, fmt.Errorf("read version: %w", err)
	}
	v.Body = body
	return v, nil
}

// Acts implements editing.Store.
func (s *Texts) Acts(ctx context.Context, programme id.ID, text string, limit int) ([]editing.Act, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (a editing.Act, err error) {
		var at int64
		err = rows.Scan(&a.Number, &a.Text, &a.Of, &a.Did, &a.By, &at, &a.Reason)
		a.At = store.Moment(at)
		return a, err
	}, `SELECT number, text, version, did, by_whom, at, reason FROM prevent_text_act WHERE programme = ? AND text = ? ORDER BY number DESC LIMIT ?`, programme, text, limit)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	return all, nil
}

// Add implements editing.Store.
func (s *Texts) Add(ctx context.Context, v editing.Version) (int, error) {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return 0, err
	}
	if err := q.Row(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM prevent_text WHERE programme = ? AND text = ?`, []any{v.Programme, v.Text}, &v.Number); err != nil {
		return 0, fmt.Errorf("number version: %w", err)
	}
	_, err = q.Exec(ctx, `INSERT INTO prevent_text (`+versionColumns+`, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.Programme, v.Text, v.Number, string(v.Sort), v.Note, v.Base, v.Undoes, string(v.State), v.Revision, v.Writer, store.Seconds(v.Written), v.Judge, store.Seconds(v.Judged), v.Reason, store.Seconds(v.Shows), orNothing(v.Body))
	if err != nil {
		return 0, fmt.Errorf("keep version: %w", err)
	}
	return v.Number, nil
}

// orNothing is b, which no column is without.
func orNothing(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Change implements editing.Store.
func (s *Texts) Change(ctx context.Context, v editing.Version, state editing.State, revision int) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	n, err := q.Exec(ctx, `UPDATE prevent_text SET body = ?, note = ?, state = ?, revision = ?, written = ?, judge = ?, judged = ?, reason = ?, shows = ?
		WHERE programme = ? AND text = ? AND number = ? AND state = ? AND revision = ?`,
		orNothing(v.Body), v.Note, string(v.State), v.Revision, store.Seconds(v.Written), v.Judge, store.Seconds(v.Judged), v.Reason, store.Seconds(v.Shows),
		v.Programme, v.Text, v.Number, string(state), revision)
	if err != nil {
		return fmt.Errorf("change version: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "Somebody has changed this version meanwhile.")
	}
	return nil
}

// Did implements editing.Store.
func (s *Texts) Did(ctx context.Context, programme id.ID, a editing.Act) error {
	q, err := s.db.Writer(ctx)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO prevent_text_act (number, programme, text, version, did, by_whom, at, reason)
		VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM prevent_text_act), ?, ?, ?, ?, ?, ?, ?)`,
		programme, a.Text, a.Of, a.Did, a.By, store.Seconds(a.At), a.Reason)
	if err != nil {
		return fmt.Errorf("keep act: %w", err)
	}
	return nil
}
