// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/directory"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/portal"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// now is a Monday morning in Copenhagen.
var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// world is a portal with one programme, two desks and a store in memory.
type world struct {
	t        testing.TB
	site     *portal.Site
	handler  http.Handler
	config   portal.Config
	content  *prevent.Content // what the site shows at this moment
	intake   *memory
	registry *registry
	police   id.ID
	outside  id.ID
	keys     map[id.ID]seal.DeskKeys
	members  map[id.ID]seal.MemberKeys // one at each desk
	draft    seal.Roster
	private  ed25519.PrivateKey
	forgot   int
	failed   []string
}

const programmeYAML = `slug: nord
name: {en: North Tip Line, da: Nordlinjen, ar: خط الشمال}
languages: [en, da, ar]
countries:
  - code: DK
    name: {en: Denmark, da: Danmark, ar: الدنمارك}
    emergency:
      - {number: "112", for: {en: "Police, ambulance, fire", da: "Politi, ambulance, brand", ar: الشرطة والإسعاف والإطفاء}}
  - code: NO
    name: {en: Norway, da: Norge, ar: النرويج}
    emergency:
      - {number: "112", for: {en: Police, da: Politi, ar: الشرطة}}
      - {number: "113", for: {en: Ambulance, da: Ambulance, ar: الإسعاف}}
desks:
  - slug: tips
    name: {en: Tip line reviewers, da: Tiplinjens medarbejdere, ar: مراجعو خط البلاغات}
    organisation: {en: North Police, da: Nordpolitiet, ar: شرطة الشمال}
    police: true
    country: DK
    hours: {zone: Europe/Copenhagen, times: ["mon-fri 08:00-16:00"]}
  - slug: ombud
    name: {en: Ombudsman's office, da: Ombudsmandens kontor, ar: مكتب أمين المظالم}
    organisation: {en: Parliament, da: Folketinget, ar: البرلمان}
    police: false
    country: DK
    hours: {zone: Europe/Copenhagen, times: ["tue-thu 09:00-15:00"]}
`

// loaded is what the build gave, which never changes: unpacking it for each
// test took most of the time.
var loaded = sync.OnceValues(static.Load)

func newWorld(t testing.TB) *world {
	t.Helper()
	p, err := programme.Parse(strings.NewReader(programmeYAML))
	check(t, err)
	public, private, err := ed25519.GenerateKey(nil)
	check(t, err)
	p.ID, p.Key = id.New(), public
	w := &world{t: t, keys: map[id.ID]seal.DeskKeys{}, members: map[id.ID]seal.MemberKeys{}}
	recovery, err := seal.NewIdentity()
	check(t, err)
	draft := seal.Roster{
		Programme: p.ID, Slug: p.Slug, Name: p.Name, Number: 1, ValidFrom: now.Add(-48 * time.Hour), ValidUntil: now.Add(24 * 365 * time.Hour), Recovery: recovery.Recipient(),
	}
	for i := range p.Desks {
		p.Desks[i].ID = id.New()
		w.keys[p.Desks[i].ID] = seal.NewDeskKeys(p.Desks[i].ID)
		keys := seal.NewMemberKeys()
		w.members[p.Desks[i].ID] = keys
		member, err := keys.Identity()
		check(t, err)
		identity, err := w.keys[p.Desks[i].ID].Identity(0)
		check(t, err)
		draft.Desks = append(draft.Desks, seal.RosterDesk{
			ID: p.Desks[i].ID, Slug: p.Desks[i].Slug, Name: p.Desks[i].Name, Organisation: p.Desks[i].Organisation, Police: p.Desks[i].Police, Recipient: identity.Recipient(),
			Members: []seal.RosterMember{{ID: id.New(), Key: keys.SigningKey().Public().(ed25519.PublicKey), Recipient: member.Recipient()}},
		})
	}
	w.police, w.outside = p.Desks[0].ID, p.Desks[1].ID
	w.registry = &registry{programmes: []programme.Programme{p}}
	w.draft, w.private = draft, private
	w.publish()
	w.intake = &memory{reports: map[id.ID]*stored{}}
	questions, err := programme.BuiltIn([]string{"en", "da", "ar"})
	check(t, err)
	w.content, err = prevent.BuiltIn([]string{"en", "da", "ar"})
	check(t, err)
	assets, err := loaded()
	check(t, err)
	w.config = portal.Config{
		Programmes: w.registry, Questions: questions, Content: func(id.ID) *prevent.Content { return w.content }, Help: helpIndex(t), Intake: w.intake, Assets: assets, Clock: clock.Fixed(now),
		Forget: func() { w.forgot++ }, Failed: func(act string, err error) { w.failed = append(w.failed, act+": "+err.Error()) },
		Source: "https://example.org/turnstone", Onion: "turnstoneexample.onion",
	}
	w.build()
	return w
}

// helpIndex is the starting set of the help directory.
func helpIndex(t testing.TB) func() *directory.Index {
	t.Helper()
	data, err := directory.Start()
	check(t, err)
	index := directory.NewIndex(directory.New(data))
	return func() *directory.Index { return index }
}

// publish makes the draft the current roster.
func (w *world) publish() {
	w.t.Helper()
	signed, err := seal.SignRoster(w.draft, w.private)
	check(w.t, err)
	roster, err := signed.Verify(w.registry.programmes[0].Key, now, w.draft.Number)
	check(w.t, err)
	w.registry.published = programme.Published{Signed: signed, Roster: roster}
	w.registry.kept = append([]programme.Published{w.registry.published}, w.registry.kept...)
}

// leave publishes a roster without members: all have left.
func (w *world) leave() {
	w.t.Helper()
	w.draft.Number, w.draft.Previous = w.draft.Number+1, w.registry.published.Roster.Hash()
	w.draft.Desks = slices.Clone(w.draft.Desks)
	for i := range w.draft.Desks {
		w.draft.Desks[i].Members = nil
	}
	w.publish()
}

func (w *world) build() {
	w.t.Helper()
	site, err := portal.New(w.config)
	check(w.t, err)
	w.site, w.handler = site, site.Handler()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// registry is one programme with one roster.
type registry struct {
	programmes []programme.Programme
	published  programme.Published
	kept       []programme.Published // newest first
	none       bool
}

func (r *registry) All() []programme.Programme { return r.programmes }

func (r *registry) BySlug(slug string) (programme.Programme, bool) {
	if slug != "" && slug != r.programmes[0].Slug {
		return programme.Programme{}, false
	}
	return r.programmes[0], true
}

func (r *registry) Roster(id.ID) (programme.Published, bool) { return r.published, !r.none }

func (r *registry) Rosters(id.ID) []programme.Published { return r.kept }

// stored is a report in memory.
type stored struct {
	body    []byte
	sub     *seal.Submission
	box     report.Mailbox
	login   string
	deleted bool
}

// memory takes reports in as the room does, without its database.
type memory struct {
	mu      sync.Mutex
	reports map[id.ID]*stored
	clear   int64 // bytes of files that came in clear
	err     error
}

func (m *memory) Submit(_ context.Context, p id.ID, _ report.Channel, body []byte) (id.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return id.ID{}, m.err
	}
	sub, err := seal.DecodeSubmission(body)
	if err != nil {
		return id.ID{}, fault.Wrap(fault.Invalid, "This is not a sealed report.", err)
	}
	if sub.Programme != p {
		return id.ID{}, fault.New(fault.Invalid, "It is for another programme.")
	}
	if old, ok := m.reports[sub.Report]; ok {
		if bytes.Equal(old.body, body) {
			return sub.Report, nil
		}
		return id.ID{}, fault.New(fault.Conflict, "It is already here.")
	}
	m.reports[sub.Report] = &stored{body: body, sub: sub, login: string(sub.Login), box: report.Mailbox{
		Report: report.Report{ID: sub.Report, Desk: sub.Desk, Danger: sub.Danger, Head: report.Head{Seq: 1, Hash: sub.First}, Marks: report.Marks{State: report.StateNew}},
		Envelopes: []report.Envelope{
			{Seq: 0, Role: "reporter", Hash: sub.Cover, Hour: clock.HourOf(now), Body: sub.CoverBody},
			{Seq: 1, Role: "reporter", Hash: sub.First, Hour: clock.HourOf(now), Body: sub.FirstBody},
		},
		Grants: []report.Grant{{To: report.ToMailbox, Body: sub.MailboxGrant}},
	}}
	return sub.Report, nil
}

func (m *memory) find(login []byte) (*stored, error) {
	for _, s := range m.reports {
		if s.login == string(login) && !s.deleted {
			return s, nil
		}
	}
	return nil, fault.New(fault.NotFound, "These words open no report.")
}

func (m *memory) Open(_ context.Context, _ id.ID, login []byte) (report.Mailbox, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.find(login)
	if err != nil {
		return report.Mailbox{}, err
	}
	return s.box, nil
}

func (m *memory) Reply(_ context.Context, _ id.ID, login []byte, prev report.Hash, e report.Envelope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.find(login)
	if err != nil {
		return err
	}
	if s.box.Report.Head.Hash != prev || e.Seq != s.box.Report.Head.Seq+1 {
		return fault.New(fault.Conflict, "Somebody wrote meanwhile.")
	}
	e.Hour = clock.HourOf(now)
	s.box.Envelopes = append(s.box.Envelopes, e)
	s.box.Report.Head = report.Head{Seq: e.Seq, Hash: e.Hash}
	return nil
}

func (m *memory) Delete(_ context.Context, _ id.ID, login []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.find(login)
	if err != nil {
		return err
	}
	s.deleted = true
	return nil
}

// only returns the one report that is stored.
func (m *memory) only(t testing.TB) *stored {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.reports) != 1 {
		t.Fatalf("%d reports are stored, want 1", len(m.reports))
	}
	for _, s := range m.reports {
		return s
	}
	return nil
}

func (w *world) get(path string) *httptest.ResponseRecorder {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

// post sends a multipart form, as a browser without script does.
func (w *world) post(path string, fields map[string][]string) *httptest.ResponseRecorder {
	w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, v := range values {
			check(w.t, form.WriteField(name, v))
		}
	}
	check(w.t, form.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

var receiptField = regexp.MustCompile(`name="receipt" value="([^"]+)"`)

// fresh loads a form and returns the receipt in it.
func (w *world) fresh(lang string) string {
	w.t.Helper()
	rec := w.get("/" + lang + "/report")
	m := receiptField.FindStringSubmatch(rec.Body.String())
	if rec.Code != http.StatusOK || m == nil {
		w.t.Fatalf("form: %d, receipt %v", rec.Code, m)
	}
	return strings.NewReplacer("&#43;", "+", "&#61;", "=").Replace(m[1])
}

var wordItem = regexp.MustCompile(`<li>([^<]+)</li>`)

// words reads the ten words of a page.
func words(t testing.TB, html string) string {
	t.Helper()
	_, rest, ok := strings.Cut(html, `<ol class="ts-words"`)
	if !ok {
		t.Fatalf("no words on the page:\n%s", html)
	}
	list, _, _ := strings.Cut(rest, "</ol>")
	var found []string
	for _, m := range wordItem.FindAllStringSubmatch(list, -1) {
		found = append(found, m[1])
	}
	if len(found) != 10 {
		t.Fatalf("%d words: %v", len(found), found)
	}
	return strings.Join(found, " ")
}

// read opens a stored report as the desk does.
func (w *world) read(s *stored, desk id.ID) (seal.Cover, seal.Report) {
	w.t.Helper()
	identity, err := w.keys[desk].Identity(0)
	check(w.t, err)
	grant, err := seal.OpenGrant(identity, s.sub.DeskGrant, s.sub.Programme, s.sub.Report)
	check(w.t, err)
	chain, err := seal.NewChain(grant, w.registry.published.Roster)
	check(w.t, err)
	cover, _, err := chain.Next(seal.Stored{Seq: 0, Role: seal.RoleReporter, Hash: s.sub.Cover, Body: s.sub.CoverBody})
	check(w.t, err)
	first, _, err := chain.Next(seal.Stored{Seq: 1, Role: seal.RoleReporter, Hash: s.sub.First, Body: s.sub.FirstBody})
	check(w.t, err)
	return cover.Content.(seal.Cover), first.Content.(seal.Report)
}

// Piece, ReplyFile, ReplyOriginal and TakeClear: files are tested with the real room and a real disk, in
// internal/app.
func (m *memory) Piece(context.Context, id.ID, []byte, report.Piece, io.Reader) error {
	return fault.New(fault.Unavailable, "This place takes no files.")
}

func (m *memory) ReplyFile(context.Context, id.ID, []byte, report.Hash, report.Envelope, id.ID) error {
	return fault.New(fault.Unavailable, "This place takes no files.")
}

func (m *memory) ReplyOriginal(context.Context, id.ID, []byte, report.Hash, report.Envelope, id.ID, []byte) error {
	return fault.New(fault.Unavailable, "This place takes no files.")
}

func (m *memory) CleanClear(context.Context, id.ID, []byte, string, io.Reader, func(report.ClearResult) io.Writer) error {
	return fault.New(fault.Unavailable, "This place takes no files.")
}

func (m *memory) TakeClear(_ context.Context, _ id.ID, _ []byte, c report.ClearFile) (report.ClearResult, error) {
	n, err := io.Copy(io.Discard, c.Source)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear += n
	if err != nil {
		return report.ClearResult{}, fault.Wrap(fault.Invalid, "It did not arrive whole.", err)
	}
	return report.ClearResult{Refused: "unknown-type"}, nil
}
