// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"errors"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
)

// MaxMarkdown is the length of a text in bytes.
const MaxMarkdown = 64 << 10

// The Markdown that pages use: paragraphs, lists with "- " and "1. ", headings
// with "### ", **strong**, *emphasis* and [words](target). Everything else,
// HTML above all, is text and is shown as it was written.

var (
	linkForm   = regexp.MustCompile(`\[([^\[\]]{1,200})\]\(([^()\s]{1,200})\)`)
	strongForm = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	weakForm   = regexp.MustCompile(`\*([^*\s][^*]*)\*`)
	numberItem = regexp.MustCompile(`^[0-9]{1,2}\. `)
	telForm    = regexp.MustCompile(`^tel:\+?[0-9]{2,15}$`)
	pathForm   = regexp.MustCompile(`^(/[a-z0-9-]+)+$|^#[a-z0-9-]+$`)
)

// Render makes HTML of Markdown. A link leads to a page of this site (a path
// below the language, such as /crimes/fraud), to a place on the page or to a
// telephone; anything else is an error, because no page of ours leads
// elsewhere. root stands before paths.
func Render(markdown, root string) (template.HTML, error) {
	if len(markdown) > MaxMarkdown {
		return "", fmt.Errorf("the text has %d bytes, at most %d", len(markdown), MaxMarkdown)
	}
	r := &renderer{root: root}
	for _, line := range strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n") {
		r.line(strings.TrimRight(line, " \t"))
	}
	r.open("")
	return template.HTML(r.out.String()), errors.Join(r.faults...) //nolint:gosec // every byte of it was escaped or written by the renderer
}

type renderer struct {
	root   string
	out    strings.Builder
	within string // "", "p", "ul" or "ol"
	faults []error
}

var (
	opening = map[string]string{"p": `<p class="govuk-body">`, "ul": `<ul class="govuk-list govuk-list--bullet">` + "\n", "ol": `<ol class="govuk-list govuk-list--number">` + "\n"}
	closing = map[string]string{"p": "</p>\n", "ul": "</ul>\n", "ol": "</ol>\n"}
)

// open ends the block that is open and begins another one, unless it is the same.
func (r *renderer) open(kind string) bool {
	if r.within == kind {
		return false
	}
	r.out.WriteString(closing[r.within])
	r.within = kind
	r.out.WriteString(opening[kind])
	return true
}

func (r *renderer) line(line string) {
	number := numberItem.FindString(line)
	switch {
	case line == "":
		r.open("")
	case strings.HasPrefix(line, "### "):
		r.open("")
		r.out.WriteString(`<h3 class="govuk-heading-s">` + r.words(line[4:]) + "</h3>\n")
	case strings.HasPrefix(line, "- "):
		r.open("ul")
		r.out.WriteString("<li>" + r.words(line[2:]) + "</li>\n")
	case number != "":
		r.open("ol")
		r.out.WriteString("<li>" + r.words(line[len(number):]) + "</li>\n")
	default:
		if !r.open("p") {
			r.out.WriteString("\n")
		}
		r.out.WriteString(r.words(line))
	}
}

// words renders what stands in a line; links are taken apart first, so that
// no mark reaches into an address.
func (r *renderer) words(s string) string {
	var b strings.Builder
	for {
		at := linkForm.FindStringSubmatchIndex(s)
		if at == nil {
			break
		}
		b.WriteString(marks(s[:at[0]]))
		b.WriteString(r.link(s[at[2]:at[3]], s[at[4]:at[5]]))
		s = s[at[1]:]
	}
	b.WriteString(marks(s))
	return b.String()
}

func (r *renderer) link(words, target string) string {
	switch {
	case telForm.MatchString(target):
		return `<a class="govuk-link" href="` + target + `">` + marks(words) + "</a>"
	case pathForm.MatchString(target):
		if target[0] == '/' {
			target = r.root + target
		}
		return `<a class="govuk-link" href="` + html.EscapeString(target) + `">` + marks(words) + "</a>"
	}
	r.faults = append(r.faults, fmt.Errorf("the link to %q: write a path of this site such as /crimes/fraud, #place or tel:112", target))
	return marks(words)
}

// marks escapes s and puts strong and emphasis in.
func marks(s string) string {
	s = html.EscapeString(s)
	s = strongForm.ReplaceAllString(s, "<strong>$1</strong>")
	return weakForm.ReplaceAllString(s, "<em>$1</em>")
}
