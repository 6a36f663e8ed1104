// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
	"github.com/turnstone-project/turnstone/internal/screen"
)

// lists opens the lists that the configuration names. An index file is mapped
// and ready at once; other files are read whole. Nothing unmaps them before
// the process ends: a search may still run while the sites stop.
func (i *Installation) lists(ctx context.Context, log *slog.Logger) ([]screen.List, error) {
	var out []screen.List
	seen := map[string]bool{}
	for _, path := range i.Config.Matching.Lists {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if seen[name] {
			return nil, fmt.Errorf("matching.lists: two files are called %q; rename one, people choose lists by name", name)
		}
		seen[name] = true
		ix, broken, err := openList(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("matching.lists: %s: %w", path, err)
		}
		if len(broken) > 0 {
			log.Warn("lines of a list can't be read and are left out", "list", name, "lines", len(broken), "first", broken[0].Line, "what", broken[0].What)
		}
		log.Info("a list is loaded", "list", name, "entities", ix.Stats().Entities)
		out = append(out, screen.List{Name: name, Index: ix})
	}
	return out, nil
}

// openList maps an index file, or makes an index of FollowTheMoney JSON lines
// or CSV.
func openList(ctx context.Context, path string) (_ *index.Index, broken []index.Problem, err error) {
	ix, err := index.Open(path)
	if err == nil || !errors.Is(err, index.ErrNotIndex) {
		return ix, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	source, err := index.Read(file, filepath.Base(path), func(p index.Problem) {
		if !p.Kept {
			broken = append(broken, p)
		}
	})
	if errors.Is(err, index.ErrEmpty) { // a list may have lost its last name: say so, and start
		source, err = func() (ftm.Entity, error) { return ftm.Entity{}, io.EOF }, nil
		broken = append(broken, index.Problem{Line: 1, What: index.ErrEmpty.Error()})
	}
	if err != nil {
		return nil, nil, err
	}
	if !strings.Contains(filepath.Ext(path), "json") {
		source = index.KeepRepeated(source)
	}
	ix, err = index.Build(ctx, source)
	return ix, broken, err
}
