// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/turnstone-project/turnstone/internal/exchange/xliff"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
)

// textsEvery is how often a serving process looks for texts that were approved
// elsewhere, or whose hour has come.
const textsEvery = 10 * time.Second

// wireTexts makes the room in which the public's texts are written. Whether the
// operator's folder is there is asked by who shows them.
func (i *Installation) wireTexts() {
	var own fs.FS
	if dir := i.Config.Portal.Content; dir != "" {
		own = os.DirFS(dir)
	}
	store := preventstore.NewTexts(i.DB)
	shelf := &editing.Shelf{Store: store, Clock: i.Clock, Own: own, Languages: i.languages}
	i.Texts = &editing.Texts{Store: store, Tx: i.Tx, Clock: i.Clock, Shelf: shelf}
}

// stockShelf reads what the public learns. A programme whose own texts can't be
// shown shows the installation's, and is complained of.
func (i *Installation) stockShelf(ctx context.Context, warn func(error)) error {
	if _, err := ownContent(i.Config.Portal.Content); err != nil {
		return fmt.Errorf("portal.content: %w", err)
	}
	err := i.Texts.Shelf.Refresh(ctx)
	if err != nil && i.Texts.Shelf.Content(id.ID{}) != nil {
		warn(err)
		return nil
	}
	return err
}

// languages returns those of all programmes, English first, in order.
func (i *Installation) languages() []string {
	languages := []string{"en"}
	for _, p := range i.Programmes.All() {
		for _, l := range p.Languages {
			if !slices.Contains(languages, l) {
				languages = append(languages, l)
			}
		}
	}
	slices.Sort(languages[1:])
	return languages
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

// ExportTexts is ExportContent for what a programme's public reads.
func (i *Installation) ExportTexts(ctx context.Context, programme, lang string) ([]byte, error) {
	p, err := i.shelved(ctx, programme)
	if err != nil {
		return nil, err
	}
	return xliff.Export(i.Texts.Shelf.Content(p.ID), lang)
}

// ImportTexts reads XLIFF that came back from translators of a programme's texts.
// What it brings waits at the desk for approval.
func (i *Installation) ImportTexts(ctx context.Context, programme string, document []byte) (ImportedContent, error) {
	p, err := i.shelved(ctx, programme)
	if err != nil {
		return ImportedContent{}, err
	}
	back, err := xliff.Import(i.Texts.Shelf.Content(p.ID), document)
	if err != nil {
		return ImportedContent{}, err
	}
	took, err := i.Texts.Bring(ctx, p.ID, back.Files, "XLIFF, "+back.Lang)
	return ImportedContent{Lang: back.Lang, Written: took, Empty: back.Empty}, err
}

// shelved finds a programme whose texts are on the shelf.
func (i *Installation) shelved(ctx context.Context, slug string) (programme.Programme, error) {
	p, ok := i.Programmes.BySlug(slug)
	if !ok || slug == "" {
		return p, fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	return p, i.stockShelf(ctx, func(error) {})
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

// readTranslated reads what translators gave back: files by name.
func readTranslated(c *prevent.Content, document []byte) (map[string][]byte, error) {
	back, err := xliff.Import(c, document)
	return back.Files, err
}

// ContentReport is what an editor has to do.
type ContentReport struct {
	Texts                    int // in English
	Missing, Outdated, Stale []string
	Doubts                   []string // in what translations are not like their English text
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
		Texts: len(c.Crimes) + len(c.Cards) + len(c.Quizzes), Missing: c.Missing, Outdated: c.Outdated, Stale: c.Stale(clock.System{}.Now()), Doubts: c.Doubts,
	}, nil
}
