// SPDX-License-Identifier: AGPL-3.0-or-later

// Package screen is the room that asks "is this the same person, company,
// car?": it compares two descriptions, and looks one up in the lists that the
// operator has loaded.
//
// It must never write down what was asked: whom somebody looks for tells what
// they know. It must never decide that two things are one; it says how likely
// that is, and why, and a person decides.
//
// A Service is safe for concurrent use.
package screen

import (
	"context"
	"slices"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// List is a list of entities that can be searched.
type List struct {
	Name  string // as pages show it
	Index *index.Index
}

// Service compares and searches.
type Service struct {
	Lists []List
	Clock clock.Clock
}

// Comparison is how likely two descriptions mean the same, and why.
type Comparison struct {
	match.Result
	Left, Right match.Entity // made ready, so that a page can draw their words
}

// MaxHits is the most that one search returns.
const MaxHits = 100

// Query is what to look for, and where.
type Query struct {
	For       Facts
	List      string // name of a list; empty: all of them
	K         int    // 1 to MaxHits
	Threshold float64
	Countries []string
	Schemata  []string
}

// Hit is an entity of a list that may be the one asked for.
type Hit struct {
	List   string
	Score  float64
	Entity ftm.Entity
}

func (s *Service) may(by authz.Subject, programme id.ID) error {
	return authz.Check(by, authz.Read, authz.Object{Kind: authz.Matching, Programme: programme})
}

// Open reports whether by may compare and search in programme, and returns
// the names of the lists.
func (s *Service) Open(by authz.Subject, programme id.ID) ([]string, error) {
	if err := s.may(by, programme); err != nil {
		return nil, err
	}
	var names []string
	for _, l := range s.Lists {
		names = append(names, l.Name)
	}
	return names, nil
}

// Compare compares two descriptions.
func (s *Service) Compare(by authz.Subject, programme id.ID, left, right Facts) (Comparison, error) {
	if err := s.may(by, programme); err != nil {
		return Comparison{}, err
	}
	today := s.Clock.Now()
	l, err := left.entity("left", today)
	if err != nil {
		return Comparison{}, err
	}
	r, err := right.entity("right", today)
	if err != nil {
		return Comparison{}, err
	}
	return compare(&l, &r), nil
}

func compare(l, r *ftm.Entity) Comparison {
	c := Comparison{Left: match.PrepareEntity(l), Right: match.PrepareEntity(r)}
	c.Result = match.Compare(&c.Left, &c.Right)
	return c
}

// CompareEntry compares a description with an entity of a list, which it
// returns too.
func (s *Service) CompareEntry(by authz.Subject, programme id.ID, left Facts, list, entity string) (Comparison, Hit, error) {
	if err := s.may(by, programme); err != nil {
		return Comparison{}, Hit{}, err
	}
	l, err := left.entity("left", s.Clock.Now())
	if err != nil {
		return Comparison{}, Hit{}, err
	}
	at := slices.IndexFunc(s.Lists, func(l List) bool { return l.Name == list })
	if at < 0 {
		return Comparison{}, Hit{}, noList()
	}
	r, ok, err := s.Lists[at].Index.Get(entity)
	if err != nil {
		return Comparison{}, Hit{}, err
	}
	if !ok {
		return Comparison{}, Hit{}, fault.New(fault.NotFound, "The list has no such entry any more. Search again.")
	}
	c := compare(&l, &r)
	return c, Hit{List: list, Score: c.Score, Entity: r}, nil
}

func noList() error {
	return &FieldError{"list", fault.New(fault.Invalid, "There is no such list. Choose one that is shown.")}
}

// Search looks a description up in one list or all of them, best first.
func (s *Service) Search(ctx context.Context, by authz.Subject, programme id.ID, q Query) ([]Hit, error) {
	if err := s.may(by, programme); err != nil {
		return nil, err
	}
	e, err := q.For.entity("left", s.Clock.Now())
	if err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	found, asked := []Hit{}, false
	for _, l := range s.Lists {
		if q.List != "" && q.List != l.Name {
			continue
		}
		asked = true
		hits, err := l.Index.Search(ctx, index.Query{
			Entity: e, K: q.K, Threshold: max(q.Threshold, index.LeastScore),
			Filter: index.Filter{Countries: q.Countries, Schemata: q.Schemata},
		})
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			entry, ok, err := l.Index.Get(h.ID)
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, Hit{List: l.Name, Score: h.Score, Entity: entry})
			}
		}
	}
	if !asked {
		return nil, noList()
	}
	slices.SortStableFunc(found, func(a, b Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return found[:min(len(found), q.K)], nil
}

func (q *Query) check() error {
	if q.K < 1 || q.K > MaxHits {
		return &FieldError{"top", fault.Newf(fault.Invalid, "Ask for 1 to %d hits.", MaxHits)}
	}
	if !(q.Threshold >= 0 && q.Threshold <= 1) { // NaN too
		return &FieldError{"threshold", fault.New(fault.Invalid, "The least score has to be from 0 to 1, such as 0.5.")}
	}
	for i, c := range q.Countries {
		code, err := country(c)
		if err != nil {
			return &FieldError{"in-country", err}
		}
		q.Countries[i] = code
	}
	for _, name := range q.Schemata {
		if !slices.Contains(Schemata, name) {
			return &FieldError{"in-schema", unknownSchema()}
		}
	}
	return nil
}
