// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// ErrExists is in the chain of an error that says that a row with this key
// exists already.
var ErrExists = errors.New("store: exists already")

const cannotKeep = "This can't be kept at the moment, and nothing of it was. Please try again later."

// primary is the part of an SQLite result code that names the kind of trouble;
// the rest is detail.
const primary = 0xff

// classify gives a driver's error the kind that rooms and web understand.
func classify(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch code := e.Code(); code {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return errors.Join(ErrExists, err)
	default:
		if outOfOrder(code & primary) {
			return fault.Wrap(fault.Unavailable, cannotKeep, err)
		}
		return err
	}
}

// outOfOrder reports whether a primary result code means that the machine, not
// the caller, is the reason. After any of them SQLite may have rolled back the
// whole transaction by itself.
func outOfOrder(code int) bool {
	switch code {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return false
}

// breaks reports whether err, already classified, may have ended the
// transaction that it happened in.
func breaks(err error) bool { return err != nil && fault.KindOf(err) == fault.Unavailable }
