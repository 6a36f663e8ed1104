// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// draftsJSON says thank you by group of kinds. No draft names a place, a person,
// an amount or a day: a reporter's phone may be read by others.
//
//go:embed drafts.json
var draftsJSON []byte

// Waiting is an item of an outcome whose reporters were not told yet.
type Waiting struct {
	Outcome, Item id.ID
	Desk          id.ID // of the item
	Kind          string
	Day           int       // of the outcome
	Since         time.Time // when the outcome was confirmed
}

// Ending is what became of one reporter who was to be told.
type Ending string

// The endings.
const (
	Told    Ending = "told"     // a sealed message lies in the mailbox
	NotTold Ending = "not-told" // somebody decided against it and said why
	Gone    Ending = "gone"     // the reporter has deleted the mailbox
)

// Telling is the end of a wait: who was told, or why not.
type Telling struct {
	Outcome, Item, Report id.ID
	Ending                Ending
	By                    id.ID
	At                    time.Time
	Reason                string
}

// Tell is a Waiting with what a reviewer needs to write the message.
type Tell struct {
	Waiting
	Number   string            // of the item
	Reports  []id.ID           // whose reporters are to be told, as far as the reviewer may list them
	Gone     []id.ID           // whose reporters have deleted their mailboxes
	Language string            // of the item, when nothing better is known
	Drafts   map[string]string // by language
}

// Draft is the first wording in the language of the item, else in English.
func (t Tell) Draft() string { return inLanguage(t.Drafts, t.Language) }

// TellStore keeps the queue of reporters to tell.
type TellStore interface {
	// AddTell queues an item of an outcome; again is no error.
	AddTell(ctx context.Context, programme id.ID, w Waiting) error
	// DropTells takes an item off the queue, of whatever outcome, and forgets
	// who was told of it.
	DropTells(ctx context.Context, programme, item id.ID) error
	// Tell returns what waits of one item of an outcome; fault.NotFound when
	// nothing does.
	Tell(ctx context.Context, programme, outcome, item id.ID) (Waiting, error)
	// Tells returns what waits at the desks, of outcomes that count and lie
	// inside, the longest wait first.
	Tells(ctx context.Context, programme id.ID, desks, inside []id.ID, limit int) ([]Waiting, error)
	// CountTells counts what Tells would return, at most most.
	CountTells(ctx context.Context, programme id.ID, desks, inside []id.ID, most int) (int, error)
	// SaveTelling keeps what became of one reporter; fault.Conflict when that
	// is known already.
	SaveTelling(ctx context.Context, programme id.ID, t Telling) error
	// Tellings returns what became of the reporters of an outcome, oldest first.
	Tellings(ctx context.Context, programme, outcome id.ID) ([]Telling, error)
	// Settle takes an item of an outcome off the queue.
	Settle(ctx context.Context, programme, outcome, item id.ID) error
}

// inLanguage chooses among texts by language.
func inLanguage(texts map[string]string, lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	if text := texts[base]; text != "" {
		return text
	}
	return texts["en"]
}

// Drafts returns a first wording for the reporters of an outcome of that kind,
// by language.
func (v *Service) Drafts(kind string) (map[string]string, error) {
	var drafts map[string]map[string]string
	if err := json.Unmarshal(draftsJSON, &drafts); err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	k, ok := v.Table.Kind(kind)
	if !ok {
		return nil, fault.Newf(fault.Invalid, "There is no kind of outcome %q.", kind)
	}
	if of := drafts[k.Group]; of != nil {
		return of, nil
	}
	return drafts["cases"], nil // of a group that the operator added
}

// queue puts the items of an outcome that counts from now on into the queue,
// but for those that rest on no report.
func (v *Service) queue(ctx context.Context, o Outcome) error {
	for _, l := range o.Links {
		if l.Basis == Known {
			continue
		}
		src, err := v.Items.Any(ctx, o.Programme, l.Item)
		if fault.KindOf(err) == fault.NotFound || err == nil && len(src.Reports) == 0 {
			continue
		}
		if err != nil {
			return fmt.Errorf("read item: %w", err)
		}
		if err := v.Tells.AddTell(ctx, o.Programme, Waiting{Outcome: o.ID, Item: l.Item, Desk: src.Desk, Since: v.Clock.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// answering returns the desks whose reporters s may answer, and the
// compartments that s is inside of.
func (v *Service) answering(ctx context.Context, s authz.Subject, programme id.ID) (desks, inside []id.ID, err error) {
	desks = s.Desks(programme, authz.Reviewer)
	if len(desks) == 0 {
		return nil, nil, authz.Check(s, authz.Answer, authz.Object{Kind: authz.Report, Programme: programme, Handling: authz.Sealed})
	}
	inside, err = v.Inside(ctx, s, programme)
	return desks, inside, err
}

// ToTell returns whom s could tell: items that s may read, of outcomes that
// s may see, the longest wait first.
func (v *Service) ToTell(ctx context.Context, s authz.Subject, programme id.ID) ([]Tell, error) {
	desks, inside, err := v.answering(ctx, s, programme)
	if err != nil {
		return nil, err
	}
	const most = 500
	waiting, err := v.Tells.Tells(ctx, programme, desks, inside, most)
	if err != nil {
		return nil, fmt.Errorf("read whom to tell: %w", err)
	}
	var out []Tell
	for _, w := range waiting {
		t, err := v.tell(ctx, s, programme, w)
		if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// MostToTell is the most that CountToTell says.
const MostToTell = 100

// CountToTell counts whom s could tell, at most MostToTell; nobody, for those
// who answer no reporter.
func (v *Service) CountToTell(ctx context.Context, s authz.Subject, programme id.ID) (int, error) {
	desks, inside, err := v.answering(ctx, s, programme)
	if fault.KindOf(err) == fault.Forbidden || len(desks) == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return v.Tells.CountTells(ctx, programme, desks, inside, MostToTell)
}

// OneToTell returns one of ToTell; fault.NotFound when nothing of it waits.
func (v *Service) OneToTell(ctx context.Context, s authz.Subject, programme, outcome, item id.ID) (Tell, error) {
	desks, _, err := v.answering(ctx, s, programme)
	if err != nil {
		return Tell{}, err
	}
	if _, err := v.may(ctx, s, authz.Read, programme, outcome); err != nil {
		return Tell{}, err
	}
	w, err := v.Tells.Tell(ctx, programme, outcome, item)
	if err != nil || !slices.Contains(desks, w.Desk) {
		return Tell{}, orHidden(err)
	}
	return v.tell(ctx, s, programme, w)
}

func hidden() error {
	return fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
}

// orHidden is err, or that there is nothing when there is no other error.
func orHidden(err error) error {
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return hidden()
}

// tell fills in what a reviewer needs. fault.NotFound says that nobody is left
// whom this one could tell.
func (v *Service) tell(ctx context.Context, s authz.Subject, programme id.ID, w Waiting) (Tell, error) {
	src, err := v.Items.Source(ctx, s, programme, w.Item)
	if err != nil {
		return Tell{}, err
	}
	ended, err := v.ended(ctx, programme, w)
	if err != nil {
		return Tell{}, err
	}
	t := Tell{Waiting: w, Number: src.Number, Language: src.Language}
	t.Reports, t.Gone = without(src.Reports, ended), without(src.Gone, ended)
	if len(t.Reports)+len(t.Gone) == 0 {
		return Tell{}, hidden() // another desk's reporters
	}
	t.Drafts, err = v.Drafts(w.Kind)
	return t, err
}

func (v *Service) ended(ctx context.Context, programme id.ID, w Waiting) (reports []id.ID, err error) {
	all, err := v.Tells.Tellings(ctx, programme, w.Outcome)
	if err != nil {
		return nil, fmt.Errorf("read who was told: %w", err)
	}
	for _, x := range all {
		if x.Item == w.Item {
			reports = append(reports, x.Report)
		}
	}
	return reports, nil
}

func without(all, some []id.ID) []id.ID {
	return slices.DeleteFunc(slices.Clone(all), func(x id.ID) bool { return slices.Contains(some, x) })
}

// Inform marks the reporter of a report as told, in one change with what send
// keeps: the sealed message and the mark are there together or not at all. send
// must call also inside its change.
func (v *Service) Inform(ctx context.Context, s authz.Subject, programme id.ID, t Telling, send func(also func(ctx context.Context, rec *tx.Recorder) error) error) error {
	t.Ending, t.Reason = Told, ""
	end, err := v.ending(ctx, s, programme, t)
	if err != nil {
		return err
	}
	return send(end)
}

// Leave ends the wait for a reporter who is not told: because somebody decided
// so, for a reason, or because there is no mailbox any more.
func (v *Service) Leave(ctx context.Context, s authz.Subject, programme id.ID, t Telling) error {
	switch t.Ending {
	case NotTold:
		if err := reasonFor(t.Reason); err != nil {
			return err
		}
	case Gone:
		t.Reason = ""
	default:
		return fault.Newf(fault.Invalid, "Say what became of it: %s or %s.", NotTold, Gone)
	}
	end, err := v.ending(ctx, s, programme, t)
	if err != nil {
		return err
	}
	return v.Tx.Do(ctx, end)
}

// ending checks that s may end the wait of t's reporter, and returns the change
// that does.
func (v *Service) ending(ctx context.Context, s authz.Subject, programme id.ID, t Telling) (func(ctx context.Context, rec *tx.Recorder) error, error) {
	if _, err := v.may(ctx, s, authz.Change, programme, t.Outcome); err != nil {
		return nil, err
	}
	waits, err := v.OneToTell(ctx, s, programme, t.Outcome, t.Item)
	if err != nil {
		return nil, err
	}
	from := waits.Reports
	if t.Ending == Gone {
		from = waits.Gone
	}
	if !slices.Contains(from, t.Report) {
		return nil, hidden()
	}
	t.By, t.At = s.Account, v.Clock.Now()
	return func(ctx context.Context, rec *tx.Recorder) error { return v.end(ctx, rec, programme, t) }, nil
}

// end keeps what became of a reporter; with the last one of an item the wait is
// over.
func (v *Service) end(ctx context.Context, rec *tx.Recorder, programme id.ID, t Telling) error {
	if err := v.Tells.SaveTelling(ctx, programme, t); err != nil {
		return err
	}
	ended, err := v.ended(ctx, programme, Waiting{Outcome: t.Outcome, Item: t.Item})
	if err != nil {
		return err
	}
	src, err := v.Items.Any(ctx, programme, t.Item)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("read item: %w", err)
	}
	if len(without(src.Reports, ended)) == 0 {
		if err := v.Tells.Settle(ctx, programme, t.Outcome, t.Item); err != nil {
			return err
		}
	}
	payload, err := json.Marshal(map[string]string{"at": t.At.Format(time.RFC3339), "who": t.By.String(), "what": "reporter " + string(t.Ending), "object": t.Outcome.String(), "detail": t.Reason})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: programme, Kind: "audit", Payload: payload})
	return nil
}
