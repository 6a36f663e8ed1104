// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// vehicle is what is known of a car, an aircraft or the like besides names.
type vehicle struct {
	plates  []string // letters and digits, '?' for one that wasn't seen, '*' for any number of them
	colours []string
	makes   Name // make, model and kind
}

// maxPlate is the longest number plate that is looked at.
const maxPlate = 16

func (t *tables) prepareVehicle(e *ftm.Entity) vehicle {
	var v vehicle
	for _, prop := range []string{"registrationNumber", "licensePlate", "plate", "seenAs"} {
		for _, p := range e.Get(prop) {
			if plate := t.plate(p); strings.Trim(plate, "?*") != "" && !slices.Contains(v.plates, plate) {
				v.plates = append(v.plates, plate)
			}
		}
	}
	var makes []string
	for _, prop := range []string{"color", "colour", "make", "model", "type", "name"} {
		for _, text := range e.Get(prop) {
			for _, w := range splitWords(clip(text, 200), Thing) {
				known, ok := t.looks[w.native]
				switch {
				case ok && colours[known] && !slices.Contains(v.colours, known):
					v.colours = append(v.colours, known)
				case ok && !colours[known]:
					makes = append(makes, known)
				case !ok && prop != "color" && prop != "colour":
					makes = append(makes, w.native)
				}
			}
		}
	}
	v.makes = t.prepare(Thing, strings.Join(makes, " "))
	return v
}

// colours are the words of looks.csv that are colours.
var colours = map[string]bool{
	"red": true, "blue": true, "green": true, "white": true, "black": true, "grey": true, "yellow": true, "brown": true, "orange": true, "purple": true,
}

func (t *tables) loadPlateWords() error {
	t.plates = map[string]byte{}
	return each("plate_words.csv", 2, func(row []string) error {
		t.plates[splitWords(row[0], Thing)[0].native] = row[1][0] // the first word says it
		return nil
	})
}

// plate reads a number plate as somebody tells it: "BD51", "something BD51",
// "ends in KXR".
func (t *tables) plate(text string) string {
	text = clip(text, 64)
	words := splitWords(text, Thing)
	where := byte(0)
	said := false
	for _, w := range words {
		if means, ok := t.plates[w.native]; ok {
			where, said = max(where, means), true
		}
	}
	if !said {
		return cleanPlate(text)
	}
	var out strings.Builder
	capitals := inCapitals(text)
	for _, w := range words {
		// What isn't a sign of a plate is a word of the sentence.
		if _, ok := t.plates[w.native]; ok || !strings.ContainsAny(w.native, "0123456789") && !plateLike(w.native) && !slices.Contains(capitals, w.native) {
			continue
		}
		out.WriteString(cleanPlate(w.native))
	}
	switch where {
	case 's': // "start" and "something" both: what was seen comes first or anywhere
		if strings.ContainsAny(out.String(), "*?") {
			return out.String()
		}
		return out.String() + "*"
	case 'e':
		return "*" + out.String()
	}
	return out.String()
}

// inCapitals lists the words of a sentence that are in capitals, folded: signs of a
// plate, unless all of it is.
func inCapitals(text string) []string {
	if strings.ToUpper(text) == text {
		return nil
	}
	var out []string
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, ".,;:!?\"'")
		if utf8.RuneCountInString(word) > 1 && strings.ToUpper(word) == word && strings.ToLower(word) != word {
			out = append(out, fold(word))
		}
	}
	return out
}

func (t *tables) loadLooks() error {
	t.looks = map[string]string{}
	return each("looks.csv", 2, func(row []string) error {
		for _, w := range splitWords(row[0], Thing) {
			t.looks[w.native] = strings.Clone(row[1])
		}
		return nil
	})
}

// plateLike says whether a word without digits can be part of a plate: two or
// three consonant letters, as in "KXR", rather than "in" or "mit".
func plateLike(s string) bool {
	if len(s) < 2 || len(s) > 3 {
		return len([]rune(s)) <= 3 && scriptOf(s) == Cyrillic && !strings.ContainsAny(s, "аеиоуыэюя")
	}
	return !strings.ContainsAny(s, "aeiou") || len(s) == 3 && isVowel(s[2])
}

// cleanPlate writes a plate in capitals without separators. Signs that people
// use for what they didn't see become wildcards: "BD51 ***", "B?51", "BD51…".
func cleanPlate(s string) string {
	var out []byte
	for _, r := range fold(clip(s, 64)) {
		c := byte(0)
		switch {
		case r >= 'a' && r <= 'z':
			c = byte(unicode.ToUpper(r))
		case r >= '0' && r <= '9':
			c = byte(r)
		case r == '?' || r == '_' || r == '#':
			c = '?'
		case r == '*' || r == '…' || r == '%':
			c = '*'
		case r == '.' && len(out) > 0 && out[len(out)-1] == '.':
			out[len(out)-1] = '*'
			continue
		case r == '.':
			c = '.'
		case unicode.Is(unicode.Cyrillic, r):
			if i := slices.Index([]rune("авекмнорстух"), r); i >= 0 {
				c = "ABEKMHOPCTYX"[i]
			}
		}
		if c != 0 && len(out) < maxPlate {
			out = append(out, c)
		}
	}
	return strings.ReplaceAll(string(out), ".", "")
}

// weighVehicles compares plates and looks.
func (t *tables) weighVehicles(w *witness, a, b *vehicle) {
	best := float32(-1)
	for _, x := range a.plates {
		for _, y := range b.plates {
			if s := plateShare(x, y); s > best {
				best, w.plateA, w.plB = s, x, y
			}
		}
	}
	switch {
	case best < 0:
	case best == 0:
		w.ev[evPlateOther] = 1
	case best == 1:
		w.ev[evPlateSame] = 1
	default:
		w.ev[evPlatePart] = best
	}
	same, other := float32(0), float32(0)
	if len(a.colours) > 0 && len(b.colours) > 0 {
		common := slices.ContainsFunc(a.colours, func(c string) bool { return slices.Contains(b.colours, c) })
		same, other = flag(common), flag(!common)
	}
	if len(a.makes.Tokens) > 0 && len(b.makes.Tokens) > 0 {
		common := t.placeShare(&a.makes, &b.makes) >= 0.4
		same, other = same+flag(common), other+flag(!common)
	}
	w.ev[evLookSame], w.ev[evLookOther] = same, other
	w.lookA = strings.TrimSpace(strings.Join(a.colours, " ") + " " + a.makes.Raw)
	w.lookB = strings.TrimSpace(strings.Join(b.colours, " ") + " " + b.makes.Raw)
}

// plateShare is 1 for equal plates, 0 for plates that exclude each other, and
// between them the share of a whole plate's signs that both know and agree on.
// A plate of less than five signs may be a part of one. Letters that are read
// for each other (O and 0, I and 1, B and 8) are half an agreement.
func plateShare(x, y string) float32 {
	whole := func(s string) bool { return !strings.ContainsAny(s, "?*") && len(s) >= 5 }
	if x == y && whole(x) {
		return 1
	}
	if whole(x) && whole(y) {
		if s, known := fits(x, y); known == len(x) && len(x) == len(y) && s >= float32(known)-1 {
			return 0.75 // one sign misread
		}
		return 0
	}
	if whole(x) {
		x, y = y, x
	}
	if !strings.Contains(x, "*") && len(x) < 5 {
		x = "*" + x + "*"
	}
	if s := globShare(x, y); s > 0 {
		return min(s/7, 0.95)
	}
	return 0
}

// fits compares two plates sign by sign and returns how many agree, with
// half for look-alikes, and how many were compared.
func fits(x, y string) (agree float32, known int) {
	for i := range min(len(x), len(y)) {
		known++
		agree += signShare(x[i], y[i])
	}
	return agree, known
}

func signShare(a, b byte) float32 {
	if a == b {
		return 1
	}
	for _, pair := range []string{"O0", "I1", "B8", "S5", "Z2", "D0", "QO", "G6", "VY", "MN", "UV"} {
		if a == pair[0] && b == pair[1] || a == pair[1] && b == pair[0] {
			return 0.5
		}
	}
	return 0
}

// globShare fits a pattern with wildcards into a plate and returns how many of
// its signs agree in the best way, 0 when it doesn't fit. Both are short, so
// the table of all places is small.
func globShare(pattern, plate string) float32 {
	var best [maxPlate + 3][maxPlate + 1]float32
	pattern = pattern[:min(len(pattern), maxPlate+2)]
	for i := range best {
		for j := range best[i] {
			best[i][j] = -1
		}
	}
	best[0][0] = 0
	for i := range len(pattern) {
		for j := 0; j <= len(plate); j++ {
			if pattern[i] == '*' {
				best[i+1][j] = best[i][j]
				if j > 0 {
					best[i+1][j] = max(best[i+1][j], best[i+1][j-1])
				}
				continue
			}
			if j == 0 || best[i][j-1] < 0 {
				continue
			}
			if pattern[i] == '?' || plate[j-1] == '?' || plate[j-1] == '*' {
				best[i+1][j] = best[i][j-1]
			} else if s := signShare(pattern[i], plate[j-1]); s > 0 {
				best[i+1][j] = best[i][j-1] + s
			}
		}
	}
	return max(best[len(pattern)][len(plate)], 0)
}
