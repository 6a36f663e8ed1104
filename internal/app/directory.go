// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"io"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// directoryEvery is how often a serving process looks for a new directory.
const directoryEvery = 20 * time.Second

// ImportDirectory reads a directory and puts it in the place of what its
// source brought before: all of it or, while anything in it would change or be
// lost and accept is false, nothing. With dry nothing is kept. The report is
// never nil.
func (i *Installation) ImportDirectory(ctx context.Context, path, source string, accept, dry bool, progress func(stage string, done, total int64)) (*DirectoryReport, directory.Imported, error) {
	if err := directory.CheckSource(source); err != nil {
		return &hsds.Report{}, directory.Imported{}, err
	}
	data, report, err := hsds.ReadPath(path, hsds.Options{Source: source, Progress: progress})
	if err != nil {
		return report, directory.Imported{}, err
	}
	if err := report.Err(); err != nil && !accept {
		return report, directory.Imported{}, err
	}
	if dry {
		return report, directory.Imported{Services: len(data.All("service")), Records: data.Len()}, i.Directory.Check(ctx, source, data)
	}
	kept, err := i.Directory.Import(ctx, source, data)
	return report, kept, err
}

// StaleServices returns the services of the directory that were not checked
// in time, or all of them.
func (i *Installation) StaleServices(ctx context.Context, all bool) ([]directory.Service, error) {
	if err := i.Directory.Refresh(ctx); err != nil {
		return nil, err
	}
	now := i.Clock.Now()
	var found []directory.Service
	for _, s := range i.Directory.Index().Services {
		if all || s.Stale(now) {
			found = append(found, s)
		}
	}
	return found, nil
}

// DirectoryReport is everything that is wrong with a directory.
type DirectoryReport = hsds.Report

// CheckDirectory reads a directory and keeps nothing.
func CheckDirectory(path string, progress func(stage string, done, total int64)) (services, records int, report *DirectoryReport, err error) {
	data, report, err := hsds.ReadPath(path, hsds.Options{Source: "check", Progress: progress})
	if err != nil {
		return 0, 0, report, err
	}
	return len(data.All("service")), data.Len(), report, nil
}

// ExportDirectory writes the directory, or what one source brought, as "json"
// or "tables".
func (i *Installation) ExportDirectory(ctx context.Context, w io.Writer, source, format string) error {
	write := map[string]func(io.Writer, *hsds.Dataset) error{"json": hsds.WriteJSON, "tables": hsds.WriteTables}[format]
	if write == nil {
		return fault.Newf(fault.Invalid, "There is no format %q: json or tables.", format)
	}
	data, err := i.Directory.Data(ctx, source)
	if err != nil {
		return err
	}
	return write(w, data)
}
