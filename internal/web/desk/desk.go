// SPDX-License-Identifier: AGPL-3.0-or-later

// Package desk is the site of those who work with reports: log in, unlock,
// the inbox, the reading room, call taking, administration and the ledger.
// Its pages are made on the server and complete without script, but for what
// only a browser may do: keys are made, opened and used there, so that what a
// reporter wrote never passes through this package in clear.
//
// It must never decide who may do what: it asks rooms, which ask authz (the
// ledger alone is asked for here, because it comes before authz). It must never
// see a passphrase or a key.
//
// A Site is safe for concurrent use.
package desk

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/outcome"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/screen"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

//go:embed pages/*.tmpl texts/*.yaml
var files embed.FS

// Config is what a Site is made of. All fields are required but Secure and
// LogKey, without which no roster can be drafted.
type Config struct {
	People     *people.Service
	Programmes *programme.Registry
	Questions  *programme.Questionnaires // for the names of categories
	Reports    *report.Desk
	Intake     *report.Intake
	Ledger     *ledger.Log
	Screen     *screen.Service
	Items      *intel.Items
	Grading    *grading.Book
	Danger     *danger.Service
	Referrals  *referral.Service
	Outcomes   *outcome.Service
	Figures    *stats.Reader
	Publishing *outcome.Publishing
	// Help returns the public help directory; nil, or when it returns nil: there
	// is none to check.
	Help func() *directory.Index
	// Texts is where the public's texts are written.
	Texts *editing.Texts
	// PreviewPage makes the public page at a path, which begins with the language,
	// as it would be with other content.
	PreviewPage func(programme, path string, c *prevent.Content) ([]byte, error)
	// ToTranslators writes what is to be translated into a language, and
	// FromTranslators reads what came back: files by name, or all faults joined.
	ToTranslators   func(c *prevent.Content, lang string) ([]byte, error)
	FromTranslators func(c *prevent.Content, document []byte) (map[string][]byte, error)
	// CheckRecipient refuses what nothing can be encrypted to.
	CheckRecipient func(text string) error
	LogKey         string // verifier key of the ledger's checkpoints, for draft rosters
	Clock          clock.Clock
	Assets         *static.Set
	Logger         *slog.Logger
	// Secure says that browsers reach the desk by https, so that its cookies
	// can demand it.
	Secure bool
}

// Site is the desk.
type Site struct {
	Config
	texts     *page.Catalogue
	faults    page.Sentences
	templates *page.Templates

	frameOfFiles, frameOfPages viewerFrame
}

// New reads templates and texts and checks them against each other.
func New(c Config) (*Site, error) {
	texts, err := page.LoadCatalogue(files, "texts")
	if err != nil {
		return nil, fmt.Errorf("read the desk's texts: %w", err)
	}
	s := &Site{Config: c, texts: texts}
	if s.faults, err = loadFaults(); err != nil {
		return nil, fmt.Errorf("read what the desk says of errors: %w", err)
	}
	s.templates, err = page.Parse(files, "pages", texts, c.Assets, template.FuncMap{})
	if err != nil {
		return nil, fmt.Errorf("read the desk's pages: %w", err)
	}
	if s.frameOfFiles, err = newViewerFrame(c.Assets, false, "desk-viewer.js"); err != nil {
		return nil, err
	}
	if s.frameOfPages, err = newViewerFrame(c.Assets, true, "desk-pdf.js", "desk-viewer.js"); err != nil {
		return nil, err
	}
	known := texts.In(page.Base).Keys()
	for _, key := range s.templates.Texts() {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("read the desk's pages: no text %q", key)
		}
	}
	return s, nil
}

// Policy is the desk's Content-Security-Policy: what every page has, the
// desk's own fonts, the frame in which files are shown, and the one worker
// that a policy of Trusted Types lets through.
func Policy() string {
	return page.Policy("font-src 'self'", "frame-src 'self'", "worker-src 'self'", "trusted-types check")
}

// Handler returns the whole site.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(static.Prefix, s.assets)
	for _, route := range Routes {
		mux.Handle(route.Method+" "+route.Path, s.serve(route))
	}
	mux.Handle("/", page.Serve(func(http.ResponseWriter, *http.Request) error { return errNoPage() }, s.failed))
	guarded := http.NewCrossOriginProtection()
	guarded.SetDenyHandler(page.Serve(func(http.ResponseWriter, *http.Request) error { return errForged() }, s.failed))
	return page.Guard(Policy(), guarded.Handler(mux))
}
