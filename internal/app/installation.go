// SPDX-License-Identifier: AGPL-3.0-or-later

// Package app is the only place that knows everybody: it opens what an
// installation keeps, hands the rooms to one another and to the sites, and
// translates the news that travels between them.
//
// It must never hold a rule of the field: those are the rooms'. An
// Installation is safe for concurrent use.
package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/blob/disk"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/dangerstore"
	"github.com/turnstone-project/turnstone/internal/store/ledgerstore"
	"github.com/turnstone-project/turnstone/internal/store/peoplestore"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
	"github.com/turnstone-project/turnstone/internal/store/programmestore"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
	"github.com/turnstone-project/turnstone/internal/store/slotstore"
)

// Installation is everything that one set of data needs to run.
type Installation struct {
	Config     config.Config
	Clock      clock.Clock
	DB         *store.DB
	Tx         tx.Runner
	Outbox     *store.Outbox
	Ledger     *ledger.Log
	LogKey     string // note verifier key of the ledger
	Programmes *programme.Registry
	// Publications signs and gives out figures for the public.
	Publications *prevent.Publications
	// Directory is whom the public can call.
	Directory *directory.Book
	// Texts are what editors write, and Texts.Shelf what the public reads of it.
	Texts     *editing.Texts
	People    *people.Service
	Intake    *report.Intake
	Desk      *report.Desk
	Arrivals  report.ActStore
	Danger    *danger.Service
	Files     *report.Files
	Referrals *referral.Service
	Outcomes  *outcome.Service
	Figures   *stats.Reader
	Tally     stats.Tally
	Grading   *grading.Book
	Items     *intel.Items

	slots *slotstore.Store
}

// The names of what lies in the data directory.
const (
	databaseFile = "turnstone.db"
	pepperFile   = "secret/pepper"
	logKeyFile   = "secret/log.key"
	slotsFile    = "slots/slots"
	filesDir     = "files"
)

// Exists reports whether there is an installation in the data directory.
func Exists(c config.Config) bool {
	_, err := secret.Read(filepath.Join(c.Data, logKeyFile))
	return err == nil
}

// makeKeys makes the signing key of a new installation's log: its private and
// its public half on two lines.
func makeKeys(data string) error {
	private, public, err := note.GenerateKey(nil, "turnstone/"+id.New().String())
	if err != nil {
		return fmt.Errorf("make the log's key: %w", err)
	}
	return secret.Make(filepath.Join(data, logKeyFile), []byte(private+"\n"+public+"\n"))
}

// OpenOrMake opens an installation, making the secrets of a new one first.
func OpenOrMake(ctx context.Context, c config.Config, clk clock.Clock) (*Installation, error) {
	if !Exists(c) {
		if err := makeKeys(c.Data); err != nil {
			return nil, err
		}
	}
	return Open(ctx, c, clk)
}

// Open opens an installation; Close it. It refuses to run on a database that
// has fallen behind a checkpoint that it published before.
func Open(ctx context.Context, c config.Config, clk clock.Clock) (*Installation, error) {
	if _, err := config.Dir(c.Data); err != nil {
		return nil, err
	}
	key, err := secret.Read(filepath.Join(c.Data, logKeyFile))
	if err != nil {
		return nil, fmt.Errorf("open the installation in %s (has `turnstone init` been run?): %w", c.Data, err)
	}
	signing, public, ok := strings.Cut(strings.TrimSpace(string(key)), "\n")
	if !ok {
		return nil, fmt.Errorf("read the log's key: %s must hold two lines", logKeyFile)
	}
	signer, err := note.NewSigner(signing)
	if err != nil {
		return nil, fmt.Errorf("read the log's key: %w", err)
	}
	pepper, err := secret.OpenPepper(filepath.Join(c.Data, pepperFile))
	if err != nil {
		return nil, err
	}
	if err := private(filepath.Join(c.Data, databaseFile)); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(c.Data, databaseFile)})
	if err != nil {
		return nil, err
	}
	if _, err := config.Dir(filepath.Dir(filepath.Join(c.Data, slotsFile))); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	slots, err := slotstore.Open(filepath.Join(c.Data, slotsFile), c.SlotsReplica)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	i := &Installation{Config: c, Clock: clk, DB: db, LogKey: public, slots: slots}
	if err := i.wire(ctx, signer, pepper); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// private makes path for this user only if it isn't there: the database's own
// files then have its mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	return f.Close()
}

// wire hands the rooms to one another.
func (i *Installation) wire(ctx context.Context, signer note.Signer, pepper secret.Pepper) error {
	i.Outbox = store.NewOutbox(i.DB)
	i.Ledger = ledger.New(ledgerstore.New(i.DB), signer)
	if err := i.Ledger.CheckKept(ctx); err != nil {
		return fmt.Errorf("check the log: %w", err)
	}
	i.Tx = store.NewRunner(i.DB, i.Ledger, i.Outbox)
	var err error
	if i.Programmes, err = programme.Open(ctx, programmestore.New(i.DB), i.Tx, i.Clock); err != nil {
		return err
	}
	publishing, err := i.publishingKey()
	if err != nil {
		return err
	}
	i.Publications = &prevent.Publications{Store: preventstore.New(i.DB), Tx: i.Tx, Clock: i.Clock, Key: publishing}
	i.Directory = &directory.Book{Store: preventstore.NewDirectories(i.DB), Tx: i.Tx, Clock: i.Clock}
	i.wireTexts()
	if err := i.wireOutcomes(); err != nil {
		return err
	}
	persons := peoplestore.Store{DB: i.DB}
	i.People, err = people.New(people.Config{
		Accounts: persons, Logins: persons, Keys: persons, Runner: i.Tx, Clock: i.Clock, Pepper: pepper[:], Idle: i.Config.Desk.IdleTimeout,
	})
	if err != nil {
		return err
	}
	alarms := dangerstore.New(i.DB)
	i.Danger = &danger.Service{Store: alarms, Settings: alarms, Tx: i.Tx, Clock: i.Clock, Ringer: bell{i}}
	reports := reportstore.New(i.DB)
	i.Arrivals = reports
	if i.Files, err = i.openFiles(reports); err != nil {
		return err
	}
	i.Intake = &report.Intake{
		Store: reports, Marks: reports, Keys: i.Programmes, Slots: i.slots, Tx: i.Tx, Clock: i.Clock, Pepper: pepper.Hash, Files: i.Files, Originals: reports,
	}
	i.Desk = &report.Desk{
		Reports: reports, Store: reports, Log: reports, Slots: i.slots, Tx: i.Tx, Clock: i.Clock, Pepper: pepper.Hash, Files: i.Files, Originals: reports,
	}
	if err := i.wireIntel(); err != nil {
		return err
	}
	return i.wireReferrals(pepper)
}

// openFiles opens the folder of what reporters add to their words.
func (i *Installation) openFiles(known report.FileStore) (*report.Files, error) {
	c := i.Config.Files
	dir := c.Dir
	if dir == "" {
		dir = filepath.Join(i.Config.Data, filesDir)
	}
	blobs, err := disk.Open(dir, uint64(c.KeepFreeMiB)<<20)
	if err != nil {
		return nil, err
	}
	return &report.Files{
		Store: known, Blobs: blobs, Tx: i.Tx, Clock: i.Clock,
		Limits: report.FileLimits{Count: c.PerReport, Report: c.ReportMiB << 20, Programme: c.ProgrammeMiB << 20},
	}, nil
}

// Close closes what is open.
func (i *Installation) Close() error {
	return errors.Join(i.DB.Close(), i.slots.Close())
}

// Check looks whether the database fits the log that it published, and
// whether the slots' replica is as they are.
func (i *Installation) Check(ctx context.Context) error {
	if err := i.Ledger.CheckKept(ctx); err != nil {
		return err
	}
	if i.Config.SlotsReplica == "" {
		return nil
	}
	lagging, err := slotstore.CheckReplica(ctx, filepath.Join(i.Config.Data, slotsFile), i.Config.SlotsReplica)
	if err != nil {
		return fmt.Errorf("check the slots' replica: %w", err)
	}
	if lagging > 0 {
		return fmt.Errorf("check the slots' replica: it is %d bytes behind", lagging)
	}
	return nil
}
