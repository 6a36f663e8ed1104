// SPDX-License-Identifier: AGPL-3.0-or-later

// Package portal is the site that strangers see: it gives out the form and the
// script that seals it, takes sealed reports in, and gives mailboxes back. The
// same form works without script in one POST; only then does the server see
// what was written, for as long as it takes to seal it.
//
// It must never read who calls, never write clear text anywhere, never keep a
// time finer than the hour, and never seal for a browser that could have done
// it itself. It can't reach the rooms right of the wall (internal/archtest).
//
// A Site is safe for concurrent use.
package portal

import (
	"context"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/memo"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/prevent/share"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

//go:embed pages/*.tmpl locale/*.yaml
var files embed.FS

// Registry knows the programmes and their rosters; *programme.Registry does.
type Registry interface {
	All() []programme.Programme
	BySlug(slug string) (programme.Programme, bool)
	Roster(programme id.ID) (programme.Published, bool)
	Rosters(programme id.ID) []programme.Published
}

// Intake takes reports in and opens mailboxes; *report.Intake does.
type Intake interface {
	Submit(ctx context.Context, programme id.ID, ch report.Channel, body []byte) (id.ID, error)
	Open(ctx context.Context, programme id.ID, login []byte) (report.Mailbox, error)
	Reply(ctx context.Context, programme id.ID, login []byte, prev report.Hash, e report.Envelope) error
	Delete(ctx context.Context, programme id.ID, login []byte) error
	Piece(ctx context.Context, programme id.ID, login []byte, p report.Piece, body io.Reader) error
	ReplyFile(ctx context.Context, programme id.ID, login []byte, prev report.Hash, e report.Envelope, blob id.ID) error
	ReplyOriginal(ctx context.Context, programme id.ID, login []byte, prev report.Hash, e report.Envelope, blob id.ID, half []byte) error
	CleanClear(ctx context.Context, programme id.ID, login []byte, name string, src io.Reader, out func(report.ClearResult) io.Writer) error
	TakeClear(ctx context.Context, programme id.ID, login []byte, c report.ClearFile) (report.ClearResult, error)
}

// Proof shows that an entry is in the key log (docs/formats.md, "Key log").
type Proof struct {
	Index  int64    `json:"index"`
	Salt   []byte   `json:"salt"`
	Hashes [][]byte `json:"hashes"`
}

// KeyLog gives what outsiders check the log with.
type KeyLog interface {
	// Checkpoint returns the newest signed checkpoint.
	Checkpoint(ctx context.Context) (string, error)
	// Prove returns the newest signed checkpoint and the proof that a roster's
	// entry is under it.
	Prove(ctx context.Context, entry id.ID) (checkpoint string, p Proof, err error)
	// Continue returns the newest signed checkpoint and the proof that its log
	// continues the one of an earlier size; fault.Invalid for a size that the
	// log never had.
	Continue(ctx context.Context, earlier int64) (checkpoint string, hashes [][]byte, err error)
}

// Config is everything that a Site needs.
type Config struct {
	Programmes Registry
	Questions  *programme.Questionnaires
	// OwnQuestions are those of programmes that have their own.
	OwnQuestions map[id.ID]*programme.Questionnaires
	Intake       Intake
	// Content returns what the public of a programme learns about crime at this
	// moment; nil, or when it returns nil: the site has no such pages.
	Content func(programme id.ID) *prevent.Content
	// Help returns the help directory; nil, or when it returns nil: the site
	// has no such pages.
	Help func() *directory.Index
	// Figures are what programmes publish; nil: they publish nothing.
	Figures Figures
	Log     KeyLog // nil: the site says nothing of a log
	Assets  *static.Set
	Clock   clock.Clock
	// Forget is called after the server has seen clear text: it lets the
	// memory go within seconds.
	Forget func()
	// Failed tells the operator that an act ended in an error; it gets the
	// act's name, never an address or a path.
	Failed func(act string, err error)
	// TakesFiles says that files may be added to reports.
	TakesFiles bool
	Exit       string // where "leave this site now" goes; empty: an encyclopedia
	// Address is where the site is in the world, https://tips.example.org; empty:
	// links for elsewhere name the host that the browser asked for.
	Address string
	// SecurityContact is an address to tell of holes, mailto: or https:; may be empty.
	SecurityContact string
	Onion           string // onion address to announce, may be empty
	Source          string // where the source code is, may be empty
}

// Site is the portal.
type Site struct {
	Config
	texts *page.Catalogue
	pages *page.Templates
	mux   *http.ServeMux
	carry *carry
	// hsdsPace bounds the read interface of the directory.
	hsdsPace pace
	shelf    *shelf
	pictures *pictures
	held     samePages
	feet     func(footing) template.HTML
	marks    marks
}

// New builds the portal and reads all its pages and texts.
func New(c Config) (*Site, error) {
	texts, err := page.LoadCatalogue(files, "locale")
	if err != nil {
		return nil, fmt.Errorf("read the portal's texts: %w", err)
	}
	pages, err := page.Parse(files, "pages", texts, c.Assets, functions)
	if err != nil {
		return nil, fmt.Errorf("read the portal's pages: %w", err)
	}
	if c.Forget == nil {
		c.Forget = func() {}
	}
	if c.Failed == nil {
		c.Failed = func(string, error) {}
	}
	s := &Site{Config: c, texts: texts, pages: pages, mux: http.NewServeMux(), carry: newCarry(c.Clock), marks: newMarks(), shelf: &shelf{from: c.Figures, kept: map[shelfKey]told{}}}
	painter, err := share.NewPainter()
	if err != nil {
		return nil, fmt.Errorf("prepare pictures: %w", err)
	}
	s.feet = memo.Of(mostFeet, s.foot)
	s.pictures = &pictures{painter: painter, drawn: map[string][]byte{}}
	s.routes()
	return s, nil
}

// routes is the whole map of the site, below a programme's base.
func (s *Site) routes() {
	s.page("GET /{$}", "front", s.front)
	s.page("GET /{lang}", "home", s.same(s.home))
	s.page("GET /{lang}/danger", "danger", s.same(s.danger))
	s.page("GET /{lang}/hide", "hide", s.same(s.hide))
	s.page("GET /{lang}/how", "how", s.how)
	s.page("GET /{lang}/crimes", "kinds of crime", s.same(s.crimes))
	s.page("GET /{lang}/crimes/{crime}", "a kind of crime", s.same(s.crime))
	s.page("GET /{lang}/advice", "advice", s.same(s.advice))
	s.page("GET /{lang}/advice/{card}", "a card", s.same(s.card))
	s.page("GET /{lang}/training", "training", s.same(s.training))
	s.page("GET /{lang}/training/{quiz}", "a quiz", s.same(s.quiz))
	s.page("POST /{lang}/training/{quiz}", "grade a quiz", s.graded)
	s.page("GET /{lang}/training/{quiz}/certificate", "certificate", s.backToQuiz)
	s.page("POST /{lang}/training/{quiz}/certificate", "certificate", s.certificate)
	s.page("GET /{lang}/search", "search", s.same(s.search))
	s.page("GET /{lang}/crimes/{crime}/poster", "poster", s.holding(s.poster, sameKind{drawn: true}))
	s.page("GET /{lang}/embed/{slug}", "card for other sites", s.same(s.embed))
	s.page("GET /{lang}/picture/{kind}/{id}", "share picture", s.picture)
	s.page("GET /{lang}/feed.xml", "feed", s.same(s.feed))
	s.page("GET /sitemap.xml", "site map", s.same(s.sitemap))
	s.page("GET /.well-known/security.txt", "security.txt", s.securityText)
	s.page("GET /{lang}/offline", "offline", s.same(s.offline))
	for _, part := range offlineParts {
		s.page("GET /{lang}/"+part+"/"+offlineScript, "worker", s.offlineWorker(part))
	}
	s.page("GET /{lang}/connected", "connections", s.same(s.connected))
	s.page("GET /{lang}/help", "help", s.same(s.contact))
	s.page("GET /{lang}/help/pack", "list of help", s.pack)
	s.page("GET /{lang}/help/copy", "copy of the directory", s.same(s.kept))
	s.page("GET /{lang}/help/copy.html", "copy of the directory", s.same(s.copyFile))
	s.page("GET /{lang}/help/service/{service}", "a service", s.service)
	s.page("GET /{lang}/came-of-it", "figures", s.same(s.cameOfIt))
	s.page("GET /{lang}/came-of-it/{number}", "figures", s.same(s.cameOfIt))
	s.page("GET /{lang}/came-of-it/{number}/figures.json", "figures as JSON", s.figuresJSON)
	s.page("GET /{lang}/came-of-it/{number}/figures.csv", "figures as CSV", s.figuresCSV)
	s.page("GET /{lang}/report", "form", s.holding(s.form, sameKind{reads: true, receipt: true}))
	s.page("POST /{lang}/report", "send without script", s.send)
	s.page("GET /{lang}/mailbox", "mailbox", s.holding(s.mailbox, sameKind{reads: true}))
	s.page("POST /{lang}/mailbox", "mailbox without script", s.talk)
	s.page("/", "nowhere", s.nowhere)

	s.hsdsRoutes()
	s.api("GET /api/roster", "roster", s.roster)
	s.api("GET /api/roster/text", "roster", s.rosterText)
	s.api("GET /api/roster/{hash}", "roster", s.pastRoster)
	s.api("POST /api/log", "continue the log", s.continueLog)
	s.api("POST /api/submit", "submit", s.submit)
	s.api("POST /api/mailbox/open", "open mailbox", s.openMailbox)
	s.api("POST /api/mailbox/append", "append", s.appendMessage)
	s.api("POST /api/mailbox/delete", "delete", s.deleteReport)
	s.api("POST /api/carry", "carry over", s.putCarry)
	s.api("POST /api/carry/take", "take over", s.takeCarry)
	s.api("POST /api/files/clean", "clean for a browser", s.cleanFile)
	s.api("POST /api/files/piece", "keep piece", s.piece)
}

// visitHandler is a handler that knows the programme and language of a visit.
type visitHandler func(w http.ResponseWriter, r *http.Request, v visit) error

func (s *Site) page(pattern, act string, h visitHandler) {
	s.mux.Handle(pattern, page.Serve(func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.visit(r)
		if err != nil {
			return err
		}
		v.figures = s.published(r.Context(), v)
		return h(w, r, v)
	}, func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, act, err) }))
}

func (s *Site) api(pattern, act string, h visitHandler) {
	s.mux.Handle(pattern, page.Serve(func(w http.ResponseWriter, r *http.Request) error {
		v, err := s.visit(r)
		if err != nil {
			return err
		}
		return h(w, r, v)
	}, func(w http.ResponseWriter, _ *http.Request, err error) {
		s.tell(act, err)
		page.FailJSON(w, err)
	}))
}

// tell passes the operator what is the operator's trouble.
func (s *Site) tell(act string, err error) {
	if page.Status(err) >= http.StatusInternalServerError {
		s.Failed(act, err)
	}
}

// Handler returns the site with its headers and its guard against requests
// that other sites' pages make.
func (s *Site) Handler() http.Handler {
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, static.Prefix) {
			if strings.HasPrefix(r.URL.Path, static.Prefix+strings.TrimSuffix(scrubWorker, "js")) {
				w.Header().Set("Content-Security-Policy", scrubPolicy)
			}
			s.Assets.ServeHTTP(w, r)
			return
		}
		s.dispatch(w, r)
	})
	return page.Guard(page.Policy(), http.NewCrossOriginProtection().Handler(refuseWorkers(page.Compress(site))))
}

type slugKey struct{}

// dispatch finds the programme: /p/{slug}/… names one, everything else is the
// first programme's.
func (s *Site) dispatch(w http.ResponseWriter, r *http.Request) {
	slug := ""
	if rest, ok := strings.CutPrefix(r.URL.Path, "/p/"); ok {
		slug, rest, _ = strings.Cut(rest, "/")
		if slug == "" {
			slug = "-" // no programme has this slug
		}
		inner := r.Clone(context.WithValue(r.Context(), slugKey{}, slug))
		inner.URL.Path, inner.URL.RawPath = "/"+rest, ""
		r = inner
	}
	s.mux.ServeHTTP(w, r)
}

// questions returns what the programme of a visit asks.
func (s *Site) questions(v visit) *programme.Questionnaires {
	if own, ok := s.OwnQuestions[v.programme.ID]; ok {
		return own
	}
	return s.Questions
}

// forget begins a request that brings clear text: its connection ends with the
// answer, because a connection that stays open keeps the buffer that the text
// came through. What it returns ends the request.
func (s *Site) forget(w http.ResponseWriter) func() {
	w.Header().Set("Connection", "close")
	return s.Forget
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
