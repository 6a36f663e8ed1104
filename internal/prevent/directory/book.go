// SPDX-License-Identifier: AGPL-3.0-or-later

package directory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent/directory/hsds"
)

// Imported is one import as it is kept. What an earlier import of the same
// source brought is no longer shown.
type Imported struct {
	Number   int // of all imports, from 1
	Source   string
	Day      string // on which it was imported
	Services int
	Records  int
	Body     []byte // a zipped package of tables; empty when the source was removed
}

// MaxBody is how long a kept import may be in bytes.
const MaxBody = 128 << 20

// Store keeps imports.
type Store interface {
	// Last returns the number of the last import, 0 when there is none.
	Last(ctx context.Context) (int, error)
	// Current returns the newest import of each source, in the order of their
	// numbers.
	Current(ctx context.Context) ([]Imported, error)
	// Keep adds one, and lets go of all but the newest three of its source. It
	// returns fault.Conflict when the number is there already.
	Keep(ctx context.Context, i Imported) error
}

// Book is the directory of an installation: what was imported, and the
// starting set unless something was imported in its place. It is safe for
// concurrent use; a change is seen by those who ask after it.
type Book struct {
	Store Store
	Tx    tx.Runner
	Clock clock.Clock

	mu      sync.Mutex // over refreshing
	current atomic.Pointer[edition]
}

type edition struct {
	last  int
	index *Index
}

// Index returns the directory as it was at the last Refresh, nil before the
// first.
func (b *Book) Index() *Index {
	if e := b.current.Load(); e != nil {
		return e.index
	}
	return nil
}

// large is from how many records on the memory is given back that reading them
// took: it takes a second, and there are not many such directories.
const large = 100_000

// Refresh reads the directory if something was imported since the last time.
func (b *Book) Refresh(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	last, err := b.Store.Last(ctx)
	if err != nil {
		return fmt.Errorf("look for a new directory: %w", err)
	}
	if e := b.current.Load(); e != nil && e.last == last {
		return nil
	}
	data, err := b.read(ctx, "")
	if err != nil {
		return err
	}
	b.current.Store(&edition{last, NewIndex(New(data))})
	if data.Len() > large {
		debug.FreeOSMemory() // what it was read from is twice as large as what is kept
	}
	return nil
}

// Data returns the records of one source, or of all when source is "".
func (b *Book) Data(ctx context.Context, source string) (*hsds.Dataset, error) {
	if source == "" {
		return b.read(ctx, "")
	}
	current, err := b.Store.Current(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	for _, i := range current {
		if i.Source == source && len(i.Body) > 0 {
			return open(i)
		}
	}
	if source == StartSource {
		return Start()
	}
	return nil, fault.Newf(fault.NotFound, "Nothing was imported from the source %q.", source)
}

// read returns the records of all sources but one.
func (b *Book) read(ctx context.Context, but string) (*hsds.Dataset, error) {
	current, err := b.Store.Current(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	all, started := &hsds.Dataset{}, false
	for _, i := range current {
		started = started || i.Source == StartSource
		if i.Source == but || len(i.Body) == 0 {
			continue
		}
		data, err := open(i)
		if err != nil {
			return nil, err
		}
		all.Merge(data)
	}
	if !started && but != StartSource {
		start, err := Start()
		if err != nil {
			return nil, err
		}
		all.Merge(start)
	}
	all.Sort()
	return all, nil
}

func open(i Imported) (*hsds.Dataset, error) {
	data, report, err := hsds.Read("import.zip", i.Body, hsds.Options{})
	if err != nil {
		return nil, fmt.Errorf("read import %d: %w", i.Number, err)
	}
	if report.Changed() > 0 {
		return nil, fmt.Errorf("read import %d: what was kept is no longer right: %s", i.Number, report.Problems[0])
	}
	return data, nil
}

var sourceForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// CheckSource returns a fault when a name can't be that of a source.
func CheckSource(source string) error {
	if len(source) > 40 || !sourceForm.MatchString(source) {
		return fault.Newf(fault.Invalid, "A source is named by small letters, digits and hyphens, at most 40; not %q.", source)
	}
	return nil
}

// vocabulary reports whether a record belongs to all sources alike.
func vocabulary(r *hsds.Record) bool {
	return r.Table.Name == "taxonomy" || r.Table.Name == "taxonomy_term" || r.Table.Name == "unit"
}

// Check returns a fault when records can't stand beside those of other
// sources: two sources may not mean different things by one id.
func (b *Book) Check(ctx context.Context, source string, data *hsds.Dataset) error {
	if err := CheckSource(source); err != nil {
		return err
	}
	others, err := b.read(ctx, source)
	if err != nil {
		return err
	}
	for r := range data.Every() {
		if other := others.Find(r.Table.Name, r.ID()); other != nil && !vocabulary(r) {
			return fault.Newf(fault.Conflict, "%s %s is in another source already. Nothing was imported: leave it out, or import it under that source's name.", r.Table.Name, r.ID())
		}
	}
	return nil
}

// Import puts records in the place of whatever the source brought before, all
// of them or none. The ledger keeps their SHA-256.
func (b *Book) Import(ctx context.Context, source string, data *hsds.Dataset) (Imported, error) {
	if len(data.All("service")) == 0 {
		return Imported{}, fault.New(fault.Invalid, "There is no service in it. To take a source away, remove it.")
	}
	if err := b.Check(ctx, source, data); err != nil {
		return Imported{}, err
	}
	var body bytes.Buffer
	if err := hsds.WriteTables(&body, data); err != nil {
		return Imported{}, err
	}
	if body.Len() > MaxBody {
		return Imported{}, fault.Newf(fault.TooLarge, "The directory has %d bytes when it is packed; at most %d are kept.", body.Len(), MaxBody)
	}
	return b.keep(ctx, "import directory", Imported{Source: source, Services: len(data.All("service")), Records: data.Len(), Body: body.Bytes()})
}

// Remove takes away what a source brought. The starting set is a source too.
func (b *Book) Remove(ctx context.Context, source string) error {
	if _, err := b.Data(ctx, source); err != nil {
		return err
	}
	_, err := b.keep(ctx, "remove directory", Imported{Source: source, Body: []byte{}})
	return err
}

func (b *Book) keep(ctx context.Context, act string, i Imported) (Imported, error) {
	i.Day = b.Clock.Now().Format(time.DateOnly)
	err := b.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		last, err := b.Store.Last(ctx)
		if err != nil {
			return fmt.Errorf("number the import: %w", err)
		}
		i.Number = last + 1
		if err := b.Store.Keep(ctx, i); err != nil {
			return err
		}
		sum := sha256.Sum256(i.Body)
		payload, err := json.Marshal(map[string]any{
			"act": act, "source": i.Source, "number": i.Number, "services": i.Services, "records": i.Records, "sha256": hex.EncodeToString(sum[:]),
		})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Kind: "release", Payload: payload})
		return nil
	})
	if err != nil {
		return Imported{}, fmt.Errorf("keep the directory: %w", err)
	}
	return i, nil
}

// Sources returns the newest import of each source without its body, the
// starting set as number 0 while nothing has taken its place.
func (b *Book) Sources(ctx context.Context) ([]Imported, error) {
	current, err := b.Store.Current(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	var all []Imported
	started := false
	for _, i := range current {
		started = started || i.Source == StartSource
		if len(i.Body) > 0 {
			i.Body = nil
			all = append(all, i)
		}
	}
	if !started {
		start, err := Start()
		if err != nil {
			return nil, err
		}
		all = append([]Imported{{Source: StartSource, Services: len(start.All("service")), Records: start.Len()}}, all...)
	}
	return all, nil
}
