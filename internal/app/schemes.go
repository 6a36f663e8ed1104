// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// schemesDir is the operator's own schemes, unless the configuration names
// another directory.
const schemesDir = "schemes"

func schemesOf(c config.Config) string {
	if c.Intel.Schemes != "" {
		return c.Intel.Schemes
	}
	return filepath.Join(c.Data, schemesDir)
}

// gradingOf reads all schemes: those of the binary and the operator's.
func gradingOf(c config.Config, more ...fs.FS) (*grading.Book, error) {
	dir := schemesOf(c)
	_, err := os.Stat(dir)
	switch {
	case err == nil:
		more = append([]fs.FS{os.DirFS(dir)}, more...)
	case !errors.Is(err, fs.ErrNotExist) || c.Intel.Schemes != "":
		return nil, fmt.Errorf("read grading schemes: %w", err)
	}
	book, err := grading.Load(more...)
	if err != nil {
		return nil, fmt.Errorf("read grading schemes: %w", err)
	}
	return book, nil
}

// SchemeLine is one version of a scheme in a list.
type SchemeLine struct {
	ID          string
	Version     int
	From, Until string
	Name        string
}

// SchemeCode is one code of a scheme.
type SchemeCode struct{ Scale, Code, Name, Notes string }

// SchemeShown is a scheme with its codes.
type SchemeShown struct {
	SchemeLine
	Codes []SchemeCode
}

func lineOf(s *grading.Scheme) SchemeLine {
	l := SchemeLine{ID: s.ID, Version: s.Version, From: s.ValidFrom.Format(time.DateOnly), Name: s.Names.In("en")}
	if !s.ValidUntil.IsZero() {
		l.Until = s.ValidUntil.Format(time.DateOnly)
	}
	return l
}

// Schemes lists every version of every grading scheme.
func Schemes(c config.Config) ([]SchemeLine, error) {
	book, err := gradingOf(c)
	if err != nil {
		return nil, err
	}
	var all []SchemeLine
	for _, s := range book.Schemes() {
		all = append(all, lineOf(s))
	}
	return all, nil
}

// ShowScheme returns the newest version of a scheme.
func ShowScheme(c config.Config, name string) (SchemeShown, error) {
	book, err := gradingOf(c)
	if err != nil {
		return SchemeShown{}, err
	}
	var found *grading.Scheme
	var known []string
	for _, s := range book.Schemes() { // by id and version
		known = append(known, s.ID)
		if s.ID == name {
			found = s
		}
	}
	if found == nil {
		return SchemeShown{}, fault.Newf(fault.NotFound, "There is no grading scheme %q. There are: %s.", name, strings.Join(known, ", "))
	}
	out := SchemeShown{SchemeLine: lineOf(found)}
	for _, scale := range []struct {
		name  string
		codes []grading.Code
	}{{"source", found.Source}, {"information", found.Information}, {"handling", found.Handling}, {"condition", found.Conditions}} {
		for _, x := range scale.codes {
			notes := strings.Join(x.Conditions, " ")
			switch {
			case x.Unknown:
				notes = "unknown"
			case x.Rank > 0:
				notes = strconv.Itoa(x.Rank)
			}
			out.Codes = append(out.Codes, SchemeCode{scale.name, x.Code, x.Names.In("en"), notes})
		}
	}
	return out, nil
}

// AddScheme checks the scheme in a file together with all others, and copies it
// to the operator's own.
func AddScheme(c config.Config, path string) (SchemeLine, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return SchemeLine{}, fmt.Errorf("read the scheme: %w", err)
	}
	s, err := grading.Parse(text)
	if err != nil {
		return SchemeLine{}, fmt.Errorf("%s: %w", path, err)
	}
	name := fmt.Sprintf("%s-%d.yaml", s.ID, s.Version)
	if filepath.Base(name) != name || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return SchemeLine{}, fault.Newf(fault.Invalid, "The id %q makes no name of a file: use letters, digits and hyphens.", s.ID)
	}
	book, err := gradingOf(c)
	if err != nil {
		return SchemeLine{}, err
	}
	if err := book.Add(s); err != nil {
		return SchemeLine{}, fmt.Errorf("%s: %w", path, err)
	}
	dir, err := config.Dir(schemesOf(c))
	if err != nil {
		return SchemeLine{}, err
	}
	return lineOf(s), secret.Make(filepath.Join(dir, name), text)
}
