// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// selector stands for the letter before, where that chose how the one before
// it looks.
const selector = 0xFE0F

// judgeRune says what a letter is that doesn't stay as it is, and what is
// written instead; 0 for nothing.
func judgeRune(r rune) (Kind, rune) {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || (r >= 0x20 && r < 0x7F):
		return "", 0
	case r == 0x0B, r == 0x0C, r == 0x85, r == 0x2028, r == 0x2029:
		return KindSpaces, '\n'
	case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x2800, r == 0x3000:
		return KindSpaces, ' '
	case r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F:
		return KindBidiChars, 0
	case r < 0x20, r >= 0x7F && r < 0xA0, unseen(r):
		return KindInvisibleChars, 0
	}
	return "", 0
}

// unseen reports whether a letter shows nothing, wherever it stands.
func unseen(r rune) bool {
	switch {
	case r == 0xAD, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r >= 0x180B && r <= 0x180F, // hyphens, fillers, variants
		r == 0x200B, r == 0x200C, r == 0x200D, r >= 0x2060 && r <= 0x2065, r == 0x3164, r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r == 0xFFA0,
		r >= 0xFFF0 && r <= 0xFFFC, r >= 0x1BCA0 && r <= 0x1BCA3, r >= 0x1D173 && r <= 0x1D17A, r >= 0xE0000 && r <= 0xE0FFF,
		r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE: // no letters at all
		return true
	}
	return false
}

// pictographic reports whether a letter is a picture, of which a selector may
// say whether it has colours, and which a joiner may make one with another.
func pictographic(r rune) bool {
	return r == 0xA9 || r == 0xAE || r == 0x203C || r == 0x2049 || r == 0x2122 || r == 0x2139 || (r >= 0x2194 && r <= 0x27BF) || (r >= 0x2900 && r <= 0x2BFF) ||
		r == 0x3030 || r == 0x303D || r == 0x3297 || r == 0x3299 || (r >= 0x1F000 && r <= 0x1FAFF)
}

// joins reports whether a joiner behind the letter can mean something: in
// Arabic and the scripts of India it changes how letters look.
func joins(before, joiner rune) bool {
	return cursive(before) || (joiner == 0x200D && (pictographic(before) || before == selector))
}

// joined is joins for the letter behind.
func joined(joiner, behind rune) bool {
	return cursive(behind) || (joiner == 0x200D && pictographic(behind))
}

func cursive(r rune) bool {
	return (r >= 0x0620 && r <= 0x08FF) || (r >= 0x0900 && r <= 0x0DFF) || (r >= 0x1000 && r <= 0x109F) || (r >= 0x1780 && r <= 0x18AF) || (r >= 0xFB50 && r <= 0xFDCF) || (r >= 0xFE70 && r <= 0xFEFC)
}

// mixedWord watches for Latin words with letters of other scripts that look
// the same. They stay: nobody but the writer knows which letter was meant.
type mixedWord struct{ latin, alike, other bool }

const lookalikes = "аеорсухіѕјԁһԛԝАВЕКМНОРСТХЅІЈοΑΒΕΖΗΙΚΜΝΟΡΤΥΧν"

func (w *mixedWord) add(r rune, f *facts) {
	switch {
	case (r|0x20) >= 'a' && (r|0x20) <= 'z':
		w.latin = true
	case r < 0xC0:
		w.end(f)
	case strings.ContainsRune(lookalikes, r):
		w.alike = true
	case r >= 0x0370 && r <= 0x052F:
		w.other = true
	}
}

func (w *mixedWord) end(f *facts) {
	if w.latin && w.alike && !w.other {
		f.remain(KindLookalikes)
	}
	*w = mixedWord{}
}
