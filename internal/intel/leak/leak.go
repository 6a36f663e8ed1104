// SPDX-License-Identifier: AGPL-3.0-or-later

// Package leak looks in a rewritten text for what could give its source away:
// phrases copied from the raw text, the first person, times and places that
// few could know, the reporter's own side, and leftovers of a style. It runs
// where the raw text may be, in the browser of somebody who opened the report,
// and on the right of the wall without raw text.
//
// It must never keep, log or return anything of a raw text but offsets into
// the rewritten one. It must never say that a text is safe: it finds what its
// word lists know, a person decides. Time is linear in the length of the
// texts. Check has no state and is safe for concurrent use.
package leak

import (
	"slices"
	"strings"
)

// Kind says what a mark is about.
type Kind string

// The kinds of marks.
const (
	Copied      Kind = "copied"       // a phrase that stands in the raw text too
	FirstPerson Kind = "first-person" // I, my, we
	Exact       Kind = "exact"        // a time or place so exact that few could know it
	OwnSide     Kind = "own-side"     // the reporter's family, work, neighbours, who was present
	Style       Kind = "style"        // leftovers of how somebody writes
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Copied, FirstPerson, Exact, OwnSide, Style} }

// Severity says how much a mark matters.
type Severity string

// A high mark points to the source itself, a medium one helps to find it.
const (
	High   Severity = "high"
	Medium Severity = "medium"
)

// Text is a text and its language (BCP 47; "" when unknown).
type Text struct {
	Language string `json:"language"`
	Body     string `json:"body"`
}

// Context is what the reviewer has decided already.
type Context struct {
	// Confirmed are selectors as the rewritten text shows them, which a
	// reviewer confirmed: a number that is quoted is no copied phrase.
	Confirmed []string `json:"confirmed"`
}

// Mark is one place in the rewritten text. Start and End are byte offsets.
type Mark struct {
	Kind     Kind     `json:"kind"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Reason   string   `json:"reason"` // key of a text that says why and how to mend it
	Severity Severity `json:"severity"`
}

// Reasons returns every reason that a mark can have, for those who must have
// a text for each.
func Reasons() []string {
	out := []string{"copied.phrase", "copied.all", "exact.time", "exact.date", "own.named", "style.emoji", "style.punctuation", "style.capitals", "style.stretched", "style.spelling"}
	for _, r := range tables().rules {
		out = append(out, r.reason)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// maxRaw bounds how much of the raw texts is compared, in bytes: a report's
// largest message is 128 KiB.
const maxRaw = 8 << 20

// Check returns the marks of item, in order of place. More raw text never
// takes a mark away. raw may be empty: then nothing is copied.
func Check(raw []Text, item Text, known Context) []Mark {
	c := &check{t: tables(), text: item.Body, words: split(item.Body), langs: languages(item.Language)}
	c.confirm(known.Confirmed)
	c.copied(raw)
	c.rules()
	c.times()
	c.ownSide(raw)
	c.style(raw)
	slices.SortFunc(c.marks, func(a, b Mark) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		if a.End != b.End {
			return b.End - a.End
		}
		return strings.Compare(string(a.Kind)+a.Reason, string(b.Kind)+b.Reason)
	})
	return tidy(c.marks)
}

// tidy drops marks of a kind that lie within an earlier one of that kind.
func tidy(marks []Mark) []Mark {
	end := map[Kind]int{}
	out := marks[:0]
	for _, m := range marks {
		if m.End <= end[m.Kind] {
			continue
		}
		end[m.Kind] = m.End
		out = append(out, m)
	}
	return out
}

// check is one look at one text.
type check struct {
	t       *table
	text    string
	words   []word
	langs   []string
	neutral []bool // words of confirmed selectors
	marks   []Mark
}

// mark notes the words [from, to).
func (c *check) mark(kind Kind, reason string, severity Severity, from, to int) {
	c.marks = append(c.marks, Mark{Kind: kind, Reason: reason, Severity: severity, Start: c.words[from].start, End: c.words[to-1].end})
}

// confirm makes the words of confirmed selectors neutral.
func (c *check) confirm(shown []string) {
	c.neutral = make([]bool, len(c.words))
	for _, s := range shown {
		if strings.TrimSpace(s) == "" {
			continue
		}
		for at := 0; ; {
			i := strings.Index(c.text[at:], s)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(s)
			first, _ := slices.BinarySearchFunc(c.words, from, func(w word, at int) int { return w.start - at })
			for k := first; k < len(c.words) && c.words[k].end <= to; k++ {
				c.neutral[k] = true
			}
			at = to
		}
	}
}

// languages returns whose word lists are used: the text's, or all when its
// language is unknown or has none.
func languages(tag string) []string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	all := []string{"ar", "da", "de", "en", "es", "fr"}
	if slices.Contains(all, base) {
		return []string{base}
	}
	return all
}
