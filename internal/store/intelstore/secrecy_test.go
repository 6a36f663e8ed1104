// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/store"
	"github.com/turnstone-project/turnstone/internal/store/intelstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// room is the room over a database of its own.
type room struct {
	*intel.Items
	house *storetest.House
	store *intelstore.Store
}

// reports are the sealed reports of a programme; its readers may list the first.
var reports = []id.ID{{1}, {2}}

type firstReport struct{}

func (firstReport) Listable(_ context.Context, _ authz.Subject, _ id.ID, asked []id.ID) ([]id.ID, error) {
	return slices.DeleteFunc(slices.Clone(asked), func(r id.ID) bool { return r != reports[0] }), nil
}

func newRoom(t *testing.T) *room {
	t.Helper()
	book, err := grading.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := intel.BuiltInSchedule(book)
	if err != nil {
		t.Fatal(err)
	}
	house := storetest.Build(t, storetest.SQLite)
	s := intelstore.New(house.DB)
	return &room{house: house, store: s, Items: &intel.Items{
		Store: s, Log: s, Compartments: s, Reports: firstReport{}, Tx: house.Runner, Clock: clock.Fixed(now), Grading: book,
		Categories: []string{"drugs", "fraud"}, Retention: schedule, PolicyOf: func(id.ID) intel.Policy { return intel.Policy{Scheme: "3x5x2"} },
	}}
}

// life is an item with all its versions, as they came about.
type life struct {
	created  time.Time
	versions []intel.Item
}

// cut is the life as far as a version.
func (l life) cut(n int) life { return life{l.created, l.versions[:n]} }

// world is a programme with whoever and whatever is in it. Another programme,
// with the same words, lies beside it.
type world struct {
	programme    id.ID
	desks        []id.ID
	compartments []intel.Compartment
	reader       authz.Subject
	lives        []life
}

var vocabulary = []string{"lorry", "harbour", "silver", "Golf", "cigarettes", "night", "warehouse"}

func drawWorld(t *rapid.T) world {
	w := world{programme: id.New(), desks: []id.ID{id.New(), id.New(), id.New()}, reader: authz.Subject{Account: id.New()}}
	for i := range rapid.IntRange(0, 2).Draw(t, "compartments") {
		c := intel.Compartment{Programme: w.programme, ID: id.New(), Name: fmt.Sprint("c", i), Members: []id.ID{id.New()}}
		if rapid.Bool().Draw(t, "inside") {
			c.Members = append(c.Members, w.reader.Account)
		}
		w.compartments = append(w.compartments, c)
	}
	for range rapid.IntRange(1, 3).Draw(t, "grants") {
		g := authz.Grant{Role: rapid.SampledFrom([]authz.Role{authz.Reviewer, authz.Reviewer, authz.Analyst, authz.Director, authz.Auditor, authz.Administrator}).Draw(t, "role"), Programme: w.programme}
		if g.Role.OfDesk() {
			g.Desk = rapid.SampledFrom(w.desks).Draw(t, "desk")
		}
		w.reader.Grants = append(w.reader.Grants, g)
	}
	for range rapid.IntRange(1, 7).Draw(t, "items") {
		w.lives = append(w.lives, w.drawLife(t))
	}
	return w
}

func (w world) drawLife(t *rapid.T) life {
	l := life{created: now.Add(-time.Duration(rapid.IntRange(1, 5).Draw(t, "age")) * time.Hour)}
	it := intel.Item{Programme: w.programme, ID: id.New(), Desk: rapid.SampledFrom(w.desks).Draw(t, "of desk"), Channel: "web", Language: "en"}
	it.Number = "2026-" + it.ID.String()[:8]
	for v := range rapid.IntRange(1, 4).Draw(t, "versions") {
		it.Version = v + 1
		it.State = rapid.SampledFrom([]intel.State{intel.Draft, intel.Submitted, intel.Approved, intel.Approved}).Draw(t, "state")
		if v == 0 || rapid.IntRange(0, 3).Draw(t, "move") == 0 {
			it.Compartment = id.ID{}
			if n := rapid.IntRange(0, len(w.compartments)).Draw(t, "compartment"); n > 0 {
				it.Compartment = w.compartments[n-1].ID
			}
		}
		it.Title = rapid.SampledFrom(vocabulary).Draw(t, "title")
		it.Category = rapid.SampledFrom([]string{"drugs", "fraud"}).Draw(t, "category")
		it.Seriousness = rapid.SampledFrom(intel.Seriousnesses).Draw(t, "seriousness")
		it.Sources = intel.Sources{Independence: intel.OneSource, Malicious: rapid.Bool().Draw(t, "malicious"), OneVoice: rapid.Bool().Draw(t, "voice")}
		it.Review = now.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "review")) * 24 * time.Hour)
		it.Statements = []intel.Statement{{ID: id.New(), Text: rapid.SampledFrom(vocabulary).Draw(t, "a") + " " + rapid.SampledFrom(vocabulary).Draw(t, "b")}}
		if rapid.Bool().Draw(t, "names") {
			it.Statements[0].Selectors = []intel.Selector{{Kind: "phone", Value: rapid.SampledFrom([]string{"+4520000001", "+4520000002"}).Draw(t, "phone")}}
		}
		it.Reports = rapid.SampledFrom([][]id.ID{nil, reports[:1], reports[1:], reports}).Draw(t, "reports")
		it.Author = id.New()
		l.versions = append(l.versions, it)
	}
	return l
}

// put keeps a life as its acts would have.
func (r *room) put(t *rapid.T, l life) {
	for _, it := range l.versions {
		err := r.house.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error {
			act := intel.Act{ID: it.Author, Item: it.ID, Who: it.Author, At: l.created, What: map[intel.State]string{intel.Draft: "wrote", intel.Submitted: "submitted", intel.Approved: "approved"}[it.State]}
			if err := r.store.AddAct(ctx, it.Programme, act); err != nil {
				return err
			}
			if it.Version == 1 {
				return r.store.Insert(ctx, it, l.created)
			}
			return r.store.Replace(ctx, it)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// visible is the life as far as authz lets the reader know of it: an oracle
// that knows neither scope nor store. It returns false for an item that is not
// there for the reader.
func (w world) visible(l life) (life, bool) {
	may := func(it intel.Item, kind authz.Kind) bool {
		o := authz.Object{Kind: kind, Programme: it.Programme, Desk: it.Desk}
		for _, c := range w.compartments {
			if c.ID == it.Compartment {
				o.Compartment = authz.Compartment{Closed: true, Named: c.Members}
			}
		}
		return authz.Decide(w.reader, authz.Read, o).Allowed
	}
	newest := l.versions[len(l.versions)-1]
	if newest.State != intel.Approved && may(newest, authz.Draft) || newest.State == intel.Approved && may(newest, authz.Item) {
		return l, true
	}
	for n := len(l.versions); n > 0; n-- {
		it := l.versions[n-1]
		if it.Compartment != newest.Compartment {
			return life{}, false // moved since: nothing stands until it is approved there
		}
		if it.State == intel.Approved {
			return l.cut(n), may(it, authz.Item)
		}
	}
	return life{}, false
}

// answers is everything that the room says to the reader, as bytes.
func (r *room) answers(t *rapid.T, w world) []byte {
	ctx := t.Context()
	var all []any
	say := func(what string, answer any, err error) {
		said := map[string]any{"what": what, "answer": answer}
		if err != nil {
			said = map[string]any{"what": what, "kind": fault.KindOf(err), "error": fault.PublicOf(err)}
		}
		all = append(all, said)
	}
	for _, f := range filters(w) {
		for pages := 0; ; pages++ {
			p, err := r.List(ctx, w.reader, w.programme, f)
			say(fmt.Sprintf("list %+v", f), p, err)
			if err != nil || !p.More || pages > 10 {
				break
			}
			f.Before = p.Rows[len(p.Rows)-1].Cursor()
		}
	}
	for _, words := range append(slices.Clone(vocabulary), "lorry harbour", "nothing", "+4520000001") {
		for _, ranked := range []bool{false, true} {
			for _, offset := range []int{0, 1} {
				found, err := r.Search(ctx, w.reader, w.programme, intel.Query{Words: words, Language: "en", Ranked: ranked, Offset: offset, Limit: 2})
				say("search "+words, found, err)
			}
		}
	}
	for _, phone := range []string{"+4520000001", "+4520000002", "+4520000003"} {
		rows, err := r.BySelector(ctx, w.reader, w.programme, "phone", phone)
		say("named "+phone, rows, err)
	}
	for _, report := range reports {
		rows, err := r.FromReport(ctx, w.reader, w.programme, report)
		say("from "+report.String(), rows, err)
	}
	for _, l := range w.lives {
		item := l.versions[0].ID
		v, err := r.Read(ctx, w.reader, w.programme, item)
		say("read", v, err)
		approved, err := r.Approved(ctx, w.reader, w.programme, item)
		say("approved", approved, err)
		if !w.reader.Holds(w.programme, authz.Auditor) { // oversight sees the history of every item
			acts, err := r.History(ctx, w.reader, w.programme, item)
			say("history", acts, err)
		}
		for _, version := range []int{1, 2, 3, 4, 99} {
			_, err := r.Submit(ctx, w.reader, w.programme, item, 100+version)
			say("submit", nil, err)
			_, err = r.Judge(ctx, w.reader, w.programme, item, 100+version, intel.Judgement{Independence: intel.OneSource, Reason: "x"})
			say("judge", nil, err)
		}
	}
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func filters(w world) []intel.Filter {
	return []intel.Filter{
		{Limit: 2},
		{Limit: 50},
		{State: intel.Draft},
		{State: intel.Submitted},
		{State: intel.Approved, Limit: 1},
		{Category: "drugs"},
		{Seriousness: "high"},
		{Desk: w.desks[0]},
		{Desk: w.desks[1]},
		{Malicious: true, Limit: 1},
		{OneVoice: true},
		{DueBefore: now},
		{State: intel.Approved, Category: "fraud", DueBefore: now},
	}
}

// No reader sees, counts, ranks or can infer an item that authz denies: every
// answer is byte for byte that of a database in which what is denied never was.
func TestWhatIsDeniedMightAsWellNotBe(t *testing.T) {
	whole, without := newRoom(t), newRoom(t)
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		beside := drawWorld(t) // another programme in the same tables
		for _, r := range []*room{whole, without} {
			for _, c := range w.compartments {
				if err := r.house.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return r.store.SaveCompartment(ctx, c) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, l := range beside.lives {
			whole.put(t, l)
		}
		for _, l := range w.lives {
			whole.put(t, l)
			if seen, ok := w.visible(l); ok {
				without.put(t, seen)
			}
		}
		got, want := whole.answers(t, w), without.answers(t, w)
		if string(got) != string(want) {
			t.Fatalf("what is hidden shows:\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
		}
	})
}

// An item that is moved into a compartment is gone at once for whoever is not
// inside, from lists, counts, words, selectors and its own address.
func TestMovedIntoACompartmentItIsGoneAtOnce(t *testing.T) {
	r := newRoom(t)
	programme, desk := id.New(), id.New()
	reviewer := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}}
	outsiders := []authz.Subject{
		{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}},
		{Account: id.New(), Grants: []authz.Grant{{Role: authz.Analyst, Programme: programme}}},
	}
	director := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Director, Programme: programme}}}
	c, err := r.SetCompartment(t.Context(), director, intel.Compartment{Programme: programme, Name: "blue", Members: []id.ID{reviewer.Account}}, "named work")
	if err != nil {
		t.Fatal(err)
	}
	it := write(t, r, reviewer, programme, desk, "the harbour at night")
	it = approve(t, r, reviewer, outsiders[0], it)
	for _, s := range outsiders {
		if n := sees(t, r, s, programme, it.ID); n != 4 {
			t.Fatalf("before the move %v sees it in %d of 4 places", s.Grants, n)
		}
	}
	change := changeOf(it)
	change.Compartment = c.ID
	if _, err := r.Write(t.Context(), reviewer, change); err != nil {
		t.Fatal(err)
	}
	for _, s := range outsiders {
		if n := sees(t, r, s, programme, it.ID); n != 0 {
			t.Errorf("after the move an outsider still sees it in %d of 4 places", n)
		}
	}
	if n := sees(t, r, reviewer, programme, it.ID); n != 4 {
		t.Errorf("who is inside sees it in %d of 4 places", n)
	}
}

// sees counts the places where s finds an item.
func sees(t *testing.T, r *room, s authz.Subject, programme, item id.ID) int {
	t.Helper()
	n := 0
	list, err := r.List(t.Context(), s, programme, intel.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	n += list.Count
	found, err := r.Search(t.Context(), s, programme, intel.Query{Words: "harbours", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	n += found.Count
	rows, err := r.BySelector(t.Context(), s, programme, "phone", "+4520000001")
	if err != nil {
		t.Fatal(err)
	}
	n += len(rows)
	if _, err := r.Read(t.Context(), s, programme, item); err == nil {
		n++
	} else if fault.KindOf(err) != fault.NotFound {
		t.Errorf("read: %v, want not found", err)
	}
	return n
}

func write(t *testing.T, r *room, s authz.Subject, programme, desk id.ID, text string) intel.Item {
	t.Helper()
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	it, err := r.Write(t.Context(), s, intel.Change{
		Programme: programme, Desk: desk, Title: "A title", Category: "drugs", Seriousness: "low", Channel: "web", Language: "en",
		Handling: grading.Handling{Ref: ref, Code: "P"},
		Statements: []intel.Statement{{
			Text: text, Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}, Selectors: []intel.Selector{{Kind: "phone", Value: "+4520000001", Shown: "20 00 00 01"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func changeOf(it intel.Item) intel.Change {
	return intel.Change{
		Programme: it.Programme, Item: it.ID, Seen: it.Version, Compartment: it.Compartment, Title: it.Title, Category: it.Category, Seriousness: it.Seriousness,
		Language: it.Language, Handling: it.Handling, Statements: it.Statements,
	}
}

func approve(t *testing.T, r *room, writer, second authz.Subject, it intel.Item) intel.Item {
	t.Helper()
	it, err := r.Submit(t.Context(), writer, it.Programme, it.ID, it.Version)
	if err != nil {
		t.Fatal(err)
	}
	if it, err = r.Approve(t.Context(), second, it.Programme, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	return it
}

// What was disposed of is in no page of the file, freed ones and the
// write-ahead log included, and in no answer; the certificate stays.
func TestDisposalReachesEveryCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "disposal.db")
	r := newRoom(t)
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := intelstore.New(db)
	log := r.house.Log
	_ = log
	runner := store.NewRunner(db, discard{}, store.NewOutbox(db))
	r.store, r.Store, r.Log, r.Compartments, r.Tx = s, s, s, s, runner
	programme, desk := id.New(), id.New()
	one := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}}
	two := authz.Subject{Account: id.New(), Grants: one.Grants}
	for range 30 {
		write(t, r, one, programme, desk, "something else about the harbour")
	}
	it := write(t, r, one, programme, desk, "plantedquokka carries it, says xylophonist")
	change := changeOf(it)
	change.Title = "A plantedtitle"
	if it, err = r.Write(t.Context(), one, change); err != nil {
		t.Fatal(err)
	}
	it = approve(t, r, one, two, it)
	if err := r.ProposeDisposal(t.Context(), one, programme, it.ID, it.Version, "because of plantedreason"); err != nil {
		t.Fatal(err)
	}
	if err := r.Dispose(t.Context(), one, programme, it.ID, it.Version); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("one person alone disposed of it: %v", err)
	}
	if planted(t, path) == 0 {
		t.Fatal("the words can't be found before disposal either: the test shows nothing")
	}
	if err := r.Dispose(t.Context(), two, programme, it.ID, it.Version); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(t.Context(), one, programme, it.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("read after disposal: %v", err)
	}
	if found, err := r.Search(t.Context(), one, programme, intel.Query{Words: "plantedquokka", Language: "en"}); err != nil || found.Count != 0 {
		t.Errorf("search after disposal: %d %v", found.Count, err)
	}
	if _, err := db.Tidy(t.Context(), 1<<30); err != nil { // as the operator's nightly task does
		t.Fatal(err)
	}
	if n := planted(t, path); n != 0 {
		t.Errorf("%d planted words are left in the files", n)
	}
}

// discard keeps no ledger: what it keeps is tested apart.
type discard struct{}

func (discard) Append(context.Context, []tx.Entry) error { return nil }

// planted counts the planted words in the database's files.
func planted(t *testing.T, path string) int {
	t.Helper()
	n := 0
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, word := range []string{"plantedquokka", "plantedtitle", "plantedreason", "xylophonist"} {
			for i := 0; i+len(word) <= len(b); i++ {
				if string(b[i:i+len(word)]) == word {
					n++
				}
			}
		}
	}
	return n
}
