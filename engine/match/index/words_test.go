// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"slices"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
)

func named(id, schema string, names ...string) ftm.Entity {
	e := ftm.Entity{ID: id, Schema: schema}
	e.Add("name", names...)
	return e
}

func finds(t *testing.T, ix *index.Index, schema, name, id string) bool {
	t.Helper()
	return slices.ContainsFunc(search(t, ix, index.Query{Entity: named("", schema, name)}), func(h index.Hit) bool { return h.ID == id })
}

// TestWordsAreFoundByAllThatTiesThem looks for names by what comparing links:
// acronyms on either side, words written as one on either side, pet forms, known
// spellings of a word that is also something else.
func TestWordsAreFoundByAllThatTiesThem(t *testing.T) {
	list := []ftm.Entity{
		named("kmc", "Company", "Kora Media Corporation Ltd"),
		named("uwsa", "Organization", "UWSA"),
		named("aero", "Company", "Aerocaribbean Airlines"),
		named("latif", "Person", "Kitu Abd-al-Latif"),
		named("bashir", "Person", "Abdelbashir Omar"),
		named("steffi", "Person", "Krag, Steffi"),
		named("hong", "Company", "Hong Kong Electronics"),
		named("song", "Person", "Kim Song"),
		named("song-company", "Company", "Song Trading"),
		named("reza", "Person", "Lahaman, Mohammed Reza"),
		named("second", "Company", "Grupo Segundo Milenio"),
		named("san", "Person", "San Bruun"),
		named("sano", "Company", "San Mateo"),
	}
	ix := build(t, list)
	for _, c := range []struct{ schema, name, id string }{
		{"Company", "KMC", "kmc"},
		{"Organization", "United Wa State Army", "uwsa"},
		{"Company", "Aero-Caribbean", "aero"},
		{"Person", "Kitu Abdellatif", "latif"},
		{"Person", "Omar Abd el Bashir", "bashir"},
		{"Person", "Stefanie Krag", "steffi"},
		{"Person", "Kim Sung", "song"},
		{"Person", "Mohammadreza Tosk", "reza"},
		{"Company", "2 Towers", "second"},
		{"Organization", "Southern Academy of Nature", "sano"},
	} {
		if !finds(t, ix, c.schema, c.name, c.id) {
			t.Errorf("%q is not found by %q", c.id, c.name)
		}
	}
}

// TestNamesAreFoundAsAnotherAlphabetWritesThem looks for names of Asia in the other
// ways to write them, each from either side.
func TestNamesAreFoundAsAnotherAlphabetWritesThem(t *testing.T) {
	for _, pair := range [][2]string{
		{"王建民", "Wang Chien-min"},
		{"黄志明", "Wong Chi Ming"},
		{"박지성", "Park Ji-sung"},
		{"Ohno Yuuta", "Oono Yuta"},
		{"နေမျိုးအောင်", "Nay Myo Aung"},
		{"Nur al-Din", "Nooruddin"},
		{"نور الدين", "Noureddine"},
	} {
		for i, name := range pair {
			ix := build(t, append([]ftm.Entity{named("the one", "Person", name)}, few...))
			if other := pair[1-i]; !finds(t, ix, "Person", other, "the one") {
				t.Errorf("%s is not found by %s", name, other)
			}
		}
	}
}

// TestWhatWasAskedBeforeChangesNothing asks for a word that is a particle in one
// name and a name in another, in both orders.
func TestWhatWasAskedBeforeChangesNothing(t *testing.T) {
	list := []ftm.Entity{named("a", "Person", "Shekau Abubakar"), named("b", "Person", "Yasir Abu"), named("c", "Person", "Abu Bakr Omar")}
	fresh := search(t, build(t, list), index.Query{Entity: named("", "Person", "YASIR, Abu")})
	used := build(t, list)
	search(t, used, index.Query{Entity: named("", "Person", "Abu Bakr Omar")})
	if again := search(t, used, index.Query{Entity: named("", "Person", "YASIR, Abu")}); !slices.Equal(fresh, again) {
		t.Errorf("alone %v, after another search %v", fresh, again)
	}
}
