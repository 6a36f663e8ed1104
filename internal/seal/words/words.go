// SPDX-License-Identifier: AGPL-3.0-or-later

// Package words holds the lists of 2,048 words that receipts and passphrases
// are shown in, one for each language, and reads what people type of them.
// A word stands for its place in its list, so a receipt is the same in every
// language.
//
// The lists never change once published: a changed word is a lost receipt.
// SOURCES.md beside the lists says where they come from.
//
// Everything here is read-only after the first use and safe for concurrent use.
package words

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

const (
	// Count is the number of words in each list.
	Count = 1 << Bits
	// Bits is how many bits a word stands for.
	Bits = 11
	// Prefix is the number of folded letters that name a word.
	Prefix = 4
)

//go:embed *.txt
var files embed.FS

// List is the words of one language in their fixed order.
type List struct {
	language string
	words    []string
	exact    map[string]uint16 // by folded word
	prefix   map[string]uint16 // by the first four letters of the folded word
	folded   []string
	letters  [][]rune // of the folded words
}

var all = sync.OnceValue(func() []*List {
	names, err := files.ReadDir(".")
	if err != nil {
		panic("words: " + err.Error()) // the lists are embedded
	}
	var lists []*List
	for _, name := range names {
		text, err := files.ReadFile(name.Name())
		if err != nil {
			panic("words: " + err.Error())
		}
		list, err := read(strings.TrimSuffix(name.Name(), ".txt"), string(text))
		if err != nil {
			panic("words: " + err.Error())
		}
		lists = append(lists, list)
	}
	return lists
})

// All returns the lists in the order of their language codes.
func All() []*List { return slices.Clone(all()) }

// For returns the list of a language ("da"), and the English one with false
// when there is none.
func For(language string) (*List, bool) {
	var english *List
	for _, list := range all() {
		if list.language == language {
			return list, true
		}
		if list.language == "en" {
			english = list
		}
	}
	return english, false
}

func read(language, text string) (*List, error) {
	list := &List{
		language: language, words: strings.Split(strings.TrimSuffix(text, "\n"), "\n"),
		exact: make(map[string]uint16, Count), prefix: make(map[string]uint16, Count),
	}
	if len(list.words) != Count {
		return nil, fmt.Errorf("%s.txt has %d words, want %d", language, len(list.words), Count)
	}
	for n, word := range list.words {
		folded := Fold(word)
		start := firstLetters(folded)
		if _, taken := list.prefix[start]; taken {
			return nil, fmt.Errorf("%s.txt: %q shares its first letters with another word", language, word)
		}
		list.exact[folded], list.prefix[start] = uint16(n), uint16(n)
		list.folded, list.letters = append(list.folded, folded), append(list.letters, []rune(folded))
	}
	return list, nil
}

// Language returns the list's language code.
func (l *List) Language() string { return l.language }

// Word returns the word for n, which must be below Count.
func (l *List) Word(n uint16) string { return l.words[n] }

// Words returns all words in order.
func (l *List) Words() []string { return slices.Clone(l.words) }

// Find returns the number of a word as somebody typed it: in any case and
// Unicode form, with or without vowel signs, whole or from its first four
// letters on.
func (l *List) Find(typed string) (n uint16, ok bool) {
	folded := Fold(typed)
	n, ok = l.exact[folded]
	if ok {
		return n, true
	}
	if len([]rune(folded)) < Prefix {
		return 0, false
	}
	n, ok = l.prefix[firstLetters(folded)]
	if !ok || !strings.HasPrefix(l.folded[n], folded) {
		return 0, false
	}
	return n, true
}

func firstLetters(folded string) string {
	runes := []rune(folded)
	return string(runes[:min(Prefix, len(runes))])
}
