// SPDX-License-Identifier: AGPL-3.0-or-later

// Package demo fills an installation with a programme in two countries and a
// month of plausible reports, through the rooms' own doors: every report is
// sealed, submitted, opened and answered as in earnest.
//
// It must never be used for a real installation: its passphrase is printed.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/ceremony"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
)

//go:embed programme.yaml
var programmeFile []byte

//go:embed reports.yaml
var reportsFile []byte

// Passphrase opens every account of the demo. It is printed at the start.
const Passphrase = "stone bird shore wind sand tide"

// Clock is the demo's clock: it stands in the past while the month is told,
// then runs with the machine's.
type Clock struct {
	Machine func() time.Time // nil: time.Now

	mu    sync.Mutex
	fixed time.Time
}

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fixed.IsZero() {
		return c.fixed
	}
	if c.Machine != nil {
		return c.Machine().UTC()
	}
	return time.Now().UTC()
}

func (c *Clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = t
}

// Account is one of the demo's people.
type Account struct {
	Handle, Name string
	Role         authz.Role
	Desk         string // slug, for roles of a desk
}

// Accounts are the demo's people besides the administrator.
var accounts = []Account{
	{"rita", "Rita Holm", authz.Reviewer, "line"},
	{"sam", "Sam Okafor", authz.Reviewer, "line"},
	{"dan", "Dan Kjær", authz.Reviewer, "dk-police"},
	{"carol", "Carol Webb", authz.Reviewer, "gb-customs"},
	{"cai", "Cai Rees", authz.CallTaker, "line"},
	{"ada", "Ada Lund", authz.Analyst, ""},
	{"otto", "Otto Brandt", authz.Auditor, ""},
	{"dora", "Dora Lindqvist", authz.Director, ""},
	{"eva", "Eva Sørensen", authz.Editor, ""},
	{"tariq", "Tariq Aziz", authz.Translator, ""},
	{"chen", "Chen Wei", authz.ChiefEditor, ""},
	{"lars", "Lars Ny", authz.Liaison, ""}, // at a partner
}

// Admin is the demo's administrator, who also reviews at every desk.
var admin = Account{"anna", "Anna Stone", authz.Administrator, ""}

// Accounts returns the demo's people, the administrator first.
func Accounts() []Account { return append([]Account{admin}, accounts...) }

// telling is the state of filling an installation.
type telling struct {
	*app.Installation
	clock     *Clock
	programme programme.Programme
	desks     map[string]seal.DeskKeys
	members   map[string]ceremony.Member // by handle
	sent      map[string]id.ID           // reports, by their words
}

// Fill founds the demo's programme and tells its month, ending today. offline
// is where the programme key and the recovery shares go.
func Fill(ctx context.Context, i *app.Installation, clock *Clock, offline string) error {
	today := clock.Now()
	clock.set(today.AddDate(0, 0, -35))
	defer clock.set(time.Time{})
	p, err := programme.Parse(bytes.NewReader(programmeFile))
	if err != nil {
		return fmt.Errorf("read the demo's programme: %w", err)
	}
	var reports []Report
	if err := yaml.NewDecoder(bytes.NewReader(reportsFile), yaml.Strict()).Decode(&reports); err != nil {
		return fmt.Errorf("read the demo's reports: %w", err)
	}
	founded, err := i.Found(ctx, app.Founding{
		Programme: p, Offline: offline, Keepers: 3, Threshold: 2, Passphrase: Passphrase,
		Handle: admin.Handle, Name: admin.Name,
	})
	if err != nil {
		return err
	}
	t := &telling{Installation: i, clock: clock, programme: founded.Programme, desks: founded.Desks, members: map[string]ceremony.Member{admin.Handle: founded.Admin}, sent: map[string]id.ID{}}
	for _, a := range accounts {
		if a.Role == authz.Liaison {
			continue // with the partner
		}
		if err := t.join(ctx, a); err != nil {
			return fmt.Errorf("enrol %s: %w", a.Handle, err)
		}
	}
	if err := i.PublishRoster(ctx, founded.Admin.Subject, founded.Programme, nil, founded.Key); err != nil {
		return err
	}
	if err := t.risk(ctx, today); err != nil {
		return fmt.Errorf("tell of lives at risk: %w", err)
	}
	events, err := t.chain(ctx, today)
	if err != nil {
		return fmt.Errorf("tell what came of it: %w", err)
	}
	if err := t.write(ctx, today); err != nil {
		return fmt.Errorf("write what the public reads: %w", err)
	}
	if err := t.past(ctx, today); err != nil {
		return err
	}
	return t.tell(ctx, today, reports, events)
}

// join invites one person, enrols them and gives them their desk's key.
func (t *telling) join(ctx context.Context, a Account) error {
	g := authz.Grant{Role: a.Role, Programme: t.programme.ID}
	for _, d := range t.programme.Desks {
		if d.Slug == a.Desk {
			g.Desk = d.ID
		}
	}
	return t.joinAt(ctx, a, g)
}

// joinAt is join with a role that somebody else has worked out.
func (t *telling) joinAt(ctx context.Context, a Account, g authz.Grant) error {
	boss := t.members[admin.Handle]
	_, token, err := t.People.Invite(ctx, boss.Subject, people.Newcomer{Handle: a.Handle, Name: a.Name, Language: "en", Grant: g})
	if err != nil {
		return err
	}
	m, err := ceremony.Enrol(ctx, t.People, token, Passphrase, g)
	if err != nil {
		return err
	}
	t.members[a.Handle] = m
	if a.Role != authz.Reviewer {
		return nil
	}
	own, err := m.Keys.Identity()
	if err != nil {
		return err
	}
	body, err := seal.SealDeskKeys(t.desks[a.Desk], own.Recipient())
	if err != nil {
		return err
	}
	return t.People.GiveKey(ctx, boss.Subject, t.programme.ID, g.Desk, m.Account.ID, body)
}

// deskID returns the id of a desk of the demo.
func (t *telling) deskID(slug string) (id.ID, error) {
	for _, d := range t.programme.Desks {
		if d.Slug == slug {
			return d.ID, nil
		}
	}
	return id.ID{}, fmt.Errorf("the demo has no desk %q", slug)
}
