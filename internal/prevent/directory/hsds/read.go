// SPDX-License-Identifier: AGPL-3.0-or-later

package hsds

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// The bounds of what is read. They are far above a real directory (the whole
// of the United Kingdom has some hundred thousand services) and keep a wrong
// file from filling the memory.
const (
	MaxBytes    = 256 << 20 // of all files together, unpacked
	MaxFiles    = 64
	MaxServices = 250_000
	MaxRecords  = 2_500_000
)

// Options is how to read.
type Options struct {
	// Source names where the directory comes from. Ids that are no UUIDs are
	// made into such out of it, so that two sources may both have a service 1.
	Source string
	// Progress hears how far reading is; may be nil.
	Progress func(stage string, done, total int64)
}

// Read reads a directory in whichever form it is: JSON, a zipped package of
// tables, or a single table. name is what places are told with. The error is
// for what has bounds or no form at all; everything else is in the report.
func Read(name string, b []byte, o Options) (*Dataset, *Report, error) {
	r := newReader(o)
	if len(b) > MaxBytes {
		return nil, r.report, tooMuch(fmt.Sprintf("%d bytes, at most %d", len(b), MaxBytes))
	}
	var err error
	switch trimmed := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n"); {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		err = r.zip(name, b)
	case len(trimmed) == 0:
		return nil, r.report, fault.Newf(fault.Invalid, "%s is empty.", name)
	case trimmed[0] == '{' || trimmed[0] == '[':
		err = r.json(name, b)
	case strings.EqualFold(filepath.Ext(name), ".csv"):
		err = r.tables(map[string][]byte{filepath.Base(name): b})
	default:
		return nil, r.report, fault.Newf(fault.Invalid, "%s is neither JSON, nor a zipped package of tables, nor a table with the ending .csv.", name)
	}
	return r.finish(err)
}

// ReadFolder reads a package of tables that lies unpacked in a folder.
func ReadFolder(folder fs.FS, o Options) (*Dataset, *Report, error) {
	r := newReader(o)
	names, err := fs.Glob(folder, "*.csv")
	if err != nil {
		return nil, r.report, fmt.Errorf("list the tables: %w", err)
	}
	if _, err := fs.Stat(folder, packageFile); err == nil {
		names = append(names, packageFile)
	}
	files, total := map[string][]byte{}, int64(0)
	for _, name := range names { // all of them, before the first one is read
		info, err := fs.Stat(folder, name)
		if err != nil {
			return nil, r.report, fmt.Errorf("read %s: %w", name, err)
		}
		total += info.Size()
	}
	if total > MaxBytes || len(names) > MaxFiles {
		return nil, r.report, tooMuch(fmt.Sprintf("%d files, %d bytes; at most %d and %d", len(names), total, MaxFiles, MaxBytes))
	}
	for _, name := range names {
		if files[name], err = fs.ReadFile(folder, name); err != nil {
			return nil, r.report, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return r.finish(r.tables(files))
}

// ReadPath reads a file or a folder of the disk.
func ReadPath(path string, o Options) (*Dataset, *Report, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Report{}, fault.Newf(fault.NotFound, "There is no file or folder %s.", path)
	}
	if err != nil {
		return nil, &Report{}, fmt.Errorf("read the directory: %w", err)
	}
	if info.IsDir() {
		return ReadFolder(os.DirFS(path), o)
	}
	if info.Size() > MaxBytes {
		return nil, &Report{}, tooMuch(fmt.Sprintf("%d bytes, at most %d", info.Size(), MaxBytes))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, &Report{}, fmt.Errorf("read the directory: %w", err)
	}
	return Read(filepath.Base(path), b, o)
}

func tooMuch(what string) error {
	return fault.Newf(fault.TooLarge, "This is more than a directory may have: %s. Nothing was read of it.", what)
}

// unreadable says the sentence to whoever reads the screen and to the log.
func unreadable(sentence string, err error) error {
	return fault.Wrap(fault.Invalid, sentence, fmt.Errorf("%s (%w)", sentence, err))
}

type reader struct {
	Options
	data     *Dataset
	report   *Report
	services int
	made     map[string]int   // how many ids were made out of the same content
	spoilt   map[*Record]bool // schedules of which part was left out
}

func newReader(o Options) *reader {
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	return &reader{Options: o, data: &Dataset{}, report: &Report{}, made: map[string]int{}, spoilt: map[*Record]bool{}}
}

func (r *reader) finish(err error) (*Dataset, *Report, error) {
	if err != nil {
		return nil, r.report, err
	}
	if r.data.Len() == 0 && r.report.Total() == 0 {
		return nil, r.report, fault.New(fault.Invalid, "No record of the standard is in it.")
	}
	r.check()
	r.data.Sort()
	return r.data, r.report, nil
}

func (r *reader) zip(name string, b []byte) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return unreadable(name+" is no ZIP file that can be read.", err)
	}
	if len(z.File) > 4*MaxFiles {
		return tooMuch(fmt.Sprintf("%d files, at most %d", len(z.File), MaxFiles))
	}
	files, total := map[string][]byte{}, int64(0)
	for _, f := range z.File {
		base := f.Name[strings.LastIndexAny(f.Name, `/\`)+1:]
		if ext := strings.ToLower(filepath.Ext(base)); ext != ".csv" && base != packageFile {
			continue
		}
		if _, twice := files[base]; twice {
			return fault.Newf(fault.Invalid, "%s holds two files called %s.", name, quote(base))
		}
		open, err := f.Open()
		if err != nil {
			return unreadable(name+" holds a file that can't be unpacked.", err)
		}
		// The size in a ZIP is a claim; what is unpacked is counted.
		content, err := io.ReadAll(io.LimitReader(open, MaxBytes-total+1))
		if closeErr := open.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return unreadable(name+" holds a file that can't be unpacked.", err)
		}
		if total += int64(len(content)); total > MaxBytes || len(files) >= MaxFiles {
			return tooMuch(fmt.Sprintf("more than %d bytes or %d files when unpacked", MaxBytes, MaxFiles))
		}
		files[base] = content
	}
	return r.tables(files)
}

// count refuses what is above the bounds.
func (r *reader) count(t *Table) error {
	if t.Name == "service" {
		r.services++
	}
	if r.services > MaxServices || r.data.Len() >= MaxRecords {
		return tooMuch(fmt.Sprintf("more than %d services or %d records", MaxServices, MaxRecords))
	}
	return nil
}

// set reads one value into a record.
func (r *reader) set(rec *Record, field int, raw string, at Place, also *flaw) {
	f := rec.Table.Fields[field]
	value, bad := f.read(raw, r.Source)
	if bad == nil {
		bad = also
	}
	if bad != nil {
		r.report.Add(Problem{Place: at, Table: rec.Table.Name, ID: rec.ID(), Field: f.Name, Wrong: bad.wrong, Right: bad.right, Effect: bad.effect})
		r.spoil(rec, f.Name, bad.effect)
	}
	rec.Values[field] = value
}

// keep adds a record, or what it adds to the one that has the id already:
// JSON repeats a record wherever somebody needs it.
func (r *reader) keep(rec *Record, repeats bool) {
	earlier := r.data.Add(rec)
	if earlier == nil {
		return
	}
	if !repeats {
		r.report.Add(Problem{
			Place: rec.At, Table: rec.Table.Name, ID: rec.ID(), Field: "id", Wrong: "the id is used already, at " + earlier.At.String(),
			Right: "give each record an id of its own", Effect: RecordOut,
		})
		return
	}
	for i, v := range rec.Values {
		switch old := earlier.Values[i]; {
		case v == "" || v == old:
		case old == "":
			earlier.Values[i] = v
		default:
			r.report.Add(Problem{
				Place: rec.At, Table: rec.Table.Name, ID: rec.ID(), Field: rec.Table.Fields[i].Name, Wrong: fmt.Sprintf("%s here, and %s at %s", quote(v), quote(old), earlier.At),
				Right: "write the same wherever the record stands; the first one counts", Effect: ValueOut,
			})
		}
	}
}

// makeID gives a record without id one that its content stands for.
func (r *reader) makeID(rec *Record, extra ...string) {
	key := strings.Join(append(slices.Clone(rec.Values), extra...), "\x00")
	n := r.made[rec.Table.Name+"\x00"+MakeID(key)]
	r.made[rec.Table.Name+"\x00"+MakeID(key)]++
	rec.Values[0] = MakeID("content", r.Source, rec.Table.Name, key, fmt.Sprint(n))
	r.report.Add(Problem{
		Place: rec.At, Table: rec.Table.Name, ID: rec.ID(), Field: "id", Wrong: "the record has no id", Right: "it gets one that its content stands for", Effect: Mended,
	})
}
