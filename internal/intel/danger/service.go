// SPDX-License-Identifier: AGPL-3.0-or-later

package danger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// LedgerKind is the ledger's kind of what happens to alarms.
const LedgerKind = "danger"

// Service is the room's counter. All fields are required.
type Service struct {
	Store    Store
	Settings SettingStore
	Tx       tx.Runner
	Clock    clock.Clock
	Ringer   Ringer
}

// record is the payload of an entry.
type record struct {
	At     string `json:"at,omitempty"`
	Who    string `json:"who,omitempty"`
	Act    string `json:"act"`
	Object string `json:"object"`
	Detail string `json:"detail,omitempty"`
	Hour   int64  `json:"hour,omitempty"`
}

func entry(rec *tx.Recorder, programme id.ID, r record) error {
	payload, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: programme, Kind: LedgerKind, Payload: payload})
	return nil
}

// Open starts an alarm, or returns the one that its origin started before. A
// source that says something else under the same id gets fault.Conflict. It
// returns when the alarm is durable.
func (s *Service) Open(ctx context.Context, a Alarm) (Alarm, error) {
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Store.Insert(ctx, a); err != nil {
			return err
		}
		if a.Origin == FromReport {
			return nil // its place in the log would tell when it came; the acknowledgement names the hour
		}
		detail := a.Source
		if a.Flood {
			detail += ", more than its rate"
		}
		return entry(rec, a.Programme, record{At: stamp(a.Opened), Act: "danger-opened", Object: a.ID.String(), Detail: detail})
	})
	if fault.KindOf(err) != fault.Conflict {
		return a, err
	}
	known, findErr := s.Store.ByKey(ctx, a.Programme, a.Key)
	if findErr != nil {
		return Alarm{}, fmt.Errorf("find the first alarm: %w", findErr)
	}
	if known.Digest != a.Digest {
		return Alarm{}, fault.Wrap(fault.Conflict, "There is an alert with this id already, and it says something else. Send what is new under an id of its own.", err)
	}
	return known, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Seen is an alarm as one reader may see it.
type Seen struct {
	Alarm
	MayRead bool // what the source sent and what the responder was told
}

// desks returns the desks whose alarms s may see; nil for all.
func desks(s authz.Subject, programme id.ID) ([]id.ID, error) {
	if err := authz.Check(s, authz.List, authz.Object{Kind: authz.Alarm, Programme: programme}); err != nil {
		return nil, err
	}
	if s.Holds(programme, authz.Administrator) || s.Holds(programme, authz.Director) {
		return nil, nil
	}
	return s.Desks(programme, authz.Reviewer), nil
}

// see takes away what is not for the reader.
func see(by authz.Subject, a Alarm) Seen {
	out := Seen{Alarm: a, MayRead: authz.Decide(by, authz.Read, a.object()).Allowed}
	if !out.MayRead {
		out.Alert, out.Told, out.Reference = Alert{}, "", ""
	}
	if authz.Check(by, authz.List, authz.Object{Kind: authz.Report, Programme: a.Programme, Desk: a.Desk, Handling: authz.Sealed}) != nil {
		out.Report = id.ID{}
	}
	return out
}

// List returns the alarms that by may see.
func (s *Service) List(ctx context.Context, by authz.Subject, programme id.ID, f Filter) ([]Seen, error) {
	at, err := desks(by, programme)
	if err != nil {
		return nil, err
	}
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 200
	}
	alarms, err := s.Store.List(ctx, programme, at, f)
	if err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	out := make([]Seen, len(alarms))
	for i, a := range alarms {
		out[i] = see(by, a)
	}
	return out, nil
}

// OfReport returns the alarm of a report, for those who may see it;
// fault.NotFound when there is none.
func (s *Service) OfReport(ctx context.Context, by authz.Subject, programme, report id.ID) (Seen, error) {
	a, err := s.Store.ByKey(ctx, programme, OfReport(programme, id.ID{}, report, time.Time{}).Key)
	if err != nil {
		return Seen{}, err
	}
	if err := authz.Check(by, authz.List, a.object()); err != nil {
		return Seen{}, err
	}
	return see(by, a), nil
}

// Ringing counts the alarms that ring for by; none for whom they don't concern.
func (s *Service) Ringing(ctx context.Context, by authz.Subject, programme id.ID) (int, error) {
	at, err := desks(by, programme)
	if err != nil {
		return 0, nil //nolint:nilerr // who may not see alarms has none
	}
	return s.Store.Ringing(ctx, programme, at)
}

// act does one thing to an alarm, with its entry.
func (s *Service) act(ctx context.Context, by authz.Subject, programme, alarm id.ID, act authz.Act, change func(Alarm, time.Time) (Alarm, record, error)) error {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Alarm, Programme: programme}); err != nil {
		return err
	}
	now := s.Clock.Now()
	a, err := s.Store.Alarm(ctx, programme, alarm)
	if err != nil {
		return err
	}
	if err := authz.Check(by, act, a.object()); err != nil {
		return err
	}
	next, r, err := change(a, now)
	if err != nil {
		return err
	}
	if next.Version == a.Version {
		return nil // nothing to do
	}
	r.At, r.Who, r.Object = stamp(now), by.Account.String(), alarm.String()
	if a.Origin == FromReport {
		r.Hour = int64(a.Hour)
	}
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := s.Store.Save(ctx, next); err != nil {
			return err
		}
		return entry(rec, programme, r)
	})
}

// Acknowledge stops an alarm's ringing.
func (s *Service) Acknowledge(ctx context.Context, by authz.Subject, programme, alarm id.ID) error {
	return s.take(ctx, by, programme, alarm, false)
}

// TakeOver takes an alarm on that a colleague acknowledged.
func (s *Service) TakeOver(ctx context.Context, by authz.Subject, programme, alarm id.ID) error {
	return s.take(ctx, by, programme, alarm, true)
}

func (s *Service) take(ctx context.Context, by authz.Subject, programme, alarm id.ID, over bool) error {
	return s.act(ctx, by, programme, alarm, authz.Mark, func(a Alarm, now time.Time) (Alarm, record, error) {
		if !over && (a.State == Acknowledged || a.State == HandedOver) && a.Holder != by.Account {
			return a, record{}, fault.New(fault.Conflict, "A colleague was faster and has taken it on. Take it over only when they ask you to.")
		}
		next, err := a.acknowledge(by.Account, now)
		r := record{Act: "danger-acknowledged", Detail: string(a.Origin)}
		if a.State != Ringing {
			r.Act = "danger-taken-over"
		}
		return next, r, err
	})
}

// HandOver notes that a responder was sent, and what they were told.
func (s *Service) HandOver(ctx context.Context, by authz.Subject, programme, alarm, responder id.ID, told string) error {
	return s.act(ctx, by, programme, alarm, authz.HandOver, func(a Alarm, now time.Time) (Alarm, record, error) {
		all, err := s.Settings.Responders(ctx, programme)
		if err != nil {
			return a, record{}, fmt.Errorf("read responders: %w", err)
		}
		for _, r := range all {
			if r.ID == responder {
				next, err := a.handOver(by.Account, r, told, now)
				return next, record{Act: "danger-handed-over", Detail: r.Name}, err
			}
		}
		return a, record{}, fault.New(fault.Invalid, "Choose a responder of the list.")
	})
}

// Close ends an alarm with what was found.
func (s *Service) Close(ctx context.Context, by authz.Subject, programme, alarm id.ID, result, reason string) error {
	return s.act(ctx, by, programme, alarm, authz.HandOver, func(a Alarm, now time.Time) (Alarm, record, error) {
		p, err := s.PolicyOf(ctx, programme)
		if err != nil {
			return a, record{}, err
		}
		next, err := a.close(by.Account, p, result, reason, now)
		return next, record{Act: "danger-closed", Detail: result}, err
	})
}

// PolicyOf returns a programme's policy. One that can't be read any more is
// replaced by the default: an alarm must not depend on it.
func (s *Service) PolicyOf(ctx context.Context, programme id.ID) (Policy, error) {
	body, err := s.Settings.Policy(ctx, programme)
	if err != nil {
		return Policy{}, fmt.Errorf("read policy: %w", err)
	}
	if body != nil {
		if p, err := ParsePolicy(body); err == nil {
			return p, nil
		}
	}
	return DefaultPolicy()
}

// SavePolicy replaces a programme's policy.
func (s *Service) SavePolicy(ctx context.Context, by authz.Subject, programme id.ID, p Policy) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Responder, Programme: programme}); err != nil {
		return err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	if _, err := ParsePolicy(body); err != nil {
		return err
	}
	return s.settle(ctx, by, programme, record{Act: "danger-policy"}, func(ctx context.Context) error { return s.Settings.SavePolicy(ctx, programme, body) })
}

func (s *Service) settle(ctx context.Context, by authz.Subject, programme id.ID, r record, do func(ctx context.Context) error) error {
	r.At, r.Who = stamp(s.Clock.Now()), by.Account.String()
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if err := do(ctx); err != nil {
			return err
		}
		return entry(rec, programme, r)
	})
}

// Responders returns the directory, by place.
func (s *Service) Responders(ctx context.Context, by authz.Subject, programme id.ID) ([]Responder, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Responder, Programme: programme}); err != nil {
		return nil, err
	}
	return s.Settings.Responders(ctx, programme)
}

// AddResponder adds one to the directory.
func (s *Service) AddResponder(ctx context.Context, by authz.Subject, r Responder) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Responder, Programme: r.Programme}); err != nil {
		return err
	}
	for _, text := range []*string{&r.Name, &r.Place, &r.Phone, &r.Hours} {
		*text = strings.TrimSpace(*text)
		if utf8.RuneCountInString(*text) > 200 || !utf8.ValidString(*text) || strings.ContainsAny(*text, "\x00\r\n") {
			return fault.New(fault.Invalid, "Each field is one line of up to 200 letters.")
		}
	}
	if r.Name == "" || r.Place == "" || r.Phone == "" {
		return fault.New(fault.Invalid, "A responder needs a name, a place and a telephone number.")
	}
	r.ID = id.New()
	return s.settle(ctx, by, r.Programme, record{Act: "danger-responder-added", Object: r.ID.String(), Detail: r.Name}, func(ctx context.Context) error {
		return s.Settings.SaveResponder(ctx, r)
	})
}

// RemoveResponder takes one out of the directory; alarms keep the name.
func (s *Service) RemoveResponder(ctx context.Context, by authz.Subject, programme, responder id.ID) error {
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Responder, Programme: programme}); err != nil {
		return err
	}
	return s.settle(ctx, by, programme, record{Act: "danger-responder-removed", Object: responder.String()}, func(ctx context.Context) error {
		return s.Settings.DropResponder(ctx, programme, responder)
	})
}
