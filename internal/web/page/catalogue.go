// SPDX-License-Identifier: AGPL-3.0-or-later

package page

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Base is the language that texts are written in first; the others must have
// the same keys.
const Base = "en"

// Catalogue holds every text of one site in all its languages. It is read
// from `<tag>.yaml` for each language, a flat map from key to text; a subject of
// its own may have a file of its own, `<subject>.<tag>.yaml`.
// A text may contain {name} for a value; a text that depends on a number is a
// map from the plural forms of CLDR (zero, one, two, few, many, other) to
// texts, chosen by the value called n.
type Catalogue struct {
	words map[string]*Words
}

// Words is a catalogue in one language.
type Words struct {
	Lang  string
	tag   language.Tag
	texts map[string]text
}

// text is one message: plain, or one text for each plural form.
type text struct {
	plain string
	forms map[plural.Form]string
	parts map[string][]string // of a text that has places for values: what stands around them, and their names
}

var formNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// LoadCatalogue reads all `*.yaml` files in the folder dir of files and checks
// that every language says everything that Base says, with the same values in
// it. It returns all faults together.
func LoadCatalogue(files fs.FS, dir string) (*Catalogue, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list the texts: %w", err)
	}
	c := &Catalogue{words: map[string]*Words{}}
	var faults []error
	for _, name := range names {
		w, err := readWords(files, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if err := c.add(w, name); err != nil {
			faults = append(faults, err)
		}
	}
	base, ok := c.words[Base]
	if !ok {
		return nil, errors.Join(append(faults, fmt.Errorf("texts: no %s.yaml in %s", Base, dir))...)
	}
	for _, lang := range c.Languages() {
		faults = append(faults, c.words[lang].compare(base)...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return c, nil
}

// add joins the texts of one file to its language; a key has one home.
func (c *Catalogue) add(w *Words, name string) error {
	known := c.words[w.Lang]
	if known == nil {
		c.words[w.Lang] = w
		return nil
	}
	var faults []error
	for _, key := range w.Keys() {
		if _, twice := known.texts[key]; twice {
			faults = append(faults, fmt.Errorf("%s: %s stands in another file too", name, key))
		}
		known.texts[key] = w.texts[key]
	}
	return errors.Join(faults...)
}

func readWords(files fs.FS, name string) (*Words, error) {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	lang := strings.TrimSuffix(path.Base(name), ".yaml")
	lang = lang[strings.LastIndexByte(lang, '.')+1:]
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("%s: the file's name is not a language: %w", name, err)
	}
	var raw map[string]any
	if err := yaml.UnmarshalWithOptions(b, &raw, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	w := &Words{Lang: lang, tag: tag, texts: map[string]text{}}
	var faults []error
	for key, value := range raw {
		t, err := readText(value)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %w", name, key, err))
		}
		w.texts[key] = t
	}
	return w, errors.Join(faults...)
}

func readText(value any) (text, error) {
	switch v := value.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return text{}, errors.New("the text is empty")
		}
		return text{plain: v}.cut(), nil
	case map[string]any:
		t := text{forms: map[plural.Form]string{}}
		for name, s := range v {
			form, ok := formNames[name]
			words, isText := s.(string)
			if !ok || !isText {
				return text{}, fmt.Errorf("%q is not a plural form with a text", name)
			}
			t.forms[form] = words
		}
		if t.forms[plural.Other] == "" {
			return text{}, errors.New("the plural form other is missing")
		}
		return t.cut(), nil
	}
	return text{}, fmt.Errorf("want a text, not %T", value)
}

// cut takes texts apart at their values: a piece of text, the name of a value, a
// piece of text, and so on.
func (t text) cut() text {
	t.parts = map[string][]string{}
	for _, s := range append(slices.Collect(maps.Values(t.forms)), t.plain) {
		var parts []string
		at := 0
		for _, hole := range placeholder.FindAllStringIndex(s, -1) {
			parts = append(parts, s[at:hole[0]], s[hole[0]+1:hole[1]-1])
			at = hole[1]
		}
		if parts != nil {
			t.parts[s] = append(parts, s[at:])
		}
	}
	return t
}

// compare lists what w lacks, or has beyond base.
func (w *Words) compare(base *Words) []error {
	var faults []error
	for _, key := range base.Keys() {
		t, ok := w.texts[key]
		if !ok {
			faults = append(faults, fmt.Errorf("%s.yaml: %s is missing", w.Lang, key))
			continue
		}
		if want, got := base.texts[key].values(), t.values(); !slices.Equal(want, got) {
			faults = append(faults, fmt.Errorf("%s.yaml: %s has the values %v, in %s.yaml %v", w.Lang, key, got, Base, want))
		}
		if t.forms == nil {
			continue
		}
		for n := range 200 {
			form := plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0)
			if t.forms[form] == "" {
				faults = append(faults, fmt.Errorf("%s.yaml: %s has no form for the number %d", w.Lang, key, n))
				break
			}
		}
	}
	for _, key := range w.Keys() {
		if _, ok := base.texts[key]; !ok {
			faults = append(faults, fmt.Errorf("%s.yaml: %s is not in %s.yaml", w.Lang, key, Base))
		}
	}
	return faults
}

// values lists the names of the values in t, but for n: a plural form such as
// "one" or "two" may say the number in words.
func (t text) values() []string {
	seen := map[string]bool{}
	for _, s := range append(slices.Collect(maps.Values(t.forms)), t.plain) {
		for _, v := range placeholder.FindAllString(s, -1) {
			if v != "{n}" {
				seen[v] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Languages returns the tags of all languages, Base first, then in order.
func (c *Catalogue) Languages() []string {
	tags := slices.Sorted(maps.Keys(c.words))
	slices.SortStableFunc(tags, func(a, b string) int {
		switch {
		case a == Base && b != Base:
			return -1
		case b == Base && a != Base:
			return 1
		}
		return 0
	})
	return tags
}

// In returns the texts in lang, in Base when there are none.
func (c *Catalogue) In(lang string) *Words {
	if w, ok := c.words[lang]; ok {
		return w
	}
	return c.words[Base]
}

// Has reports whether there are texts in lang.
func (c *Catalogue) Has(lang string) bool { _, ok := c.words[lang]; return ok }

// Keys returns the keys of all texts in order.
func (w *Words) Keys() []string { return slices.Sorted(maps.Keys(w.texts)) }

// Has reports whether there is a text of key.
func (w *Words) Has(key string) bool { _, ok := w.texts[key]; return ok }

// Say returns the text of key. args are pairs of a value's name and the value;
// an int called n chooses the plural form. A key that is not there, a value
// that the text has no place for, and a place that got no value are errors, so
// that a test which renders every page finds them.
func (w *Words) Say(key string, args ...any) (string, error) {
	t, ok := w.texts[key]
	if !ok {
		return "", fmt.Errorf("%s.yaml: no text %q", w.Lang, key)
	}
	if len(args) == 0 && t.forms == nil && len(t.parts) == 0 {
		return t.plain, nil
	}
	if len(args)%2 != 0 {
		return "", fmt.Errorf("text %s: %d arguments are not pairs", key, len(args))
	}
	out := t.plain
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return "", fmt.Errorf("text %s: argument %d is not a name", key, i)
		}
		if n, isInt := args[i+1].(int); isInt && name == "n" && t.forms != nil {
			out = t.forms[plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0)]
		}
	}
	if out == "" {
		return "", fmt.Errorf("text %s: a plural needs an int called n", key)
	}
	parts := t.parts[out]
	if parts == nil {
		return out, nil
	}
	var b strings.Builder
	for i, part := range parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		value, ok := valueOf(args, part)
		if !ok {
			return "", fmt.Errorf("text %s: no value for {%s}", key, part)
		}
		if Direction(w.Lang) == "rtl" && figures.MatchString(value) {
			value = "\u2066" + value + "\u2069"
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// figures are days, times and telephone numbers: in a text from right to left
// 2026-11-27 would read 27-11-2026, so that they are set apart (UAX 9, isolates).
var figures = regexp.MustCompile(`^\+?[0-9]+([-–:./ ]+[0-9]+)+$`)

// valueOf returns the value of that name among pairs.
func valueOf(pairs []any, name string) (string, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			if s, ok := pairs[i+1].(string); ok {
				return s, true
			}
			return fmt.Sprint(pairs[i+1]), true
		}
	}
	return "", false
}
