// SPDX-License-Identifier: Apache-2.0

package match

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

//go:embed data/*.csv data/*.gz data/*.json
var dataFiles embed.FS

// phrase is what a word or a run of words means in names.
type phrase struct {
	kind  Kind
	class uint32 // class of a legal form, value of a number, country of a place
	group uint32 // words with the same group are translations of each other
	form  uint32 // exact legal form
	words int
	text  string // canonical text of a legal form
}

// tables are the embedded tables, read once and never changed after.
type tables struct {
	romanise map[string]string
	maxRoman int // longest key of romanise, in runes
	indic    map[rune]indicSign
	jamo     [3][28]string
	han      map[string]bool // family names of two signs or three

	org, person    map[string]phrase
	address        map[string]phrase
	ids            map[string]idKind
	looks          map[string]string // colours, makes and kinds of vehicles
	plates         map[string]byte   // words that people say with part of a plate
	ages           map[string]ageRange
	slang          map[string]string // what substances are called, to their name
	epithets       map[string]bool
	shortEndings   map[string]bool // in sounds, of pet forms
	words          map[string]wordUse
	places         map[string]string
	stop           map[string]bool
	vocabulary     map[string]bool // words of everyday English
	sounds         soundRules
	eastAsian      eastAsian
	costs          costTable
	units          *treeCosts
	groups         *groupIndex
	personModel    model
	organisedModel model
	entityModels   [3]entityModel
}

// wordUse says how common a word is as a given and as a family name, binary
// logarithms of its share in a million names, and who bears it.
type wordUse struct {
	given, family float32
	gender        Kind // Male or Female, or 0
}

// loaded returns the tables. A table that can't be read is a mistake of who
// built the binary, so it panics.
func loaded() *tables {
	if t := theTables.Load(); t != nil { // it is asked for at each comparison
		return t
	}
	return loadOnce()
}

var (
	theTables atomic.Pointer[tables]
	loadOnce  = sync.OnceValue(func() *tables {
		t, err := load()
		if err != nil {
			panic(err)
		}
		theTables.Store(t)
		return t
	})
)

func load() (*tables, error) {
	t := &tables{
		romanise: map[string]string{}, indic: map[rune]indicSign{}, han: map[string]bool{},
		org: map[string]phrase{}, person: map[string]phrase{}, address: map[string]phrase{}, words: map[string]wordUse{},
		places: map[string]string{}, stop: map[string]bool{}, vocabulary: map[string]bool{},
	}
	err := inOrder(t.loadRomanise, t.loadIndic, t.loadJamo, t.loadSounds, t.loadCosts, t.loadEastAsian) // what words need comes first
	if err != nil {
		return nil, err
	}
	groups := make(chan error, 1)
	go func() { groups <- inOrder(t.loadGroups) }()
	err = inOrder(
		t.loadHan, t.loadStop, t.loadVocabulary, t.loadGenerations, t.loadLegal, t.loadOrgWords, t.loadTitles, t.loadParticles, t.loadNumbers, t.loadPlaces,
		t.loadPersonWords, t.loadGenders, t.loadAddressWords, t.loadIdentifiers, t.loadLooks,
		t.loadPlateWords, t.loadAges, t.loadSlang, t.loadEpithets, t.loadEndings, t.loadModels,
	)
	return t, errors.Join(err, <-groups)
}

func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("read tables of names: %w", err)
		}
	}
	return nil
}

// TablesVersion tells the embedded tables from others. What is kept of a prepared
// name means something with the same tables only: a row more in one of them gives
// other words other numbers.
var TablesVersion = sync.OnceValue(func() uint64 {
	sum := crc64.New(crc64.MakeTable(crc64.ECMA))
	files, err := dataFiles.ReadDir("data")
	if err != nil {
		panic(err) // they are part of the binary
	}
	for _, file := range files {
		text, err := dataFiles.ReadFile("data/" + file.Name())
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(sum, "%s %d\n", file.Name(), len(text))
		_, _ = sum.Write(text) // never fails
	}
	return sum.Sum64()
})

// each calls f for every row but the first of an embedded table.
func each(file string, columns int, f func(row []string) error) error {
	in, err := dataFiles.Open("data/" + file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	r := csv.NewReader(in)
	r.FieldsPerRecord = columns
	r.ReuseRecord = true
	r.LazyQuotes = true
	for n := 0; ; n++ {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if n == 0 {
			continue
		}
		if err := f(row); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("%s:%d: %w", file, line, err)
		}
	}
}

func (t *tables) loadHan() error {
	err := each("surnames_han.csv", 1, func(row []string) error {
		t.han[strings.Clone(row[0])] = true
		return nil
	})
	if err != nil {
		return err
	}
	return each("names_kanji.csv", 3, func(row []string) error {
		if row[1] == "family" && utf8.RuneCountInString(row[0]) > 1 {
			t.han[strings.Clone(row[0])] = true
		}
		return nil
	})
}

func (t *tables) loadStop() error {
	return each("stopwords.csv", 1, func(row []string) error {
		t.stop[t.key(row[0], Organisation)] = true
		return nil
	})
}

func (t *tables) loadVocabulary() error {
	return each("vocabulary.csv", 1, func(row []string) error {
		t.vocabulary[strings.Clone(row[0])] = true
		return nil
	})
}

// loadGenerations reads what tells father and son apart. It comes before the
// titles, some of which mean the same.
func (t *tables) loadGenerations() error {
	return each("generations.csv", 2, func(row []string) error {
		number, err := strconv.ParseUint(row[1], 10, 8)
		if err != nil {
			return err
		}
		t.put(t.person, row[0], Person, phrase{kind: Title | Number, class: uint32(number)})
		return nil
	})
}

func (t *tables) loadLegal() error {
	classes := numbering{}
	forms := numbering{}
	add := func(row []string) error {
		p := phrase{kind: LegalForm, class: classes.of(row[2]), form: forms.of(row[1])}
		switch row[2] {
		case "other":
			p.class = 1000 + p.form
		case "any":
			p.class = anyClass
		}
		t.put(t.org, row[0], Organisation, p)
		return nil
	}
	return errors.Join(each("legal_forms_own.csv", 3, add), each("legal_forms.csv", 3, add))
}

// anyClass is that of legal forms which are translated by others of any class: an
// East Asian company is Ltd, Corporation or Inc in English as it likes.
const anyClass = 1 << 20

// SameClass reports whether two classes of legal forms are no different ones.
func SameClass(x, y uint32) bool { return x == y || x == anyClass || y == anyClass }

// loadOrgWords reads words of organisations and their translations. Not all of
// them are so common that they say little: of "Lake Shipping", the lake counts.
func (t *tables) loadOrgWords() error {
	groups := numbering{}
	var apart []string                                             // what others know as one word and is several
	err := each("org_words_own.csv", 3, func(row []string) error { // first: what others know of a word differs
		kind := commonKind(row[1])
		switch row[2] {
		case "word":
			kind = Vocabulary
		case "apart":
			apart = append(apart, t.key(row[0], Organisation))
			return nil
		}
		t.put(t.org, row[0], Organisation, phrase{kind: kind, group: orgGroup | groups.of(row[1])})
		return nil
	})
	if err != nil {
		return err
	}
	return each("org_words.csv", 2, func(row []string) error {
		if key := t.key(row[0], Organisation); !slices.Contains(apart, key) {
			t.putKey(t.org, key, phrase{kind: commonKind(row[1]), group: orgGroup | groups.of(row[1])})
		}
		return nil
	})
}

// commonKind is what a common word is, by its key: that something is a company
// says hardly more than its legal form.
func commonKind(key string) Kind {
	if key == "co" {
		return Common | Stop
	}
	return Common
}

func (t *tables) loadTitles() error {
	return each("titles.csv", 1, func(row []string) error {
		t.put(t.person, row[0], Person, phrase{kind: Title})
		return nil
	})
}

func (t *tables) loadEndings() error {
	t.shortEndings = map[string]bool{"": true}
	return each("short_endings.csv", 1, func(row []string) error {
		t.shortEndings[strings.Clone(row[0])] = true
		return nil
	})
}

func (t *tables) loadEpithets() error {
	t.epithets = map[string]bool{}
	return each("epithets.csv", 1, func(row []string) error {
		t.epithets[t.key(row[0], Person)] = true
		return nil
	})
}

func (t *tables) loadParticles() error {
	groups := numbering{}
	return each("particles.csv", 2, func(row []string) error {
		t.put(t.person, row[0], Person, phrase{kind: Particle, group: particleGroup | groups.of(row[1])})
		return nil
	})
}

func (t *tables) loadNumbers() error {
	return errors.Join(t.loadNumberWords("numbers.csv"), t.loadNumberWords("ordinals.csv"), t.loadNumberWords("tens.csv"))
}

func (t *tables) loadNumberWords(file string) error {
	return each(file, 2, func(row []string) error {
		value, err := strconv.ParseUint(row[1], 10, 32)
		if err != nil {
			return err
		}
		t.put(t.org, row[0], Organisation, phrase{kind: Number, class: uint32(value)})
		t.put(t.address, row[0], Address, phrase{kind: Number, class: uint32(value)}) // Fifth Avenue
		return nil
	})
}

func (t *tables) loadAddressWords() error {
	groups := numbering{}
	return each("address_words.csv", 2, func(row []string) error {
		t.put(t.address, row[0], Address, phrase{kind: Common, group: orgGroup | groups.of(row[1])})
		return nil
	})
}

func (t *tables) loadPlaces() error {
	codes := numbering{}
	add := func(row []string) error {
		code := strings.Clone(row[1])
		key := t.key(row[0], Organisation) // and of addresses: all but persons' are the same
		t.places[key] = code
		if len(key) > 3 {
			t.putPlace(key, phrase{kind: Place, class: codes.of(code), group: placeGroup | codes.of(code)})
		}
		return nil
	}
	return errors.Join(each("places.csv", 2, add), each("places_own.csv", 2, add), each("cities.csv", 2, func(row []string) error {
		city := placeGroup | codes.of("city "+row[1])
		t.putPlace(t.key(row[0], Organisation), phrase{kind: Vocabulary, group: city}) // it tells apart, where a country says little
		return nil
	}))
}

func (t *tables) putPlace(key string, p phrase) {
	t.putKey(t.org, key, p)
	t.putKey(t.address, key, p)
}

func (t *tables) loadPersonWords() error {
	return each("person_words.csv", 3, func(row []string) error {
		given, err := strconv.ParseFloat(row[1], 32)
		if err != nil {
			return err
		}
		family, err := strconv.ParseFloat(row[2], 32)
		if err != nil {
			return err
		}
		key := t.key(row[0], Person)
		use := t.words[key]
		use.given, use.family = max(use.given, float32(given)), max(use.family, float32(family))
		t.words[key] = use
		return nil
	})
}

func (t *tables) loadGenders() error {
	return each("genders.csv", 2, func(row []string) error {
		kind, other := Male, Female
		if row[1] == "f" {
			kind, other = other, kind
		}
		key := t.key(row[0], Person)
		use := t.words[key]
		if use.gender == other {
			use.gender = 0 // with other accents it is the name of others
		} else {
			use.gender = kind
		}
		t.words[key] = use
		return nil
	})
}

// key is the form under which a phrase is looked up: its words folded, with
// one space between them.
func (t *tables) key(text string, sort Sort) string {
	if isPlainWord(text) {
		return strings.Clone(text)
	}
	words := splitWords(text, sort)
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.native
	}
	return strings.Join(parts, " ")
}

// isPlainWord reports whether a text is one word of small Latin letters, which
// is its own key.
func isPlainWord(text string) bool {
	for i := range len(text) {
		if text[i] < 'a' || text[i] > 'z' {
			return false
		}
	}
	return len(text) > 1
}

// put adds a phrase unless a former table knows it already: legal forms before
// ordinary words.
func (t *tables) put(table map[string]phrase, text string, sort Sort, p phrase) {
	t.putKey(table, t.key(text, sort), p)
}

func (t *tables) putKey(table map[string]phrase, key string, p phrase) {
	if key == "" {
		return
	}
	p.words = strings.Count(key, " ") + 1
	if _, taken := table[key]; !taken {
		p.text = strings.ReplaceAll(key, " ", "")
		table[key] = p
	}
}

// numbering gives every text a number from 1 in the order of asking.
type numbering map[string]uint32

func (n numbering) of(text string) uint32 {
	id, ok := n[text]
	if !ok {
		id = uint32(len(n) + 1)
		n[strings.Clone(text)] = id
	}
	return id
}

// Groups of words are numbered in ranges by where they come from.
const (
	spellingGroup = 1 << 27 // after those of variants.txt
	orgGroup      = 1 << 28
	particleGroup = 2 << 28
	placeGroup    = 3 << 28
	nickGroup     = 4 << 28
)
