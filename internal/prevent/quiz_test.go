// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// textsOf is every text of a quiz, in one language.
func textsOf(q prevent.Quiz, lang string) []string {
	texts := []programme.Text{q.Title, q.Lead}
	for _, question := range q.Questions {
		texts = append(texts, question.Ask)
		for _, o := range question.Options {
			texts = append(texts, o.Text, o.Why)
		}
	}
	var all []string
	for _, t := range texts {
		all = append(all, t[lang])
	}
	return all
}

func TestQuizzesAreWholeAndEasyToRead(t *testing.T) {
	c := builtIn(t)
	var ids []string
	for _, q := range c.Quizzes {
		ids = append(ids, q.ID)
		first := map[int]bool{}
		for _, question := range q.Questions {
			first[slices.IndexFunc(question.Options, func(o prevent.Option) bool { return o.Right })] = true
		}
		if len(first) < 2 {
			t.Errorf("%s: the right answer always stands in the same place", q.ID)
		}
		for _, lang := range languages {
			all := textsOf(q, lang)
			if slices.Contains(all, "") || q.Lang(lang) != lang {
				t.Errorf("%s is not whole in %s", q.ID, lang)
			}
			readable(t, q.ID, lang, strings.Join(all, "\n"))
		}
	}
	if want := []string{"grooming", "money-mules", "product-authentication", "trafficking-in-hotels", "wildlife-in-baggage"}; !slices.Equal(ids, want) {
		t.Errorf("quizzes: %v", ids)
	}
}

// The law of grading: never more than there are questions, exactly those with
// the right option, whatever was sent.
func TestGrading(t *testing.T) {
	q, _ := builtIn(t).Quiz("grooming")
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.IntRange(-2, 9), 0, 8).Draw(t, "answers")
		want := 0
		for i, a := range answers {
			if i < len(q.Questions) && a >= 0 && a < len(q.Questions[i].Options) && q.Questions[i].Options[a].Right {
				want++
			}
		}
		if got := q.Right(answers); got != want || got > len(q.Questions) {
			t.Fatalf("%v: %d", answers, got)
		}
	})
	if q.Passed(3) || !q.Passed(4) || !q.Passed(5) {
		t.Error("four of five pass")
	}
}

func TestMistakesInQuizzesAreNamed(t *testing.T) {
	b, err := os.ReadFile("content/quizzes/money-mules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ours := string(b)
	for name, c := range map[string]struct{ text, want string }{
		"two right answers":  {strings.Replace(ours, "  - text:", "  - right: true\n    text:", 1), "question 1: 2 of 3 answers are right"},
		"no right answer":    {strings.Replace(ours, "right: true\n    ", "", 1), "question 1: 0 of 3 answers are right"},
		"an unknown crime":   {strings.Replace(ours, "crime: money-laundering", "crime: moon", 1), `no kind of crime "moon"`},
		"an unknown key":     {strings.Replace(ours, "crime:", "krime:", 1), "krime"},
		"no explanation":     {strings.Replace(ours, "      en: 'No firm", "      fr: 'No firm", 1), "question 1, answer 1: why"},
		"no questions":       {ours[:strings.Index(ours, "questions:")], "questions: 1 to 30"},
		"no review":          {strings.Replace(ours, "review_by: 2027-11-26\n", "", 1), "review_by"},
		"gigantic":           {ours + strings.Repeat("# word\n", 50_000), "at most 262144"},
		"nested without end": {strings.Repeat("[", 5000), "quizzes/x.yaml"},
	} {
		_, err := prevent.Load(fstest.MapFS{"quizzes/x.yaml": {Data: []byte(c.text)}}, languages)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	c, err := prevent.Load(fstest.MapFS{"quizzes/x.yaml": {Data: []byte(strings.Replace(ours, "  ar: 'هل", "  fr: 'هل", 1))}}, languages)
	if err != nil || !slices.Contains(c.Missing, "quizzes/x.ar") {
		t.Fatalf("%v, missing %v", err, c)
	}
	if q, _ := c.Quiz("x"); q.Lang("ar") != "en" || q.Lang("da") != "da" {
		t.Error("a quiz with a hole is shown in that language")
	}
}

func FuzzReadQuiz(f *testing.F) {
	b, err := os.ReadFile("content/quizzes/grooming.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("questions: [{ask: {en: x}, options: [{right: true, text: {en: y}, why: {en: z}}]}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, faults := prevent.ReadQuiz(b)
		if len(faults) > 0 {
			return
		}
		if len(q.Questions) == 0 || slices.Contains(textsOf(q, "en"), "") {
			t.Fatal("a quiz with holes was taken")
		}
	})
}
