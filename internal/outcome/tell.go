// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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

// Waiting is an outcome of which the reporters behind an item were not told.
type Waiting struct {
	Outcome, Item id.ID
	Kind          string
}

// Tell is a Waiting with what a reviewer needs to write the message.
type Tell struct {
	Waiting
	Number   string  // of the item
	Reports  []id.ID // whose reporters are to be told, as far as the reviewer may list them
	Language string  // of the item, when nothing better is known
	Draft    string
}

// TellStore keeps the queue of reporters to tell.
type TellStore interface {
	// AddTell queues an item of an outcome; again is no error.
	AddTell(ctx context.Context, programme, outcome, item, compartment id.ID) error
	// MoveTells puts what waits of an outcome into a compartment.
	MoveTells(ctx context.Context, programme, outcome, compartment id.ID) error
	// DropTells takes an item off the queue, of whatever outcome.
	DropTells(ctx context.Context, programme, item id.ID) error
	// Tells returns what waits, of outcomes that count.
	Tells(ctx context.Context, programme id.ID, inside []id.ID, limit int) ([]Waiting, error)
	// Told takes an item of an outcome off the queue; fault.Conflict when it
	// isn't on it.
	Told(ctx context.Context, programme, outcome, item id.ID) error
}

// Draft returns a first wording for the reporters of an outcome of that kind,
// in lang or else in English.
func (v *Service) Draft(kind, lang string) (string, error) {
	var drafts map[string]map[string]string
	if err := json.Unmarshal(draftsJSON, &drafts); err != nil {
		return "", fmt.Errorf("read drafts: %w", err)
	}
	k, ok := v.Table.Kind(kind)
	if !ok {
		return "", fault.Newf(fault.Invalid, "There is no kind of outcome %q.", kind)
	}
	of := drafts[k.Group]
	if of == nil {
		of = drafts["cases"] // of a group that the operator added
	}
	base, _, _ := strings.Cut(lang, "-")
	if text := of[base]; text != "" {
		return text, nil
	}
	return of["en"], nil
}

// queue puts the items of an outcome that counts from now on into the queue.
func (v *Service) queue(ctx context.Context, o Outcome) error {
	for _, l := range o.Links {
		if l.Basis == Known {
			continue
		}
		if err := v.Tells.AddTell(ctx, o.Programme, o.ID, l.Item, o.Compartment); err != nil {
			return err
		}
	}
	return nil
}

// ToTell returns whom s could tell: items that s may read, of outcomes that
// s may see.
func (v *Service) ToTell(ctx context.Context, s authz.Subject, programme id.ID) ([]Tell, error) {
	if err := authz.Check(s, authz.Change, object(programme, false)); err != nil {
		return nil, err
	}
	inside, err := v.Inside(ctx, s, programme)
	if err != nil {
		return nil, err
	}
	const most = 500
	waiting, err := v.Tells.Tells(ctx, programme, inside, most)
	if err != nil {
		return nil, fmt.Errorf("read whom to tell: %w", err)
	}
	var out []Tell
	for _, w := range waiting {
		src, err := v.Items.Source(ctx, s, programme, w.Item)
		if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read item: %w", err)
		}
		if len(src.Reports) == 0 {
			continue // another desk's reporters
		}
		draft, err := v.Draft(w.Kind, src.Language)
		if err != nil {
			return nil, err
		}
		out = append(out, Tell{Waiting: w, Number: src.Number, Reports: src.Reports, Language: src.Language, Draft: draft})
	}
	return out, nil
}

// MarkTold notes that the reporters behind an item of an outcome were told.
func (v *Service) MarkTold(ctx context.Context, s authz.Subject, programme, outcome, item id.ID) error {
	o, err := v.may(ctx, s, authz.Change, programme, outcome)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(o.Links, func(l Link) bool { return l.Item == item }) {
		return fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
	}
	if _, err := v.Items.Source(ctx, s, programme, item); err != nil {
		return err
	}
	return v.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := v.Tells.Told(ctx, programme, outcome, item); err != nil {
			return err
		}
		payload, err := json.Marshal(map[string]string{"at": v.Clock.Now().Format("2006-01-02T15:04:05Z07:00"), "who": s.Account.String(), "what": "outcome told", "object": outcome.String()})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Programme: programme, Kind: "audit", Payload: payload})
		return nil
	})
}
