// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Sounds are written with one letter each, so that different spellings of one
// sound meet and the distance between two words can weigh sounds. Small
// letters are themselves; these stand for what Latin writes in many ways:
//
//	C ch tch cz      J dj English j    S sh sch sz     Z zh
//	c ts tz          x kh              j consonant y
//
// The rules are in data/sounds.csv, the distances in data/costs.csv.
const soundLetters = "abcdefghijklmnopqrstuvwxyzCJSZ0123456789"

// soundRules are the spelling rules, by place and by length.
type soundRules struct {
	start, end, any map[string]string
	longest         int
}

func (t *tables) loadSounds() error {
	t.sounds = soundRules{start: map[string]string{}, end: map[string]string{}, any: map[string]string{}}
	return each("sounds.csv", 3, func(row []string) error {
		var table map[string]string
		switch row[0] {
		case "start":
			table = t.sounds.start
		case "end":
			table = t.sounds.end
		case "any":
			table = t.sounds.any
		default:
			return fmt.Errorf("no such place in a word: %q", row[0])
		}
		table[strings.Clone(row[1])] = strings.Clone(row[2])
		t.sounds.longest = max(t.sounds.longest, len(row[1]))
		return nil
	})
}

// sound writes a romanised word in sounds, without doubled ones.
func (t *tables) sound(latin string) string {
	r := &t.sounds
	suffix := ""
	for n := min(r.longest, len(latin)-1); n > 0; n-- {
		if s, ok := r.end[latin[len(latin)-n:]]; ok {
			suffix, latin = s, latin[:len(latin)-n]
			break
		}
	}
	out := make([]byte, 0, len(latin)+len(suffix))
	for i := 0; i < len(latin); {
		s, n := r.at(latin, i)
		out = append(out, s...)
		i += n
	}
	out = append(out, suffix...)
	return string(dedouble(glides(out)))
}

// at returns the sound at a place of a word and how many letters it takes.
func (r *soundRules) at(latin string, i int) (string, int) {
	for n := min(r.longest, len(latin)-i); n > 0; n-- {
		letters := latin[i : i+n]
		if i == 0 {
			if s, ok := r.start[letters]; ok {
				return s, n
			}
		}
		if s, ok := r.any[letters]; ok {
			return s, n
		}
	}
	return latin[i : i+1], 1
}

// glides turns an "i" before another vowel into the consonant "j".
func glides(s []byte) []byte {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == 'i' && s[i+1] != 'i' && s[i+1] != 'j' && isVowel(s[i+1]) {
			s[i] = 'j'
		}
	}
	return s
}

func dedouble(s []byte) []byte {
	out := s[:0]
	for i, c := range s {
		if i > 0 && c == s[i-1] && (c < '0' || c > '9') {
			continue
		}
		out = append(out, c)
	}
	return out
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

// skeleton reduces sounds to the classes of consonants that survive
// transliteration: vowels, glides and h go, voiced and voiceless meet.
func skeletonOf(sound string) string {
	out := make([]byte, 0, len(sound))
	for i := range len(sound) {
		c := skeletonClass(sound[i])
		if c == 0 || len(out) > 0 && out[len(out)-1] == c && c > '9' {
			continue
		}
		out = append(out, c)
	}
	if len(out) == 0 && len(sound) > 0 {
		return "a"
	}
	return string(out)
}

func skeletonClass(c byte) byte {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'j', 'h':
		return 0
	case 'b', 'p':
		return 'p'
	case 'd', 't':
		return 't'
	case 'g', 'k', 'x', 'q':
		return 'k'
	case 'f', 'v':
		return 'f'
	case 's', 'z', 'c', 'C', 'J', 'S', 'Z':
		return 's'
	case 'm', 'n':
		return 'n'
	}
	return c
}

// costTable holds the cost of taking one sound for another, by their numbers
// in soundLetters, in units of one plain error.
type costTable struct {
	index [128]uint8
	swap  [64][64]float32
	drop  [64]float32
	// loose is drop for words of scripts that leave vowels out.
	loose [64]float32
	// near are, by the bit of a sound in a mask, those in whose place it costs
	// less than nothing else, which is alone; close is what the nearest costs.
	near         [64]uint64
	alone, close [64]float32
}

// bound prepares least.
func (c *costTable) bound() {
	for i := range len(soundLetters) {
		c.alone[soundLetters[i]&63], c.close[soundLetters[i]&63] = 1, 1 // of bits that no sound has, 0
	}
	for i := range len(soundLetters) { // two sounds may share a bit
		x, at := c.index[soundLetters[i]], soundLetters[i]&63
		c.alone[at] = min(c.alone[at], c.drop[x])
	}
	for i := range len(soundLetters) {
		x, at := c.index[soundLetters[i]], soundLetters[i]&63
		for j := range len(soundLetters) {
			y := c.index[soundLetters[j]]
			if swap := c.swap[x][y]; i != j && swap < c.alone[at] {
				c.near[at] |= 1 << (soundLetters[j] & 63)
				c.close[at] = min(c.close[at], swap)
			}
		}
	}
}

// least is at most the distance of two words that have these sounds: each sound
// that one word has and the other has not is left out, or is another there.
func (c *costTable) least(a, b uint64) float32 {
	return max(c.leastOf(a, b), c.leastOf(b, a))
}

func (c *costTable) leastOf(a, b uint64) float32 {
	const rounding = 0.001
	sum := float32(-rounding)
	for only := a &^ b; only != 0; only &= only - 1 {
		if at := bits.TrailingZeros64(only) & 63; c.near[at]&b != 0 {
			sum += c.close[at]
		} else {
			sum += c.alone[at]
		}
	}
	return sum
}

func plainCosts() costTable {
	var c costTable
	for i := range c.swap {
		for j := range c.swap[i] {
			if i != j {
				c.swap[i][j] = 1
			}
		}
		c.drop[i], c.loose[i] = 1, 1
	}
	for i := range len(soundLetters) {
		c.index[soundLetters[i]] = uint8(i + 1)
	}
	return c
}

func (t *tables) loadCosts() error {
	t.costs = plainCosts()
	c := &t.costs
	for _, vowel := range "aeiou" {
		c.drop[c.index[vowel]], c.loose[c.index[vowel]] = 0.7, 0.12
	}
	c.drop[c.index['h']], c.loose[c.index['h']] = 0.45, 0.3
	c.drop[c.index['j']], c.loose[c.index['j']] = 0.5, 0.2
	c.loose[c.index['v']] = 0.4
	err := each("costs.csv", 3, func(row []string) error {
		cost, err := strconv.ParseFloat(row[2], 32)
		if err != nil {
			return err
		}
		if len(row[0]) != 1 || len(row[1]) != 1 {
			return fmt.Errorf("a sound is one letter: %q, %q", row[0], row[1])
		}
		a, b := c.index[row[0][0]&0x7F], c.index[row[1][0]&0x7F]
		c.swap[a][b], c.swap[b][a] = float32(cost), float32(cost)
		return nil
	})
	t.units = c.inUnits()
	c.bound()
	return err
}
