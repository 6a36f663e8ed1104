// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/exchange/xliff"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// content returns what the public learns: the operator's pages, and those
// that come with the binary where the operator has none.
func (i *Installation) content() (*prevent.Content, error) {
	var languages []string
	for _, p := range i.Programmes.All() {
		for _, l := range p.Languages {
			if !slices.Contains(languages, l) {
				languages = append(languages, l)
			}
		}
	}
	own, err := ownContent(i.Config.Portal.Content)
	if err != nil {
		return nil, fmt.Errorf("portal.content: %w", err)
	}
	content, err := prevent.Load(own, languages)
	if err != nil {
		return nil, fmt.Errorf("read the pages about crime: %w", err)
	}
	return content, nil
}

// ownContent opens the operator's folder, if there is one.
func ownContent(dir string) (fs.FS, error) {
	if dir == "" {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%q is no folder that can be read", dir)
	}
	return os.DirFS(dir), nil
}

// ExportContent returns what translators need to write the content, with a
// folder of one's own in its place (empty: none), in a language: XLIFF 2.0.
func ExportContent(dir, lang string) ([]byte, error) {
	c, err := loadContent(dir, []string{"en", lang})
	if err != nil {
		return nil, err
	}
	return xliff.Export(c, lang)
}

// ImportedContent is what an import brought.
type ImportedContent struct {
	Lang           string
	Written, Empty []string
}

// ImportContent reads XLIFF that came back from translators into a folder of
// one's own, which is made when it is not there. When anything is wrong, nothing
// is written.
func ImportContent(dir string, document []byte) (ImportedContent, error) {
	base := dir
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		base = ""
	}
	c, err := loadContent(base, []string{"en"})
	if err != nil {
		return ImportedContent{}, err
	}
	back, err := xliff.Import(c, document)
	if err != nil {
		return ImportedContent{}, err
	}
	result := ImportedContent{Lang: back.Lang, Written: slices.Sorted(maps.Keys(back.Files)), Empty: back.Empty}
	for _, name := range result.Written {
		whole := filepath.Join(dir, filepath.FromSlash(name))
		if was, err := os.ReadFile(whole); err == nil {
			back.Files[name] = commented(name, was, back.Files[name])
		}
		if err := writeWhole(whole, back.Files[name]); err != nil {
			return ImportedContent{}, fmt.Errorf("write %s: %w", name, err)
		}
	}
	return result, nil
}

// commented gives the comments of a list to what comes in its place. Where that
// would change anything else, the new list stays without.
func commented(name string, was, is []byte) []byte {
	if path.Ext(name) != ".yaml" {
		return is
	}
	comments := yaml.CommentMap{}
	var old, fresh, again any
	if err := yaml.UnmarshalWithOptions(was, &old, yaml.CommentToMap(comments)); err != nil || len(comments) == 0 {
		return is
	}
	if err := yaml.UnmarshalWithOptions(is, &fresh, yaml.UseOrderedMap()); err != nil {
		return is
	}
	b, err := yaml.MarshalWithOptions(fresh, yaml.WithComment(comments))
	if err != nil {
		return is
	}
	if err := yaml.UnmarshalWithOptions(b, &again, yaml.UseOrderedMap()); err != nil || !reflect.DeepEqual(again, fresh) {
		return is
	}
	return b
}

// writeWhole puts a file in its place when all of it is written.
func writeWhole(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // pages for the public, which another account may serve
		return err
	}
	part := name + ".part"
	if err := os.WriteFile(part, b, 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	return os.Rename(part, name)
}

func loadContent(dir string, languages []string) (*prevent.Content, error) {
	own, err := ownContent(dir)
	if err != nil {
		return nil, err
	}
	c, err := prevent.Load(own, languages)
	if err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	return c, nil
}

// ContentReport is what an editor has to do.
type ContentReport struct {
	Texts                    int // in English
	Missing, Outdated, Stale []string
}

// CheckContent reads what the public learns, with a folder of one's own in its
// place (empty: none), and says what is missing in languages, behind its
// English text, or due for review today.
func CheckContent(dir string, languages []string) (ContentReport, error) {
	c, err := loadContent(dir, languages)
	if err != nil {
		return ContentReport{}, err
	}
	return ContentReport{
		Texts: len(c.Crimes) + len(c.Cards) + len(c.Quizzes), Missing: c.Missing, Outdated: c.Outdated, Stale: c.Stale(clock.System{}.Now()),
	}, nil
}
