// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/secret"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/api"
)

// sourcesFile holds the secrets of those who may send alerts.
const sourcesFile = "secret/danger-sources.json"

// DangerSource is somebody who may send alerts: a platform's own programme.
type DangerSource struct {
	Name      string   `json:"name"`
	Programme string   `json:"programme"` // slug
	Desk      string   `json:"desk"`      // slug
	Secrets   [][]byte `json:"secrets"`   // the newest first, two at most
}

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// DangerSources returns all sources.
func DangerSources(data string) ([]DangerSource, error) {
	b, err := secret.Read(filepath.Join(data, sourcesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []DangerSource
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("read %s: %w", sourcesFile, err)
	}
	return all, nil
}

func saveSources(data string, all []DangerSource) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", sourcesFile, err)
	}
	return secret.Replace(filepath.Join(data, sourcesFile), append(b, '\n'))
}

// AddDangerSource adds a source, or gives one that is there a second secret,
// so that it can change over without a gap; of three the oldest goes. It
// returns the secret, which is shown once.
func (i *Installation) AddDangerSource(name, slug, deskSlug string) (string, error) {
	if !sourceName.MatchString(name) {
		return "", fault.New(fault.Invalid, "A source's name is made of small letters, digits and hyphens, such as video-platform.")
	}
	p, ok := i.Programmes.BySlug(slug)
	if !ok {
		return "", fault.Newf(fault.NotFound, "There is no programme %q.", slug)
	}
	known := false
	for _, d := range p.Desks {
		known = known || d.Slug == deskSlug
	}
	if !known {
		return "", fault.Newf(fault.NotFound, "The programme %s has no desk %q.", p.Slug, deskSlug)
	}
	all, err := DangerSources(i.Config.Data)
	if err != nil {
		return "", err
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never returns an error since Go 1.24
	at := slices.IndexFunc(all, func(s DangerSource) bool { return s.Name == name })
	if at < 0 {
		all = append(all, DangerSource{Name: name})
		at = len(all) - 1
	}
	s := &all[at]
	s.Programme, s.Desk, s.Secrets = p.Slug, deskSlug, append([][]byte{fresh}, s.Secrets...)
	s.Secrets = s.Secrets[:min(len(s.Secrets), 2)]
	return base64.StdEncoding.EncodeToString(fresh), saveSources(i.Config.Data, all)
}

// RemoveDangerSource takes a source out, or with onlyOld its older secret.
func (i *Installation) RemoveDangerSource(name string, onlyOld bool) error {
	all, err := DangerSources(i.Config.Data)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(s DangerSource) bool { return s.Name == name })
	if at < 0 {
		return fault.Newf(fault.NotFound, "There is no source %q.", name)
	}
	if onlyOld {
		all[at].Secrets = all[at].Secrets[:min(len(all[at].Secrets), 1)]
	} else {
		all = slices.Delete(all, at, at+1)
	}
	return saveSources(i.Config.Data, all)
}

// sources finds sources for the interface. The file is read each time, so that
// a change counts at once.
type sources struct{ *Installation }

// Source implements api.Sources.
func (s sources) Source(name string) (api.Source, bool, error) {
	all, err := DangerSources(s.Config.Data)
	if err != nil {
		return api.Source{}, false, err
	}
	for _, x := range all {
		p, ok := s.Programmes.BySlug(x.Programme)
		if x.Name != name || !ok {
			continue
		}
		for _, d := range p.Desks {
			if d.Slug == x.Desk {
				return api.Source{Name: name, Programme: p.ID, Desk: d.ID, Secrets: x.Secrets}, true, nil
			}
		}
	}
	return api.Source{}, false, nil
}

// messageTime is how long one message of a machine may take.
const messageTime = 20 * time.Second

// exchange is the interface for machines.
func (i *Installation) exchange(log *slog.Logger) http.Handler {
	site := api.New(api.Config{Sources: sources{i}, Alarms: i.Danger, Clock: i.Clock, Logger: log})
	return http.TimeoutHandler(site.Handler(), messageTime, `{"error":"This took too long. Send it again, the same as it is."}`)
}
