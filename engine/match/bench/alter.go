// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/rand/v2"
	"strings"
)

// neighbours are the keys around each key of a keyboard.
var neighbours = map[byte]string{
	'a': "qsz", 'b': "vn", 'c': "xv", 'd': "sfe", 'e': "wrd", 'f': "dgr", 'g': "fht", 'h': "gjy", 'i': "uok", 'j': "hku", 'k': "jli", 'l': "ko",
	'm': "n", 'n': "bm", 'o': "ipl", 'p': "ol", 'q': "wa", 'r': "etf", 's': "adw", 't': "ryg", 'u': "yij", 'v': "cb", 'w': "qes", 'x': "zc", 'y': "tu", 'z': "xa",
}

// spellings are pairs of letters that transliterations and ears exchange.
var spellings = [][2]string{
	{"ou", "u"},
	{"oo", "u"},
	{"ee", "i"},
	{"y", "i"},
	{"k", "q"},
	{"c", "k"},
	{"ph", "f"},
	{"sh", "ch"},
	{"kh", "h"},
	{"dj", "j"},
	{"w", "v"},
	{"ks", "x"},
	{"sch", "sh"},
	{"ts", "tz"},
	{"aa", "a"},
	{"ei", "ey"},
	{"ss", "s"},
	{"mm", "m"},
	{"ll", "l"},
	{"o", "u"},
	{"e", "a"},
	{"th", "t"},
}

// Alter changes a name as people, keyboards and lists do. It returns the name
// as it is when no change fits. The same source of chance gives the same name.
func Alter(name string, person bool, r *rand.Rand) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return name
	}
	switch r.IntN(7) {
	case 0:
		return typo(name, r)
	case 1, 2:
		return respell(name, r)
	case 3:
		if person && len(words) > 1 {
			return words[len(words)-1] + ", " + strings.Join(words[:len(words)-1], " ")
		}
	case 4:
		if person && len(words) > 2 {
			at := 1 + r.IntN(len(words)-2)
			return strings.Join(append(append([]string{}, words[:at]...), words[at+1:]...), " ")
		}
	case 5:
		if person && len(words) > 2 && len(words[0]) > 2 {
			return words[0][:1] + ". " + strings.Join(words[1:], " ")
		}
	default:
		return strings.ToUpper(name)
	}
	return typo(name, r)
}

func typo(name string, r *rand.Rand) string {
	at := 1 + r.IntN(max(1, len(name)-2))
	if at+1 >= len(name) || !letter(name[at]) || !letter(name[at+1]) || !letter(name[at-1]) {
		return respell(name, r)
	}
	switch r.IntN(4) {
	case 0:
		return name[:at] + name[at+1:]
	case 1:
		return name[:at] + name[at:at+1] + name[at:]
	case 2:
		return name[:at] + string(name[at+1]) + string(name[at]) + name[at+2:]
	}
	near := neighbours[name[at]|0x20]
	if near == "" {
		return name
	}
	return name[:at] + string(near[r.IntN(len(near))]) + name[at+1:]
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func respell(name string, r *rand.Rand) string {
	lower := strings.ToLower(name)
	for range 6 {
		p := spellings[r.IntN(len(spellings))]
		from, to := p[0], p[1]
		if r.IntN(2) == 0 {
			from, to = to, from
		}
		if at := strings.Index(lower, from); at > 0 && len(lower) == len(name) {
			return name[:at] + to + name[at+len(from):]
		}
	}
	return name
}
