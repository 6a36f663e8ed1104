// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
)

// Service is the room. All fields are required.
type Service struct {
	Store        Store
	Tells        TellStore
	Items        Items
	Compartments Compartments
	Tally        Tally
	Table        *kinds.Table
	Tx           tx.Runner
	Clock        clock.Clock
	// SecondPerson says whether a programme wants an outcome confirmed by
	// somebody else than who recorded it.
	SecondPerson func(programme id.ID) bool
}

// TopicConfirmed is the news that an outcome counts.
const TopicConfirmed = "outcome.confirmed"

// News is the body of TopicConfirmed.
type News struct {
	Outcome id.ID   `json:"outcome"`
	Items   []id.ID `json:"items"`
}

func object(programme id.ID, closed bool, inside ...id.ID) authz.Object {
	return authz.Object{Kind: authz.Outcome, Programme: programme, Compartment: authz.Compartment{Closed: closed, Named: inside}}
}

// Inside returns the compartments that s is inside of, the open one and
// joined ones included: the filter that goes to the stores.
func (v *Service) Inside(ctx context.Context, s authz.Subject, programme id.ID) ([]id.ID, error) {
	own, err := v.Compartments.Inside(ctx, programme, s.Account)
	if err != nil {
		return nil, fmt.Errorf("read the reader's compartments: %w", err)
	}
	inside := append([]id.ID{{}}, own...)
	walls, err := v.Store.Walls(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read joined compartments: %w", err)
	}
	for wall, of := range walls {
		if !slices.ContainsFunc(of, func(c id.ID) bool { return !slices.Contains(own, c) }) {
			inside = append(inside, wall)
		}
	}
	return inside, nil
}

// may loads an outcome and asks authz; one that is not there answers like one
// of a compartment that the reader is outside of.
func (v *Service) may(ctx context.Context, s authz.Subject, act authz.Act, programme, outcome id.ID) (Outcome, error) {
	// Who has no part in outcomes at all is told that, whichever was asked for.
	if err := authz.Check(s, act, object(programme, false)); err != nil {
		return Outcome{}, err
	}
	o, err := v.Store.Outcome(ctx, programme, outcome)
	if fault.KindOf(err) == fault.NotFound {
		return Outcome{}, hidden()
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("read outcome: %w", err)
	}
	if o.Compartment.IsZero() {
		return o, nil
	}
	inside, err := v.Inside(ctx, s, programme)
	if err != nil {
		return Outcome{}, err
	}
	var named []id.ID
	if slices.Contains(inside, o.Compartment) {
		named = []id.ID{s.Account}
	}
	if authz.Check(s, act, object(programme, true, named...)) != nil {
		return Outcome{}, hidden()
	}
	return o, nil
}

// Record keeps a new outcome. It waits for somebody to confirm it.
func (v *Service) Record(ctx context.Context, s authz.Subject, programme id.ID, e Entry) (Outcome, error) {
	if err := authz.Check(s, authz.Change, object(programme, false)); err != nil {
		return Outcome{}, err
	}
	o, err := v.read(ctx, s, programme, id.ID{}, e)
	if err != nil {
		return Outcome{}, err
	}
	o.ID, o.Version, o.State, o.What = id.New(), 1, Recorded, "recorded"
	err = v.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error { return v.put(ctx, rec, s, Outcome{}, &o) })
	return o, err
}

// read makes an outcome of an entry, with what it is linked to.
func (v *Service) read(ctx context.Context, s authz.Subject, programme, self id.ID, e Entry) (Outcome, error) {
	o, err := Read(v.Table, e, DayOf(v.Clock.Now()))
	var bad *Invalid
	if err != nil {
		bad = err.(*Invalid) //nolint:errorlint // Read returns nothing else
	}
	found := &Invalid{}
	if bad != nil {
		*found = *bad
	}
	o.Programme = programme
	find := func(ctx context.Context, text string) (Source, error) { return v.find(ctx, s, programme, text) }
	if err := v.links(ctx, find, &o, e, found); err != nil {
		return Outcome{}, err
	}
	if err := v.stage(ctx, s, &o, self, e, found); err != nil {
		return Outcome{}, err
	}
	if len(found.Problems) > 0 {
		return Outcome{}, found
	}
	return o, nil
}

// short cuts what somebody wrote in the place of a number.
func short(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// finder knows items by what people write: an id or a number.
type finder func(ctx context.Context, text string) (Source, error)

// links finds the items of an entry and takes from the first what the entry
// leaves open.
func (v *Service) links(ctx context.Context, find finder, o *Outcome, e Entry, bad *Invalid) error {
	fail := func(field, format string, args ...any) {
		bad.add(problemf(field, format, args...))
	}
	var walls []id.ID
	for _, l := range e.Links {
		if strings.TrimSpace(l.Item) == "" {
			continue
		}
		src, err := find(ctx, strings.TrimSpace(l.Item))
		if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
			fail("items", "There is no item %q that you may read. Write its number, such as 2026-4F7K.", short(l.Item))
			continue
		}
		if err != nil {
			return fmt.Errorf("read item: %w", err)
		}
		link := Link{Item: src.Item, Basis: l.Basis}
		if !slices.Contains(Bases, l.Basis) {
			fail("items", "Say what item %s has to do with it: %s.", src.Number, strings.Join(Bases, ", "))
		}
		if link.Share, err = readShare(l.Share); err != nil {
			bad.add(problemOf("items", err))
		}
		if slices.ContainsFunc(o.Links, func(x Link) bool { return x.Item == link.Item }) {
			fail("items", "Item %s is linked twice.", src.Number)
			continue
		}
		if o.Kind != "" && o.Day != 0 && o.Day < src.Day {
			fail("date", "It happened on %s, before item %s was written on %s. What was known before can't have come of it.",
				Date(o.Day).Format(time.DateOnly), src.Number, Date(src.Day).Format(time.DateOnly))
		}
		if len(o.Links) == 0 {
			o.Desk = src.Desk
			o.Category, o.Channel = orElse(o.Category, src.Category), orElse(o.Channel, src.Channel)
		}
		o.Links = append(o.Links, link)
		if !src.Compartment.IsZero() && !slices.Contains(walls, src.Compartment) {
			walls = append(walls, src.Compartment)
		}
	}
	if len(o.Links) > MaxLinks {
		fail("items", "An outcome is linked to at most %d items.", MaxLinks)
	}
	if total := shares(o.Links); total > maxShare {
		fail("items", "The shares add up to %d per cent; together they are at most 100.", total)
	}
	var err error
	if e.Partner != "" {
		if o.Partner, err = id.Parse(e.Partner); err != nil {
			fail("partner", "Choose a partner from the list.")
		}
	}
	if e.Desk != "" && o.Desk.IsZero() {
		if o.Desk, err = id.Parse(e.Desk); err != nil {
			fail("desk", "Choose a desk from the list.")
		}
	}
	o.Compartment = wall(walls)
	return nil
}

// LinkHistory links an outcome of a file to the items that find knows, and
// returns what is wrong. Nothing is kept before Import.
func (v *Service) LinkHistory(ctx context.Context, o *Outcome, links []LinkEntry, find func(ctx context.Context, text string) (Source, error)) ([]Problem, error) {
	var bad Invalid
	err := v.links(ctx, find, o, Entry{Links: links}, &bad)
	return bad.Problems, err
}

func shares(links []Link) (total int) {
	for _, l := range links {
		total += l.Share
	}
	return total
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (v *Service) find(ctx context.Context, s authz.Subject, programme id.ID, text string) (Source, error) {
	if item, err := id.Parse(text); err == nil {
		return v.Items.Source(ctx, s, programme, item)
	}
	return v.Items.Numbered(ctx, s, programme, text)
}

// wall names what somebody has to be inside of to see an outcome of items in
// several compartments: all of them.
func wall(of []id.ID) id.ID {
	switch len(of) {
	case 0:
		return id.ID{}
	case 1:
		return of[0]
	}
	slices.SortFunc(of, func(a, b id.ID) int { return slices.Compare(a[:], b[:]) })
	h := sha256.New()
	_, _ = h.Write([]byte("turnstone/outcome/wall")) // a hash never fails to write
	for _, c := range of {
		_, _ = h.Write(c[:])
	}
	return id.ID(h.Sum(nil)[:id.Size])
}

// stage checks the earlier stage that an entry names.
func (v *Service) stage(ctx context.Context, s authz.Subject, o *Outcome, self id.ID, e Entry, bad *Invalid) error {
	if e.Follows == "" {
		return nil
	}
	fail := func(field, format string, args ...any) {
		bad.add(problemf(field, format, args...))
	}
	earlier, err := id.Parse(e.Follows)
	if err != nil {
		fail("follows", "Choose the earlier stage from the list.")
		return nil
	}
	before, err := v.may(ctx, s, authz.Read, o.Programme, earlier)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
		fail("follows", "The earlier stage is not there, or it is not for you.")
		return nil
	}
	if err != nil {
		return err
	}
	if err := v.WrongStage(*o, before); err != nil && o.Kind != "" {
		bad.add(problemOf("follows", err))
	}
	for at := before; ; {
		if at.ID == self && !self.IsZero() {
			fail("follows", "An outcome can't be a later stage of itself.")
			return nil
		}
		if at.Follows.IsZero() {
			break
		}
		if at, err = v.Store.Outcome(ctx, o.Programme, at.Follows); err != nil {
			return fmt.Errorf("read earlier stage: %w", err)
		}
	}
	// It is as closed as what it follows, when that is more.
	if o.Compartment.IsZero() {
		o.Compartment = before.Compartment
	}
	o.Follows = earlier
	return nil
}

// put saves a version, moves the figures from what stood before to what stands
// now, and writes the ledger. It runs inside a change.
func (v *Service) put(ctx context.Context, rec *tx.Recorder, s authz.Subject, before Outcome, now *Outcome) error {
	now.Author, now.Written = s.Account, v.Clock.Now()
	if err := v.hide(ctx, now); err != nil {
		return err
	}
	if err := v.recount(ctx, before, *now, func() error { return v.Store.Save(ctx, *now) }); err != nil {
		return err
	}
	payload, err := json.Marshal(struct {
		At     time.Time `json:"at"`
		Who    id.ID     `json:"who"`
		What   string    `json:"what"`
		Object id.ID     `json:"object"`
		Detail string    `json:"detail,omitempty"`
	}{now.Written, s.Account, "outcome " + now.What, now.ID, now.Reason})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: now.Programme, Kind: "audit", Payload: payload})
	return nil
}

// recount runs save between taking back what an outcome and its later stages
// counted and counting them anew.
func (v *Service) recount(ctx context.Context, before, now Outcome, save func() error) error {
	counted := func(o Outcome, sign func(int64) int64) error {
		root, err := v.root(ctx, o)
		if err != nil {
			return err
		}
		facts := Facts(v.Table, o, root)
		for i := range facts {
			facts[i].N = sign(facts[i].N)
		}
		return v.Tally.Count(ctx, facts...)
	}
	// Whether a later stage is a success of its own may change with this one, at any distance.
	var all func(o Outcome, sign func(int64) int64) error
	all = func(o Outcome, sign func(int64) int64) error {
		if o.Version == 0 {
			return nil
		}
		if err := counted(o, sign); err != nil {
			return err
		}
		followers, err := v.Store.Followers(ctx, o.Programme, o.ID)
		if err != nil {
			return fmt.Errorf("read later stages: %w", err)
		}
		for _, f := range followers {
			if err := all(f, sign); err != nil {
				return err
			}
		}
		return nil
	}
	if err := all(before, func(n int64) int64 { return -n }); err != nil {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	return all(now, func(n int64) int64 { return n })
}

// root reports whether an outcome is a success of its own: no earlier stage of
// it counts.
func (v *Service) root(ctx context.Context, o Outcome) (bool, error) {
	for at := o; !at.Follows.IsZero(); {
		earlier, err := v.Store.Outcome(ctx, o.Programme, at.Follows)
		if err != nil {
			return false, fmt.Errorf("read earlier stage: %w", err)
		}
		if earlier.Counts() {
			return false, nil
		}
		at = earlier
	}
	return true, nil
}
