// SPDX-License-Identifier: AGPL-3.0-or-later

package peoplestore

import (
	"context"
	"database/sql"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/store"
)

// Epochs implements people.KeyStore.
func (s Store) Epochs(ctx context.Context, programme, desk id.ID) ([]people.Epoch, error) {
	scan := func(rows *sql.Rows) (people.Epoch, error) {
		e := people.Epoch{Programme: programme, Desk: desk}
		var made int64
		err := rows.Scan(&e.Epoch, &e.Recipient, &e.By, &made)
		e.Made = moment(made)
		return e, err
	}
	return store.Collect(ctx, s.DB.Reader(ctx), scan,
		"SELECT epoch, recipient, madeby, made FROM people_epoch WHERE programme = ? AND desk = ? ORDER BY epoch DESC", programme, desk)
}

// AddEpoch implements people.KeyStore.
func (s Store) AddEpoch(ctx context.Context, e people.Epoch) error {
	return s.exec(ctx, "epoch", "INSERT INTO people_epoch (programme, desk, epoch, recipient, madeby, made) VALUES (?, ?, ?, ?, ?, ?)",
		e.Programme, e.Desk, e.Epoch, e.Recipient, e.By, e.Made.Unix())
}

// Packages implements people.KeyStore.
func (s Store) Packages(ctx context.Context, programme, desk id.ID) ([]people.Package, error) {
	scan := func(rows *sql.Rows) (people.Package, error) {
		p := people.Package{Programme: programme, Desk: desk}
		var given int64
		err := rows.Scan(&p.Member, &p.Epoch, &p.Body, &p.By, &given)
		p.Given = moment(given)
		return p, err
	}
	return store.Collect(ctx, s.DB.Reader(ctx), scan,
		"SELECT member, epoch, body, givenby, given FROM people_package WHERE programme = ? AND desk = ? ORDER BY member", programme, desk)
}

// SavePackage implements people.KeyStore.
func (s Store) SavePackage(ctx context.Context, p people.Package) error {
	return s.exec(ctx, "package", `INSERT INTO people_package (programme, desk, member, epoch, body, givenby, given) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (programme, desk, member) DO UPDATE SET epoch = excluded.epoch, body = excluded.body, givenby = excluded.givenby, given = excluded.given`,
		p.Programme, p.Desk, p.Member, p.Epoch, p.Body, p.By, p.Given.Unix())
}

// DropPackage implements people.KeyStore.
func (s Store) DropPackage(ctx context.Context, programme, desk, member id.ID) error {
	return s.exec(ctx, "package", "DELETE FROM people_package WHERE programme = ? AND desk = ? AND member = ?", programme, desk, member)
}

// Shifts implements people.KeyStore.
func (s Store) Shifts(ctx context.Context, programme, desk id.ID, since time.Time) ([]people.Shift, error) {
	scan := func(rows *sql.Rows) (people.Shift, error) {
		x := people.Shift{Programme: programme, Desk: desk}
		var starts, ends int64
		err := rows.Scan(&x.ID, &x.Account, &starts, &ends)
		x.From, x.Until = moment(starts), moment(ends)
		return x, err
	}
	return store.Collect(ctx, s.DB.Reader(ctx), scan,
		"SELECT id, account, starts, ends FROM people_shift WHERE programme = ? AND desk = ? AND ends > ? ORDER BY starts, id", programme, desk, since.Unix())
}

// SaveShift implements people.KeyStore.
func (s Store) SaveShift(ctx context.Context, x people.Shift) error {
	return s.exec(ctx, "shift", "INSERT INTO people_shift (id, programme, desk, account, starts, ends) VALUES (?, ?, ?, ?, ?, ?)",
		x.ID, x.Programme, x.Desk, x.Account, x.From.Unix(), x.Until.Unix())
}

// DropShift implements people.KeyStore.
func (s Store) DropShift(ctx context.Context, programme, shift id.ID) error {
	return s.exec(ctx, "shift", "DELETE FROM people_shift WHERE id = ? AND programme = ?", shift, programme)
}

// Alerts implements people.KeyStore.
func (s Store) Alerts(ctx context.Context, of id.ID) (people.Alerts, error) {
	a := people.Alerts{Account: of}
	err := s.one(ctx, "alerts", "SELECT browser, email FROM people_alerts WHERE account = ?", []any{of}, &a.Browser, &a.Email)
	if fault.KindOf(err) == fault.NotFound {
		return a, nil
	}
	return a, err
}

// SaveAlerts implements people.KeyStore.
func (s Store) SaveAlerts(ctx context.Context, a people.Alerts) error {
	browser := 0
	if a.Browser {
		browser = 1
	}
	return s.exec(ctx, "alerts", `INSERT INTO people_alerts (account, browser, email) VALUES (?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET browser = excluded.browser, email = excluded.email`, a.Account, browser, a.Email)
}
