// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Scope is what a reader may see, as the room hands it to its store: the store
// must answer as if nothing else existed.
type Scope struct {
	// Desks are those at which the reader reviews: their items in every state.
	Desks []id.ID
	// All adds the approved version of every desk's items.
	All bool
	// Inside are the closed compartments that admit the reader; items of other
	// compartments are not there.
	Inside []id.ID
}

// Sees reports whether the scope admits an item, and whether only as it was
// approved last.
func (s Scope) Sees(it Item, approved bool) (sees, asApproved bool) {
	if !it.Compartment.IsZero() && !contains(s.Inside, it.Compartment) {
		return false, false
	}
	if contains(s.Desks, it.Desk) {
		return true, false
	}
	return s.All && approved, true
}

func contains(ids []id.ID, x id.ID) bool {
	for _, v := range ids {
		if v == x {
			return true
		}
	}
	return false
}

// Filter chooses a page of items. Zero values choose everything.
type Filter struct {
	State       State
	Category    string
	Seriousness string
	Desk        id.ID
	Malicious   bool // only those
	OneVoice    bool // only those
	DueBefore   time.Time
	Before      Cursor // older than the last of the page before
	Limit       int
}

// Cursor names a place in a list, newest first: the page after it begins with
// the next older item. The zero Cursor is before the newest.
type Cursor struct {
	Created time.Time
	ID      id.ID
}

// Row is an item as a reader's scope shows it.
type Row struct {
	Item
	Created time.Time
	// Pending says that a newer version waits behind an approved one.
	Pending bool
}

// Cursor names the row's place.
func (r Row) Cursor() Cursor { return Cursor{r.Created, r.ID} }

// MostCounted is the most that a count says; more is "1,000+".
const MostCounted = 1000

// Query is a search in items.
type Query struct {
	Words    string // all of them, in any order and form
	Language string // of Words
	Ranked   bool   // by relevance among the newest MostCounted, else newest first
	Offset   int
	Limit    int
}

// Found is an answer to a Query.
type Found struct {
	Rows  []Row
	Count int // capped at MostCounted + 1
}

// Store keeps items. Every method but Item, Versions and Acts answers through
// a Scope, as if nothing outside of it existed; none works without its
// programme.
type Store interface {
	// Insert keeps the first version; fault.Conflict when id or number exist.
	Insert(ctx context.Context, it Item, created time.Time) error
	// Replace keeps it as the newest version after it.Version-1; fault.Conflict
	// when that is not the newest. The approved version before it stays what
	// Scope.All shows until another one is approved; of an item that was moved
	// to another compartment nothing is shown until then.
	Replace(ctx context.Context, it Item) error
	// Item returns the newest version, and the newest approved one, nil where
	// there is none; fault.NotFound.
	Item(ctx context.Context, programme, item id.ID) (newest Row, approved *Item, err error)
	// Versions returns all versions, newest first.
	Versions(ctx context.Context, programme, item id.ID) ([]Item, error)
	// List returns a page, newest first, and whether there are more.
	List(ctx context.Context, programme id.ID, s Scope, f Filter) ([]Row, bool, error)
	// Count counts what List would return in all, capped at MostCounted+1.
	Count(ctx context.Context, programme id.ID, s Scope, f Filter) (int, error)
	// Search finds items by words.
	Search(ctx context.Context, programme id.ID, s Scope, q Query) (Found, error)
	// BySelector returns the newest items that name a selector, at most limit.
	BySelector(ctx context.Context, programme id.ID, s Scope, kind, value string, limit int) ([]Row, error)
	// FromReport returns the newest items that rest on a sealed report, at most limit.
	FromReport(ctx context.Context, programme id.ID, s Scope, report id.ID, limit int) ([]Row, error)
	// Each calls do with all versions, newest first, of every item.
	Each(ctx context.Context, programme id.ID, do func(versions []Item) error) error
	// Destroy removes every version, word and selector of an item, and keeps
	// its tombstone.
	Destroy(ctx context.Context, t Tombstone) error
	// Tombstone returns what is left of a disposed item; fault.NotFound.
	Tombstone(ctx context.Context, programme, item id.ID) (Tombstone, error)
	// Tombstones returns those of a programme.
	Tombstones(ctx context.Context, programme id.ID) ([]Tombstone, error)
	// CategoryOf returns the category of the oldest approved open item that
	// rests on a report, "" where there is none.
	CategoryOf(ctx context.Context, programme, report id.ID) (string, error)
}

// Act is one thing that somebody did to an item.
type Act struct {
	ID     id.ID
	Item   id.ID
	Who    id.ID
	At     time.Time
	What   string // wrote, submitted, approved, sent-back, judged, moved, added, retained, proposed-disposal, disposed
	Detail string
}

// ActStore keeps what was done.
type ActStore interface {
	// AddAct adds one.
	AddAct(ctx context.Context, programme id.ID, a Act) error
	// Acts returns those on an item, newest first.
	Acts(ctx context.Context, programme, item id.ID) ([]Act, error)
}

// Compartment is a closed compartment: its items are for named people only.
type Compartment struct {
	Programme id.ID
	ID        id.ID
	Name      string
	Members   []id.ID // accounts
}

// CompartmentStore keeps compartments.
type CompartmentStore interface {
	// Compartments returns those of a programme, by name.
	Compartments(ctx context.Context, programme id.ID) ([]Compartment, error)
	// SaveCompartment inserts or replaces one.
	SaveCompartment(ctx context.Context, c Compartment) error
}

// Reports says which sealed reports a reader may know of.
type Reports interface {
	// Listable returns those of the reports that s may list, in their order.
	Listable(ctx context.Context, s authz.Subject, programme id.ID, reports []id.ID) ([]id.ID, error)
}

// Policy is what a programme decided of its own work.
type Policy struct {
	Scheme    string // grading scheme for what is written now
	OnePerson bool   // whoever wrote an item may approve it
}
