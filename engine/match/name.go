// SPDX-License-Identifier: Apache-2.0

package match

// Sort is what kind of thing a name belongs to; it decides which words count.
type Sort uint8

// The sorts, from the schemata of FollowTheMoney.
const (
	Thing        Sort = iota // anything else
	Person                   // a human being
	Organisation             // a company, body, group; also LegalEntity, which may be a person
	Vessel                   // a ship
	Vehicle                  // a car, an aircraft
	Address                  // a place
)

// Script is a writing system, told apart as far as names need it.
type Script uint8

// The scripts. Mixed is a name with letters of more than one.
const (
	NoScript Script = iota
	Latin
	Cyrillic
	Greek
	Arabic // Persian, Urdu, Pashto and Kurdish too
	Hebrew
	Han
	Kana
	Hangul
	Georgian
	Armenian
	Indic // Devanagari, Bengali, Tamil and the other scripts of India
	Other // Thai, Khmer, Burmese, Ethiopic, …
	Mixed
)

// Kind is a set of what a word can be in a name; a word is often several.
type Kind uint16

// The kinds of words.
const (
	Given      Kind = 1 << iota // known as a given name
	Family                      // known as a family name
	Patronymic                  // Ivanovich, bin Ahmed, Jónsdóttir
	Initial                     // one letter that stands for a name
	Number                      // digits, number word, ordinal or Roman numeral
	LegalForm                   // GmbH, Ltd, ООО
	Particle                    // von, de la, bin, al
	Stop                        // the, and, of
	Title                       // Dr, Sheikh, General
	Place                       // a country or its adjective
	Common                      // a word that many names of the sort share: Trading, Group
	Vocabulary                  // a word of a language, in a name of no person
	Male                        // given name that men bear
	Female                      // given name that women bear
	Articled                    // written together with the Arabic article, which is a word of its own here
	Syllabic                    // syllables in pinyin, in a name of nothing else
)

// Has reports whether the set holds any of the given kinds.
func (k Kind) Has(any Kind) bool { return k&any != 0 }

// Token is one word of a prepared name.
type Token struct {
	// Text is the word in lower-case Latin letters and digits, romanised,
	// without marks: "Müller" and "Мюллер" are "muller" and "miuller". It is
	// never empty.
	Text string
	// Native is the word folded in its own script; equal to Text in Latin.
	Native string
	// Skeleton is the phonetic-orthographic key: words that are written for
	// the same sound in different transliterations share it. Never empty.
	Skeleton string
	// Kind is what the word can be.
	Kind Kind
	// Class numbers the class of a legal form, the value of a number, or the
	// known name that the word is a variant of; 0 is none. Meaningful with
	// the same Kind only.
	Class uint32
	// Groups number the known names that the word is a spelling or a short
	// form of, and the words that it translates; sorted. Two words that share
	// a number may mean the same name.
	Groups []uint32
	// Weight is how much the word says: 1 for an average word of its sort,
	// less for common ones, more for rare ones; above 0.
	Weight float32

	sound  string // the word in sounds, see soundLetters
	mask   uint64 // which sounds it has
	form   uint32 // exact legal form
	strong int8   // how many of its sounds every script writes
	loose  bool   // its script leaves vowels out
}

// Name is a name made ready for comparing. Its zero value is an empty name,
// which is like no other.
type Name struct {
	// Raw is the name as it was given, shortened when very long.
	Raw    string
	Sort   Sort
	Script Script
	// Weak marks an alias that its source calls weak.
	Weak bool
	// Tokens are its words in their order, MaxTokens at most.
	Tokens []Token
}

// MaxTokens is the number of words of a name that are looked at.
const MaxTokens = 24

// MaxNameBytes is the length of a name that is looked at; what follows is cut.
const MaxNameBytes = 1024

// SortOf returns the sort of names of a FollowTheMoney schema.
func SortOf(schema string) Sort {
	switch schema {
	case "Person":
		return Person
	case "Organization", "Company", "LegalEntity", "PublicBody", "CrimeGroup":
		return Organisation
	case "Vessel":
		return Vessel
	case "Vehicle", "Airplane":
		return Vehicle
	case "Address":
		return Address
	}
	return Thing
}

// LeavesVowelsOut reports whether the word's script does not write all vowels.
func (t *Token) LeavesVowelsOut() bool { return t.loose }
