// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"strings"

	"github.com/turnstone-project/turnstone/internal/prevent/search"
)

// Index returns what finds pages, cards and quizzes in one language; it is made
// when somebody asks first. A text that is not there in that language is found by its
// English words. The ids of what it finds are paths below the language:
// crimes/fraud, advice/bank-calls-you.
func (c *Content) Index(lang string) *search.Index {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.indexes[lang] == nil {
		if c.indexes == nil {
			c.indexes = map[string]*search.Index{}
		}
		c.indexes[lang] = c.index(lang)
	}
	return c.indexes[lang]
}

func (c *Content) index(lang string) *search.Index {
	var texts []search.Document
	for _, k := range c.Crimes {
		p := k.Page(lang)
		body := p.Lead
		for _, s := range Sections {
			body += "\n" + p.Sections[s]
		}
		texts = append(texts, search.Document{ID: "crimes/" + k.ID, Title: p.Title, Body: Plain(body)})
	}
	for _, k := range c.Cards {
		t := k.Text(lang)
		texts = append(texts, search.Document{ID: "advice/" + k.ID, Title: t.Title, Body: Plain(t.Body)})
	}
	for _, q := range c.Quizzes {
		in := q.Lang(lang)
		body := q.Lead.In(in)
		for _, question := range q.Questions {
			body += "\n" + question.Ask.In(in)
		}
		texts = append(texts, search.Document{ID: "training/" + q.ID, Title: q.Title.In(in), Body: body})
	}
	return search.New(lang, texts)
}

// Plain returns the words of Markdown without its marks, line by line.
func Plain(markdown string) string {
	var b strings.Builder
	for _, line := range strings.Split(markdown, "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "### "), "- ")
		line = strings.TrimPrefix(line, numberItem.FindString(line))
		line = linkForm.ReplaceAllString(line, "$1")
		line = weakForm.ReplaceAllString(strongForm.ReplaceAllString(line, "$1"), "$1")
		if strings.TrimSpace(line) != "" {
			b.WriteString(line + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
