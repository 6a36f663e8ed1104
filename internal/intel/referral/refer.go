// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// Order asks to refer an item.
type Order struct {
	Programme  id.ID
	Item       id.ID
	Version    int // that was seen
	Partner    id.ID
	Role       Role
	Reason     string
	Permission string
}

// checkText refuses what is empty or too long, saying what it is.
func checkText(what error, text string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.Newf(fault.Invalid, "Write %s.", what)
	}
	if utf8.RuneCountInString(text) > most {
		return "", fault.Newf(fault.Invalid, "Write %s in at most %d letters.", what, most)
	}
	return text, nil
}

// letters are those of a referral's number: none is taken for another.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber draws the number of a referral: the year and 39 random bits.
func newNumber(year int) string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never returns an error since Go 1.24
	var b strings.Builder
	fmt.Fprintf(&b, "R-%d-", year)
	for i, x := range raw {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[int(x)%len(letters)])
	}
	return b.String()
}

func amended() error {
	return fault.New(fault.Conflict, "The item was amended meanwhile. Read its newest version, then refer that.")
}

// Refer hands an approved item to a partner.
func (s *Service) Refer(ctx context.Context, by authz.Subject, o Order) (Referral, error) {
	item, err := s.approved(ctx, by, o.Programme, o.Item)
	if err != nil {
		return Referral{}, err
	}
	reason, err := checkText(fault.Phrase("why this partner should have it"), o.Reason, maxReason)
	if err != nil {
		return Referral{}, err
	}
	switch {
	case o.Role != Primary && o.Role != Information:
		return Referral{}, fault.New(fault.Invalid, "Choose whether the partner owns the outcome or gets it for information.")
	case utf8.RuneCountInString(o.Permission) > maxReason:
		return Referral{}, fault.New(fault.Invalid, "Say whose leave was given in fewer words.")
	case o.Version != item.Version:
		return Referral{}, amended()
	}
	p, err := s.Partners.Partner(ctx, o.Programme, o.Partner)
	if err != nil {
		return Referral{}, err
	}
	now := s.Clock.Now()
	if err := s.Rules.Admit(p, item.Handling, item.Category, o.Permission, now); err != nil {
		return Referral{}, err
	}
	r := Referral{
		Programme: o.Programme, ID: id.New(), Number: newNumber(now.Year()), Item: item.ID, ItemNumber: item.Number, Title: item.Title,
		Version: item.Version, Desk: item.Desk, Compartment: item.Compartment, Category: item.Category, Channel: item.Channel,
		Partner: p.ID, Role: o.Role, State: Sent, Reason: reason, Permission: strings.TrimSpace(o.Permission), By: by.Account, SentAt: now, Revision: 1,
	}
	if r.Due, err = r.due(now, s.clocks(p, r.Desk)); err != nil {
		return Referral{}, err
	}
	err = s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		// Inside the change nobody moves or amends it any more.
		again, err := s.approved(ctx, by, o.Programme, o.Item)
		if err != nil {
			return err
		}
		if again.Version != item.Version {
			return amended()
		}
		if err := s.fits(ctx, r, p); err != nil {
			return err
		}
		if err := s.Store.Save(ctx, r); err != nil {
			return fmt.Errorf("keep referral: %w", err)
		}
		if err := s.seal(ctx, r, item, p); err != nil {
			return err
		}
		if err := s.note(ctx, rec, r, Refer, Step{Way: ByHouse, By: by.Account, Text: reason}); err != nil {
			return err
		}
		return tell(rec, TopicTell, r, Refer)
	})
	return r, err
}

// approved returns the item in its newest approved version, to who may refer it.
func (s *Service) approved(ctx context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error) {
	got, err := s.Items.Approved(ctx, by, programme, item)
	if err != nil {
		return intel.Item{}, err
	}
	o := authz.Object{Kind: authz.Item, Programme: programme, Desk: got.Desk}
	if !got.Compartment.IsZero() {
		named, err := s.Items.Named(ctx, programme, got.Compartment)
		if err != nil {
			return intel.Item{}, fmt.Errorf("read who is in the compartment: %w", err)
		}
		o.Compartment = authz.Compartment{Closed: true, Named: named}
	}
	if got.State != intel.Approved {
		return intel.Item{}, fault.New(fault.Conflict, "Only an approved item is referred.")
	}
	return got, authz.Check(by, authz.Refer, o)
}

// fits refuses a second primary partner, and the same partner twice.
func (s *Service) fits(ctx context.Context, r Referral, p Partner) error {
	others, err := s.Store.OfItem(ctx, r.Programme, r.Item)
	if err != nil {
		return fmt.Errorf("read referrals of the item: %w", err)
	}
	for _, x := range others {
		switch {
		case !x.Live():
		case x.Partner == r.Partner:
			return fault.Newf(fault.Conflict, "%s has this item already, as %s. Send the new version there, or recall it first.", p.Name, x.Number)
		case x.Role == Primary && r.Role == Primary:
			return fault.Newf(fault.Conflict, "%s makes another partner own the outcome. Recall it first, or refer this one for information.", x.Number)
		}
	}
	return nil
}

// seal freezes and keeps the package of a referral.
func (s *Service) seal(ctx context.Context, r Referral, item intel.Item, p Partner) error {
	lang := "en"
	if len(p.Languages) > 0 {
		lang = p.Languages[0]
	}
	var house names
	if of, ok := s.Programmes.ByID(r.Programme); ok {
		house.programme = of.Name.In(lang)
		if d, ok := of.Desk(r.Desk); ok {
			house.desk = d.Name.In(lang)
		}
	}
	pack, err := freeze(r, item, s.Rules, s.Words, house, lang)
	if err != nil {
		return err
	}
	body, err := pack.Encode()
	if err != nil {
		return err
	}
	if err := s.Store.AddPackage(ctx, Sealed{Programme: r.Programme, Referral: r.ID, Version: r.Version, Body: body, Made: s.Clock.Now()}); err != nil {
		return fmt.Errorf("keep package: %w", err)
	}
	return nil
}

// Renew sends the newest approved version of the item to a partner who has an
// older one. Its handling is decided anew.
func (s *Service) Renew(ctx context.Context, by authz.Subject, programme, referral id.ID) (Referral, error) {
	r, item, p, err := s.renewable(ctx, by, programme, referral)
	if err != nil {
		return Referral{}, err
	}
	return s.change(ctx, programme, r.ID, Renew, Step{Way: ByHouse, By: by.Account}, s.renew(item, p))
}

// renewable loads what a renewal needs and refuses what may not leave.
func (s *Service) renewable(ctx context.Context, by authz.Subject, programme, referral id.ID) (Referral, intel.Item, Partner, error) {
	r, err := s.may(ctx, by, authz.Refer, programme, referral)
	if err != nil {
		return r, intel.Item{}, Partner{}, err
	}
	item, err := s.approved(ctx, by, programme, r.Item)
	if err != nil {
		return r, item, Partner{}, err
	}
	p, err := s.Partners.Partner(ctx, programme, r.Partner)
	if err != nil {
		return r, item, p, err
	}
	if item.Version <= r.Version {
		return r, item, p, fault.New(fault.Conflict, "The partner has the newest approved version. Amend the item first.")
	}
	return r, item, p, s.Rules.Admit(p, item.Handling, item.Category, r.Permission, s.Clock.Now())
}

func (s *Service) renew(item intel.Item, p Partner) func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
	return func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
		r.Version, r.Title, r.Category, r.Compartment = item.Version, item.Title, item.Category, item.Compartment
		if err := s.seal(ctx, *r, item, p); err != nil {
			return err
		}
		return tell(rec, TopicTell, *r, Renew)
	}
}

// Recall ends a referral, with a reason; the partner is told. What the partner
// has read it has read: history stays.
func (s *Service) Recall(ctx context.Context, by authz.Subject, programme, referral id.ID, reason string) (Referral, error) {
	if _, err := s.may(ctx, by, authz.Refer, programme, referral); err != nil {
		return Referral{}, err
	}
	reason, err := checkText(fault.Phrase("why it is recalled"), reason, maxReason)
	if err != nil {
		return Referral{}, err
	}
	return s.change(ctx, programme, referral, Recall, Step{Way: ByHouse, By: by.Account, Text: reason}, func(ctx context.Context, rec *tx.Recorder, r *Referral) error {
		if _, err := s.Links.RevokeLinks(ctx, programme, referral, s.Clock.Now()); err != nil {
			return fmt.Errorf("revoke links: %w", err)
		}
		return tell(rec, TopicTell, *r, Recall)
	})
}

// Typed is a partner's word as the desk was told it.
type Typed struct {
	Reply
	Said string // who said it
	How  string
	When string // 2006-01-02
}

// Type records what a partner said on another way.
func (s *Service) Type(ctx context.Context, by authz.Subject, programme, referral id.ID, t Typed) (Referral, error) {
	if _, err := s.may(ctx, by, authz.Change, programme, referral); err != nil {
		return Referral{}, err
	}
	said, err := checkText(fault.Phrase("who at the partner said it"), t.Said, maxName)
	if err != nil {
		return Referral{}, err
	}
	how, err := checkText(fault.Phrase("how you were told"), t.How, maxName)
	if err != nil {
		return Referral{}, err
	}
	if err := pastDay(t.When, s.Clock.Now()); err != nil {
		return Referral{}, err
	}
	return s.reply(ctx, programme, referral, t.Reply, Step{Way: ByDesk, By: by.Account, Said: said, How: how, When: t.When})
}

// Chased records that a partner was asked to answer, and has it told.
func (s *Service) Chased(ctx context.Context, by authz.Subject, programme, referral id.ID) (Referral, error) {
	if _, err := s.may(ctx, by, authz.Change, programme, referral); err != nil {
		return Referral{}, err
	}
	return s.change(ctx, programme, referral, Chase, Step{Way: ByHouse, By: by.Account}, func(_ context.Context, rec *tx.Recorder, r *Referral) error {
		return tell(rec, TopicTell, *r, Chase)
	})
}

// View is a referral with all that hangs on it.
type View struct {
	Referral  Referral
	Partner   Partner
	Package   Package // newest
	Packages  []Sealed
	Steps     []Step
	Questions []Question
	Links     []Link
	Newest    int // approved version of the item, where the reader may refer it; else 0
}

// Find returns a referral, without what hangs on it, to somebody of the house.
func (s *Service) Find(ctx context.Context, by authz.Subject, programme, referral id.ID) (Referral, error) {
	return s.may(ctx, by, authz.Read, programme, referral)
}

// Look shows a referral to somebody of the house.
func (s *Service) Look(ctx context.Context, by authz.Subject, programme, referral id.ID) (View, error) {
	r, err := s.may(ctx, by, authz.Read, programme, referral)
	if err != nil {
		return View{}, err
	}
	v, err := s.view(ctx, r)
	if err != nil {
		return View{}, err
	}
	if v.Links, err = s.Links.Links(ctx, programme, referral); err != nil {
		return View{}, fmt.Errorf("read links: %w", err)
	}
	item, err := s.approved(ctx, by, programme, r.Item)
	switch {
	case err == nil:
		v.Newest = item.Version
	case fault.KindOf(err) == fault.Internal:
		return View{}, err
	}
	return v, nil
}

// view reads what hangs on a referral.
func (s *Service) view(ctx context.Context, r Referral) (View, error) {
	v := View{Referral: r}
	var err error
	if v.Partner, err = s.Partners.Partner(ctx, r.Programme, r.Partner); err != nil {
		return v, fmt.Errorf("read partner: %w", err)
	}
	if v.Packages, err = s.Store.Packages(ctx, r.Programme, r.ID); err != nil {
		return v, fmt.Errorf("read packages: %w", err)
	}
	if len(v.Packages) > 0 && len(v.Packages[0].Body) > 0 {
		if v.Package, err = ParsePackage(v.Packages[0].Body); err != nil {
			return v, err
		}
	}
	if v.Steps, err = s.Store.Steps(ctx, r.Programme, r.ID); err != nil {
		return v, fmt.Errorf("read history: %w", err)
	}
	if v.Questions, err = s.Questions.Questions(ctx, r.Programme, r.ID); err != nil {
		return v, fmt.Errorf("read questions: %w", err)
	}
	return v, nil
}

// OfItem returns the referrals of an item that by may see.
func (s *Service) OfItem(ctx context.Context, by authz.Subject, programme, item id.ID) ([]Referral, error) {
	all, err := s.Store.OfItem(ctx, programme, item)
	if err != nil {
		return nil, fmt.Errorf("read referrals of the item: %w", err)
	}
	var seen []Referral
	for _, r := range all {
		o, err := s.object(ctx, r)
		if err != nil {
			return nil, err
		}
		if authz.Decide(by, authz.Read, o).Allowed {
			seen = append(seen, r)
		}
	}
	return seen, nil
}

// All returns a page of the referrals that by may see, newest first.
func (s *Service) All(ctx context.Context, by authz.Subject, programme id.ID, f Filter) ([]Referral, bool, error) {
	var err error
	if f.Desks, err = s.desks(by, programme); err != nil {
		return nil, false, err
	}
	if f.Compartments, err = s.reach(ctx, by, programme); err != nil {
		return nil, false, err
	}
	f.Offset, f.Limit = max(0, min(f.Offset, 10_000)), max(1, min(f.Limit, 200))
	return s.Store.List(ctx, programme, f)
}

// Referable returns an item in its newest approved version to who may refer it.
func (s *Service) Referable(ctx context.Context, by authz.Subject, programme, item id.ID) (intel.Item, error) {
	return s.approved(ctx, by, programme, item)
}
