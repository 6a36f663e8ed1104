// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// How long somebody who asked for an original waits for a second person, and
// how long both may then have it.
const (
	OriginalWaits = 7 * 24 * time.Hour
	OriginalOpens = 24 * time.Hour
)

const maxOriginalReason = 1000

// Step is who did something, and when.
type Step struct {
	Who id.ID
	At  time.Time
}

// Original is the server's half of the key of a file that was kept as it was,
// as evidence. Two different members who may read the report get it together:
// one asks, the other agrees.
type Original struct {
	Programme, Report, Blob id.ID
	Half                    []byte // wrapped under the report's slot
	Asked, Agreed           Step
	Reason                  string
}

// OriginalStore keeps them.
type OriginalStore interface {
	// Originals returns those of a report.
	Originals(ctx context.Context, programme, report id.ID) ([]Original, error)
	// AddOriginal adds one; fault.Conflict when its blob has one.
	AddOriginal(ctx context.Context, o Original) error
	// SaveOriginal sets who asked, why, and who agreed; fault.NotFound.
	SaveOriginal(ctx context.Context, o Original) error
}

// OriginalState is how far two people are.
type OriginalState string

// The states of an original.
const (
	OriginalSealed OriginalState = "sealed" // nobody asks, or what was asked has expired
	OriginalAsked  OriginalState = "asked"  // one person has asked, the second is awaited
	OriginalOpen   OriginalState = "open"   // the two have agreed and may have it
)

// State returns the state at a time, and until when it lasts.
func (o Original) State(now time.Time) (OriginalState, time.Time) {
	if o.Asked.At.IsZero() {
		return OriginalSealed, time.Time{}
	}
	state, until := OriginalAsked, o.Asked.At.Add(OriginalWaits)
	if !o.Agreed.At.IsZero() {
		state, until = OriginalOpen, o.Agreed.At.Add(OriginalOpens)
	}
	if !now.Before(until) {
		return OriginalSealed, time.Time{}
	}
	return state, until
}

// Has reports whether that account is one of the two.
func (o Original) Has(account id.ID) bool { return account == o.Asked.Who || account == o.Agreed.Who }

// ReplyOriginal is ReplyFile for an original: half is the server's half of its
// key, which is kept under the report's slot and dies with it.
func (in *Intake) ReplyOriginal(ctx context.Context, programme id.ID, login []byte, prev Hash, e Envelope, blob id.ID, half []byte) error {
	if in.Originals == nil {
		return fault.New(fault.Unavailable, "This place keeps no originals.")
	}
	if len(half) != seal.KeySize {
		return fault.Newf(fault.Invalid, "Half a key has %d bytes.", seal.KeySize)
	}
	return in.replyFile(ctx, programme, login, prev, e, blob, func(ctx context.Context, rep Report) error {
		wrapped, err := in.Slots.Wrap(rep.Slot, half)
		if err != nil {
			return fmt.Errorf("wrap half a key: %w", err)
		}
		return in.Originals.AddOriginal(ctx, Original{Programme: programme, Report: rep.ID, Blob: blob, Half: wrapped})
	})
}

// OriginalsOf returns the originals of a report, without the halves.
func (d *Desk) OriginalsOf(ctx context.Context, s authz.Subject, programme, report id.ID) ([]Original, error) {
	if _, err := d.may(ctx, s, authz.Read, programme, report); err != nil {
		return nil, err
	}
	if d.Originals == nil {
		return nil, nil
	}
	all, err := d.Originals.Originals(ctx, programme, report)
	if err != nil {
		return nil, fmt.Errorf("read originals: %w", err)
	}
	for i := range all {
		all[i].Half = nil
	}
	return all, nil
}

// AskForOriginal is the first of two people, who says why.
func (d *Desk) AskForOriginal(ctx context.Context, s authz.Subject, programme, report, blob id.ID, reason string) error {
	return d.step(ctx, s, programme, report, blob, func(ctx context.Context, rec *tx.Recorder, o Original, _ seen) error {
		reason = strings.TrimSpace(reason)
		if reason == "" || len(reason) > maxOriginalReason {
			return fault.Newf(fault.Invalid, "Say why the original is needed, in at most %d characters.", maxOriginalReason)
		}
		if state, _ := o.State(d.Clock.Now()); state != OriginalSealed {
			return fault.New(fault.Conflict, "Somebody has asked for this original already. Load the report again.")
		}
		o.Asked, o.Agreed, o.Reason = Step{s.Account, d.Clock.Now()}, Step{}, reason
		if err := d.Originals.SaveOriginal(ctx, o); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "asked-original", reason, "audit", report)
	})
}

// AgreeToOriginal is the second of two people.
func (d *Desk) AgreeToOriginal(ctx context.Context, s authz.Subject, programme, report, blob id.ID) error {
	return d.step(ctx, s, programme, report, blob, func(ctx context.Context, rec *tx.Recorder, o Original, v seen) error {
		if state, _ := o.State(d.Clock.Now()); state != OriginalAsked {
			return fault.New(fault.Conflict, "Nobody asks for this original at the moment, or the request has expired.")
		}
		if o.Asked.Who == s.Account {
			return fault.New(fault.Forbidden, "A second person must agree.")
		}
		if v.report.Marks.Restricted && !slices.Contains(v.named, o.Asked.Who) {
			return fault.New(fault.Forbidden, "Who asked may not read this report any more.")
		}
		o.Agreed = Step{s.Account, d.Clock.Now()}
		if err := d.Originals.SaveOriginal(ctx, o); err != nil {
			return err
		}
		return d.note(ctx, rec, s, programme, "agreed-original", "", "audit", report)
	})
}

// OriginalHalf releases the server's half to one of the two, while it is open.
// The release is in history and ledger before it is answered.
func (d *Desk) OriginalHalf(ctx context.Context, s authz.Subject, programme, report, blob id.ID) ([]byte, error) {
	var half []byte
	err := d.step(ctx, s, programme, report, blob, func(ctx context.Context, rec *tx.Recorder, o Original, v seen) error {
		if state, _ := o.State(d.Clock.Now()); state != OriginalOpen || !o.Has(s.Account) {
			return fault.New(fault.Forbidden, "An original is opened by two people: one asks, another agrees, and both have it for a day.")
		}
		var err error
		if half, err = d.Slots.Unwrap(v.report.Slot, o.Half); err != nil {
			return fmt.Errorf("unwrap half a key: %w", err)
		}
		return d.note(ctx, rec, s, programme, "opened-original", "", "release", report)
	})
	if err != nil {
		return nil, err
	}
	return half, nil
}

// step asks authz, and does one step of an original in a change of its own.
func (d *Desk) step(ctx context.Context, s authz.Subject, programme, report, blob id.ID, do func(context.Context, *tx.Recorder, Original, seen) error) error {
	if d.Originals == nil {
		return fault.New(fault.NotFound, "There is no such original.")
	}
	return d.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		v, err := d.may(ctx, s, authz.Read, programme, report)
		if err != nil {
			return err
		}
		all, err := d.Originals.Originals(ctx, programme, report)
		if err != nil {
			return fmt.Errorf("read originals: %w", err)
		}
		i := slices.IndexFunc(all, func(o Original) bool { return o.Blob == blob })
		if i < 0 {
			return fault.New(fault.NotFound, "There is no such original.")
		}
		return do(ctx, rec, all[i], v)
	})
}
