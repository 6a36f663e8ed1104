// SPDX-License-Identifier: AGPL-3.0-or-later

package xliff

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// piece is one sentence or line to translate.
type piece struct{ id, english string }

// text is a page, card, quiz or list in pieces: how to read it in a language, and
// how to make a file of translated pieces.
type text struct {
	path    string
	note    string // for translators, with each piece
	pieces  []piece
	in      func(lang string) map[string]string
	compose func(lang string, targets map[string]string) (name string, body []byte, err error)
}

// texts takes everything apart.
func texts(c *prevent.Content) []text {
	var all []text
	for _, k := range c.Crimes {
		all = append(all, crimeText(k))
	}
	for _, k := range c.Cards {
		all = append(all, cardText(k))
	}
	for _, q := range c.Quizzes {
		all = append(all, quizText(q))
	}
	return append(all, namesText(c.Crimes), flowsText(c.Flows))
}

var mark = regexp.MustCompile(`^(- |[0-9]{1,2}\. |### )?`)

// lines takes the lines of Markdown, without the marks that they begin with.
func lines(prefix, markdown string) []piece {
	var pieces []piece
	for _, line := range strings.Split(markdown, "\n") {
		if words := strings.TrimSpace(line[len(mark.FindString(line)):]); words != "" {
			pieces = append(pieces, piece{fmt.Sprintf("%s%d", prefix, len(pieces)+1), words})
		}
	}
	return pieces
}

// relined puts translated lines in the place of the English ones.
func relined(prefix, english string, targets map[string]string) string {
	var b strings.Builder
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(english), "\n") {
		if begin := mark.FindString(line); strings.TrimSpace(line[len(begin):]) != "" {
			n++
			line = begin + targets[fmt.Sprintf("%s%d", prefix, n)]
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// there maps pieces to what stands in another language; nothing when the lines
// are not as many.
func there(into map[string]string, prefix, english, other string) {
	ours, theirs := lines(prefix, english), lines(prefix, other)
	if len(ours) != len(theirs) {
		return
	}
	for i, p := range ours {
		into[p.id] = theirs[i].english
	}
}

func withFront(front any, body string) ([]byte, error) {
	head, err := yaml.Marshal(front)
	if err != nil {
		return nil, fmt.Errorf("write front matter: %w", err)
	}
	return []byte("---\n" + string(head) + "---\n\n" + body), nil
}

func cardText(k prevent.Card) text {
	en := k.Text("en")
	return text{
		path: "cards/" + k.ID, pieces: append([]piece{{"title", en.Title}}, lines("line-", en.Body)...),
		in: func(lang string) map[string]string {
			t := k.Text(lang)
			m := map[string]string{}
			if t.Lang == lang {
				m["title"] = t.Title
				there(m, "line-", en.Body, t.Body)
			}
			return m
		},
		compose: func(lang string, targets map[string]string) (string, []byte, error) {
			front := struct {
				Title string `yaml:"title"`
				Of    string `yaml:"of"`
			}{targets["title"], k.Written}
			b, err := withFront(front, relined("line-", en.Body, targets))
			if err != nil {
				return "", nil, err
			}
			_, faults := prevent.ReadTranslation(b)
			return "cards/" + k.ID + "." + lang + ".md", b, errors.Join(faults...)
		},
	}
}

func crimeText(k prevent.Crime) text {
	en := k.Page("en")
	pieces := []piece{{"title", en.Title}, {"lead", en.Lead}}
	for _, s := range prevent.Sections {
		pieces = append(pieces, lines(s+"-", en.Sections[s])...)
	}
	return text{
		path: "crimes/" + k.ID, pieces: pieces,
		in: func(lang string) map[string]string {
			p := k.Page(lang)
			m := map[string]string{}
			if p.Lang == lang {
				m["title"], m["lead"] = p.Title, p.Lead
				for _, s := range prevent.Sections {
					there(m, s+"-", en.Sections[s], p.Sections[s])
				}
			}
			return m
		},
		compose: func(lang string, targets map[string]string) (string, []byte, error) {
			front := struct {
				Title string `yaml:"title"`
				Lead  string `yaml:"lead"`
			}{targets["title"], targets["lead"]}
			var body strings.Builder
			for i, s := range prevent.Sections {
				if i > 0 {
					body.WriteString("\n")
				}
				body.WriteString("## {" + s + "}\n\n" + relined(s+"-", en.Sections[s], targets))
			}
			b, err := withFront(front, body.String())
			if err != nil {
				return "", nil, err
			}
			_, faults := prevent.ReadPage(b)
			return "crimes/" + k.ID + "." + lang + ".md", b, errors.Join(faults...)
		},
	}
}

// eachText calls see with every text of a quiz and its id; what see returns
// stands there afterwards.
func eachText(q *prevent.Quiz, see func(id string, t programme.Text) programme.Text) {
	q.Title, q.Lead = see("title", q.Title), see("lead", q.Lead)
	for i := range q.Questions {
		question := &q.Questions[i]
		question.Ask = see(fmt.Sprintf("q%d", i+1), question.Ask)
		for j := range question.Options {
			o := &question.Options[j]
			o.Text = see(fmt.Sprintf("q%d-%d", i+1, j+1), o.Text)
			o.Why = see(fmt.Sprintf("q%d-%d-why", i+1, j+1), o.Why)
		}
	}
}

// copied is a quiz whose questions can be changed.
func copied(q prevent.Quiz) prevent.Quiz {
	questions := q.Questions
	q.Questions = make([]prevent.Question, len(questions))
	for i, question := range questions {
		question.Options = append([]prevent.Option(nil), question.Options...)
		q.Questions[i] = question
	}
	return q
}

func quizText(q prevent.Quiz) text {
	t := text{path: "quizzes/" + q.ID}
	own := copied(q)
	eachText(&own, func(id string, s programme.Text) programme.Text {
		t.pieces = append(t.pieces, piece{id, strings.TrimSpace(s["en"])})
		return s
	})
	t.in = func(lang string) map[string]string {
		m := map[string]string{}
		one := copied(q)
		eachText(&one, func(id string, s programme.Text) programme.Text {
			m[id] = strings.TrimSpace(s[lang])
			return s
		})
		return m
	}
	t.compose = func(lang string, targets map[string]string) (string, []byte, error) {
		translated := copied(q)
		eachText(&translated, func(id string, s programme.Text) programme.Text {
			return with(s, lang, targets[id])
		})
		b, err := yaml.Marshal(translated)
		if err != nil {
			return "", nil, fmt.Errorf("write quiz: %w", err)
		}
		_, faults := prevent.ReadQuiz(b)
		return "quizzes/" + q.ID + ".yaml", b, errors.Join(faults...)
	}
	return t
}

// namesText is the short names of the kinds of crime, which stand in a list.
func namesText(crimes []prevent.Crime) text {
	t := text{path: "crimes", note: "One or two words, for a picture."}
	for _, k := range crimes {
		t.pieces = append(t.pieces, piece{k.ID, strings.TrimSpace(k.Short["en"])})
	}
	t.in = func(lang string) map[string]string {
		m := map[string]string{}
		for _, k := range crimes {
			m[k.ID] = strings.TrimSpace(k.Short[lang])
		}
		return m
	}
	t.compose = func(lang string, targets map[string]string) (string, []byte, error) {
		translated := slices.Clone(crimes)
		for i, k := range translated {
			translated[i].Short = with(k.Short, lang, targets[k.ID])
		}
		return list("crimes.yaml", translated)
	}
	return t
}

// flowsText is what the arrows of the picture say.
func flowsText(flows []prevent.Flow) text {
	t := text{path: "flows", note: "One short sentence."}
	seen := map[string]int{}
	ids := make([]string, len(flows))
	for i, f := range flows {
		ids[i] = f.From + "-to-" + f.To
		if seen[ids[i]]++; seen[ids[i]] > 1 {
			ids[i] = fmt.Sprintf("%s-%d", ids[i], seen[ids[i]])
		}
		t.pieces = append(t.pieces, piece{ids[i], strings.TrimSpace(f.Why["en"])})
	}
	t.in = func(lang string) map[string]string {
		m := map[string]string{}
		for i, f := range flows {
			m[ids[i]] = strings.TrimSpace(f.Why[lang])
		}
		return m
	}
	t.compose = func(lang string, targets map[string]string) (string, []byte, error) {
		translated := slices.Clone(flows)
		for i, f := range translated {
			translated[i].Why = with(f.Why, lang, targets[ids[i]])
		}
		return list("flows.yaml", translated)
	}
	return t
}

// with is a text with one language more; what was given stays as it is.
func with(t programme.Text, lang, s string) programme.Text {
	t = maps.Clone(t)
	t[lang] = s
	return t
}

func list(name string, entries any) (string, []byte, error) {
	b, err := yaml.Marshal(entries)
	if err != nil {
		return "", nil, fmt.Errorf("write %s: %w", name, err)
	}
	return name, b, nil
}
