// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// Programmes knows the tenants.
type Programmes interface {
	// ByID returns one.
	ByID(programme id.ID) (programme.Programme, bool)
}

// Config is what a Service is made of. Tally, Words and Outcomes may be nil:
// then nothing is counted, grades stay codes, and outcomes stand in the history.
type Config struct {
	Items      Items
	Partners   PartnerStore
	Store      Store
	Due        DueStore
	Links      LinkStore
	Questions  QuestionStore
	Programmes Programmes
	Rules      Rules
	Words      Words
	Tally      intel.Tally
	Outcomes   OutcomeSink
	Tx         tx.Runner
	Clock      clock.Clock
	// Pepper is a keyed hash, apart for each use.
	Pepper func(use string, token []byte) [32]byte
}

// Service is the room's counter: every act on partners and referrals goes
// through it.
type Service struct {
	Config
	wrong *budget
}

// New returns a Service.
func New(c Config) *Service { return &Service{Config: c, wrong: &budget{}} }

// The events of the room. They carry ids and nothing else.
const (
	TopicTell  = "referral.tell"  // a partner is to be told that something waits
	TopicHeard = "referral.heard" // a desk is to be told that a partner answered
)

// News is the body of the room's events.
type News struct {
	Referral id.ID  `json:"referral"`
	Desk     id.ID  `json:"desk"`
	Partner  id.ID  `json:"partner"`
	What     Act    `json:"what"`
	Number   string `json:"number"`
}

func notHere() error {
	return fault.New(fault.NotFound, "There is no such thing here, or it is not for you.")
}

// object describes r to authz as the house's.
func (s *Service) object(ctx context.Context, r Referral) (authz.Object, error) {
	o := authz.Object{Kind: authz.Referral, Programme: r.Programme, Desk: r.Desk}
	if r.Compartment.IsZero() {
		return o, nil
	}
	named, err := s.Items.Named(ctx, r.Programme, r.Compartment)
	if err != nil {
		return o, fmt.Errorf("read who is in the compartment: %w", err)
	}
	o.Compartment = authz.Compartment{Closed: true, Named: named}
	return o, nil
}

// may loads a referral for somebody of the house. One that isn't there, one
// that is hidden and one in a compartment answer alike.
func (s *Service) may(ctx context.Context, by authz.Subject, act authz.Act, programme, referral id.ID) (Referral, error) {
	r, err := s.Store.Referral(ctx, programme, referral)
	if fault.KindOf(err) == fault.NotFound {
		return Referral{}, notHere()
	}
	if err != nil {
		return Referral{}, fmt.Errorf("read referral: %w", err)
	}
	o, err := s.object(ctx, r)
	if err != nil {
		return Referral{}, err
	}
	if !o.Compartment.Admits(by.Account) {
		return Referral{}, notHere() // even that it is there is the compartment's business
	}
	return r, authz.Check(by, act, o)
}

// clocks returns the times that a partner has, in the hours of the desk.
func (s *Service) clocks(p Partner, desk id.ID) Clocks {
	c := Clocks{Acknowledge: p.Acknowledge, Progress: p.Progress, Hours: programme.Hours{Zone: "UTC"}}
	if of, ok := s.Programmes.ByID(p.Programme); ok {
		if d, ok := of.Desk(desk); ok && d.Hours.Zone != "" {
			c.Hours = d.Hours
		}
	}
	return c
}

// change applies an act to a referral in one transaction with its step, its
// ledger entry and its facts; more runs inside it.
func (s *Service) change(ctx context.Context, programme, referral id.ID, a Act, step Step, more func(ctx context.Context, rec *tx.Recorder, r *Referral) error) (Referral, error) {
	var after Referral
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		var err error
		after, err = s.apply(ctx, rec, programme, referral, a, step, more)
		return err
	})
	return after, err
}

// apply is change inside a transaction that is open.
func (s *Service) apply(ctx context.Context, rec *tx.Recorder, programme, referral id.ID, a Act, step Step, more func(ctx context.Context, rec *tx.Recorder, r *Referral) error) (Referral, error) {
	r, err := s.Store.Referral(ctx, programme, referral)
	if err != nil {
		return r, fmt.Errorf("read referral: %w", err)
	}
	p, err := s.Partners.Partner(ctx, programme, r.Partner)
	if err != nil {
		return r, fmt.Errorf("read partner: %w", err)
	}
	r, err = r.Apply(a, s.Clock.Now(), s.clocks(p, r.Desk))
	if err != nil {
		return r, err
	}
	if a == Decline {
		r.Why = step.Code
	}
	if more != nil {
		if err := more(ctx, rec, &r); err != nil {
			return r, err
		}
	}
	if err := s.Store.Save(ctx, r); err != nil {
		return r, fmt.Errorf("keep referral: %w", err)
	}
	return r, s.note(ctx, rec, r, a, step)
}

// note writes what was done to the history, the ledger and the figures.
func (s *Service) note(ctx context.Context, rec *tx.Recorder, r Referral, a Act, step Step) error {
	step.Programme, step.ID, step.Referral, step.Act, step.At = r.Programme, id.New(), r.ID, a, s.Clock.Now()
	if err := s.Store.AddStep(ctx, step); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if err := s.count(ctx, r); err != nil {
		return err
	}
	kind := "audit"
	if a == Refer || a == Renew {
		kind = "release"
	}
	e := entry{What: "referral-" + string(a), Referral: r.Number, Item: r.Item.String(), Version: r.Version, Partner: r.Partner.String(), Role: r.Role, Way: step.Way, Said: step.Said, Code: step.Code}
	if a == Refer || a == Recall {
		e.Reason = step.Text
	}
	return s.enter(rec, r.Programme, kind, step.By, e)
}

// entry is the payload of a ledger entry. Texts of partners are not in it.
type entry struct {
	At       string `json:"at"`
	Who      string `json:"who,omitempty"`
	What     string `json:"what"`
	Referral string `json:"referral,omitempty"`
	Item     string `json:"item,omitempty"`
	Version  int    `json:"version,omitempty"`
	Partner  string `json:"partner,omitempty"`
	Role     Role   `json:"role,omitempty"`
	Way      Way    `json:"way,omitempty"`
	Said     string `json:"said,omitempty"`
	Code     string `json:"code,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

func (s *Service) enter(rec *tx.Recorder, programme id.ID, kind string, who id.ID, e entry) error {
	e.At = s.Clock.Now().UTC().Format(time.RFC3339)
	if !who.IsZero() {
		e.Who = who.String()
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: programme, Kind: kind, Payload: payload})
	return nil
}

func tell(rec *tx.Recorder, topic string, r Referral, what Act) error {
	body, err := json.Marshal(News{Referral: r.ID, Desk: r.Desk, Partner: r.Partner, What: what, Number: r.Number})
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	rec.Event(tx.Event{Programme: r.Programme, Topic: topic, Body: body})
	return nil
}

// reach returns the compartments whose referrals by may list, the open one
// first.
func (s *Service) reach(ctx context.Context, by authz.Subject, programme id.ID) ([]id.ID, error) {
	inside, err := s.Items.Inside(ctx, programme, by.Account)
	if err != nil {
		return nil, fmt.Errorf("read compartments: %w", err)
	}
	return append([]id.ID{{}}, inside...), nil
}

// desks returns the desks whose referrals by may list: a reviewer's own, an
// analyst's all.
func (s *Service) desks(by authz.Subject, of id.ID) ([]id.ID, error) {
	p, ok := s.Programmes.ByID(of)
	if !ok {
		return nil, notHere()
	}
	var desks []id.ID
	for _, d := range p.Desks {
		if authz.Decide(by, authz.Read, authz.Object{Kind: authz.Referral, Programme: of, Desk: d.ID}).Allowed {
			desks = append(desks, d.ID)
		}
	}
	if len(desks) > 0 {
		return desks, nil
	}
	if err := authz.Check(by, authz.Change, authz.Object{Kind: authz.Referral, Programme: of}); err != nil {
		return nil, err
	}
	return nil, notHere()
}
