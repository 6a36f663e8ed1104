// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

func TestAnHonestForgeryIsAccepted(t *testing.T) {
	w := newWorld(t)
	chain, identity, tip, _ := w.opened()
	m := forgery{key: tip.Receipt.SigningKey()}.message(t, chain.Place(), identity)
	opened, _, err := chain.Next(m)
	w.check(err) // else the refusals below would prove nothing
	if diff := cmp.Diff(seal.Message{Text: "hello", Language: "en"}, opened.Content); diff != "" {
		t.Fatal(diff)
	}
}

func TestReadersRefuseWhatHonestClientsNeverSend(t *testing.T) {
	w := newWorld(t)
	chain, identity, tip, _ := w.opened()
	place, key := chain.Place(), tip.Receipt.SigningKey()
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	for name, f := range map[string]forgery{
		"another version":     {header: map[string]any{"v": 2}},
		"another programme":   {header: map[string]any{"programme": id.New()}},
		"another report":      {header: map[string]any{"report": id.New()}},
		"another epoch":       {header: map[string]any{"epoch": 1}},
		"negative epoch":      {header: map[string]any{"epoch": -1}},
		"another recipient":   {header: map[string]any{"recipient": seal.Hash{1}}},
		"an earlier place":    {header: map[string]any{"seq": 1}},
		"a later place":       {header: map[string]any{"seq": 3}},
		"another predecessor": {header: map[string]any{"prev": seal.Hash{}}},
		"a short sender":      {header: map[string]any{"sender": []byte{1, 2}}},
		"an unknown role":     {header: map[string]any{"role": "admin"}},
		"the call taker":      {header: map[string]any{"role": "call"}},
		"an unknown type":     {header: map[string]any{"type": "file"}},
		"a second report":     {header: map[string]any{"type": "report"}},
		"a wrong length":      {header: map[string]any{"length": 3}},
		"a huge length":       {header: map[string]any{"length": 1 << 40}},
		"a negative length":   {header: map[string]any{"length": -1}},
		"a wrong hash":        {header: map[string]any{"sha256": seal.Hash{1}}},
		"a missing field":     {header: map[string]any{"prev": nil}},
		"a new field":         {edit: replace(`{"v":1`, `{"x":1,"v":1`)},
		"a doubled field":     {edit: replace(`"v":1`, `"v":1,"v":1`)},
		"a field in capitals": {edit: replace(`"role"`, `"Role"`)},
		"a space":             {edit: replace(`,"role"`, `, "role"`)},
		"fields out of order": {edit: replace(`"v":1,"programme":"`+place.Programme.String()+`"`, `"programme":"`+place.Programme.String()+`","v":1`)},
		"a number as 1.0":     {edit: replace(`"v":1`, `"v":1.0`)},
		"a hash in capitals": {edit: func(b []byte) []byte {
			return append(bytes.ToUpper(b[:0]), bytes.Replace(b, []byte(place.Prev.String()), []byte(strings.ToUpper(place.Prev.String())), 1)...)
		}},
		"something after":      {edit: func(b []byte) []byte { return append(b, ' ') }},
		"not JSON":             {edit: func([]byte) []byte { return []byte("hello") }},
		"a foreign signature":  {signing: w.member.SigningKey()},
		"padding at the end":   {after: func(p []byte) []byte { p[len(p)-1] = 1; return p }},
		"padding at the start": {after: func(p []byte) []byte { p[bytes.LastIndexByte(p, '}')+1] = 1; return p }},
		"too large a size":     {size: 32768},
		"a size between":       {size: 10000},
		"the size of a cover":  {size: 2048},
		"a cut-off header":     {after: func(p []byte) []byte { p[0] = 0xff; return p }},
		"content of a key":     {header: map[string]any{"type": "key"}},
		"null":                 {text: `{"text":null,"language":"en"}`},
		"unknown in content":   {text: `{"text":"x","language":"en","more":1}`},
		"missing in content":   {text: `{"text":"x"}`},
		"doubled in content":   {text: `{"text":"x","text":"y","language":"en"}`},
		"capitals in content":  {text: `{"Text":"x","language":"en"}`},
		"broken UTF-8":         {text: "{\"text\":\"\xff\",\"language\":\"en\"}"},
		"deep nesting":         {text: `{"text":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + `,"language":"en"}`},
		"two documents":        {text: `{"text":"x","language":"en"}{}`},
	} {
		f.key = key
		m := f.message(t, place, identity)
		_, _, err := chain.Next(m)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if chain.Place() != place {
			t.Fatalf("%s: the chain moved", name)
		}
	}
	if _, _, err := chain.Next(forgery{key: key}.message(t, place, identity)); err != nil {
		t.Fatalf("after all refusals an honest message is refused: %v", err)
	}
}

func TestMessagesFillTheSmallestSizeThatFits(t *testing.T) {
	w := newWorld(t)
	chain, identity, tip, _ := w.opened()
	for length, size := range map[int]int{0: 8192, 7000: 8192, 9000: 32768, 32000: 32768, 33000: 131072, 130000: 131072} {
		m, err := chain.Seal(seal.Message{Text: strings.Repeat("x", length)}, seal.RoleReporter, tip.Receipt.SigningKey())
		w.check(err)
		if len(m.Body) != seal.EnvelopeSize(size) {
			t.Errorf("%d characters fill %d bytes, want %d", length, len(m.Body), seal.EnvelopeSize(size))
		}
		if _, err := seal.OpenMessage(identity, m.Body); err != nil {
			t.Errorf("%d characters: %v", length, err)
		}
	}
	_, err := chain.Seal(seal.Message{Text: strings.Repeat("x", 131072)}, seal.RoleReporter, tip.Receipt.SigningKey())
	if !errors.Is(err, seal.ErrTooLong) {
		t.Errorf("what does not fit gives %v", err)
	}
}

func TestCoversAllHaveOneSizeWhateverIsWritten(t *testing.T) {
	w := newWorld(t)
	identity, err := seal.NewIdentity()
	w.check(err)
	key := w.member.SigningKey()
	rapid.Check(t, func(rt *rapid.T) {
		cover := seal.Cover{
			Category: "smuggling", Language: "ar", Urgency: seal.UrgencyNone,
			Place: rapid.String().Draw(rt, "place"), Words: strings.Repeat(rapid.String().Draw(rt, "words"), 40),
		}
		m, err := seal.SealMessage(seal.Place{Programme: w.programme, Report: w.desk}, cover, seal.RoleReporter, key, identity.Recipient())
		if err != nil {
			rt.Fatal(err)
		}
		if len(m.Body) != seal.EnvelopeSize(seal.CoverSize) {
			rt.Fatalf("the cover has %d bytes", len(m.Body))
		}
		opened, err := seal.OpenMessage(identity, m.Body)
		if err != nil {
			rt.Fatal(err)
		}
		got := opened.Content.(seal.Cover)
		if n := utf8.RuneCountInString(got.Words); n > seal.CoverWords {
			rt.Fatalf("the cover shows %d characters", n)
		}
	})
}

func TestCoverShowsTheFirst200Characters(t *testing.T) {
	w := newWorld(t)
	tip := w.tip()
	tip.Cover.Words = strings.Repeat("شاحنة ", 100)
	a := w.send(tip)
	cover, _, err := w.chain(a).Next(a.messages[0])
	w.check(err)
	if want := string([]rune(tip.Cover.Words)[:200]); cover.Content.(seal.Cover).Words != want {
		t.Fatalf("the cover shows %q", cover.Content.(seal.Cover).Words)
	}
}

// TestHostileCoversAreRefused forges first messages.
func TestHostileCoversAreRefused(t *testing.T) {
	w := newWorld(t)
	grant, identity, err := seal.NewGrant(w.programme, w.desk)
	w.check(err)
	cover := func(urgency, words string) string {
		return `{"category":"x","place":"","language":"en","urgency":"` + urgency + `","words":"` + words + `"}`
	}
	for name, try := range map[string]struct {
		text string
		ok   bool
	}{
		"honest": {cover("none", "x"), true}, "just long enough": {cover("none", strings.Repeat("ø", 200)), true},
		"too long": {cover("none", strings.Repeat("x", 201)), false}, "unknown urgency": {cover("very", "x"), false},
	} {
		chain, err := seal.NewChain(grant, w.roster)
		w.check(err)
		f := forgery{key: w.member.SigningKey(), text: try.text, size: 2048, header: map[string]any{"type": "cover"}}
		_, _, err = chain.Next(f.message(t, chain.Place(), identity))
		if (err == nil) != try.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMessageSignedForAnotherRecipientIsRefused(t *testing.T) {
	w := newWorld(t)
	chain, identity, tip, _ := w.opened()
	for name, recipient := range map[string]seal.Hash{"honest": identity.Recipient().Hash(), "another's": w.recovery.Recipient().Hash()} {
		f := forgery{key: tip.Receipt.SigningKey(), header: map[string]any{"recipient": recipient}}
		_, err := seal.OpenMessage(identity, f.message(t, chain.Place(), identity).Body)
		if (err == nil) != (name == "honest") || err != nil && !errors.Is(err, seal.ErrOutOfPlace) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
