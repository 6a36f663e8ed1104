// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
)

// stream is one ordered run of the index: the items of a desk in a
// compartment, or with no desk what is approved there of all desks.
type stream struct {
	compartment, desk id.ID
	approvedOnly      bool
}

// streams returns those that a scope admits. A reader of approved items reads
// those of every desk that has any.
func (s *Store) streams(ctx context.Context, programme id.ID, scope intel.Scope, f intel.Filter) ([]stream, error) {
	var all []stream
	for _, c := range append([]id.ID{{}}, scope.Inside...) {
		for _, d := range scope.Desks {
			all = append(all, stream{c, d, false})
		}
		if !scope.All {
			continue
		}
		if len(scope.Desks) == 0 && f.Desk.IsZero() {
			all = append(all, stream{c, id.ID{}, true})
			continue
		}
		desks, err := s.desksIn(ctx, programme, c)
		if err != nil {
			return nil, err
		}
		for _, d := range desks {
			if !slices.Contains(scope.Desks, d) {
				all = append(all, stream{c, d, true})
			}
		}
	}
	return slices.DeleteFunc(all, func(x stream) bool {
		return !f.Desk.IsZero() && x.desk != f.Desk || x.approvedOnly && f.State != "" && f.State != intel.Approved
	}), nil
}

// desksIn returns the desks that have items in a compartment, by jumps in the
// index: one look for each desk, however many items it has.
func (s *Store) desksIn(ctx context.Context, programme, compartment id.ID) ([]id.ID, error) {
	var desks []id.ID
	last := []byte{}
	for {
		found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (id.ID, error) {
			var v id.ID
			return v, rows.Scan(&v)
		}, `SELECT desk FROM intel_view WHERE programme = ? AND compartment = ? AND approved = 1 AND desk > ? ORDER BY desk LIMIT 1`, programme, compartment, last)
		if err != nil {
			return nil, fmt.Errorf("look for desks: %w", err)
		}
		if len(found) == 0 {
			return desks, nil
		}
		desks = append(desks, found[0])
		last = found[0][:]
	}
}

// noLimit is later than any time that is kept.
const noLimit = int64(1) << 60

// lines is what a list asks of one stream: where the rows are, and the order in
// which they come.
type lines struct {
	from  string
	order string
	args  []any
}

// ask returns the rows of a stream that fit a filter. A desk's own rows lie
// together, so there nothing else may choose the index; all desks' are found
// by the filter that leaves the least.
func (x stream) ask(programme id.ID, f intel.Filter) lines {
	created, last := noLimit, id.ID{}
	if f.Before != (intel.Cursor{}) {
		created, last = f.Before.Created.Unix(), f.Before.ID
	}
	l := lines{from: ` FROM intel_view WHERE programme = ? AND compartment = ? AND approved = ?`, order: ` ORDER BY created DESC, item DESC`, args: []any{programme, x.compartment, flag(x.approvedOnly)}}
	and := func(condition string, values ...any) {
		l.from += ` AND ` + condition
		l.args = append(l.args, values...)
	}
	text := func(column, value string) {
		switch {
		case value == "":
		case x.desk.IsZero():
			and(column+` = ?`, value)
		default:
			and(column+` || '' = ?`, value)
		}
	}
	if !x.desk.IsZero() {
		and(`desk = ?`, x.desk)
	}
	text(`category`, f.Category)
	text(`seriousness`, f.Seriousness)
	if f.State != "" {
		and(`state = ?`, string(f.State))
	}
	if f.Malicious {
		and(`malicious = 1`)
	}
	if f.OneVoice {
		and(`one_voice = 1`)
	}
	switch {
	case f.DueBefore.IsZero():
		and(`(created, item) < (?, ?)`, created, last)
	case x.desk.IsZero():
		and(`review < ? AND (+created, item) < (?, ?)`, f.DueBefore.Unix(), created, last)
		l.order = ` ORDER BY +created DESC, item DESC`
	default:
		and(`+review < ? AND (created, item) < (?, ?)`, f.DueBefore.Unix(), created, last)
	}
	return l
}

func newestFirst(a, b intel.Row) int {
	return cmp.Or(b.Created.Compare(a.Created), bytes.Compare(b.ID[:], a.ID[:]))
}

// List implements intel.Store. It finds the places of a page first and reads
// only the items that stand on it.
func (s *Store) List(ctx context.Context, programme id.ID, scope intel.Scope, f intel.Filter) ([]intel.Row, bool, error) {
	runs, err := s.streams(ctx, programme, scope, f)
	if err != nil {
		return nil, false, err
	}
	var all []intel.Cursor
	for _, x := range runs {
		l := x.ask(programme, f)
		found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (intel.Cursor, error) {
			var c intel.Cursor
			var created int64
			err := rows.Scan(&created, &c.ID)
			c.Created = time.Unix(created, 0)
			return c, err
		}, `SELECT created, item`+l.from+l.order+` LIMIT ?`, append(l.args, f.Limit+1)...)
		if err != nil {
			return nil, false, fmt.Errorf("list items: %w", err)
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b intel.Cursor) int {
		return cmp.Or(b.Created.Compare(a.Created), bytes.Compare(b.ID[:], a.ID[:]))
	})
	more := len(all) > f.Limit
	var page []intel.Row
	for _, c := range all[:min(f.Limit, len(all))] {
		k, err := s.one(ctx, programme, c.ID)
		if fault.KindOf(err) == fault.NotFound {
			continue // disposed of between the two looks
		}
		if err != nil {
			return nil, false, err
		}
		if r, sees := k.row(scope); sees {
			page = append(page, r)
		}
	}
	return page, more, nil
}

// Count implements intel.Store.
func (s *Store) Count(ctx context.Context, programme id.ID, scope intel.Scope, f intel.Filter) (int, error) {
	f.Before = intel.Cursor{}
	runs, err := s.streams(ctx, programme, scope, f)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, x := range runs {
		var n int
		l := x.ask(programme, f)
		err := s.db.Reader(ctx).Row(ctx, `SELECT COUNT(*) FROM (SELECT 1`+l.from+` LIMIT ?) AS some`, append(l.args, intel.MostCounted+1-total), &n)
		if err != nil {
			return 0, fmt.Errorf("count items: %w", err)
		}
		if total += n; total > intel.MostCounted {
			return intel.MostCounted + 1, nil
		}
	}
	return total, nil
}

// Search implements intel.Store.
func (s *Store) Search(ctx context.Context, programme id.ID, scope intel.Scope, q intel.Query) (intel.Found, error) {
	wanted := match(programme, scope, q)
	if wanted == "" {
		return intel.Found{}, nil
	}
	places, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (int64, error) {
		var row int64
		err := rows.Scan(&row)
		return row >> 1, err
	}, `SELECT rowid FROM intel_words WHERE intel_words MATCH ? ORDER BY rowid DESC LIMIT ?`, wanted, 2*(intel.MostCounted+1))
	if err != nil {
		return intel.Found{}, fmt.Errorf("ask the word index: %w", err)
	}
	places = slices.Compact(places) // newest and approved version of one item
	found := intel.Found{Count: min(len(places), intel.MostCounted+1)}
	places = places[:min(len(places), intel.MostCounted)]
	if q.Ranked {
		return s.ranked(ctx, programme, scope, q, places, found)
	}
	from := min(q.Offset, len(places))
	for _, place := range places[from:min(from+q.Limit, len(places))] {
		row, sees, err := s.at(ctx, programme, scope, place)
		if err != nil {
			return intel.Found{}, err
		}
		if sees {
			found.Rows = append(found.Rows, row)
		}
	}
	return found, nil
}

func (s *Store) at(ctx context.Context, programme id.ID, scope intel.Scope, place int64) (intel.Row, bool, error) {
	rows, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (kept, error) { return scan(rows) },
		`SELECT `+columns+` FROM intel_item WHERE place = ? AND programme = ?`, place, programme)
	if err != nil || len(rows) == 0 {
		return intel.Row{}, false, err
	}
	row, sees := rows[0].row(scope)
	return row, sees, nil
}

// ranked orders the newest hits by how much of what was looked for they say:
// in the title three times a word in a statement. Nothing but the hits
// themselves counts, so that an order tells nothing of what is hidden.
func (s *Store) ranked(ctx context.Context, programme id.ID, scope intel.Scope, q intel.Query, places []int64, found intel.Found) (intel.Found, error) {
	type scored struct {
		intel.Row
		score int
	}
	var all []scored
	wanted, known := stems(q.Words, q.Language), memory{}
	for part := range slices.Chunk(places, fetched) {
		rows, err := s.fetch(ctx, programme, scope, part)
		if err != nil {
			return intel.Found{}, err
		}
		for _, row := range rows {
			score := 3 * known.said(wanted, row.Title, row.Language)
			for _, st := range row.Statements {
				score += known.said(wanted, st.Text, row.Language)
			}
			all = append(all, scored{row, score})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	from := min(q.Offset, len(all))
	for _, r := range all[from:min(from+q.Limit, len(all))] {
		found.Rows = append(found.Rows, r.Row)
	}
	return found, nil
}

// fetched is how many items fetch reads with one question.
const fetched = 50

// BETWEEN, because of two equal conditions SQLite would take the programme's.
var atPlaces = `SELECT ` + columns + ` FROM intel_item WHERE programme BETWEEN ? AND ? AND place IN (` + strings.TrimSuffix(strings.Repeat("?, ", fetched), ", ") + `) ORDER BY place DESC`

// fetch returns what a scope shows of the items at some places, the newest
// first.
func (s *Store) fetch(ctx context.Context, programme id.ID, scope intel.Scope, places []int64) ([]intel.Row, error) {
	args := make([]any, 0, fetched+2)
	args = append(args, programme, programme)
	for i := range fetched {
		place := int64(0) // where nothing is
		if i < len(places) {
			place = places[i]
		}
		args = append(args, place)
	}
	found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (kept, error) { return scan(rows) }, atPlaces, args...)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	var all []intel.Row
	for _, k := range found {
		if row, sees := k.row(scope); sees {
			all = append(all, row)
		}
	}
	return all, nil
}

// BySelector implements intel.Store.
func (s *Store) BySelector(ctx context.Context, programme id.ID, scope intel.Scope, kind, value string, limit int) ([]intel.Row, error) {
	var out []intel.Row
	seen := map[id.ID]bool{}
	for _, approved := range []int{0, 1} {
		if approved == 1 && !scope.All {
			continue
		}
		before := noLimit
		for len(out) < 2*limit {
			places, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (int64, error) {
				var place int64
				return place, rows.Scan(&place)
			}, `SELECT place FROM intel_selector WHERE programme = ? AND kind = ? AND value = ? AND approved = ? AND place < ? ORDER BY place DESC LIMIT 200`,
				programme, kind, value, approved, before)
			if err != nil {
				return nil, fmt.Errorf("look for a selector: %w", err)
			}
			for _, place := range places {
				row, sees, err := s.at(ctx, programme, scope, place)
				if err != nil {
					return nil, err
				}
				if sees && !seen[row.ID] && names(row.Item, kind, value) {
					seen[row.ID] = true
					out = append(out, row)
				}
			}
			if len(places) < 200 {
				break
			}
			before = places[len(places)-1]
		}
	}
	slices.SortFunc(out, newestFirst)
	return out[:min(limit, len(out))], nil
}

// names reports whether what the reader sees of an item names the thing.
func names(it intel.Item, kind, value string) bool {
	return slices.ContainsFunc(it.Statements, func(st intel.Statement) bool {
		return slices.ContainsFunc(st.Selectors, func(x intel.Selector) bool { return x.Kind == kind && x.Value == value })
	})
}

// FromReport implements intel.Store.
func (s *Store) FromReport(ctx context.Context, programme id.ID, scope intel.Scope, report id.ID, limit int) ([]intel.Row, error) {
	found, err := store.Collect(ctx, s.db.Reader(ctx), func(rows *sql.Rows) (id.ID, error) {
		var item id.ID
		return item, rows.Scan(&item)
	}, `SELECT item FROM intel_from WHERE programme = ? AND report = ?`, programme, report)
	if err != nil {
		return nil, fmt.Errorf("look for a report's items: %w", err)
	}
	var out []intel.Row
	for _, item := range found {
		k, err := s.one(ctx, programme, item)
		if err != nil {
			return nil, err
		}
		if row, sees := k.row(scope); sees && slices.Contains(row.Reports, report) {
			out = append(out, row)
		}
	}
	slices.SortFunc(out, newestFirst)
	return out[:min(limit, len(out))], nil
}
