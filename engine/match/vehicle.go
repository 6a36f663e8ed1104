// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// vehicle is what is known of a car, an aircraft or the like besides names.
type vehicle struct {
	plates  []string // letters and digits, '?' for one that wasn't seen, '*' for any number of them
	colours []string
	makes   []string // make, model and kind, in words
}

// maxPlate is the longest number plate that is looked at.
const maxPlate = 16

func (t *tables) prepareVehicle(e *ftm.Entity) vehicle {
	var v vehicle
	for _, prop := range []string{"registrationNumber", "licensePlate", "plate"} {
		for _, p := range e.Get(prop) {
			if plate := cleanPlate(p); strings.Trim(plate, "?*") != "" && !slices.Contains(v.plates, plate) {
				v.plates = append(v.plates, plate)
			}
		}
	}
	for _, c := range append(e.Get("color"), e.Get("colour")...) {
		for _, w := range splitWords(c, Thing) {
			if colour, ok := t.looks[w.native]; ok && !slices.Contains(v.colours, colour) {
				v.colours = append(v.colours, colour)
			}
		}
	}
	for _, prop := range []string{"make", "model", "type"} {
		for _, m := range e.Get(prop) {
			for _, w := range splitWords(m, Thing) {
				word := t.latin(w.native, w.script)
				if canonical, ok := t.looks[w.native]; ok {
					word = canonical
				}
				if len(word) > 1 && !slices.Contains(v.makes, word) {
					v.makes = append(v.makes, word)
				}
			}
		}
	}
	return v
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
func weighVehicles(w *witness, a, b *vehicle) {
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
	for _, lists := range [][2][]string{{a.colours, b.colours}, {a.makes, b.makes}} {
		if len(lists[0]) == 0 || len(lists[1]) == 0 {
			continue
		}
		common := slices.ContainsFunc(lists[0], func(s string) bool { return slices.Contains(lists[1], s) })
		same += flag(common)
		other += flag(!common)
	}
	w.ev[evLookSame], w.ev[evLookOther] = same, other
	w.lookA = strings.Join(append(slices.Clone(a.colours), a.makes...), " ")
	w.lookB = strings.Join(append(slices.Clone(b.colours), b.makes...), " ")
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
