// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func entity(id, schema, name string, more ...string) ftm.Entity {
	e := ftm.Entity{ID: id, Schema: schema}
	e.Add("name", name)
	for i := 0; i+1 < len(more); i += 2 {
		e.Add(more[i], more[i+1])
	}
	return e
}

func person(name string) ftm.Entity { return entity("", "Person", name) }

func ids(hits []index.Hit) []string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = h.ID
	}
	return out
}

var few = []ftm.Entity{
	entity("p1", "Person", "Karla Smedstrup", "country", "dk", "topics", "sanction"),
	entity("p2", "Person", "Otto Bruun", "country", "se"),
	entity("p3", "Person", "Владимир Щукин", "country", "ru"),
	entity("p4", "Person", "Abdul Rahman Khalidi"),
	entity("c1", "Company", "Smedstrup Shipping ApS", "jurisdiction", "dk"),
	entity("v1", "Vessel", "Northern Light", "flag", "pa"),
}

func TestNamesAreFoundHoweverTheyAreWritten(t *testing.T) {
	ix := build(t, few)
	for _, c := range []struct{ query, want string }{
		{"Karla Smedstrup", "p1"},
		{"SMEDSTRUP, Karla", "p1"},
		{"Karla Smedstrop", "p1"},
		{"Kalra Smedstrup", "p1"},
		{"K. Smedstrup", "p1"},
		{"Vladimir Shchukin", "p3"},
		{"Wladimir Schtschukin", "p3"},
		{"Abdulrahman Khalidi", "p4"},
		{"Abd al-Rahman al-Khalidi", "p4"},
		{"Оtto Вruun", "p2"}, // two letters are Cyrillic
	} {
		hits := search(t, ix, index.Query{Entity: person(c.query), K: 3})
		if len(hits) == 0 || hits[0].ID != c.want {
			t.Errorf("%s: found %v, want %s first", c.query, ids(hits), c.want)
		}
	}
}

func TestASharedIdentifierIsFoundUnderAnyName(t *testing.T) {
	list := append(slices.Clone(few),
		entity("s1", "Vessel", "Sea Star", "imoNumber", "IMO 9074729"),
		entity("s2", "Person", "Ane Kvist", "passportNumber", "K1234567"))
	ix := build(t, list)
	for _, c := range []struct {
		query ftm.Entity
		want  string
	}{
		{entity("", "Vessel", "Golden Wind", "imoNumber", "9074729"), "s1"},
		{entity("", "Person", "Birte Holm", "passportNumber", "k-123 4567"), "s2"},
	} {
		if hits := search(t, ix, index.Query{Entity: c.query, Threshold: -1}); !slices.Contains(ids(hits), c.want) {
			t.Errorf("%v: found %v, want %s", c.query.Properties, ids(hits), c.want)
		}
	}
}

func TestHitsPassTheFilterAndTheThreshold(t *testing.T) {
	ix := build(t, few)
	query := person("Karla Smedstrup")
	for _, c := range []struct {
		name   string
		filter index.Filter
		want   bool
	}{
		{"none", index.Filter{}, true},
		{"country", index.Filter{Countries: []string{"DK"}}, true},
		{"other country", index.Filter{Countries: []string{"se", "ru"}}, false},
		{"schema", index.Filter{Schemata: []string{"Person"}}, true},
		{"wider schema", index.Filter{Schemata: []string{"LegalEntity"}}, true},
		{"other schema", index.Filter{Schemata: []string{"Vessel"}}, false},
		{"topic", index.Filter{Topics: []string{"sanction"}}, true},
		{"topic and other country", index.Filter{Topics: []string{"sanction"}, Countries: []string{"se"}}, false},
		{"data set that is not there", index.Filter{Datasets: []string{"nobody"}}, false},
	} {
		hits := search(t, ix, index.Query{Entity: query, Filter: c.filter})
		if got := slices.Contains(ids(hits), "p1"); got != c.want {
			t.Errorf("%s: found %v", c.name, ids(hits))
		}
	}
	for _, h := range search(t, ix, index.Query{Entity: query, Threshold: 0.4}) {
		if h.Score < 0.4 {
			t.Errorf("%s scores %v under the threshold", h.ID, h.Score)
		}
	}
	if hits := search(t, ix, index.Query{Entity: query, K: 1}); len(hits) != 1 {
		t.Errorf("asked for one, got %v", ids(hits))
	}
}

func TestOddQueriesHaveAnAnswer(t *testing.T) {
	ix := build(t, few)
	for _, name := range []string{
		"", " ", "x", "-", "\x00\u202e", "...", strings.Repeat("mohammed ", 100_000), strings.Repeat("x", 1<<20), "GmbH", "of the", "☃", "1234567890",
	} {
		search(t, ix, index.Query{Entity: person(name)})
	}
	search(t, ix, index.Query{})
	empty := build(t, nil)
	if hits := search(t, empty, index.Query{Entity: person("Karla")}); len(hits) != 0 {
		t.Errorf("an empty index found %v", hits)
	}
}

func TestTheLastOfEqualIDsCounts(t *testing.T) {
	ix := build(t, []ftm.Entity{entity("a", "Person", "Karla Smedstrup"), entity("a", "Person", "Otto Bruun")})
	if s := ix.Stats(); s.Entities != 1 || s.Duplicates != 1 {
		t.Errorf("stats are %+v", s)
	}
	if hits := search(t, ix, index.Query{Entity: person("Karla Smedstrup"), Threshold: 0.5}); len(hits) != 0 {
		t.Errorf("the replaced one was found: %v", hits)
	}
	if hits := search(t, ix, index.Query{Entity: person("Otto Bruun"), Threshold: 0.5}); len(hits) != 1 {
		t.Errorf("the last one was not found")
	}
}

// TestAVeryCommonNameTakesBoundedTime has one name that everybody bears: what
// else is known of them decides.
func TestAVeryCommonNameTakesBoundedTime(t *testing.T) {
	list := make([]ftm.Entity, 30_000)
	for i := range list {
		list[i] = entity(fmt.Sprintf("m%05d", i), "Person", "Mohammed Ali", "birthDate", fmt.Sprintf("%d-01-02", 1930+i%70))
	}
	list[29_999] = entity("m29999", "Person", "Mohammed Ali", "birthDate", "1911-05-06")
	ix := build(t, list)
	query := entity("", "Person", "Mohamed Aly", "birthDate", "1911-05-06")
	hits := search(t, ix, index.Query{Entity: query, K: 5})
	if len(hits) != 5 || hits[0].ID != "m29999" {
		t.Errorf("found %v, want the one born that day first", ids(hits))
	}
	if ix.Stats().Names != 1 {
		t.Errorf("%d different names", ix.Stats().Names)
	}
}

// TestAWordOfHundredsOfThousandsTakesBoundedTime looks for a name whose words
// stand in a great many different names.
func TestAWordOfHundredsOfThousandsTakesBoundedTime(t *testing.T) {
	many := 1_000_000
	if testing.Short() || raced {
		many = 100_000
	}
	s := synth.New(5)
	n := 0
	ix, err := index.Build(t.Context(), func() (ftm.Entity, error) {
		if n++; n > many {
			return ftm.Entity{}, io.EOF
		}
		p := s.Person()
		return entity(fmt.Sprint(n), "Person", "Mohammed "+p.Given+" "+p.Family), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Mohammed", "Mohammed Mohammed", "M", "Mohamed Ali", strings.Repeat("Mohammed ", 100_000), "محمد"} {
		start := processor(t)
		if hits := search(t, ix, index.Query{Entity: person(name), Threshold: -1}); len(hits) == 0 && len(name) > 1 {
			t.Errorf("nobody is like %.30q", name)
		}
		if took := processor(t) - start; took > 3*time.Second { // a few milliseconds on a free machine
			t.Errorf("looking for %.30q took %v", name, took)
		}
	}
}

func TestASavedIndexAnswersAsBefore(t *testing.T) {
	s := synth.New(31)
	list := invented(s, 3000)
	ix := build(t, list)
	path := filepath.Join(t.TempDir(), "x.index")
	if err := ix.Save(path); err != nil {
		t.Fatal(err)
	}
	if err := index.Verify(path); err != nil {
		t.Fatal(err)
	}
	opened, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }() // only read
	for i := range 60 {
		q := index.Query{Entity: person(s.AlterName(list[i*50].First("name"))), K: 20}
		if diff := cmp.Diff(search(t, ix, q), search(t, opened, q)); diff != "" {
			t.Fatal(diff)
		}
	}
	for i := range list {
		got, ok, err := opened.Get(list[i].ID)
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", list[i].ID, ok, err)
		}
		if diff := cmp.Diff(list[i].Properties, got.Properties); diff != "" {
			t.Fatal(diff)
		}
	}
}

// withHeader changes something in a file's header, as one that was made so.
func withHeader(b, old, new []byte) []byte {
	const start = 16
	size := binary.LittleEndian.Uint32(b[8:])
	text := bytes.Replace(b[start:start+size], old, new, 1)
	text = append(text, bytes.Repeat([]byte(" "), int(size)-len(text))...)
	binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)))
	copy(b[start:], text)
	return b
}

func TestDamagedFilesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.index")
	if err := build(t, few).Save(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	made := fmt.Appendf(nil, `"tables":%d`, match.TablesVersion())
	if !bytes.Contains(good, made) {
		t.Fatal("the file does not say with which tables it was made")
	}
	for _, c := range []struct {
		name   string
		damage func(b []byte) []byte
		open   error
	}{
		{"made with other tables", func(b []byte) []byte { return withHeader(b, made, []byte(`"tables":7`)) }, index.ErrNotIndex},
		{"empty", func([]byte) []byte { return nil }, index.ErrNotIndex},
		{"another file", func([]byte) []byte { return []byte("id,name\n1,Karla\n") }, index.ErrNotIndex},
		{"cut", func(b []byte) []byte { return b[:len(b)/2] }, index.ErrDamaged},
		{"header changed", func(b []byte) []byte { b[40]++; return b }, index.ErrDamaged},
		{"body changed", func(b []byte) []byte { b[len(b)-200]++; return b }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "bad.index")
			if err := os.WriteFile(bad, c.damage(bytes.Clone(good)), 0o600); err != nil {
				t.Fatal(err)
			}
			if ix, err := index.Open(bad); !errors.Is(err, c.open) {
				t.Errorf("open says %v, want %v", err, c.open)
			} else if err == nil {
				_ = ix.Close() // only read
			}
			if index.Verify(bad) == nil {
				t.Error("verify found nothing")
			}
		})
	}
	if _, err := index.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestIncrementalEqualsRebuilt plays random updates against an index that is
// built anew from what should be there.
func TestIncrementalEqualsRebuilt(t *testing.T) {
	s := synth.New(41)
	pool := invented(s, 120)
	queries := make([]string, 40)
	for i := range queries {
		queries[i] = s.AlterName(pool[i*3].First("name"))
	}
	rapid.Check(t, func(t *rapid.T) {
		present := map[string]ftm.Entity{}
		start := rapid.IntRange(0, 60).Draw(t, "start")
		for _, e := range pool[:start] {
			present[e.ID] = e
		}
		ix, err := index.Build(t.Context(), sourceOf(pool[:start]))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 4).Draw(t, "updates") {
			var put []ftm.Entity
			var remove []string
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 79), 0, 10, rapid.ID).Draw(t, "ids") {
				id := fmt.Sprintf("e%d", i)
				if rapid.Bool().Draw(t, "remove") {
					remove = append(remove, id)
					delete(present, id)
					continue
				}
				e := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "new")]
				e.ID = id
				put = append(put, e)
				present[id] = e
			}
			if _, err := ix.Update(put, remove); err != nil {
				t.Fatal(err)
			}
		}
		var list []ftm.Entity
		for _, e := range present {
			list = append(list, e)
		}
		slices.SortFunc(list, func(a, b ftm.Entity) int { return strings.Compare(a.ID, b.ID) })
		rebuilt, err := index.Build(t.Context(), sourceOf(list))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ix.Stats().Entities, len(present); got != want {
			t.Fatalf("%d entities, want %d", got, want)
		}
		for _, name := range queries {
			q := index.Query{Entity: person(name), K: 10, Threshold: 0.2}
			got, err := ix.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			want, err := rebuilt.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	})
}

func TestChangesAreTold(t *testing.T) {
	ix := build(t, few)
	start := ix.Generation()
	steps := []struct {
		put    []ftm.Entity
		remove []string
	}{
		{put: []ftm.Entity{entity("p9", "Person", "Ane Kvist"), few[0]}},  // p1 is as it was
		{put: []ftm.Entity{entity("p2", "Person", "Otto Brun")}},          // changed
		{remove: []string{"c1", "nobody"}},                                // removed
		{put: []ftm.Entity{entity("x", "Person", "Came And Went")}},       //
		{remove: []string{"x"}},                                           //
		{remove: []string{"v1"}},                                          //
		{put: []ftm.Entity{entity("v1", "Vessel", "Northern Light Two")}}, // went and came back
	}
	for _, step := range steps {
		if _, err := ix.Update(step.put, step.remove); err != nil {
			t.Fatal(err)
		}
	}
	changes, complete := ix.ChangesSince(start)
	var got []string
	for _, c := range changes {
		got = append(got, c.ID+" "+string(c.Kind))
	}
	want := []string{"c1 removed", "p2 changed", "p9 added", "v1 changed"}
	if diff := cmp.Diff(want, got); diff != "" || !complete {
		t.Errorf("complete %v, %s", complete, diff)
	}
	if changes, _ := ix.ChangesSince(ix.Generation()); len(changes) != 0 {
		t.Errorf("nothing changed since now, but %v", changes)
	}
	path := filepath.Join(t.TempDir(), "x.index")
	if err := ix.Save(path); err != nil {
		t.Fatal(err)
	}
	opened, err := index.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }() // only read
	if opened.Generation() != ix.Generation() {
		t.Errorf("generation %d became %d", ix.Generation(), opened.Generation())
	}
	if again, _ := opened.ChangesSince(start); len(again) != len(changes) && len(again) != len(want) {
		t.Errorf("the file forgot the changes: %v", again)
	}
	if _, err := ix.Update([]ftm.Entity{{Schema: "Person"}}, nil); err == nil {
		t.Error("an entity without an id was taken")
	}
}

func TestSearchesSeeWholeUpdates(t *testing.T) {
	ix := build(t, few)
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				hits, err := ix.Search(t.Context(), index.Query{Entity: person("Ane Kvist"), Threshold: 0.5})
				if err != nil || len(hits) != 0 && len(hits) != 2 {
					t.Errorf("a search saw half an update: %v %v", ids(hits), err)
					return
				}
			}
		})
	}
	for i := range 200 {
		put := []ftm.Entity{entity("a", "Person", "Ane Kvist"), entity("b", "Person", "Ane Kvist")}
		var err error
		if i%2 == 0 {
			_, err = ix.Update(put, nil)
		} else {
			_, err = ix.Update(nil, []string{"a", "b"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wait.Wait()
}

// processor is the time that this process has had of the processors: the clock
// on the wall tells how many others are at work here.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
