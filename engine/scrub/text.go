// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// Plain text hides more than it shows: letters of no width, signs that turn
// the direction, and spaces that only look like one can number the copies of
// a paper, so that a leaked one tells who had it.

const (
	maxText  = 32 << 20 // what has to be written anew is held in memory
	headText = 1024     // where readers of other types look for their mark
)

// encoding is how the letters of a text are written.
type encoding int

const (
	notText encoding = iota
	asUTF8
	asUTF16LE
	asUTF16BE
	asLatin1 // as Windows understands it
)

// looksLikeText judges by the first bytes of a file.
func looksLikeText(b []byte, whole bool) bool {
	for _, mark := range []string{"MZ", "%!PS", "{\\rtf", "#!", "RIFF", "RF64", "OggS", "fLaC", "\x7FELF"} {
		if bytes.HasPrefix(b, []byte(mark)) {
			return false
		}
	}
	if bytes.Contains(b, []byte("%PDF-")) {
		return false // PDF readers open it wherever its mark is near the beginning
	}
	e, skip := encodingOf(b, whole)
	if e == notText {
		return false
	}
	// What has marks of its own can hold what no reader of the text sees.
	word := b[skip:]
	if e == asUTF16LE || e == asUTF16BE {
		word = bytes.ReplaceAll(word, []byte{0}, nil)
	}
	word = bytes.TrimLeft(word, " \t\r\n\xEF\xBB\xBF")
	return len(word) < 2 || word[0] != '<' || (word[1] != '!' && word[1] != '?' && (word[1]|0x20 < 'a' || word[1]|0x20 > 'z'))
}

// encodingOf says how the text that begins with b is written, and how many
// bytes of a mark come before it.
func encodingOf(b []byte, whole bool) (e encoding, skip int) {
	switch {
	case bytes.HasPrefix(b, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xFE\xFF")):
		return notText, 0
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return textOrNot(asUTF8, b[3:], true, whole), 3
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return textOrNot(asUTF16LE, b[2:], true, false), 2
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return textOrNot(asUTF16BE, b[2:], true, false), 2
	}
	for _, e := range []encoding{asUTF8, asUTF16LE, asUTF16BE, asLatin1} {
		if textOrNot(e, b, false, whole) == e {
			return e, 0
		}
	}
	return notText, 0
}

// textOrNot returns e when b can be text that is written so; marked says that
// it began with the mark of e.
func textOrNot(e encoding, b []byte, marked, whole bool) encoding {
	var runes, controls, high, wide int
	for len(b) > 0 {
		r, n, ok := decodeRune(e, b)
		if !ok {
			if whole || len(b) >= utf8.UTFMax {
				return notText
			}
			break
		}
		b = b[n:]
		runes++
		switch {
		case r == 0:
			return notText
		case r < 0x20 && !blank(r):
			controls++
		case r >= 0x80:
			high++
			if r >= 0x100 {
				wide++
			}
		}
	}
	switch {
	case controls*16 > runes:
		return notText
	case e == asLatin1 && (high*3 > runes || controls > 0):
		return notText // letters of another code, or no letters at all
	case (e == asUTF16LE || e == asUTF16BE) && !marked && wide*2 > runes:
		return notText // any bytes are letters of this code
	}
	return e
}

// blank reports whether a control character is one of space.
func blank(r rune) bool { return r >= '\t' && r <= '\r' }

// decodeRune reads one letter.
func decodeRune(e encoding, b []byte) (r rune, n int, ok bool) {
	switch e {
	case asUTF8:
		r, n = utf8.DecodeRune(b)
		return r, n, r != utf8.RuneError || n > 1
	case asLatin1:
		r = rune(b[0])
		if r >= 0x80 && r < 0xA0 {
			r = windows1252(b[0])
		}
		return r, 1, r != 0 || b[0] == 0
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if e == asUTF16BE {
		order = binary.BigEndian
	}
	if len(b) < 2 {
		return 0, 0, false
	}
	r = rune(order.Uint16(b))
	switch {
	case r >= 0xDC00 && r <= 0xDFFF:
		return 0, 0, false
	case r < 0xD800 || r > 0xDBFF:
		return r, 2, true
	case len(b) < 4:
		return 0, 0, false
	}
	low := rune(order.Uint16(b[2:]))
	if low < 0xDC00 || low > 0xDFFF {
		return 0, 0, false
	}
	return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, 4, true
}

// windows1252 is the letter of a byte between 0x80 and 0x9F; 0 for none.
func windows1252(b byte) rune {
	return [...]rune{
		0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
		0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
	}[b-0x80]
}

// cleanText writes a text in UTF-8, without what nobody sees.
func cleanText(j *job) error {
	head, err := j.src.keep(0, int(min(j.src.size, headText)))
	if err != nil {
		return err
	}
	e, skip, err := j.encoding(head)
	if err != nil {
		return err
	}
	found := j.facts.total()
	t := &text{job: j, encoding: e, small: j.src.size <= maxText}
	if skip > 0 {
		j.facts.remove(KindInvisibleChars)
	}
	if e != asUTF8 {
		j.facts.remove(KindSettings)
	}
	if err := t.read(int64(skip)); err != nil {
		return err
	}
	switch {
	case j.facts.total() == found:
		j.plan.copy(j.src, 0, j.src.size)
		return nil
	case !t.small:
		return refuse(ReasonTooLarge, "text: save it in parts")
	}
	if len(t.out) == 0 {
		if j.depth == 0 {
			return refuse(ReasonEmpty, "text: nothing that can be seen")
		}
		return nil // as archives hold empty files
	}
	if is, err := sniff(memSource(t.out)); err != nil || is != TypeText {
		return refuse(ReasonUnknownType, "text: it hid what it is")
	}
	j.plan.lit(t.out...)
	return nil
}

// encoding tells UTF-8 from Latin-1 by the whole text, not its beginning.
func (j *job) encoding(head []byte) (encoding, int, error) {
	e, skip := encodingOf(head, int64(len(head)) == j.src.size)
	switch e {
	case notText:
		return e, 0, malformed("text: bytes that are no letters")
	case asUTF16LE, asUTF16BE:
		if j.src.size%2 != 0 {
			return e, 0, refuse(ReasonTruncated, "text: half a letter at the end")
		}
	case asUTF8:
		ok, err := j.validUTF8()
		switch {
		case err != nil:
			return e, 0, err
		case !ok && skip > 0:
			return e, 0, malformed("text: bytes that are no letters")
		case !ok:
			return asLatin1, 0, nil
		}
	}
	return e, skip, nil
}

func (j *job) validUTF8() (bool, error) {
	var rest []byte
	ok := true
	err := j.src.each(0, j.src.size, func(b []byte) {
		if len(rest) > 0 {
			b = append(rest, b...)
		}
		cut := len(b)
		for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
			if utf8.RuneStart(b[len(b)-i]) {
				if !utf8.FullRune(b[len(b)-i:]) {
					cut = len(b) - i
				}
				break
			}
		}
		ok = ok && utf8.Valid(b[:cut])
		rest = bytes.Clone(b[cut:])
	})
	return ok && len(rest) == 0, err
}

// text is the walk through one text.
type text struct {
	*job
	encoding encoding
	small    bool // enough to be written anew
	out      []byte
	last     rune   // the letter before
	joiner   rune   // waits for the letter behind it
	spaces   []byte // wait to see whether their line goes on
	lines    int    // ends of lines that wait to see whether the text goes on
	word     mixedWord
}

// read passes over all letters.
func (t *text) read(at int64) error {
	returned := false
	for at < t.src.size {
		b, err := t.src.upTo(at, window)
		if err != nil {
			return err
		}
		last := at+int64(len(b)) == t.src.size
		used := 0
		for used < len(b) && (last || len(b)-used >= utf8.UTFMax) {
			if n := plainRun(b[used:]); n > 0 && t.encoding == asUTF8 {
				t.plain(b[used : used+n])
				used, returned = used+n, false
				continue
			}
			r, n, ok := decodeRune(t.encoding, b[used:])
			if !ok || r == 0 || (t.encoding != asUTF8 && r < 0x20 && !blank(r)) {
				return malformed("text: bytes that are no letters")
			}
			if !returned || r != '\n' {
				t.letter(r)
			}
			returned = r == '\r'
			used += n
		}
		at += int64(used)
	}
	t.dropJoiner()
	t.word.end(t.facts)
	if len(t.spaces) > 0 || t.lines > 1 {
		t.facts.remove(KindSpaces)
	}
	if t.lines > 0 {
		t.write('\n')
	}
	return nil
}

// plainRun returns how many bytes are letters and signs of ASCII, of which
// most texts consist.
func plainRun(b []byte) int {
	for i, c := range b {
		if c <= ' ' || c >= 0x7F {
			return i
		}
	}
	return len(b)
}

// plain is letter for a run of them.
func (t *text) plain(b []byte) {
	t.visible(rune(b[0]))
	for _, c := range b[1:] {
		t.word.add(rune(c), t.facts)
	}
	if t.small {
		t.out = append(t.out, b[1:]...)
	}
	t.last = rune(b[len(b)-1])
}

// letter decides over one letter.
func (t *text) letter(r rune) {
	switch {
	case r == 0x200C || r == 0x200D:
		if t.joiner != 0 || !joins(t.last, r) {
			t.facts.remove(KindInvisibleChars)
			return
		}
		t.joiner = r
		return
	case (r == 0xFE0E || r == 0xFE0F) && pictographic(t.last), r >= 0x180B && r <= 0x180D && t.last >= 0x1820 && t.last <= 0x18AF:
		t.dropJoiner()
		t.write(r)
		t.last = selector // one is enough
		return
	}
	if kind, instead := judgeRune(r); kind != "" {
		t.facts.remove(kind)
		if r = instead; r == 0 {
			return
		}
	}
	switch r {
	case '\r', '\n':
		if r == '\r' {
			t.facts.remove(KindSettings) // how the system ends lines
		}
		if len(t.spaces) > 0 {
			t.facts.remove(KindSpaces)
			t.spaces = t.spaces[:0]
		}
		t.dropJoiner()
		t.word.end(t.facts)
		t.lines++
		r = '\n'
	case ' ', '\t':
		t.dropJoiner()
		t.word.end(t.facts)
		t.spaces = append(t.spaces, byte(r))
	default:
		t.visible(r)
	}
	t.last = r
}

// visible writes a letter that is seen, and what waited for it.
func (t *text) visible(r rune) {
	for ; t.lines > 0; t.lines-- {
		t.write('\n')
	}
	for _, s := range t.spaces {
		t.write(rune(s))
	}
	t.spaces = t.spaces[:0]
	if t.joiner != 0 && joined(t.joiner, r) {
		t.write(t.joiner)
		t.joiner = 0
	}
	t.dropJoiner()
	t.word.add(r, t.facts)
	t.write(r)
}

func (t *text) write(r rune) {
	if t.small {
		t.out = utf8.AppendRune(t.out, r)
	}
}

func (t *text) dropJoiner() {
	if t.joiner != 0 {
		t.facts.remove(KindInvisibleChars)
		t.joiner = 0
	}
}
