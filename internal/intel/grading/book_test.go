// SPDX-License-Identifier: AGPL-3.0-or-later

package grading_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

var today = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func book(t testing.TB) *grading.Book {
	t.Helper()
	b, err := grading.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheThreeSchemesComeWithTheBinary(t *testing.T) {
	b := book(t)
	for _, id := range []string{"3x5x2", "admiralty", "europol-4x4"} {
		s, ok := b.InForce(id, today)
		if !ok {
			t.Errorf("%s is not in force", id)
			continue
		}
		for _, lang := range []string{"en", "da", "ar"} {
			for _, scale := range [][]grading.Code{s.Source, s.Information, s.Handling, s.Conditions} {
				for _, c := range scale {
					if c.Names[lang] == "" {
						t.Errorf("%s %s has no name in %s", id, c.Code, lang)
					}
				}
			}
		}
	}
	if _, ok := b.InForce("3x5x2", time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("3x5x2 was in force before it existed")
	}
}

func anyGrade(t *rapid.T, b *grading.Book) grading.Grade {
	s := rapid.SampledFrom(b.Schemes()).Draw(t, "scheme")
	return grading.Grade{
		Ref:         s.Ref(),
		Source:      rapid.SampledFrom(s.Source).Draw(t, "source").Code,
		Information: rapid.SampledFrom(s.Information).Draw(t, "information").Code,
	}
}

// share is where a code stands between the best (0) and the worst (1) that its
// scale knows; unknown codes stand nowhere.
func share(scale []grading.Code, code string) (float64, bool) {
	known, worst := 0.0, 0.0
	for _, c := range scale {
		worst = max(worst, float64(c.Rank))
		if c.Code == code {
			if c.Unknown {
				return 0, false
			}
			known = float64(c.Rank)
		}
	}
	return (known - 1) / (worst - 1), true
}

// Unknown stays unknown and nothing known becomes it, whatever chain of schemes
// a grade is said in.
func TestUnknownIsNeverAMiddleValue(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		g := anyGrade(t, b)
		first, _ := b.Scheme(g.Ref)
		_, known := share(first.Source, g.Source)
		_, knownInfo := share(first.Information, g.Information)
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			next := rapid.SampledFrom(b.Schemes()).Draw(t, "next")
			said, err := b.Translate(g, next.ID, today)
			if err != nil {
				t.Fatal(err)
			}
			s, _ := b.Scheme(said.Ref)
			if said.Source != "" {
				if _, still := share(s.Source, said.Source); still != known {
					t.Fatalf("source %s of %s becomes %s of %s", g.Source, g.Scheme, said.Source, s.ID)
				}
			}
			if said.Information != "" {
				if _, still := share(s.Information, said.Information); still != knownInfo {
					t.Fatalf("information %s of %s becomes %s of %s", g.Information, g.Scheme, said.Information, s.ID)
				}
			}
			if said.Scheme != g.Scheme && said.Lost["en"] == "" {
				t.Fatalf("from %s to %s: nobody says what is lost", g.Scheme, said.Scheme)
			}
			if said.Source == "" || said.Information == "" {
				return // it must be judged anew
			}
			g = said.Grade
		}
	})
}

// A mapping keeps the order of sources: the better one is never said worse.
func TestMappingsKeepTheOrder(t *testing.T) {
	b := book(t)
	for _, m := range b.Mappings() {
		from, _ := b.InForce(m.From, today)
		to, _ := b.InForce(m.To, today)
		for _, x := range from.Source {
			for _, y := range from.Source {
				p, okP := share(to.Source, m.Source[x.Code])
				q, okQ := share(to.Source, m.Source[y.Code])
				if m.Source[x.Code] != "" && m.Source[y.Code] != "" && okP && okQ && x.Rank < y.Rank && p > q {
					t.Errorf("%s → %s: %s is better than %s and is said worse", m.From, m.To, x.Code, y.Code)
				}
			}
		}
	}
}

func TestWhatIsNotOfTheSchemeIsRefused(t *testing.T) {
	b := book(t)
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"another scheme's source": {b.Check(grading.Grade{Ref: ref, Source: "F", Information: "A"}), "use 1, 2, 3"},
		"another's information":   {b.Check(grading.Grade{Ref: ref, Source: "2", Information: "6"}), "use A, B, C, D, E"},
		"no scheme":               {b.Check(grading.Grade{Source: "2", Information: "A"}), "There are: 3x5x2"},
		"handling":                {b.CheckHandling(grading.Handling{Ref: ref, Code: "H1"}), "use P, C"},
		"a condition for none":    {b.CheckHandling(grading.Handling{Ref: ref, Code: "P", Conditions: []string{"A1"}}), "takes no condition"},
		"another condition":       {b.CheckHandling(grading.Handling{Ref: ref, Code: "C", Conditions: []string{"Z9"}}), "takes the conditions A1, A2"},
		"no condition":            {b.CheckHandling(grading.Handling{Ref: ref, Code: "C"}), "needs at least one condition"},
	} {
		if fault.KindOf(tc.err) != fault.Invalid || !strings.Contains(fault.PublicOf(tc.err), tc.want) {
			t.Errorf("%s: %v, want one with %q", name, tc.err, tc.want)
		}
	}
	if err := b.CheckHandling(grading.Handling{Ref: ref, Code: "C", Conditions: []string{"A2", "S2"}}); err != nil {
		t.Error(err)
	}
}

const own = `
id: ours
version: 1
valid_from: 2026-01-01
names: {en: Ours}
source: [{code: good, rank: 1, names: {en: Good}}, {code: "?", unknown: true, names: {en: Unknown}}]
information: [{code: sure, rank: 1, names: {en: Sure}}, {code: "?", unknown: true, names: {en: Unknown}}]
handling: [{code: open, names: {en: Open}}]
`

func TestAnOperatorAddsASchemeWithoutCode(t *testing.T) {
	b, err := grading.Load(fstest.MapFS{"ours.yaml": {Data: []byte(own)}})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := b.InForce("ours", today)
	if !ok {
		t.Fatal("it is not in force")
	}
	if err := b.Check(grading.Grade{Ref: s.Ref(), Source: "?", Information: "sure"}); err != nil {
		t.Error(err)
	}
	for name, tc := range map[string]struct{ change, to, want string }{
		"no code for unknown": {`{code: "?", unknown: true, names: {en: Unknown}}]` + "\ninf", `{code: bad, rank: 2, names: {en: Bad}}]` + "\ninf", "what can't be judged"},
		"a rank for unknown":  {`"?", unknown: true`, `"?", rank: 3, unknown: true`, "has no rank"},
		"the same rank":       {`{code: "?", unknown`, `{code: b, rank: 1, names: {en: B}}, {code: "?", unknown`, "a rank of its own"},
		"no English name":     {"names: {en: Open}", "names: {da: Åben}", "with an English name"},
		"an unknown key":      {"version: 1", "version: 1\ncolour: red", "colour"},
		"a built-in version":  {"id: ours", "id: 3x5x2", "must keep its meaning"},
		"no date":             {"2026-01-01", "soon", "is no date"},
		"ends before it":      {"names: {en: Ours}", "valid_until: 2020-01-01\nnames: {en: Ours}", "comes after"},
	} {
		text := strings.Replace(own, tc.change, tc.to, 1)
		if text == own {
			t.Fatalf("%s: nothing was changed", name)
		}
		_, err := grading.Load(fstest.MapFS{"ours.yaml": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, tc.want)
		}
	}
	_, err = grading.Load(fstest.MapFS{"ours.yaml": {Data: []byte(own)}, "_mappings.yaml": {Data: []byte(`[{from: ours, to: 3x5x2, source: {good: "1", "?": "1"}, information: {"?": D}, lost: {en: x}}]`)}})
	if err == nil || !strings.Contains(err.Error(), "unknown stays unknown") {
		t.Errorf("a mapping that makes something of nothing: %v", err)
	}
}

// Whatever a file says, a scheme that is taken grades: each scale has a code
// for what can't be judged, and every code can be used.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"3x5x2", "admiralty", "europol-4x4"} {
		text, err := os.ReadFile("schemes/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("id: x\nversion: 1\nvalid_from: 2020-01-01\nnames: {en: X}\nsource: [{code: A, unknown: true, names: {en: A}}]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := grading.Parse(text)
		if err != nil {
			return
		}
		var b grading.Book
		if err := b.Add(s); err != nil {
			t.Fatalf("read and refused: %v", err)
		}
		for _, source := range s.Source {
			for _, information := range s.Information {
				if err := b.Check(grading.Grade{Ref: s.Ref(), Source: source.Code, Information: information.Code}); err != nil {
					t.Fatalf("%s %s: %v", source.Code, information.Code, err)
				}
			}
		}
		if len(s.Source) == 0 || len(s.Information) == 0 || len(s.Handling) == 0 {
			t.Fatal("a scale without codes is taken")
		}
	})
}
