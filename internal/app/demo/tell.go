// SPDX-License-Identifier: AGPL-3.0-or-later

package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/ceremony"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// Report is one report of the month, as its file has it.
type Report struct {
	Days     int               `yaml:"days"` // before today
	Hour     int               `yaml:"hour"`
	Desk     string            `yaml:"desk"`
	Lang     string            `yaml:"lang"`
	Category string            `yaml:"category"`
	Place    string            `yaml:"place"`
	Danger   bool              `yaml:"danger"`
	Text     string            `yaml:"text"`
	Answers  map[string]string `yaml:"answers"`
	Talk     []Said            `yaml:"talk"`
	State    string            `yaml:"state"`
	Urgency  string            `yaml:"urgency"`
	Assigned string            `yaml:"assigned"`
	Reason   string            `yaml:"reason"`
}

// Said is one message of a conversation.
type Said struct {
	By   string `yaml:"by"` // desk, reporter
	Text string `yaml:"text"`
}

// labels words the guided questions of the demo's reports.
var labels = map[string]map[string]string{
	"where":     {"en": "Where?", "da": "Hvor?", "ar": "أين؟"},
	"when":      {"en": "When?", "da": "Hvornår?", "ar": "متى؟"},
	"who":       {"en": "Who?", "da": "Hvem?", "ar": "من؟"},
	"phones":    {"en": "Phone numbers", "da": "Telefonnumre", "ar": "أرقام الهاتف"},
	"plates":    {"en": "Vehicles and plates", "da": "Køretøjer og nummerplader", "ar": "المركبات ولوحاتها"},
	"accounts":  {"en": "Bank accounts", "da": "Bankkonti", "ar": "الحسابات المصرفية"},
	"companies": {"en": "Companies", "da": "Firmaer", "ar": "الشركات"},
	"emails":    {"en": "E-mail addresses", "da": "E-mailadresser", "ar": "عناوين البريد"},
	"urls":      {"en": "Web addresses", "da": "Webadresser", "ar": "عناوين الويب"},
}

// blind says which answers are indexed, and as what.
var blind = map[string]seal.BlindKind{"phones": "phone", "accounts": "iban", "emails": "email", "urls": "url"}

// tell sends the reports in the order of their times, lets the desk work, and
// lets everything else happen in between when it did.
func (t *telling) tell(ctx context.Context, today time.Time, reports []Report, events []event) error {
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	at := func(r Report) time.Time {
		when := midnight.AddDate(0, 0, -r.Days).Add(time.Duration(r.Hour) * time.Hour)
		if when.After(today) { // the demo may start in the small hours
			when = today.Truncate(time.Hour)
		}
		return when
	}
	all := make([]event, 0, len(reports)+len(events))
	for _, r := range reports {
		all = append(all, event{at(r), func(ctx context.Context) error {
			if err := t.one(ctx, today, r); err != nil {
				return fmt.Errorf("tell the report %.40q: %w", r.Text, err)
			}
			return nil
		}})
	}
	all = append(all, events...)
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range all {
		t.clock.set(e.at)
		if err := e.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) one(ctx context.Context, today time.Time, r Report) error {
	desk, err := t.deskID(r.Desk)
	if err != nil {
		return err
	}
	published, _ := t.Programmes.Roster(t.programme.ID)
	receipt := seal.NewReceipt()
	urgency := seal.UrgencyNone
	if r.Danger {
		urgency = seal.UrgencyDanger
	}
	tip := seal.Tip{
		Roster: published.Roster, Desk: desk, Danger: r.Danger, Receipt: receipt,
		Cover:  seal.Cover{Category: r.Category, Place: r.Place, Language: r.Lang, Urgency: urgency, Words: r.Text},
		Report: seal.Report{Language: r.Lang, Category: r.Category, Questionnaire: "demo", Text: r.Text},
	}
	for _, q := range slices.Sorted(maps.Keys(r.Answers)) {
		tip.Report.Answers = append(tip.Report.Answers, seal.Answer{ID: q, Label: labels[q][r.Lang], Value: r.Answers[q]})
	}
	sub, err := seal.SealSubmission(tip)
	if err != nil {
		return err
	}
	body, err := sub.Encode()
	if err != nil {
		return err
	}
	rep, err := t.Intake.Submit(ctx, t.programme.ID, report.ChannelWeb, body)
	t.sent[r.Text] = rep
	if err != nil || r.State == "new" {
		return err
	}
	return t.work(ctx, today, r, rep, receipt, published.Roster)
}

// work is what a reviewer of the report's desk did with it, an hour later.
func (t *telling) work(ctx context.Context, today time.Time, r Report, rep id.ID, receipt seal.Receipt, roster *seal.Roster) error {
	member := t.reviewerOf(r.Desk)
	t.later(today, 50*time.Minute)
	opened, err := t.Desk.Open(ctx, member.Subject, t.programme.ID, rep)
	if err != nil {
		return err
	}
	identity, err := t.desks[r.Desk].Identity(0)
	if err != nil {
		return err
	}
	grant, err := seal.OpenGrant(identity, opened.Grants[0].Body, t.programme.ID, rep)
	if err != nil {
		return err
	}
	chain, err := seal.NewChain(grant, roster)
	if err != nil {
		return err
	}
	for _, e := range opened.Envelopes {
		if _, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body}); err != nil {
			return err
		}
	}
	for _, said := range r.Talk {
		t.later(today, 90*time.Minute)
		if err := t.say(ctx, r, said, rep, member, receipt, chain); err != nil {
			return err
		}
	}
	if err := t.index(ctx, r, rep, member); err != nil {
		return err
	}
	return t.mark(ctx, r, rep, member)
}

// later moves the clock on, never past the present.
func (t *telling) later(today time.Time, d time.Duration) {
	next := t.clock.Now().Add(d)
	if next.After(today) {
		next = today
	}
	t.clock.set(next)
}

func (t *telling) reviewerOf(desk string) ceremony.Member {
	for _, a := range accounts {
		if a.Desk == desk {
			return t.members[a.Handle]
		}
	}
	return t.members[admin.Handle]
}

func (t *telling) say(ctx context.Context, r Report, said Said, rep id.ID, member ceremony.Member, receipt seal.Receipt, chain *seal.Chain) error {
	role, key := seal.RoleDesk, member.SigningKey()
	if said.By == "reporter" {
		role, key = seal.RoleReporter, receipt.SigningKey()
	}
	prev := chain.Place().Prev
	m, err := chain.Seal(seal.Message{Text: said.Text, Language: r.Lang}, role, key)
	if err != nil {
		return err
	}
	e := report.Envelope{Seq: m.Seq, Epoch: m.Epoch, Role: string(m.Role), Hash: m.Hash, Body: m.Body}
	if role == seal.RoleDesk {
		err = t.Desk.Answer(ctx, member.Subject, t.programme.ID, rep, prev, e, true)
	} else {
		err = t.Intake.Reply(ctx, t.programme.ID, receipt.Login(), prev, e)
	}
	if err != nil {
		return err
	}
	_, _, err = chain.Next(m)
	return err
}

func (t *telling) index(ctx context.Context, r Report, rep id.ID, member ceremony.Member) error {
	var tokens [][]byte
	for q, kind := range blind {
		value, ok := r.Answers[q]
		if !ok {
			continue
		}
		token, err := seal.BlindToken(t.desks[r.Desk].Current().Index, t.programme.ID, kind, strings.ReplaceAll(value, " ", ""))
		if err != nil {
			return fmt.Errorf("index %s: %w", q, err)
		}
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		return nil
	}
	_, err := t.Desk.Index(ctx, member.Subject, t.programme.ID, rep, tokens)
	return err
}

func (t *telling) mark(ctx context.Context, r Report, rep id.ID, member ceremony.Member) error {
	seen, err := t.Desk.Store.Report(ctx, t.programme.ID, rep)
	if err != nil {
		return err
	}
	c := report.Change{Version: seen.Marks.Version}
	if r.Urgency != "" {
		u := report.Urgency(r.Urgency)
		c.Urgency = &u
	}
	if r.Assigned != "" {
		c.Assigned = &member.Account.ID
	}
	if r.State == "closed" {
		reason := report.Reason(r.Reason)
		c.Close = &reason
	}
	_, err = t.Desk.Mark(ctx, member.Subject, t.programme.ID, rep, c)
	return err
}
