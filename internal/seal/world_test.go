// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// world is a programme with one desk, one member and a recovery key.
type world struct {
	t            testing.TB
	programmeKey ed25519.PrivateKey
	programme    id.ID
	desk         id.ID
	deskKeys     seal.DeskKeys
	recovery     *seal.Identity
	memberID     id.ID
	member       seal.MemberKeys
	signed       seal.SignedRoster
	roster       *seal.Roster
	now          time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, programme: id.New(), desk: id.New(), memberID: id.New(),
		member: seal.NewMemberKeys(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	_, key, err := ed25519.GenerateKey(nil)
	w.check(err)
	w.programmeKey = key
	w.deskKeys = seal.NewDeskKeys(w.desk)
	w.recovery, err = seal.NewIdentity()
	w.check(err)
	w.publish(1, seal.Hash{})
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// draft returns the roster of the present keys, not yet signed.
func (w *world) draft(number int, previous seal.Hash) seal.Roster {
	w.t.Helper()
	member, err := w.member.Identity()
	w.check(err)
	return seal.Roster{
		Programme: w.programme, Slug: "nord", Name: map[string]string{"en": "North", "da": "Nord"},
		Number: number, Previous: previous,
		ValidFrom: w.now.Add(-time.Hour), ValidUntil: w.now.Add(90 * 24 * time.Hour),
		Recovery: w.recovery.Recipient(), Log: "turnstone/test+00000000+AAAA",
		Desks: []seal.RosterDesk{{
			ID: w.desk, Slug: "customs", Name: map[string]string{"en": "Customs <desk> & post"},
			Organisation: map[string]string{"en": "Customs"},
			Epoch:        w.deskKeys.Current().Epoch, Recipient: w.deskIdentity().Recipient(),
			Members: []seal.RosterMember{{
				ID: w.memberID, Key: w.member.SigningKey().Public().(ed25519.PublicKey), Recipient: member.Recipient(),
			}},
		}},
	}
}

func (w *world) publish(number int, previous seal.Hash) {
	w.t.Helper()
	signed, err := seal.SignRoster(w.draft(number, previous), w.programmeKey)
	w.check(err)
	w.signed = signed
	w.roster, err = signed.Verify(w.key(), w.now, number)
	w.check(err)
}

func (w *world) key() ed25519.PublicKey { return w.programmeKey.Public().(ed25519.PublicKey) }

func (w *world) deskIdentity() *seal.Identity {
	w.t.Helper()
	identity, err := w.deskKeys.Identity(w.deskKeys.Current().Epoch)
	w.check(err)
	return identity
}

// tip is an honest report in Danish.
func (w *world) tip() seal.Tip {
	const text = "Der står en hvid varevogn bag lageret hver tirsdag nat. De læsser kasser uden mærker."
	return seal.Tip{
		Roster: w.roster, Desk: w.desk, Danger: false, Receipt: seal.NewReceipt(),
		Cover: seal.Cover{Category: "smuggling", Place: "Padborg", Language: "da", Urgency: seal.UrgencySoon, Words: text},
		Report: seal.Report{
			Language: "da", Category: "smuggling", Questionnaire: "1", Text: text,
			Answers: []seal.Answer{{ID: "where", Label: "Hvor sker det?", Value: "Padborg"}},
		},
	}
}

// arrived is a sealed tip as the server keeps it.
type arrived struct {
	*seal.Submission
	messages []seal.Stored
}

func (w *world) send(tip seal.Tip) arrived {
	w.t.Helper()
	s, err := seal.SealSubmission(tip)
	w.check(err)
	role := seal.RoleReporter
	if tip.Caller != nil {
		role = seal.RoleCall
	}
	return arrived{s, []seal.Stored{
		{Seq: 0, Role: role, Hash: s.Cover, Body: s.CoverBody},
		{Seq: 1, Role: role, Hash: s.First, Body: s.FirstBody},
	}}
}

// chain opens the desk's grant and starts reading.
func (w *world) chain(a arrived) *seal.Chain {
	w.t.Helper()
	grant, err := seal.OpenGrant(w.deskIdentity(), a.DeskGrant, w.programme, a.Report)
	w.check(err)
	chain, err := seal.NewChain(grant, w.roster)
	w.check(err)
	return chain
}
