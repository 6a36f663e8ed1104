// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/prevent"
)

// everyText calls see with each text that comes with the binary.
func everyText(t *testing.T, see func(id prevent.TextID, body []byte)) {
	t.Helper()
	err := fs.WalkDir(prevent.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		id, ok := prevent.TextOf(name)
		if !ok || id.String() != name {
			t.Errorf("%s is taken apart as %+v, which is %s", name, id, id)
			return nil
		}
		body, err := fs.ReadFile(prevent.Files(), name)
		if err == nil {
			see(id, body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryBuiltInTextIsWholeByItself(t *testing.T) {
	n := 0
	everyText(t, func(id prevent.TextID, body []byte) {
		n++
		for _, f := range id.Faults(body) {
			t.Errorf("%s: %v", id, f)
		}
		if traps := prevent.Traps(string(body)); len(traps) > 0 {
			t.Errorf("%s: %q", id, traps)
		}
		if score := id.Reading(body); id.Lang != "" && !score.Easy() {
			t.Errorf("%s is hard to read: %+v", id, score)
		}
		if !prevent.Alike(id, body, body) {
			t.Errorf("%s is not like itself", id)
		}
		if other := append(slices.Clone(body), "\n- One more line.\n"...); id.Folder != "" && prevent.Alike(id, body, other) {
			t.Errorf("%s is like a text with one more line", id)
		}
	})
	if n < 250 {
		t.Errorf("only %d texts were looked at", n)
	}
}

func TestNamesThatAreNoTexts(t *testing.T) {
	for _, name := range []string{
		"", "cards", "cards/", "cards/x", "cards/x.md", "cards/x.en.html", "cards/../x.en.md", "../cards/x.en.md", "/cards/x.en.md", "cards/X.en.md", "cards/x.e.md",
		"crimes/a/b.en.md", "quizzes/x.yml", "quizzes/../x.yaml", "other.yaml", "cards/x\x00.en.md", "cards/" + strings.Repeat("a", 90) + ".en.md",
	} {
		if id, ok := prevent.TextOf(name); ok {
			t.Errorf("%q is taken for %+v", name, id)
		}
	}
}

// A form is refused until it is filled in, and names what is missing; a
// translation that begins with the English words has the form of one.
func TestBeginnings(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"cards/new.en.md", "cards/new.da.md", "crimes/fraud.fo.md", "quizzes/new.yaml"} {
		id, _ := prevent.TextOf(name)
		begun := prevent.Beginning(id, now)
		faults := id.Faults([]byte(begun))
		if len(faults) == 0 {
			t.Errorf("%s: an empty form passes", name)
		}
		for _, f := range faults {
			if strings.Contains(f.Error(), "must begin with front matter") || strings.Contains(f.Error(), "unknown field") {
				t.Errorf("%s: the form itself is wrong: %v", name, f)
			}
		}
	}
	everyText(t, func(id prevent.TextID, body []byte) {
		if id.Lang != "en" {
			return
		}
		to, _ := prevent.TextOf(id.In("da"))
		begun := []byte(prevent.Untranslated(to, body))
		if faults := to.Faults(begun); len(faults) > 0 {
			t.Errorf("%s begins with %v", to, faults)
		}
		if unlike := prevent.Unlike(string(body), string(begun)); len(unlike) > 0 {
			t.Errorf("%s begins unlike its English text: %v", to, unlike)
		}
	})
}

func TestUnlike(t *testing.T) {
	english := "- Call [112](tel:112), then **wait**.\n- Read [more](/crimes/fraud).\n"
	for _, tt := range []struct {
		other string
		want  []string
	}{
		{"- Ring [112](tel:112), og **vent**.\n- Læs [mere](/crimes/fraud).\n", nil},
		{"- Ring [114](tel:114), og **vent**.\n- Læs [mere](/crimes/fraud).\n", []string{"link to tel:112: 1 in English, 0 here", "link to tel:114: 0 in English, 1 here"}},
		{"- Ring [112](tel:112), og vent. Læs [mere](/crimes/fraud).\n", []string{"pair of **: 1 in English, 0 here", "step (-): 2 in English, 1 here"}},
		{"- Ring [112](tel:112), og **vent**.\n- Læs ** [mere](/crimes/fraud).\n", []string{"a ** that nothing ends"}},
	} {
		if got := prevent.Unlike(english, tt.other); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.other, got, tt.want)
		}
	}
}

func TestTraps(t *testing.T) {
	for text, want := range map[string][]string{
		"Call [112](tel:112) or [0800 1111](tel:08001111), [+45 116 111](tel:+45116111), [0800 1111](tel:+448001111).": nil,
		"اتصل [١١٢](tel:112).":  nil,
		"Call [112](tel:113).":  {`the words "112" call 113`},
		"اتصل [١١٢](tel:99).":   {`the words "١١٢" call 99`},
		"Read [this](tel:112).": nil,
		"a\u202eb\u200bc\u202e": {"1 of U+200B, which can't be seen", "2 of U+202E, which can't be seen"},
		"می\u200cخواهم":         nil,
	} {
		if got := prevent.Traps(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What an editor pastes never takes the server down: deep nests, aliases that
// grow, and huge texts are refused quickly.
func TestHostileTextsAreRefusedQuickly(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		prev := string(rune('0' + i - 1))
		if i > 10 {
			prev = "9"
		}
		bomb.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [*a" + prev + ",*a" + prev + ",*a" + prev + ",*a" + prev + ",*a" + prev + ",*a" + prev + ",*a" + prev + ",*a" + prev + "]\n")
	}
	hostile := []string{
		bomb.String(),
		"- id: fraud\n  short: &s {en: x}\n" + strings.Repeat("- <<: *s\n", 1000),
		strings.Repeat("[", 60000),
		strings.Repeat("{a: ", 15000),
		strings.Repeat("- ", 30000),
		"---\ntitle: " + strings.Repeat("[", 30000) + "\n---\n\nx\n",
		"---\n" + bomb.String() + "---\n\nx\n",
		strings.Repeat("*", 60000),
		"---\ntitle: x\nof: 2026-11-26\n---\n" + strings.Repeat("[a](", 16000),
		"\xff\xfe\x00",
	}
	for _, name := range []string{"cards/x.en.md", "cards/x.da.md", "crimes/x.en.md", "quizzes/x.yaml", "crimes.yaml", "flows.yaml", "sources.yaml"} {
		id, _ := prevent.TextOf(name)
		for i, body := range hostile {
			start := processor(t)
			faults := id.Faults([]byte(body))
			if took := processor(t) - start; took > 5*time.Second {
				t.Errorf("%s, text %d took %v", name, i, took)
			}
			if len(faults) == 0 && id.Folder != "" && i != 8 { // brackets in words are words
				t.Errorf("%s, text %d passes", name, i)
			}
		}
	}
}

// processor is the time that this process has had of the processors: the clock
// on the wall tells how many others are at work here.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
