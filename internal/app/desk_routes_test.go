// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/ceremony"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/exchange/xliff"
	"github.com/turnstone-project/turnstone/internal/intel/danger"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/screen"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/desk"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

const deskPassphrase = "stone bird shore wind sand tide"

// office is an installation with two programmes and a desk in front of them.
type office struct {
	*app.Installation
	site     http.Handler
	founded  app.Founded
	other    app.Founded
	sessions map[string]string // by handle
	accounts map[string]ceremony.Member
	logged   *bytes.Buffer
	alarm    id.ID // of a source, at the first desk of the first programme
	report   id.ID // at the first desk of the first programme
	partnership
	outcome id.ID // recorded by one of desk a, waits
	told    id.ID // confirmed; the reporter of report waits to be told
}

// newOffice founds programmes "one" and "two", each with the desks "a" and
// "b", and lets in one person of each role.
func newOffice(t *testing.T) *office {
	t.Helper()
	c := config.Default()
	c.Data = t.TempDir()
	i, err := app.OpenOrMake(t.Context(), c, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &office{Installation: i, sessions: map[string]string{}, accounts: map[string]ceremony.Member{}, logged: &bytes.Buffer{}}
	o.founded, o.other = o.found(t, "one", "boss"), o.found(t, "two", "stranger")
	a, b := o.founded.Programme.Desks[0].ID, o.founded.Programme.Desks[1].ID
	o.enrol(t, "reviewer", authz.Grant{Role: authz.Reviewer, Desk: a})
	o.enrol(t, "neighbour", authz.Grant{Role: authz.Reviewer, Desk: b})
	o.enrol(t, "caller", authz.Grant{Role: authz.CallTaker, Desk: a})
	o.enrol(t, "analyst", authz.Grant{Role: authz.Analyst})
	o.enrol(t, "auditor", authz.Grant{Role: authz.Auditor})
	o.enrol(t, "translator", authz.Grant{Role: authz.Translator})
	o.enrol(t, "editor", authz.Grant{Role: authz.Editor})
	o.enrol(t, "chief", authz.Grant{Role: authz.ChiefEditor})
	o.enrol(t, "admin", authz.Grant{Role: authz.Administrator})
	o.enrol(t, "victim", authz.Grant{Role: authz.Analyst})
	o.accounts["boss"], o.accounts["stranger"] = o.founded.Admin, o.other.Admin
	o.report = o.submit(t, a)
	alarm, err := i.Danger.Open(t.Context(), danger.OfSource(o.founded.Programme.ID, a, "platform", danger.Alert{ID: "7", Text: "words of a source"}, []byte("raw"), i.Clock.Now()))
	if err != nil {
		t.Fatal(err)
	}
	o.alarm = alarm.ID
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	questions, err := programme.BuiltIn([]string{"en"})
	if err != nil {
		t.Fatal(err)
	}
	site, err := desk.New(desk.Config{
		People: i.People, Programmes: i.Programmes, Questions: questions, Reports: i.Desk, Intake: i.Intake, Ledger: i.Ledger, Outcomes: i.Outcomes, Figures: i.Figures, Publishing: i.Publishing(questions), Help: i.Directory.Index,
		Items: i.Items, Grading: i.Grading,
		Texts: i.Texts, PreviewPage: func(_, path string, _ *prevent.Content) ([]byte, error) { return []byte("the page " + path), nil },
		ToTranslators: xliff.Export, FromTranslators: func(*prevent.Content, []byte) (map[string][]byte, error) { return nil, errors.New("nothing of it") },
		Referrals: i.Referrals, CheckRecipient: app.CheckRecipient,
		Danger: i.Danger, Screen: &screen.Service{Lists: []screen.List{{Name: "made-up", Index: smallList(t)}}, Clock: i.Clock}, LogKey: i.LogKey, Clock: i.Clock, Assets: assets, Logger: slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), o.logged), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	o.site = site.Handler()
	o.befriend(t)
	o.writeText(t)
	o.achieve(t)
	for handle := range o.accounts {
		o.logIn(t, handle)
	}
	return o
}

func (o *office) found(t *testing.T, slug, boss string) app.Founded {
	t.Helper()
	d := func(slug string) programme.Desk {
		name := programme.Text{"en": "Desk " + slug}
		return programme.Desk{Slug: slug, Name: name, Organisation: name, Country: "GB", Hours: programme.Hours{Zone: "UTC"}}
	}
	f, err := o.Found(t.Context(), app.Founding{
		Programme: programme.Programme{
			Slug: slug, Name: programme.Text{"en": slug}, Languages: []string{"en"}, Desks: []programme.Desk{d("a"), d("b")},
			Countries: []programme.Country{{Code: "GB", Name: programme.Text{"en": "UK"}, Emergency: []programme.Emergency{{Number: "999", For: programme.Text{"en": "Police"}}}}},
		},
		Offline: filepath.Join(t.TempDir(), "offline"), Handle: boss, Keepers: 2, Threshold: 2, Passphrase: deskPassphrase,
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (o *office) enrol(t *testing.T, handle string, g authz.Grant) {
	t.Helper()
	g.Programme = o.founded.Programme.ID
	_, token, err := o.People.Found(t.Context(), people.Newcomer{Handle: handle, Name: handle, Language: "en", Grant: g})
	if err != nil {
		t.Fatal(err)
	}
	if o.accounts[handle], err = ceremony.Enrol(t.Context(), o.People, token, deskPassphrase, g); err != nil {
		t.Fatal(err)
	}
}

func (o *office) submit(t *testing.T, deskID id.ID) id.ID {
	t.Helper()
	roster, ok := o.Programmes.Roster(o.founded.Programme.ID)
	if !ok {
		t.Fatal("no roster")
	}
	receipt := seal.NewReceipt()
	sealed, err := seal.SealSubmission(seal.Tip{
		Roster: roster.Roster, Desk: deskID, Receipt: receipt,
		Cover:  seal.Cover{Category: "drugs", Place: "Hull", Language: "en", Urgency: seal.UrgencyNone, Words: "planted words"},
		Report: seal.Report{Language: "en", Category: "drugs", Text: "planted words", Answers: []seal.Answer{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := sealed.Encode()
	if err != nil {
		t.Fatal(err)
	}
	made, err := o.Intake.Submit(t.Context(), o.founded.Programme.ID, report.ChannelWeb, body)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// logIn opens a session as the room does; the way through the browser is
// proved elsewhere.
func (o *office) logIn(t *testing.T, handle string) {
	t.Helper()
	st, err := o.People.StretchFor(t.Context(), handle)
	if err != nil {
		t.Fatal(err)
	}
	stretched, err := seal.StretchPassphrase(deskPassphrase, st.Salt[:], seal.MinStretch())
	if err != nil {
		t.Fatal(err)
	}
	w, err := o.People.LogIn(t.Context(), people.Attempt{Handle: handle, Login: stretched.Login})
	if err != nil {
		t.Fatal(err)
	}
	o.sessions[handle] = w.Session
}

// ask makes one request as the person with that handle, "" for nobody.
func (o *office) ask(ctx context.Context, handle, method, path, media, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if handle != "" {
		r.AddCookie(&http.Cookie{Name: "turnstone-session", Value: o.sessions[handle]})
	}
	w := httptest.NewRecorder()
	o.site.ServeHTTP(w, r)
	return w
}

// door is a route of the desk with who may pass. Whoever may pass gets none of
// the refusals 401, 403 and 404; what the request itself lacks may still be
// refused with 4xx, after the decision.
type door struct {
	method, path string
	may          []string
	media, body  string
}

var (
	everybody = []string{"boss", "reviewer", "neighbour", "caller", "analyst", "auditor", "admin", "translator", "editor", "chief"}
	admins    = []string{"boss", "admin"}
	readers   = []string{"boss", "reviewer"}
	analysts  = []string{"boss", "reviewer", "neighbour", "analyst", "victim"}
)

const (
	form  = "application/x-www-form-urlencoded"
	jsons = "application/json"
)

// doors holds every route inside a programme, in the order of desk.Routes.
// {…} are filled in with things of programme one, desk a.
var doors = slices.Concat(coreDoors, intelDoors, referralDoors, outcomeDoors, tellDoors, contentDoors)

// coreDoors are those of reports, people and the log.
var coreDoors = []door{
	{"GET", "/p/{programme}/inbox", []string{"boss", "reviewer", "neighbour"}, "", ""},
	{"GET", "/p/{programme}/inbox.csv", []string{"boss", "reviewer", "neighbour"}, "", ""},
	{"GET", "/p/{programme}/waiting", everybody, "", ""},
	{"POST", "/p/{programme}/covers", everybody, jsons, `{"reports":["{report}"]}`}, // empty for who may not read
	{"GET", "/p/{programme}/keyring", everybody, "", ""},                            // rosters are public, packages one's own
	{"GET", "/p/{programme}/consistency/{size}", everybody, "", ""},
	{"GET", "/p/{programme}/reports/{report}", readers, "", ""},
	{"POST", "/p/{programme}/reports/{report}/open", readers, jsons, "{}"},
	{"POST", "/p/{programme}/reports/{report}/answer", readers, jsons, `{"seq":2}`},
	{"POST", "/p/{programme}/reports/{report}/mark", readers, form, "version=-1&urgency=high"},
	{"POST", "/p/{programme}/reports/{report}/restrict", readers, jsons, `{"epoch":1}`},
	{"POST", "/p/{programme}/reports/{report}/index", readers, jsons, `{"tokens":[]}`},
	{"POST", "/p/{programme}/reports/{report}/export", readers, jsons, "{}"},
	{"GET", "/p/{programme}/reports/{report}/files/{blob}/{index}", nil, "", ""}, // there is no such file: files_test tries who may
	{"GET", "/p/{programme}/reports/{report}/originals", readers, "", ""},
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/ask", nil, jsons, `{"reason":"x"}`}, // there is no such original: anOriginalTakesTwo tries who may
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/agree", nil, jsons, "{}"},
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/half", nil, jsons, "{}"},
	{"GET", "/p/{programme}/calls", []string{"boss", "reviewer", "neighbour", "caller"}, "", ""},
	{"POST", "/p/{programme}/calls", everybody, "application/octet-stream", "x"}, // refused by its bytes before anybody is asked
	{"POST", "/p/{programme}/calls/ended", []string{"boss", "reviewer", "caller"}, form, "desk={desk}&reason=nonsense"},
	{"GET", "/p/{programme}/danger", []string{"boss", "reviewer", "neighbour", "admin"}, "", ""},
	{"POST", "/p/{programme}/danger/{alarm}/acknowledge", []string{"boss", "reviewer", "admin"}, form, ""},
	{"POST", "/p/{programme}/danger/{alarm}/take-over", []string{"boss", "reviewer", "admin"}, form, ""},
	{"POST", "/p/{programme}/danger/{alarm}/hand-over", []string{"boss", "admin"}, form, "told=x"}, // who took it on first and last
	{"POST", "/p/{programme}/danger/{alarm}/close", []string{"boss", "admin"}, form, "result=nonsense"},
	{"GET", "/p/{programme}/responders", []string{"boss", "reviewer", "neighbour", "caller", "admin"}, "", ""},
	{"POST", "/p/{programme}/responders", admins, form, "name=x"},
	{"POST", "/p/{programme}/responders/{responder}/remove", nil, form, ""}, // there is no such responder: not found even for admins
	{"POST", "/p/{programme}/responders/steps", admins, form, "minutes-1=0"},
	{"GET", "/p/{programme}/matching", analysts, "", ""},
	{"POST", "/p/{programme}/matching", analysts, form, "mode=search&left-schema=Person&left-names=Nobody+Knows&top=5&threshold=0.5"},
	{"GET", "/p/{programme}/people", everybody, "", ""},
	{"POST", "/p/{programme}/people", admins, form, "handle=x"},
	{"GET", "/p/{programme}/people/{account}", everybody, "", ""},
	{"POST", "/p/{programme}/people/{account}/roles", admins, form, "role=auditor"},
	{"POST", "/p/{programme}/people/{account}/roles/withdraw", admins, form, "role=auditor"},
	{"POST", "/p/{programme}/people/{account}/link", admins, form, ""},
	{"POST", "/p/{programme}/people/{account}/suspend", admins, form, ""},
	{"POST", "/p/{programme}/people/{account}/resume", admins, form, ""},
	{"POST", "/p/{programme}/people/{account}/sessions/{session}/end", admins, form, ""},
	{"GET", "/p/{programme}/keys", everybody, "", ""},
	{"POST", "/p/{programme}/desks/{desk}/give", readers, jsons, `{"member":"{holder}"}`},
	{"POST", "/p/{programme}/desks/{desk}/renew", readers, jsons, `{"epoch":9}`},
	{"GET", "/p/{programme}/roster", everybody, "", ""},
	{"GET", "/p/{programme}/roster/draft", admins, "", ""},
	{"POST", "/p/{programme}/roster", admins, form, "roster=x"},
	{"GET", "/p/{programme}/duty", everybody, "", ""},
	{"POST", "/p/{programme}/duty", admins, form, "desk={desk}&account={account}&from=2026-01-01T00:00&until=2025-01-01T00:00"},
	{"POST", "/p/{programme}/duty/{desk}/{shift}/end", nil, form, ""}, // there is no such shift: not found even for admins
	{"GET", "/p/{programme}/directory", everybody, "", ""},
	{"GET", "/p/{programme}/ledger", []string{"boss", "admin", "auditor"}, "", ""},
	{"GET", "/p/{programme}/ledger/{entry}", []string{"boss", "admin", "auditor"}, "", ""},
	{"GET", "/p/{programme}/ledger/{entry}/proof", []string{"boss", "admin", "auditor"}, "", ""},
}

func (o *office) fill(text string) string {
	return strings.NewReplacer(
		"{programme}", "one", "{report}", o.report.String(), "{desk}", o.founded.Programme.Desks[0].ID.String(), "{size}", "1", "{alarm}", o.alarm.String(), "{responder}", id.New().String(),
		"{account}", o.accounts["victim"].Account.ID.String(), "{holder}", o.accounts["reviewer"].Account.ID.String(), "{session}", id.New().String(), "{shift}", id.New().String(), "{entry}", "0",
		"{outcome}", o.outcome.String(), "{told}", o.told.String(), "{year}", "2026", "{partner}", o.partner.String(), "{item}", o.item.String(), "{referral}", o.referral.String(), "{question}", o.question.String(),
		"{blob}", id.New().String(), "{index}", "0",
	).Replace(text)
}

func jsonOf(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func refused(code int) bool {
	return code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusSeeOther
}

// TestDesk tries the desk's site on one installation: making it costs two
// stretched passphrases for each person.
func TestDesk(t *testing.T) {
	o := newOffice(t)
	t.Run("LogInThroughTheSite", o.logInThroughTheSite)
	t.Run("TheSessionCookieIsForThisHostAndNoScript", o.theSessionCookieIsForThisHostAndNoScript)
	t.Run("WhoMayNotReadGetsNoCover", o.whoMayNotReadGetsNoCover)
	t.Run("ReleasesAreInTheLedger", o.releasesAreInTheLedger)
	t.Run("ThingsDoNotMoveBetweenProgrammes", o.thingsDoNotMoveBetweenProgrammes)
	t.Run("OversizeBodiesAreRefused", o.oversizeBodiesAreRefused)
	t.Run("NoPageCarriesWhatAReporterWrote", o.noPageCarriesWhatAReporterWrote)
	t.Run("MatchingAnswersOnItsPage", o.matchingAnswersOnItsPage)
	t.Run("MatchingLeavesNoTrace", o.matchingLeavesNoTrace)
	t.Run("ALiaisonSeesNothingOfTheHouse", o.aLiaisonSeesNothingOfTheHouse)
	t.Run("APartnersQuestionBesideTheAnswer", o.aPartnersQuestionBesideTheAnswer)
	t.Run("ThePartnersOwnPages", o.thePartnersOwnPages)
	t.Run("AOneTimeLinkInTheBrowser", o.aOneTimeLinkInTheBrowser)
	t.Run("PartnersReportOutcomes", o.partnersReportOutcomes)
	t.Run("AnOutcomeFromFormToFigure", o.anOutcomeFromFormToFigure)
	t.Run("TwoPeopleEditTheSameItem", o.twoPeopleEditTheSameItem)
	t.Run("TheDirectorPublishes", o.theDirectorPublishes)
	t.Run("ATextFromDraftToThePublic", o.aTextFromDraftToThePublic)
	t.Run("EveryRouteIsDecidedForEveryRole", o.everyRouteIsDecidedForEveryRole)
	t.Run("AReporterIsToldOrNot", o.aReporterIsToldOrNot)
	t.Run("OnlyWhoTookAnAlarmOnReadsIt", o.onlyWhoTookAnAlarmOnReadsIt)
	t.Run("ItemsShowWhatTheRoomSays", o.itemsShowWhatTheRoomSays)
	t.Run("CompartmentsAreTheDirectors", o.compartmentsAreTheDirectors)
	t.Run("AnOutcomeFollowsItsItem", o.anOutcomeFollowsItsItem)
	t.Run("AReportsAlarmStandsBesideIt", o.aReportsAlarmStandsBesideIt)
	t.Run("CirclesAndResultsAreSetOnThePage", o.circlesAndResultsAreSetOnThePage)
	t.Run("ErrorsAreInTheColleaguesLanguage", o.errorsAreInTheColleaguesLanguage)
	t.Run("AnOriginalTakesTwo", o.anOriginalTakesTwo)
	t.Run("NoQueryReadsAWholeProgramme", o.noQueryReadsAWholeProgramme)
}

// oneAfterTheOther skips, under the race detector, what asks for very much but
// never for two things at once.
func oneAfterTheOther(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("asks for one thing after the other: `make test` runs this without the race detector")
	}
}

func (o *office) everyRouteIsDecidedForEveryRole(t *testing.T) {
	oneAfterTheOther(t)
	listed := map[string]bool{}
	for _, d := range doors {
		path, _, _ := strings.Cut(d.path, "?")
		listed[d.method+" "+strings.Replace(path, "{told}", "{outcome}", 1)] = true
		for _, handle := range everybody {
			w := o.ask(t.Context(), handle, d.method, o.fill(d.path), d.media, o.fill(d.body))
			passed := !refused(w.Code) || w.Code == http.StatusSeeOther && w.Header().Get("Location") != "" && !strings.HasPrefix(w.Header().Get("Location"), "/log-in")
			// A holder's check comes after the role's: a member without the key is refused like a stranger.
			keyless := handle == "reviewer" && (strings.HasSuffix(d.path, "/give") || strings.HasSuffix(d.path, "/renew"))
			if passed != slices.Contains(d.may, handle) && !keyless {
				t.Errorf("%s %s by %s: %d %s", d.method, d.path, handle, w.Code, w.Header().Get("Location"))
			}
			if w.Code >= 500 {
				t.Errorf("%s %s by %s: %d", d.method, d.path, handle, w.Code)
			}
		}
		if w := o.ask(t.Context(), "", d.method, o.fill(d.path), d.media, o.fill(d.body)); w.Code != http.StatusUnauthorized && w.Code != http.StatusSeeOther {
			t.Errorf("%s %s by nobody: %d", d.method, d.path, w.Code)
		}
		if w := o.ask(t.Context(), "stranger", d.method, o.fill(d.path), d.media, o.fill(d.body)); w.Code != http.StatusNotFound {
			t.Errorf("%s %s by another programme's administrator: %d, want 404", d.method, d.path, w.Code)
		}
	}
	for _, route := range desk.Routes {
		if route.Access == desk.Inside && !listed[route.Method+" "+route.Path] && !strings.HasSuffix(route.Path, "/{act}") {
			t.Errorf("%s %s: nobody has said who may pass", route.Method, route.Path)
		}
	}
}

// A thing of programme one is not there under the address of programme two,
// even for somebody who has every role in two.
func (o *office) thingsDoNotMoveBetweenProgrammes(t *testing.T) {
	for _, d := range doors {
		if !strings.Contains(d.path, "{report}") && !strings.Contains(d.path, "{account}") && !strings.Contains(d.path, "{desk}") && !strings.Contains(d.path, "{entry}") && !strings.Contains(d.path, "{alarm}") {
			continue
		}
		path := o.fill(strings.Replace(d.path, "{programme}", "two", 1))
		if w := o.ask(t.Context(), "stranger", d.method, path, d.media, o.fill(d.body)); w.Code != http.StatusNotFound {
			t.Errorf("%s %s by two's administrator: %d, want 404", d.method, path, w.Code)
		}
	}
	w := o.ask(t.Context(), "stranger", "POST", "/p/two/covers", jsons, o.fill(`{"reports":["{report}"]}`))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), o.report.String()) {
		t.Errorf("covers across programmes: %d %s", w.Code, w.Body)
	}
}

func (o *office) whoMayNotReadGetsNoCover(t *testing.T) {
	for _, handle := range everybody {
		w := o.ask(t.Context(), handle, "POST", "/p/one/covers", jsons, o.fill(`{"reports":["{report}"]}`))
		if got := strings.Contains(w.Body.String(), o.report.String()); got != slices.Contains(readers, handle) {
			t.Errorf("%s: a cover %v", handle, got)
		}
	}
}

// Every release is in the ledger before it is answered.
func (o *office) releasesAreInTheLedger(t *testing.T) {
	for _, what := range []string{"covers", "open", "export"} {
		path, body := o.fill("/p/one/reports/{report}/"+what), "{}"
		if what == "covers" {
			path, body = "/p/one/covers", o.fill(`{"reports":["{report}"]}`)
		}
		before := strings.Count(o.ask(t.Context(), "auditor", "GET", "/p/one/ledger?kind=release", "", "").Body.String(), "<tr")
		if w := o.ask(t.Context(), "reviewer", "POST", path, jsons, body); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", what, w.Code, w.Body)
		}
		after := strings.Count(o.ask(t.Context(), "auditor", "GET", "/p/one/ledger?kind=release", "", "").Body.String(), "<tr")
		if after != before+max(1, 2*boolInt(before == 0)) {
			t.Errorf("%s: %d rows of the ledger before, %d after", what, before, after)
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What a server-made page shows is never what a reporter wrote.
func (o *office) noPageCarriesWhatAReporterWrote(t *testing.T) {
	oneAfterTheOther(t)
	for _, d := range doors {
		for _, handle := range everybody {
			w := o.ask(t.Context(), handle, d.method, o.fill(d.path), d.media, o.fill(d.body))
			if bytes.Contains(w.Body.Bytes(), []byte("planted words")) {
				t.Errorf("%s %s shows %s what the reporter wrote", d.method, d.path, handle)
			}
		}
	}
}

func (o *office) logInThroughTheSite(t *testing.T) {
	post := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", jsons)
		r.Header.Set("Accept", jsons)
		w := httptest.NewRecorder()
		o.site.ServeHTTP(w, r)
		return w
	}
	real1, fake := post("/log-in/stretch", `{"handle":"reviewer"}`), post("/log-in/stretch", `{"handle":"nobody"}`)
	if real1.Code != fake.Code || real1.Body.Len() != fake.Body.Len() {
		t.Errorf("a stranger sees who is real: %d %s, %d %s", real1.Code, real1.Body, fake.Code, fake.Body)
	}
	wrong := `","login":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","label":"","next":""}`
	a, b := post("/log-in", `{"handle":"reviewer`+wrong), post("/log-in", `{"handle":"nobody`+wrong)
	if a.Code != http.StatusUnauthorized || a.Code != b.Code || a.Body.String() != b.Body.String() {
		t.Errorf("wrong passphrase %d %s, nobody %d %s", a.Code, a.Body, b.Code, b.Body)
	}
	for _, bad := range []string{``, `{`, `{"handle":"x","more":1}`, `{} {}`, `[]`} {
		if w := post("/log-in", bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("body %q: %d", bad, w.Code)
		}
	}
}

func (o *office) theSessionCookieIsForThisHostAndNoScript(t *testing.T) {
	st, err := o.People.StretchFor(t.Context(), "reviewer")
	if err != nil {
		t.Fatal(err)
	}
	stretched, err := seal.StretchPassphrase(deskPassphrase, st.Salt[:], seal.MinStretch())
	if err != nil {
		t.Fatal(err)
	}
	body, err := jsonOf(map[string]any{"handle": "reviewer", "login": stretched.Login, "label": "test", "next": "/me"})
	if err != nil {
		t.Fatal(err)
	}
	w := o.ask(t.Context(), "", "POST", "/log-in", jsons, body)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusOK || len(cookies) != 2 {
		t.Fatalf("log in: %d %s", w.Code, w.Body)
	}
	for _, c := range cookies {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.Path != "/" {
			t.Errorf("cookie %+v", c)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/log-out", nil)
	r.AddCookie(cookies[0])
	out := httptest.NewRecorder()
	o.site.ServeHTTP(out, r)
	r = httptest.NewRequest(http.MethodGet, "/me", nil)
	r.AddCookie(cookies[0])
	after := httptest.NewRecorder()
	o.site.ServeHTTP(after, r)
	if out.Code != http.StatusSeeOther || after.Code != http.StatusSeeOther {
		t.Errorf("log out %d, then /me %d", out.Code, after.Code)
	}
}

func (o *office) oversizeBodiesAreRefused(t *testing.T) {
	huge := `{"reports":["` + strings.Repeat("0", 5<<20) + `"]}`
	if w := o.ask(t.Context(), "reviewer", "POST", "/p/one/covers", jsons, huge); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("5 MB of JSON: %d", w.Code)
	}
	if w := o.ask(t.Context(), "reviewer", "POST", o.fill("/p/one/reports/{report}/mark"), form, "note="+strings.Repeat("a", 100<<10)); w.Code < 400 || w.Code >= 500 {
		t.Errorf("100 KB of form: %d", w.Code)
	}
}
