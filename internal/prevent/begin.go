// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/programme"
)

// reviewAfter is when a new text should be looked at again.
const reviewAfter = 180 * 24 * time.Hour

// Beginning returns the form of a text that is not there yet, for a writer to
// fill in; empty where there is none.
func Beginning(t TextID, now time.Time) string {
	written, due := now.Format(day), now.Add(reviewAfter).Format(day)
	review := "sources: [\"\"]\nwritten: " + written + "\nreview_by: " + due + "\n"
	switch {
	case t.Folder == cardFolder && t.Lang == "en":
		return "---\ntitle: \ncrimes: []\naudience: [everybody]\nmoment: before\n" + review + "---\n\n- \n- \n- \n"
	case t.Folder == cardFolder:
		return "---\ntitle: \nof: " + written + "\n---\n\n- \n"
	case t.Folder == crimeFolder:
		var b strings.Builder
		b.WriteString("---\ntitle: \nlead: \n---\n")
		for _, s := range Sections {
			b.WriteString("\n## {" + s + "}\n\n- \n")
		}
		return b.String()
	case t.Folder == quizFolder:
		return "crime: \ntitle: {en: \"\"}\nlead: {en: \"\"}\n" + review + "questions:\n" + strings.Repeat("  - ask: {en: \"\"}\n    options:\n      - text: {en: \"\"}\n        why: {en: \"\"}\n        right: true\n      - text: {en: \"\"}\n        why: {en: \"\"}\n", 2)
	}
	return ""
}

// Untranslated returns what the translation of a text begins with: the English
// words in the form of a translation.
func Untranslated(t TextID, english []byte) string {
	if t.Folder != cardFolder {
		return string(english)
	}
	card, faults := ReadCard(english)
	if len(faults) > 0 {
		return string(english)
	}
	front, err := yaml.Marshal(struct {
		Title string `yaml:"title"`
		Of    string `yaml:"of"`
	}{card.Text("en").Title, card.Written})
	if err != nil {
		return string(english)
	}
	return "---\n" + string(front) + "---\n" + card.Text("en").Body
}

// Alike reports whether two files of a text say the same, however they are written.
func Alike(t TextID, a, b []byte) bool {
	read := func(body []byte) (any, []error) {
		switch {
		case t.Folder == crimeFolder:
			p, faults := ReadPage(body)
			for name, s := range p.Sections {
				p.Sections[name] = strings.TrimSpace(s)
			}
			return p, faults
		case t.Folder == cardFolder && t.Lang != "en":
			c, faults := ReadTranslation(body)
			c.Body = strings.TrimSpace(c.Body)
			return c, faults
		}
		if t.Folder == quizFolder {
			q, faults := ReadQuiz(body)
			q.texts(func(text programme.Text, _, _ int, _ string) {
				for lang, s := range text {
					text[lang] = strings.TrimSpace(s)
				}
			})
			return q, faults
		}
		list := map[string]any{"crimes": new([]Crime), "flows": new([]Flow), "sources": new([]Source)}[t.ID]
		if t.Folder != "" || list == nil {
			return string(body), nil
		}
		if err := readYAML(body, list); err != nil {
			return nil, []error{err}
		}
		return list, nil
	}
	one, faults := read(a)
	other, more := read(b)
	return len(faults)+len(more) == 0 && reflect.DeepEqual(one, other)
}
