// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

const columns = `programme, id, number, item, itemnumber, title, version, desk, compartment, category, channel, partner, role, state,
	reason, permission, referredby, sent, acknowledged, decided, why, acted, ended, heard, due, chased, chases, escalated, revision`

func scanReferral(scan func(dest ...any) error) (referral.Referral, error) {
	var r referral.Referral
	var sent, acknowledged, decided, acted, ended, heard, due, chased int64
	err := scan(&r.Programme, &r.ID, &r.Number, &r.Item, &r.ItemNumber, &r.Title, &r.Version, &r.Desk, &r.Compartment, &r.Category, &r.Channel,
		&r.Partner, &r.Role, &r.State, &r.Reason, &r.Permission, &r.By, &sent, &acknowledged, &decided, &r.Why, &acted, &ended, &heard, &due, &chased,
		&r.Chases, &r.Escalated, &r.Revision)
	r.SentAt, r.Acknowledge, r.Decided, r.Acted, r.Ended = store.Moment(sent), store.Moment(acknowledged), store.Moment(decided), store.Moment(acted), store.Moment(ended)
	r.Heard, r.Due, r.ChasedAt = store.Moment(heard), store.Moment(due), store.Moment(chased)
	return r, err
}

func (s *Store) many(ctx context.Context, query string, args ...any) ([]referral.Referral, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Referral, error) { return scanReferral(rows.Scan) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list referrals: %w", err)
	}
	return all, nil
}

// Referral implements referral.Store.
func (s *Store) Referral(ctx context.Context, programme, of id.ID) (referral.Referral, error) {
	return scanReferral(func(dest ...any) error {
		return s.one(ctx, "referral", `SELECT `+columns+` FROM referral WHERE programme = ? AND id = ?`, []any{programme, of}, dest...)
	})
}

// OfItem implements referral.Store.
func (s *Store) OfItem(ctx context.Context, programme, item id.ID) ([]referral.Referral, error) {
	return s.many(ctx, `SELECT `+columns+` FROM referral WHERE programme = ? AND item = ? ORDER BY sent, id LIMIT 1000`, programme, item)
}

// Each implements referral.Store.
func (s *Store) Each(ctx context.Context, programme id.ID, do func(referral.Referral) error) (err error) {
	rows, err := s.db.Reader(ctx).Query(ctx, `SELECT `+columns+` FROM referral WHERE programme = ?`, programme)
	if err != nil {
		return fmt.Errorf("read referrals: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanReferral(rows.Scan)
		if err != nil {
			return fmt.Errorf("read referral: %w", err)
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// line is what an index knows of a referral: enough to put it in order.
type line struct {
	at int64
	id id.ID
}

func newest(a, b line) int { return cmp.Or(cmp.Compare(b.at, a.at), slices.Compare(b.id[:], a.id[:])) }

func longest(a, b line) int { return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.id[:], b.id[:])) }

// beforeAll and afterAll are where a run begins, newest first and oldest first.
var (
	beforeAll = line{at: 1 << 60}
	afterAll  = line{}
)

// run is one ordered run of an index, read a few lines at a time.
type run struct {
	query string
	args  []any
	last  line // where it was read up to
	ahead []line
	ended bool
}

const fewLines = 32

// fill reads on when nothing lies ahead. Each run is read only as far as the
// page reaches into it, however many runs and referrals there are.
func (r *run) fill(ctx context.Context, q store.Querier) error {
	if r.ended || len(r.ahead) > 0 {
		return nil
	}
	var err error
	r.ahead, err = store.Collect(ctx, q, func(rows *sql.Rows) (l line, err error) {
		return l, rows.Scan(&l.at, &l.id)
	}, r.query, append(slices.Clone(r.args), r.last.at, r.last.id, fewLines)...)
	if err != nil {
		return fmt.Errorf("list referrals: %w", err)
	}
	r.ended = len(r.ahead) < fewLines
	if len(r.ahead) > 0 {
		r.last = r.ahead[len(r.ahead)-1]
	}
	return nil
}

// page merges runs that are each in order and reads the rows of one page.
func (s *Store) page(ctx context.Context, programme id.ID, runs []*run, order func(a, b line) int, offset, limit int) ([]referral.Referral, bool, error) {
	q := s.db.Reader(ctx)
	var page []referral.Referral
	for n := 0; ; n++ {
		var first *run
		for _, r := range runs {
			if err := r.fill(ctx, q); err != nil {
				return nil, false, err
			}
			if len(r.ahead) > 0 && (first == nil || order(r.ahead[0], first.ahead[0]) < 0) {
				first = r
			}
		}
		if first == nil || n == offset+limit {
			return page, first != nil, nil
		}
		if n >= offset {
			r, err := s.Referral(ctx, programme, first.ahead[0].id)
			if err != nil {
				return nil, false, err
			}
			page = append(page, r)
		}
		first.ahead = first.ahead[1:]
	}
}

const (
	listAll       = `SELECT sent, id FROM referral WHERE programme = ? AND desk = ? AND compartment = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
	listState     = `SELECT sent, id FROM referral WHERE programme = ? AND desk = ? AND compartment = ? AND state = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
	listWith      = `SELECT sent, id FROM referral WHERE programme = ? AND desk = ? AND compartment = ? AND partner = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
	listWithState = `SELECT sent, id FROM referral WHERE programme = ? AND desk = ? AND compartment = ? AND partner = ? AND state = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
	listDue       = `SELECT due, id FROM referral WHERE programme = ? AND desk = ? AND compartment = ? AND due > 0 AND due < ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ?`
	ofPartner     = `SELECT sent, id FROM referral WHERE programme = ? AND partner = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
	ofPartnerIn   = `SELECT sent, id FROM referral WHERE programme = ? AND partner = ? AND state = ? AND (sent, id) < (?, ?) ORDER BY sent DESC, id DESC LIMIT ?`
)

// List implements referral.Store.
func (s *Store) List(ctx context.Context, programme id.ID, f referral.Filter) ([]referral.Referral, bool, error) {
	states, query := f.States, listState
	switch {
	case len(states) == 0 && f.Partner.IsZero():
		states, query = []referral.State{""}, listAll
	case len(states) == 0:
		states, query = []referral.State{""}, listWith
	case !f.Partner.IsZero():
		query = listWithState
	}
	var runs []*run
	for _, desk := range f.Desks {
		for _, compartment := range f.Compartments {
			for _, state := range states {
				args := []any{programme, desk, compartment}
				if !f.Partner.IsZero() {
					args = append(args, f.Partner)
				}
				if state != "" {
					args = append(args, string(state))
				}
				runs = append(runs, &run{query: query, args: args, last: beforeAll})
			}
		}
	}
	return s.page(ctx, programme, runs, newest, f.Offset, f.Limit)
}

// OfPartner implements referral.Store.
func (s *Store) OfPartner(ctx context.Context, programme, partner id.ID, states []referral.State, offset, limit int) ([]referral.Referral, bool, error) {
	runs := []*run{{query: ofPartner, args: []any{programme, partner}, last: beforeAll}}
	if len(states) > 0 {
		runs = nil
		for _, state := range states {
			runs = append(runs, &run{query: ofPartnerIn, args: []any{programme, partner, string(state)}, last: beforeAll})
		}
	}
	return s.page(ctx, programme, runs, newest, offset, limit)
}

// Save implements referral.Store.
func (s *Store) Save(ctx context.Context, r referral.Referral) error {
	state := []any{
		r.Title, r.Version, r.Compartment, r.Category, string(r.State), flag(r.Live()), store.Seconds(r.Acknowledge), store.Seconds(r.Decided), r.Why, store.Seconds(r.Acted), store.Seconds(r.Ended),
		store.Seconds(r.Heard), store.Seconds(r.Due), store.Seconds(r.ChasedAt), r.Chases, flag(r.Escalated), r.Revision,
	}
	if r.Revision == 1 {
		_, err := s.write(ctx, "referral", `INSERT INTO referral (programme, id, number, item, itemnumber, desk, channel, partner, role, reason, permission, referredby, sent,
			title, version, compartment, category, state, live, acknowledged, decided, why, acted, ended, heard, due, chased, chases, escalated, revision)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			append([]any{r.Programme, r.ID, r.Number, r.Item, r.ItemNumber, r.Desk, r.Channel, r.Partner, string(r.Role), r.Reason, r.Permission, r.By, store.Seconds(r.SentAt)}, state...)...)
		return err
	}
	n, err := s.write(ctx, "referral", `UPDATE referral SET title = ?, version = ?, compartment = ?, category = ?, state = ?, live = ?, acknowledged = ?, decided = ?, why = ?, acted = ?, ended = ?,
		heard = ?, due = ?, chased = ?, chases = ?, escalated = ?, revision = ? WHERE programme = ? AND id = ? AND revision = ?`,
		append(state, r.Programme, r.ID, r.Revision-1)...)
	return changed("referral", n, err)
}

// AddStep implements referral.Store.
func (s *Store) AddStep(ctx context.Context, t referral.Step) error {
	_, err := s.write(ctx, "step", `INSERT INTO referral_step (programme, referral, n, id, at, act, way, doneby, said, how, saidon, code, body)
		VALUES (?, ?, (SELECT coalesce(max(n), 0) + 1 FROM referral_step WHERE programme = ? AND referral = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Programme, t.Referral, t.Programme, t.Referral, t.ID, store.Seconds(t.At), string(t.Act), string(t.Way), t.By, t.Said, t.How, t.When, t.Code, t.Text)
	return err
}

// Steps implements referral.Store.
func (s *Store) Steps(ctx context.Context, programme, of id.ID) ([]referral.Step, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Step, error) {
		t := referral.Step{Programme: programme, Referral: of}
		var at int64
		err := rows.Scan(&t.ID, &at, &t.Act, &t.Way, &t.By, &t.Said, &t.How, &t.When, &t.Code, &t.Text)
		t.At = store.Moment(at)
		return t, err
	}, `SELECT id, at, act, way, doneby, said, how, saidon, code, body FROM referral_step WHERE programme = ? AND referral = ? ORDER BY n LIMIT 2000`, programme, of)
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return all, nil
}

// AddPackage implements referral.Store.
func (s *Store) AddPackage(ctx context.Context, p referral.Sealed) error {
	_, err := s.write(ctx, "package", `INSERT INTO referral_package (programme, referral, version, body, made) VALUES (?, ?, ?, ?, ?)`,
		p.Programme, p.Referral, p.Version, p.Body, store.Seconds(p.Made))
	return err
}

// Packages implements referral.Store.
func (s *Store) Packages(ctx context.Context, programme, of id.ID) ([]referral.Sealed, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (referral.Sealed, error) {
		p := referral.Sealed{Programme: programme, Referral: of}
		var made int64
		err := rows.Scan(&p.Version, &p.Body, &made)
		p.Made = store.Moment(made)
		return p, err
	}, `SELECT version, body, made FROM referral_package WHERE programme = ? AND referral = ? ORDER BY version DESC`, programme, of)
	if err != nil {
		return nil, fmt.Errorf("read packages: %w", err)
	}
	return all, nil
}

// Forget implements referral.Store.
func (s *Store) Forget(ctx context.Context, programme, item id.ID) error {
	return s.db.Thoroughly(ctx, func() error { return s.forget(ctx, programme, item) })
}

func (s *Store) forget(ctx context.Context, programme, item id.ID) error {
	referrals, err := s.ids(ctx, `SELECT id FROM referral WHERE programme = ? AND item = ?`, programme, item)
	if err != nil {
		return err
	}
	for _, of := range referrals {
		questions, err := s.ids(ctx, `SELECT id FROM referral_question WHERE programme = ? AND referral = ?`, programme, of)
		if err != nil {
			return err
		}
		for _, q := range questions {
			if _, err := s.write(ctx, "disposal", `UPDATE referral_question SET body = '', reason = '' WHERE programme = ? AND id = ?`, programme, q); err != nil {
				return err
			}
		}
		if _, err := s.write(ctx, "disposal", `UPDATE referral_package SET body = ? WHERE programme = ? AND referral = ?`, []byte{}, programme, of); err != nil {
			return err
		}
		for _, query := range []string{
			`UPDATE referral_step SET body = '', said = '', how = '' WHERE programme = ? AND referral = ?`,
			`UPDATE referral SET title = '', reason = '', permission = '' WHERE programme = ? AND id = ?`,
		} {
			if _, err := s.write(ctx, "disposal", query, programme, of); err != nil {
				return err
			}
		}
	}
	return nil
}

// ids returns the ids that a query names.
func (s *Store) ids(ctx context.Context, query string, args ...any) ([]id.ID, error) {
	all, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (of id.ID, err error) { return of, rows.Scan(&of) }, query, args...)
	if err != nil {
		return nil, fmt.Errorf("look for what to forget: %w", err)
	}
	return all, nil
}

// Due implements referral.DueStore.
func (s *Store) Due(ctx context.Context, programme id.ID, f referral.Filter, now time.Time) ([]referral.Referral, bool, error) {
	var runs []*run
	for _, desk := range f.Desks {
		for _, compartment := range f.Compartments {
			runs = append(runs, &run{query: listDue, args: []any{programme, desk, compartment, store.Seconds(now)}, last: afterAll})
		}
	}
	return s.page(ctx, programme, runs, longest, f.Offset, f.Limit)
}

// mostCounted bounds what a count looks at.
const mostCounted = 10_000

// DueCounts implements referral.DueStore.
func (s *Store) DueCounts(ctx context.Context, programme id.ID, now time.Time) ([]referral.Count, error) {
	sums := map[id.ID]*referral.Count{}
	for _, escalated := range []int{1, 0} {
		found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (c referral.Count, err error) {
			var oldest int64
			err = rows.Scan(&c.Of, &c.N, &oldest)
			c.Oldest = store.Moment(oldest)
			return c, err
		}, `SELECT partner, count(*), min(due) FROM (SELECT partner, due FROM referral WHERE programme = ? AND escalated = ? AND due > 0 AND due < ? ORDER BY due, id LIMIT ?) AS late GROUP BY partner`,
			programme, escalated, store.Seconds(now), mostCounted/2)
		if err != nil {
			return nil, fmt.Errorf("count what is overdue: %w", err)
		}
		for _, c := range found {
			if known := sums[c.Of]; known != nil {
				known.N += c.N
				if c.Oldest.Before(known.Oldest) {
					known.Oldest = c.Oldest
				}
				continue
			}
			sums[c.Of] = &c
		}
	}
	counts := make([]referral.Count, 0, len(sums))
	for _, c := range sums {
		counts = append(counts, *c)
	}
	slices.SortFunc(counts, func(a, b referral.Count) int {
		return cmp.Or(a.Oldest.Compare(b.Oldest), slices.Compare(a.Of[:], b.Of[:]))
	})
	return counts, nil
}

// ToEscalate implements referral.DueStore.
func (s *Store) ToEscalate(ctx context.Context, programme id.ID, now time.Time, limit int) ([]referral.Referral, error) {
	return s.many(ctx, `SELECT `+columns+` FROM referral WHERE programme = ? AND escalated = 0 AND due > 0 AND due < ? ORDER BY due, id LIMIT ?`, programme, store.Seconds(now), limit)
}
