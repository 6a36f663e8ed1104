// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// indicSign is one place in the layout that the scripts of India share.
type indicSign struct {
	latin string
	kind  string // consonant, vowel, mark, virama or sign
}

func (t *tables) loadRomanise() error {
	return each("romanise.csv", 2, func(row []string) error {
		t.romanise[strings.Clone(row[0])] = strings.Clone(row[1])
		t.maxRoman = max(t.maxRoman, utf8.RuneCountInString(row[0]))
		return nil
	})
}

func (t *tables) loadIndic() error {
	return each("indic.csv", 3, func(row []string) error {
		offset, err := strconv.ParseUint(row[0], 16, 8)
		if err != nil {
			return err
		}
		t.indic[rune(offset)] = indicSign{strings.Clone(row[1]), strings.Clone(row[2])}
		return nil
	})
}

func (t *tables) loadJamo() error {
	return each("jamo.csv", 3, func(row []string) error {
		position := strings.Index("initial medial  final   ", row[0]) / 8
		index, err := strconv.Atoi(row[1])
		if err != nil {
			return err
		}
		if position < 0 || index >= len(t.jamo[0]) {
			return fmt.Errorf("no such jamo: %s %s", row[0], row[1])
		}
		t.jamo[position][index] = strings.Clone(row[2])
		return nil
	})
}

// latin writes a folded word in Latin letters a–z and digits. The result can
// be empty for a word of signs.
func (t *tables) latin(native string, script Script) string {
	var out string
	switch script {
	case Hangul:
		out = t.hangul(native)
	case Indic:
		out = t.indian(native)
	case Han, Kana:
		out = unidecode.Unidecode(native)
	default:
		known := false
		if out, known = t.syllabic(native); !known {
			out = t.byTable(native)
		}
	}
	return keepASCII(out)
}

func keepASCII(s string) string {
	clean := true
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	return string(out)
}

// byTable replaces the longest known runs of letters; what the table doesn't
// know goes through unidecode.
func (t *tables) byTable(native string) string {
	ascii := true
	for i := range len(native) {
		ascii = ascii && native[i] < utf8.RuneSelf
	}
	if ascii {
		return native
	}
	var out strings.Builder
	for i := 0; i < len(native); {
		if native[i] < utf8.RuneSelf {
			out.WriteByte(native[i])
			i++
			continue
		}
		size, latin, ok := t.longestRoman(native[i:])
		if !ok {
			_, size = utf8.DecodeRuneInString(native[i:])
			latin = unidecode.Unidecode(native[i : i+size])
		}
		out.WriteString(latin)
		i += size
	}
	return out.String()
}

func (t *tables) longestRoman(s string) (size int, latin string, ok bool) {
	end := 0
	for range t.maxRoman {
		if end >= len(s) {
			break
		}
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
		if l, known := t.romanise[s[:end]]; known {
			size, latin, ok = end, l, true
		}
	}
	return size, latin, ok
}

// hangul romanises by the Revised Romanization, syllable by syllable and
// without assimilation: names are spoken so.
func (t *tables) hangul(native string) string {
	var out strings.Builder
	for _, r := range native {
		if r < 0xAC00 || r > 0xD7A3 {
			out.WriteString(unidecode.Unidecode(string(r)))
			continue
		}
		s := int(r - 0xAC00)
		out.WriteString(t.jamo[0][s/588])
		if initial, medial := s/588, s%588/28; initial == 18 && medial == 19 {
			out.WriteByte('i') // 희 is spoken hi and written hee
		} else {
			out.WriteString(t.jamo[1][medial])
		}
		out.WriteString(t.jamo[2][s%28])
	}
	return out.String()
}

// indian romanises the scripts of India: a consonant carries an "a" unless a
// vowel sign or a virama follows, or the word ends.
func (t *tables) indian(native string) string {
	var out strings.Builder
	inherent := false
	for _, r := range native {
		sign, ok := t.indic[(r-0x0900)&0x7F]
		if r < 0x0900 || r >= 0x0D80 || !ok {
			continue
		}
		if inherent && (sign.kind == "consonant" || sign.kind == "vowel" || sign.kind == "sign") {
			out.WriteByte('a')
		}
		out.WriteString(sign.latin)
		inherent = sign.kind == "consonant"
	}
	return out.String()
}
