// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/ceremony"
	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// RosterLife is how long a roster is valid: a year, so that a yearly ceremony
// with the offline key is enough.
const RosterLife = 366 * 24 * time.Hour

// Founding is what founding a programme needs.
type Founding struct {
	Programme programme.Programme // from its file; ids and key are made here
	Offline   string              // directory for what must leave this machine
	Handle    string              // log-in name of the first person
	Name      string              // as colleagues see it; empty: the log-in name
	Keepers   int                 // of the recovery identity's shares
	Threshold int                 // shares that open it
	// Passphrase of the first person; empty, as always but in the demo, makes one.
	Passphrase string
}

// Founded is what came of it; the passphrase is shown once.
type Founded struct {
	Programme  programme.Programme
	Admin      ceremony.Member
	Passphrase string
	Key        ed25519.PrivateKey // of the programme; it also lies in Offline
	Desks      map[string]seal.DeskKeys
}

// Found makes a programme with its offline key, its recovery shares, its first
// person and a first key for every desk, held by that person, and publishes the
// first roster. It is meant to run on a machine without network; the directory
// Offline is then taken away from it.
func (i *Installation) Found(ctx context.Context, f Founding) (Founded, error) {
	if f.Threshold < 1 || f.Keepers < f.Threshold {
		return Founded{}, fmt.Errorf("found programme: %d of %d recovery keepers makes no sense", f.Threshold, f.Keepers)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return Founded{}, fmt.Errorf("found programme: %w", err)
	}
	p := f.Programme
	p.ID, p.Key = id.New(), public
	for n := range p.Desks {
		p.Desks[n].ID = id.New()
	}
	if err := i.Programmes.Found(ctx, p); err != nil {
		return Founded{}, err
	}
	recovery, err := writeOffline(f, private)
	if err != nil {
		return Founded{}, err
	}
	out := Founded{Programme: p, Key: private, Desks: map[string]seal.DeskKeys{}}
	if err := i.firstPerson(ctx, f, &out); err != nil {
		return Founded{}, err
	}
	return out, i.PublishRoster(ctx, out.Admin.Subject, p, recovery, private)
}

// firstPerson enrols the administrator, who is also the first reviewer of
// every desk, and makes the desks' keys.
func (i *Installation) firstPerson(ctx context.Context, f Founding, out *Founded) error {
	p := out.Programme
	grants := []authz.Grant{{Role: authz.Administrator, Programme: p.ID}}
	if f.Name == "" {
		f.Name = f.Handle
	}
	account, token, err := i.People.Found(ctx, people.Newcomer{Handle: f.Handle, Name: f.Name, Language: p.Languages[0], Grant: grants[0]})
	if err != nil {
		return err
	}
	by := authz.Subject{Account: account.ID, Grants: grants}
	for _, d := range p.Desks {
		g := authz.Grant{Role: authz.Reviewer, Programme: p.ID, Desk: d.ID}
		if err := i.People.Assign(ctx, by, people.Assignment{Account: account.ID, Grant: g}); err != nil {
			return err
		}
		grants = append(grants, g)
	}
	out.Passphrase = f.Passphrase
	if out.Passphrase == "" {
		if out.Passphrase, err = ceremony.NewPassphrase(); err != nil {
			return err
		}
	}
	if out.Admin, err = ceremony.Enrol(ctx, i.People, token, out.Passphrase, grants...); err != nil {
		return err
	}
	for _, d := range p.Desks {
		if out.Desks[d.Slug], err = ceremony.FirstDeskKey(ctx, i.People, p.ID, d.ID, out.Admin); err != nil {
			return err
		}
	}
	return nil
}

// PublishRoster drafts a roster of the present people and keys, signs it and
// publishes it. With a nil recovery recipient the current roster's is kept.
func (i *Installation) PublishRoster(ctx context.Context, by authz.Subject, p programme.Programme, recovery *seal.Recipient, key ed25519.PrivateKey) error {
	draft, err := i.DraftRoster(ctx, by, p, recovery)
	if err != nil {
		return err
	}
	signed, err := seal.SignRoster(draft, key)
	if err != nil {
		return err
	}
	return i.Programmes.Publish(ctx, p.ID, signed)
}

// DraftRoster is the unsigned roster that the present people and keys call for.
func (i *Installation) DraftRoster(ctx context.Context, by authz.Subject, p programme.Programme, recovery *seal.Recipient) (seal.Roster, error) {
	base := people.RosterBase{Recovery: recovery, Log: i.LogKey, ValidFor: RosterLife}
	if last, ok := i.Programmes.Roster(p.ID); ok {
		base.Last = last.Roster
		if base.Recovery == nil {
			base.Recovery = last.Roster.Recovery
		}
	}
	return i.People.DraftRoster(ctx, by, p, base)
}

// writeOffline writes what must leave the machine: the programme key and the
// shares of the recovery identity, of which no whole copy is kept.
func writeOffline(f Founding, key ed25519.PrivateKey) (*seal.Recipient, error) {
	recovery, err := seal.NewIdentity()
	if err != nil {
		return nil, fmt.Errorf("make the recovery identity: %w", err)
	}
	shares, err := seal.SplitSecret(recovery.Seed(), f.Threshold, f.Keepers)
	if err != nil {
		return nil, fmt.Errorf("split the recovery identity: %w", err)
	}
	dir := filepath.Join(f.Offline, f.Programme.Slug)
	faults := []error{secret.Make(filepath.Join(dir, "programme.key"), []byte(base64.StdEncoding.EncodeToString(key.Seed())+"\n"))}
	for n, s := range shares {
		text := fmt.Sprintf("# Recovery share %d of %d for %s. %d of them open every report.\n%s\n", n+1, f.Keepers, f.Programme.Slug, f.Threshold, s.Secret())
		faults = append(faults, secret.Make(filepath.Join(dir, fmt.Sprintf("recovery-share-%d.txt", n+1)), []byte(text)))
	}
	return recovery.Recipient(), errors.Join(faults...)
}

// ReadProgrammeKey reads a programme key that Found wrote.
func ReadProgrammeKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read programme key: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("read programme key: %s does not hold one", filepath.Base(path))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// ReadProgramme reads and checks the file of a programme.
func ReadProgramme(path string) (_ programme.Programme, err error) {
	src, err := os.Open(path)
	if err != nil {
		return programme.Programme{}, fmt.Errorf("read programme: %w", err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	p, err := programme.Parse(src)
	if err != nil {
		return programme.Programme{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
