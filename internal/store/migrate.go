// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// migrationFiles are numbered as goose wants them. A released file is never
// changed; a change is a new file.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the tables up to date. It either does so or leaves the
// database as it was.
func migrate(ctx context.Context, d Dialect, db *sql.DB) error {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(d.goose, db, translated{sub, d}, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the database up to date: %w", classify(err))
	}
	return nil
}

// translated is a folder of migrations in another dialect.
type translated struct {
	fs.FS
	dialect Dialect
}

// Open implements fs.FS.
func (t translated) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read migration %s: %w", name, err)
	}
	return &translatedFile{File: f, text: strings.NewReader(t.dialect.Schema(string(text)))}, nil
}

type translatedFile struct {
	fs.File
	text *strings.Reader
}

// Read implements fs.File.
func (f *translatedFile) Read(p []byte) (int, error) { return f.text.Read(p) }
