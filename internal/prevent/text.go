// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/prevent/reading"
)

const crimeFolder = "crimes"

// TextID is a file of the content taken apart: cards/overdose.da.md is Folder
// "cards", ID "overdose", Lang "da". A quiz holds all its languages and has no
// Lang, and so have the lists, whose Folder is empty: crimes.yaml and the others of Lists.
type TextID struct{ Folder, ID, Lang string }

// Lists are the files that are no text by themselves: the kinds of crime, how
// they are connected, and the documents that say so.
var Lists = []string{"crimes", "flows", "sources"}

var pageFile = regexp.MustCompile(`^([a-z]+(?:-[a-z]+)*)\.([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.md$`)

// TextOf takes the name of a file apart. It does not look whether there is such a text.
func TextOf(name string) (TextID, bool) {
	folder, base := path.Split(name)
	folder = strings.TrimSuffix(folder, "/")
	switch folder {
	case "":
		if list, ok := strings.CutSuffix(name, ".yaml"); ok && slices.Contains(Lists, list) {
			return TextID{"", list, ""}, true
		}
	case crimeFolder, cardFolder:
		if m := pageFile.FindStringSubmatch(base); m != nil && len(name) <= maxName {
			return TextID{folder, m[1], m[2]}, true
		}
	case quizFolder:
		if id, ok := strings.CutSuffix(base, ".yaml"); ok && crimeID.MatchString(id) && len(name) <= maxName {
			return TextID{folder, id, ""}, true
		}
	}
	return TextID{}, false
}

const maxName = 80

// String returns the name of the file.
func (t TextID) String() string {
	name := t.ID
	if t.Lang != "" {
		name += "." + t.Lang
	}
	if t.Folder == crimeFolder || t.Folder == cardFolder {
		return t.Folder + "/" + name + ".md"
	}
	return path.Join(t.Folder, name+".yaml")
}

// In returns the name of the same text in another language.
func (t TextID) In(lang string) string {
	if t.Lang != "" {
		t.Lang = lang
	}
	return t.String()
}

// Needed reports whether the site can't be without the text.
func (t TextID) Needed() bool { return t.Folder == "" || t.Folder == crimeFolder && t.Lang == "en" }

// Reading measures how hard a page or card is to read; there is no formula for
// what is neither, or can't be read.
func (t TextID) Reading(body []byte) reading.Score {
	var words string
	switch {
	case t.Folder == crimeFolder:
		p, _ := ReadPage(body)
		words = p.Title + "\n" + p.Lead + "\n"
		for _, s := range Sections {
			words += p.Sections[s]
		}
	case t.Folder == cardFolder && t.Lang == "en":
		c, _ := ReadCard(body)
		words = c.texts["en"].Title + "\n" + c.texts["en"].Body
	case t.Folder == cardFolder:
		c, _ := ReadTranslation(body)
		words = c.Title + "\n" + c.Body
	}
	if strings.TrimSpace(words) == "" {
		return reading.Score{}
	}
	return reading.Of(t.Lang, strings.ReplaceAll(words, "\n- ", "\n"))
}

// Faults returns everything that is wrong with a text by itself, each fault
// beginning with its line, "12: …". What it says of other texts is for
// LoadEdited to find.
func (t TextID) Faults(body []byte) []error {
	var faults []error
	switch {
	case t.Folder == crimeFolder:
		_, faults = ReadPage(body)
	case t.Folder == cardFolder && t.Lang == "en":
		_, faults = ReadCard(body)
	case t.Folder == cardFolder:
		_, faults = ReadTranslation(body)
	case t.Folder == quizFolder:
		_, faults = ReadQuiz(body)
	case len(body) > MaxMarkdown:
		faults = []error{fmt.Errorf("1: the file has %d bytes, at most %d", len(body), MaxMarkdown)}
	default:
		into := map[string]any{"crimes": new([]Crime), "flows": new([]Flow), "sources": new([]Source)}[t.ID]
		if err := readYAML(body, into); err != nil {
			faults = []error{fmt.Errorf("1: %w", err)}
		}
	}
	return faults
}
