// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"github.com/turnstone-project/turnstone/internal/app/alert"
	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/referralstore"
)

// gradeWords puts grades into the words of their schemes.
type gradeWords struct{ *grading.Book }

// Grade implements referral.Words.
func (b gradeWords) Grade(g grading.Grade, lang string) (source, information string) {
	scheme, ok := b.Scheme(g.Ref)
	if !ok {
		return "", ""
	}
	if c, ok := grading.Find(scheme.Source, g.Source); ok {
		source = c.Names.In(lang)
	}
	if c, ok := grading.Find(scheme.Information, g.Information); ok {
		information = c.Names.In(lang)
	}
	return source, information
}

// wireReferrals hands the room of referrals what it needs.
func (i *Installation) wireReferrals(pepper secret.Pepper) error {
	rules, err := referral.BuiltIn()
	if err != nil {
		return err
	}
	kept := referralstore.New(i.DB)
	i.Referrals = referral.New(referral.Config{
		Tally: i.Tally, Outcomes: reported{i}, Items: i.Items, Partners: kept, Store: kept, Due: kept, Links: kept, Questions: kept, Programmes: i.Programmes, Rules: rules, Words: gradeWords{i.Grading},
		Tx: i.Tx, Clock: i.Clock, Pepper: pepper.Hash,
	})
	i.Items.Followers = []intel.Follower{i.Referrals, i.Outcomes, timesOfReports{i}}
	return nil
}

// recipientOf reads an age recipient of either kind.
func recipientOf(text string) (age.Recipient, error) {
	all, err := age.ParseRecipients(bytes.NewReader([]byte(text)))
	if err != nil || len(all) != 1 {
		return nil, fault.Wrap(fault.Invalid, "This is not one age recipient (age1…). Copy it whole, without spaces.", err)
	}
	return all[0], nil
}

// CheckRecipient refuses what nothing can be encrypted to.
func CheckRecipient(text string) error {
	_, err := recipientOf(text)
	return err
}

// sealTo encrypts to an age recipient.
func sealTo(recipient string, clear []byte) ([]byte, error) {
	to, err := recipientOf(recipient)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("encrypt to a partner: %w", err)
	}
	if _, err := io.Copy(w, bytes.NewReader(clear)); err != nil {
		return nil, fmt.Errorf("encrypt to a partner: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encrypt to a partner: %w", err)
	}
	return out.Bytes(), nil
}

// letterTexts are the mails to partners, by language and act. They say that
// something waits, never what.
var letterTexts = map[string]map[referral.Act]string{
	"en": {
		referral.Refer: "Something was referred to you: %s.", referral.Renew: "There is a new version of %s.", referral.Recall: "%s was recalled. Please destroy your copies and don't act on it.",
		referral.Chase: "We are waiting for your answer to %s.", referral.Answered: "Your question about %s was answered.", referral.Refused: "There is an answer to your question about %s.",
		referral.Linked: "Open it here, once:", referral.Open: "Log in to read it:", referral.Notify: "It is attached, encrypted to your key.",
	},
	"da": {
		referral.Refer: "Noget er videregivet til jer: %s.", referral.Renew: "Der er en ny version af %s.", referral.Recall: "%s er tilbagekaldt. Destruér venligst jeres kopier, og handl ikke på den.",
		referral.Chase: "Vi venter på jeres svar på %s.", referral.Answered: "Jeres spørgsmål om %s er besvaret.", referral.Refused: "Der er et svar på jeres spørgsmål om %s.",
		referral.Linked: "Åbn det her, én gang:", referral.Open: "Log ind for at læse det:", referral.Notify: "Det er vedhæftet, krypteret til jeres nøgle.",
	},
}

func wordsFor(p referral.Partner) map[referral.Act]string {
	for _, lang := range p.Languages {
		if words, ok := letterTexts[lang]; ok {
			return words
		}
	}
	return letterTexts["en"]
}

// tellPartner writes to a partner that something waits. What can't be sent is in
// the referral's history, where the desk sees it and can do it another way.
func (n news) tellPartner(ctx context.Context, e store.Event) error {
	var body referral.News
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	p, err := n.Referrals.Partners.Partner(ctx, e.Programme, body.Partner)
	if err != nil {
		return fmt.Errorf("read partner: %w", err)
	}
	if p.Mailbox == "" {
		return nil
	}
	letter, how, err := n.letter(ctx, e.Programme, p, body)
	if fault.KindOf(err) == fault.Conflict {
		return nil // recalled or declined since: nothing waits any more
	}
	if err != nil {
		return err
	}
	sender := n.sender()
	if err := sender.Letter(ctx, letter); err != nil {
		if !errors.Is(err, alert.ErrNoMail) {
			n.log.Warn("a letter to a partner could not be sent", "referral", body.Number, "err", err)
		}
		return settled(n.Referrals.Unsent(ctx, e.Programme, body.Referral))
	}
	return settled(n.Referrals.Mailed(ctx, e.Programme, body.Referral, how))
}

// settled forgives a note about a referral that changed meanwhile: the outbox
// must not send the letter again for it.
func settled(err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// letter makes the mail about one piece of news, and says on which way it goes.
func (n news) letter(ctx context.Context, programme id.ID, p referral.Partner, body referral.News) (alert.Letter, string, error) {
	words := wordsFor(p)
	l := alert.Letter{To: p.Mailbox, Subject: "Turnstone: " + body.Number, Text: fmt.Sprintf(words[body.What], body.Number) + "\r\n"}
	if body.What == referral.Recall {
		return l, "mail", nil
	}
	staffed, err := n.People.AnybodyAt(ctx, programme, p.ID)
	if err != nil {
		return l, "", fmt.Errorf("read who is at a partner: %w", err)
	}
	origin := n.Config.Desk.Origin
	switch {
	case staffed:
		l.Text += "\r\n" + words[referral.Open] + "\r\n" + origin + "/\r\n"
		return l, "mail", nil
	case p.Recipient != "" && (body.What == referral.Refer || body.What == referral.Renew):
		packages, err := n.Referrals.Store.Packages(ctx, programme, body.Referral)
		if err != nil || len(packages) == 0 || len(packages[0].Body) == 0 {
			return l, "", errors.Join(fault.New(fault.Conflict, "The package is gone."), err)
		}
		if l.Attachment, err = sealTo(p.Recipient, packages[0].Body); err != nil {
			return l, "", err
		}
		l.Name = body.Number + ".json.age"
		l.Text += "\r\n" + words[referral.Notify] + "\r\n"
		return l, "encrypted attachment", nil
	case p.Recipient != "" && body.What != referral.Chase:
		return l, "mail", nil
	}
	token, err := n.Referrals.LinkFor(ctx, programme, body.Referral)
	if err != nil {
		return l, "", err
	}
	l.Text += "\r\n" + words[referral.Linked] + "\r\n" + origin + "/partner/" + token + "\r\n"
	return l, "one-time link", nil
}

// tellDesk lets the desk know that a partner answered, as of anything new.
func (n news) tellDesk(ctx context.Context, e store.Event) error {
	var body referral.News
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	n.notice(ctx, e.Programme, body.Desk)
	return nil
}

// notice tells who is on duty at a desk that something waits; a mail server
// that is broken is logged and holds nothing up.
func (n news) notice(ctx context.Context, programme, desk id.ID) {
	p, ok := n.Programmes.ByID(programme)
	if !ok {
		return
	}
	sender := n.sender()
	wishes, err := n.People.ToAlert(ctx, programme, desk)
	if err != nil {
		n.log.Warn("whom to alert could not be read", "err", err)
		return
	}
	for _, w := range wishes {
		if w.Email != "" {
			sender.To = append(sender.To, w.Email)
		}
	}
	if err := sender.Send(ctx, alert.NoticeOf(alert.Arrived, p.Slug)); err != nil {
		n.log.Warn("an alert could not be sent", "err", err)
	}
}

// referralRounds is how often clocks are looked at.
const referralRounds = 10 * time.Minute

// watchReferrals escalates what is overdue, and sends the weekly digests.
func (n news) watchReferrals(ctx context.Context, warn func(error)) {
	for {
		if err := n.ReferralRound(ctx); err != nil && ctx.Err() == nil {
			warn(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(referralRounds):
		}
	}
}

// ReferralRound looks at the clocks of every programme once.
func (n news) ReferralRound(ctx context.Context) error {
	var errs []error
	for _, p := range n.Programmes.All() {
		late, err := n.Referrals.Escalate(ctx, p.ID)
		errs = append(errs, err)
		if late > 0 {
			errs = append(errs, n.tellDirectors(ctx, p.ID, p.Slug))
		}
		zone := time.UTC
		if len(p.Desks) > 0 {
			if z, err := time.LoadLocation(p.Desks[0].Hours.Zone); err == nil {
				zone = z
			}
		}
		due, err := n.Referrals.DigestDue(ctx, p.ID, zone)
		errs = append(errs, err)
		if !due {
			continue
		}
		waiting, err := n.Referrals.Due.DueCounts(ctx, p.ID, n.Clock.Now())
		errs = append(errs, err)
		if len(waiting) > 0 {
			for _, d := range p.Desks {
				n.notice(ctx, p.ID, d.ID)
			}
		}
	}
	return errors.Join(errs...)
}

// tellDirectors tells the directors who wish it that something is overdue.
func (n news) tellDirectors(ctx context.Context, programme id.ID, slug string) error {
	wishes, err := n.People.DirectorsToAlert(ctx, programme)
	if err != nil {
		return fmt.Errorf("read whom to alert: %w", err)
	}
	sender := n.sender()
	sender.To = nil
	for _, w := range wishes {
		if w.Email != "" {
			sender.To = append(sender.To, w.Email)
		}
	}
	if err := sender.Send(ctx, alert.NoticeOf(alert.Overdue, slug)); err != nil {
		n.log.Warn("a notice to the director could not be sent", "err", err)
	}
	return nil
}
