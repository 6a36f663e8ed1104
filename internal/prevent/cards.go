// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"errors"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Audiences are those for whom cards are written, and Moments when: before
// anything happened, while it happens, and afterwards. Their names are the site's.
var (
	Audiences = []string{"everybody", "parents", "young", "older", "small-business", "company", "municipality", "carrier", "hosts", "journalists"}
	Moments   = []string{"before", "now", "after"}
)

// Card is a piece of advice: a few steps for somebody at one moment.
type Card struct {
	ID       string
	Crimes   []string
	Audience []string
	Moment   string
	Review

	texts map[string]CardText
}

// CardText is what a card says in one language.
type CardText struct {
	Lang  string // the language that it is really in
	Title string
	Body  string // Markdown
	Of    string // day of the English text that it translates; empty for English itself
}

// Text returns the card in lang, in English when there is none.
func (c Card) Text(lang string) CardText {
	if t, ok := c.texts[lang]; ok {
		return t
	}
	return c.texts["en"]
}

// Outdated reports whether the English text has changed since it was translated.
func (c Card) Outdated(lang string) bool {
	t := c.Text(lang)
	return t.Of != "" && t.Of < c.Written
}

// HTML renders the card for the site whose language root is root. Load has
// rendered it once, so that it can't fail here.
func (t CardText) HTML(root string) template.HTML {
	out, err := Render(t.Body, root)
	if err != nil {
		panic("prevent: " + err.Error()) // Load refused such a card
	}
	return out
}

// Wanted chooses cards; an empty field chooses all.
type Wanted struct{ Crime, Audience, Moment string }

// Card returns the card with that id.
func (c *Content) Card(id string) (Card, bool) {
	i := slices.IndexFunc(c.Cards, func(k Card) bool { return k.ID == id })
	if i < 0 {
		return Card{}, false
	}
	return c.Cards[i], true
}

// Advice returns the cards that are wanted, by moment and then by id. A card
// for everybody is for each audience too.
func (c *Content) Advice(w Wanted) []Card {
	var all []Card
	for _, moment := range Moments {
		if w.Moment != "" && w.Moment != moment {
			continue
		}
		for _, k := range c.Cards {
			if k.Moment == moment && (w.Crime == "" || slices.Contains(k.Crimes, w.Crime)) &&
				(w.Audience == "" || slices.Contains(k.Audience, w.Audience) || slices.Contains(k.Audience, "everybody")) {
				all = append(all, k)
			}
		}
	}
	return all
}

const cardFolder = "cards"

var cardFile = regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.[a-z]{2,3}(-[A-Za-z0-9]+)*\.md$`)

// cardIDs lists the cards of the binary and of the operator.
func (l *loader) cardIDs() []string {
	var ids []string
	for _, name := range l.names(cardFolder, cardFile) {
		id, _, _ := strings.Cut(name, ".")
		ids = append(ids, id)
	}
	return slices.Compact(ids)
}

// cards reads every card in every language.
func (l *loader) cards(c *Content, crimes map[string]bool, languages []string) {
	for _, id := range l.cardIDs() {
		if crimes[id] {
			l.say("%s/%s.en.md: %s is the name of a kind of crime already", cardFolder, id, id)
			continue
		}
		card, ok := l.card(id, crimes)
		if !ok {
			continue
		}
		for _, lang := range languages {
			if lang == "en" {
				continue
			}
			t, ok := l.cardText(id, lang)
			if !ok {
				c.Missing = append(c.Missing, cardFolder+"/"+id+"."+lang)
				continue
			}
			card.texts[lang] = t
			l.doubt(c, TextID{cardFolder, id, lang})
			if card.Outdated(lang) {
				c.Outdated = append(c.Outdated, cardFolder+"/"+id+"."+lang)
			}
		}
		c.Cards = append(c.Cards, card)
	}
}

// card reads a card's English file, which says for whom it is, too.
func (l *loader) card(id string, crimes map[string]bool) (Card, bool) {
	name := path.Join(cardFolder, id+".en.md")
	b, err := l.file(name)
	if err != nil {
		l.say("%s: each card is written in English too: %w", name, err)
		return Card{}, false
	}
	card, faults := ReadCard(b)
	for _, f := range faults {
		l.say("%s:%w", name, f)
	}
	if len(faults) > 0 {
		return Card{}, false
	}
	card.ID = id
	for _, crime := range card.Crimes {
		if !crimes[crime] {
			l.say("%s: there is no kind of crime %q", name, crime)
		}
	}
	l.review(name, card.Review)
	return card, true
}

func (l *loader) cardText(id, lang string) (CardText, bool) {
	name := path.Join(cardFolder, id+"."+lang+".md")
	b, err := l.file(name)
	if errors.Is(err, fs.ErrNotExist) {
		return CardText{}, false
	}
	if err != nil {
		l.say("%s: %w", name, err)
		return CardText{}, false
	}
	t, faults := ReadTranslation(b)
	for _, f := range faults {
		l.say("%s:%w", name, f)
	}
	if t.Of != "" {
		l.date(name+": of", t.Of)
	}
	t.Lang = lang
	return t, len(faults) == 0
}

// ReadCard reads the English file of a card: front matter that says for whom
// it is and what it rests on, then the steps. Each fault begins with its line.
func ReadCard(b []byte) (Card, []error) {
	var head struct {
		Title    string   `yaml:"title"`
		Crimes   []string `yaml:"crimes"`
		Audience []string `yaml:"audience"`
		Moment   string   `yaml:"moment"`
		Review   `yaml:",inline"`
	}
	body, faults := readCard(b, &head)
	say := sayer(&faults)
	if strings.TrimSpace(head.Title) == "" {
		say(2, "title is needed")
	}
	if len(head.Crimes) == 0 {
		say(2, "crimes: name at least one kind of crime")
	}
	if len(head.Audience) == 0 {
		say(2, "audience: at least one of %s", strings.Join(Audiences, ", "))
	}
	for _, a := range head.Audience {
		if !slices.Contains(Audiences, a) {
			say(2, "audience %q: one of %s", a, strings.Join(Audiences, ", "))
		}
	}
	if !slices.Contains(Moments, head.Moment) {
		say(2, "moment %q: one of %s", head.Moment, strings.Join(Moments, ", "))
	}
	return Card{
		Crimes: head.Crimes, Audience: head.Audience, Moment: head.Moment, Review: head.Review,
		texts: map[string]CardText{"en": {Lang: "en", Title: strings.TrimSpace(head.Title), Body: body}},
	}, faults
}

// ReadTranslation reads a card in another language: title, the day of the
// English text that was translated, and the steps.
func ReadTranslation(b []byte) (CardText, []error) {
	var head struct {
		Title string `yaml:"title"`
		Of    string `yaml:"of"`
	}
	body, faults := readCard(b, &head)
	say := sayer(&faults)
	if strings.TrimSpace(head.Title) == "" {
		say(2, "title is needed")
	}
	if head.Of == "" {
		say(2, "of: the day on which the English text was written that this translates")
	}
	return CardText{Title: strings.TrimSpace(head.Title), Body: body, Of: head.Of}, faults
}

// readCard reads front matter into head and checks the steps.
func readCard(b []byte, head any) (body string, faults []error) {
	say := sayer(&faults)
	front, body, first := parts(b, say)
	if first == 0 {
		return "", faults
	}
	if err := readYAML([]byte(front), head); err != nil {
		say(2, "%s", err)
	}
	for n, line := range strings.Split(body, "\n") {
		textLine(first+n, line, say)
	}
	if strings.TrimSpace(body) == "" {
		say(first, "there is no text")
	}
	return body, faults
}
