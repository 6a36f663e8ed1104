// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

//go:embed retention.yaml
var retentionFile []byte

// Schedule says when items must be reviewed.
type Schedule struct {
	Months           map[string]int `yaml:"review_months"`
	UnknownDividesBy int            `yaml:"unknown_divides_by"`
	MaliciousMonths  int            `yaml:"malicious_months"`

	grading *grading.Book
}

// BuiltInSchedule returns the schedule that comes with the binary.
func BuiltInSchedule(b *grading.Book) (*Schedule, error) { return ReadSchedule(retentionFile, b) }

// ReadSchedule reads a schedule and checks it whole.
func ReadSchedule(text []byte, b *grading.Book) (*Schedule, error) {
	s := &Schedule{grading: b}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(s); err != nil {
		return nil, fmt.Errorf("read retention schedule: %w", err)
	}
	var faults []error
	for _, k := range Seriousnesses {
		if s.Months[k] < 1 || s.Months[k] > 1200 {
			faults = append(faults, fmt.Errorf("review_months: %s needs between 1 and 1,200 months", k))
		}
	}
	if len(s.Months) != len(Seriousnesses) {
		faults = append(faults, fmt.Errorf("review_months: only %v have a place", Seriousnesses))
	}
	if s.UnknownDividesBy < 1 || s.MaliciousMonths < 1 {
		faults = append(faults, errors.New("unknown_divides_by and malicious_months are at least 1"))
	}
	return s, errors.Join(faults...)
}

// Review returns when an item that was approved at t must be reviewed.
func (s *Schedule) Review(t time.Time, it Item) time.Time {
	months := s.Months[it.Seriousness]
	if s.allUnknown(it) {
		months = max(1, months/s.UnknownDividesBy)
	}
	if it.Sources.Malicious {
		months = min(months, s.MaliciousMonths)
	}
	return monthsAfter(t, months)
}

// monthsAfter returns the day that many months after t, the last one of a
// shorter month: what was approved earlier is never due later.
func monthsAfter(t time.Time, months int) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return first.AddDate(0, 0, min(t.Day(), last.Day())-1)
}

// allUnknown reports whether no statement has a grade that says anything.
func (s *Schedule) allUnknown(it Item) bool {
	return !slices.ContainsFunc(it.Statements, func(st Statement) bool {
		scheme, ok := s.grading.Scheme(st.Grade.Ref)
		if !ok {
			return false
		}
		source, _ := grading.Find(scheme.Source, st.Grade.Source)
		information, _ := grading.Find(scheme.Information, st.Grade.Information)
		return !source.Unknown && !information.Unknown
	})
}

// maxRetain is how far ahead a review may put the next one, in years.
const maxRetain = 10

// Retain keeps an item past its review until another one.
func (x *Items) Retain(ctx context.Context, s authz.Subject, programme, item id.ID, version int, until time.Time, reason string) (Item, error) {
	reason, err := needReason(reason)
	if err != nil {
		return Item{}, err
	}
	v, err := x.step(ctx, s, authz.Dispose, programme, item, version)
	if err != nil {
		return Item{}, err
	}
	if v.newest.State != Approved {
		return Item{}, fault.New(fault.Conflict, "An item is reviewed once it is approved: approve the draft or send it back first.")
	}
	now := x.Clock.Now()
	if !until.After(now) || until.After(now.AddDate(maxRetain, 0, 0)) {
		return Item{}, fault.Newf(fault.Invalid, "The next review comes after today and within %d years.", maxRetain)
	}
	it := next(v.newest.Item)
	it.Review = until.UTC().Truncate(24 * time.Hour)
	err = x.keep(ctx, s, it, "retained", reason)
	return it, x.orConflict(ctx, s, programme, item, err)
}

// ProposeDisposal is the first of two persons: nothing is destroyed by one.
func (x *Items) ProposeDisposal(ctx context.Context, s authz.Subject, programme, item id.ID, version int, reason string) error {
	reason, err := needReason(reason)
	if err != nil {
		return err
	}
	v, err := x.step(ctx, s, authz.Dispose, programme, item, version)
	if err != nil {
		return err
	}
	return x.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		return x.note(ctx, rec, s, v.newest.Item, "proposed-disposal", reason)
	})
}

// Dispose destroys an item for good: every version, word and selector. Another
// person must have proposed it for the very version. What stays is a tombstone
// and the certificate in the ledger, which says who, when and why.
func (x *Items) Dispose(ctx context.Context, s authz.Subject, programme, item id.ID, version int) error {
	v, err := x.step(ctx, s, authz.Dispose, programme, item, version)
	if err != nil {
		return err
	}
	acts, err := x.Log.Acts(ctx, programme, item)
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	if len(acts) == 0 || acts[0].What != "proposed-disposal" {
		return fault.New(fault.Conflict, "Somebody must propose the disposal first, with a reason.")
	}
	if acts[0].Who == s.Account {
		return fault.New(fault.Forbidden, "You proposed it. A second person must dispose of the item.")
	}
	it := v.newest.Item
	return x.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		now, _, err := x.Store.Item(ctx, programme, item)
		if err != nil {
			return err
		}
		if now.Version != version {
			return conflict(now.Item)
		}
		if err := x.note(ctx, rec, s, it, "disposed", acts[0].Detail); err != nil {
			return err
		}
		return x.bury(ctx, rec, programme, item)
	})
}
