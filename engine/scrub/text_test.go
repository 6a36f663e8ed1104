// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

func wideText(order binary.AppendByteOrder, s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestText(t *testing.T) {
	for _, row := range []struct {
		name, in, want string
		kinds          []scrub.Kind
	}{
		{"clean", "Thé naïve – “quoted”\n\tindented\n", "Thé naïve – “quoted”\n\tindented\n", nil},
		{"a mark before", "\uFEFFHello\n", "Hello\n", []scrub.Kind{scrub.KindInvisibleChars}},
		{"letters of no width", "He\u200Bl\u2060lo\u00AD \U000E0041\U000E0042you", "Hello you", []scrub.Kind{scrub.KindInvisibleChars}},
		{"direction", "user\u202Etxt.exe\u2069 a\u200Fb", "usertxt.exe ab", []scrub.Kind{scrub.KindBidiChars}},
		{"spaces at the ends of lines", "one  \ntwo\t \n\n\nthree \n\n\n", "one\ntwo\n\n\nthree\n", []scrub.Kind{scrub.KindSpaces}},
		{"spaces of other widths", "a\u2009b\u00A0c\u3000d", "a b c d", []scrub.Kind{scrub.KindSpaces}},
		{"spaces and letters of no width at the end", "a \u200B\u2009\u200B\nb", "a\nb", []scrub.Kind{scrub.KindSpaces, scrub.KindInvisibleChars}},
		{"control characters", strings.Repeat("long enough ", 4) + "a\x07b\x1B[c\x7F", strings.Repeat("long enough ", 4) + "ab[c", []scrub.Kind{scrub.KindInvisibleChars}},
		{"how Windows ends lines", "a\r\nb\rc\r\n", "a\nb\nc\n", []scrub.Kind{scrub.KindSettings}},
		{"nothing but the end of a line", " \n\n", "\n", []scrub.Kind{scrub.KindSpaces}},
		{"other ends of lines", "a\u2028b\u0085c\fd", "a\nb\nc\nd", []scrub.Kind{scrub.KindSpaces}},
		{"joiners that mean something", "می\u200Cخواهم क्\u200Dष 👨\u200D👩 ❤\uFE0F\u200D🔥", "می\u200Cخواهم क्\u200Dष 👨\u200D👩 ❤\uFE0F\u200D🔥", nil},
		{"joiners that don't", "a\u200Db می\u200C\u200Cخ م\u200C x\u200C", "ab می\u200Cخ م x", []scrub.Kind{scrub.KindInvisibleChars}},
		{"many selectors", "❤\uFE0F\uFE0E\uFE0F a\uFE01", "❤\uFE0F a", []scrub.Kind{scrub.KindInvisibleChars}},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, report := clean(t, []byte(row.in), "a.txt")
			if string(out) != row.want {
				t.Errorf("got  %q\nwant %q", out, row.want)
			}
			wants(t, report, row.kinds...)
			if (len(report.Removed) > 0) != (row.in != row.want) {
				t.Errorf("changed %v, and reports %v", row.in != row.want, report.Removed)
			}
			for name, order := range map[string]binary.AppendByteOrder{"\uFEFF little": binary.LittleEndian, "\uFEFF big": binary.BigEndian, "little": binary.LittleEndian} {
				mark, _, _ := strings.Cut(name, " ")
				if mark == name {
					mark = ""
				}
				if mark == "" && strings.ContainsFunc(row.in, func(r rune) bool { return r > 0xFF }) || strings.ContainsAny(row.in, "\x07") {
					continue // can't be told from other bytes, or isn't believed
				}
				if out, _ := clean(t, wideText(order, mark+row.in), "a.txt"); string(out) != row.want {
					t.Errorf("%s: got %q, want %q", name, out, row.want)
				}
			}
		})
	}
}

func TestTextOfWindows(t *testing.T) {
	out, report := clean(t, []byte("Stra\xDFe \x93k\xF8benhavn\x94 \x80 20\r\n"), "a.txt")
	if string(out) != "Straße “københavn” € 20\n" {
		t.Errorf("%q", out)
	}
	wants(t, report, scrub.KindSettings)
	if report.Type != scrub.TypeText || report.Type.Extension() != "txt" {
		t.Errorf("%v", report.Type)
	}
}

// Letters that only look like others stay, for nobody but the writer knows
// which was meant; the report says so.
func TestLookalikesAreNamed(t *testing.T) {
	for in, want := range map[string]bool{
		"the quick brown f\u043Ex": true, "\u0410lice": true, "Привет, world": false, "5 μm of Ωmega": false, "Москва Moscow": false,
	} {
		_, report := clean(t, []byte(in), "a.txt")
		if got := len(report.Remains) == 1 && report.Remains[0].Kind == scrub.KindLookalikes; got != want {
			t.Errorf("%q: remains %v", in, report.Remains)
		}
	}
}

// A watermark in spaces and unseen letters leaves nothing: two copies that
// were numbered apart become one.
func TestNumberedCopiesBecomeOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zæøå]{1,8}[.,]?`), 1, 20).Draw(rt, "words")
		marks := []string{"", "\u200B", "\u200C", "\u200D", "\u2060", "\u200E", "\uFEFF", "\uFE00", "\u00AD"}
		number := func(label string) []byte {
			var b strings.Builder
			for i, w := range words {
				if i > 0 {
					b.WriteString(rapid.SampledFrom([]string{" ", "\u00A0", "\u2004", "\u202F"}).Draw(rt, label))
				}
				b.WriteString(w + rapid.SampledFrom(marks).Draw(rt, label))
				if i%5 == 4 {
					b.WriteString(rapid.SampledFrom([]string{"", " ", "\t", "  "}).Draw(rt, label) + rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(rt, label) + words[0])
				}
			}
			return []byte(b.String())
		}
		one, two := number("one"), number("two")
		var a, b bytes.Buffer
		_, err := scrub.Scrub(&a, bytes.NewReader(one), int64(len(one)), scrub.Options{})
		_, err2 := scrub.Scrub(&b, bytes.NewReader(two), int64(len(two)), scrub.Options{})
		if err != nil || err2 != nil {
			rt.Fatal(err, err2)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			rt.Fatalf("%q and %q", a.Bytes(), b.Bytes())
		}
	})
}

func TestTextRefusals(t *testing.T) {
	refused(t, []byte(`{\rtf1{\info{\author `+planted+`}}}`), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("<html><meta name=author content="+planted+">"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("  \n<?xml version='1.0'?><svg>"+planted+"</svg>"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("\u200B<svg>"+planted+"</svg>"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("\uFEFF<svg>"+planted+"</svg>"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("hello\n%PDF-1.4\n"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("\u200BGIF89a is a picture"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("#!/bin/sh\nrm\n"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte("\u200B \u200B"), "a.txt", scrub.ReasonEmpty)
	refused(t, []byte("a\x00\x00\x01\x02\x00\x00"), "a.txt", scrub.ReasonUnknownType)
	refused(t, []byte(strings.Repeat("text ", 1000)+"\x00"), "a.txt", scrub.ReasonMalformed)
	refused(t, []byte(strings.Repeat("text ", 1000)+"\xE6\x01"), "a.txt", scrub.ReasonMalformed)
	refused(t, []byte("\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0"), "a.txt", scrub.ReasonUnknownType) // in a Cyrillic code, which can't be told
	refused(t, append(wideText(binary.LittleEndian, "\uFEFFhello"), 'x'), "a.txt", scrub.ReasonTruncated)
	refused(t, append(wideText(binary.LittleEndian, "\uFEFFhello"), 0, 0xD8), "a.txt", scrub.ReasonMalformed, scrub.ReasonUnknownType)
	refused(t, bytes.Repeat([]byte("hello \n"), 8<<20), "a.txt", scrub.ReasonTooLarge)
	big := bytes.Repeat([]byte("Grüße\n"), 8<<20)
	if out, report := scrubbed(t, big, "a.txt"); !bytes.Equal(out, big) || report.Found() {
		t.Errorf("a long clean text was changed: %v", report.Removed)
	}
}

func FuzzText(f *testing.F) {
	fuzz(f, "a.txt", []byte("Hello \u200B\uFEFFworld\r\n"), []byte("\xFF\xFEh\x00i\x00"), []byte("caf\xE9 \x93"), []byte("❤\uFE0F\u200D🔥 م\u200Cخ \u180B"), []byte("\uFEFF\n\n x \u2028"))
}

// A text that is called clean is UTF-8, and changed only where the report says so.
func FuzzTextSaysWhatChanged(f *testing.F) {
	f.Add([]byte("a \u200B\nb"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		report, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{})
		if err != nil || report.Type != scrub.TypeText {
			return
		}
		if !utf8.Valid(out.Bytes()) || bytes.Equal(out.Bytes(), b) != (len(report.Removed) == 0) {
			t.Fatalf("%q became %q: %v", b, out.Bytes(), report.Removed)
		}
	})
}
