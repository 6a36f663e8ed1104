// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"slices"
)

// Access says what a request must bring before its handler runs. What it may
// then do is decided by the rooms.
type Access int

// The accesses.
const (
	Anybody   Access = iota // no session
	Colleague               // a session
	Inside                  // a session and a role in the programme of the path
	AtPartner               // a session and a liaison's role at the partner of the path
)

// askedByPages is the address that open pages ask by themselves; it keeps no
// session alive.
const askedByPages = "/p/{programme}/waiting"

// Route is one address of the desk.
type Route struct {
	Method string
	Path   string
	Access Access
	handle func(*Site, *visit, http.ResponseWriter, *http.Request) error
}

// Routes is the whole site. What is sent as JSON is sealed or opened by the
// browser; everything else is a page or a form.
var Routes = slices.Concat(coreRoutes, intelRoutes, matchingRoutes, dangerRoutes, referralRoutes, outcomeRoutes, writeRoutes, tellRoutes, directoryRoutes, contentRoutes)

// coreRoutes are those of reports, people and the log.
var coreRoutes = []Route{
	{"GET", "/{$}", Colleague, (*Site).home},
	{"GET", "/log-in", Anybody, (*Site).logInPage},
	{"POST", "/log-in/stretch", Anybody, (*Site).stretch},
	{"POST", "/log-in", Anybody, (*Site).logIn},
	{"POST", "/log-out", Colleague, (*Site).logOut},
	{"GET", "/invitation/{token}", Anybody, (*Site).invitationPage},
	{"POST", "/invitation/{token}", Anybody, (*Site).acceptInvitation},

	{"GET", "/me", Colleague, (*Site).mePage},
	{"GET", "/me/keys", Colleague, (*Site).myKeys},
	{"POST", "/me/passphrase", Colleague, (*Site).changePassphrase},
	{"POST", "/me/language", Colleague, (*Site).setLanguage},
	{"POST", "/me/alerts", Colleague, (*Site).setAlerts},
	{"POST", "/me/sessions/{session}/end", Colleague, (*Site).endMySession},

	{"GET", "/p/{programme}/inbox", Inside, (*Site).inboxPage},
	{"GET", "/p/{programme}/inbox.csv", Inside, (*Site).inboxCSV},
	{"GET", askedByPages, Inside, (*Site).waiting},
	{"POST", "/p/{programme}/covers", Inside, (*Site).covers},
	{"GET", "/p/{programme}/keyring", Inside, (*Site).keyring},
	{"GET", "/p/{programme}/consistency/{size}", Inside, (*Site).consistency},

	{"GET", "/p/{programme}/reports/{report}", Inside, (*Site).readingPage},
	{"POST", "/p/{programme}/reports/{report}/open", Inside, (*Site).openReport},
	{"POST", "/p/{programme}/reports/{report}/answer", Inside, (*Site).answer},
	{"POST", "/p/{programme}/reports/{report}/mark", Inside, (*Site).mark},
	{"POST", "/p/{programme}/reports/{report}/restrict", Inside, (*Site).restrict},
	{"POST", "/p/{programme}/reports/{report}/index", Inside, (*Site).index},
	{"POST", "/p/{programme}/reports/{report}/export", Inside, (*Site).export},
	{"GET", "/p/{programme}/reports/{report}/files/{blob}/{index}", Inside, (*Site).piece},
	{"GET", "/p/{programme}/reports/{report}/originals", Inside, (*Site).originals},
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/ask", Inside, (*Site).askForOriginal},
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/agree", Inside, (*Site).agreeToOriginal},
	{"POST", "/p/{programme}/reports/{report}/originals/{blob}/half", Inside, (*Site).originalHalf},
	{"GET", "/viewer", Anybody, (*Site).viewer},
	{"GET", "/viewer/pages", Anybody, (*Site).pagesViewer},

	{"GET", "/p/{programme}/calls", Inside, (*Site).callPage},
	{"POST", "/p/{programme}/calls", Inside, (*Site).fileCall},
	{"POST", "/p/{programme}/calls/ended", Inside, (*Site).endCall},

	{"GET", "/p/{programme}/people", Inside, (*Site).peoplePage},
	{"POST", "/p/{programme}/people", Inside, (*Site).invite},
	{"GET", "/p/{programme}/people/{account}", Inside, (*Site).personPage},
	{"POST", "/p/{programme}/people/{account}/roles", Inside, (*Site).assign},
	{"POST", "/p/{programme}/people/{account}/roles/withdraw", Inside, (*Site).withdraw},
	{"POST", "/p/{programme}/people/{account}/link", Inside, (*Site).inviteAgain},
	{"POST", "/p/{programme}/people/{account}/suspend", Inside, (*Site).suspend},
	{"POST", "/p/{programme}/people/{account}/resume", Inside, (*Site).resume},
	{"POST", "/p/{programme}/people/{account}/sessions/{session}/end", Inside, (*Site).endSession},

	{"GET", "/p/{programme}/keys", Inside, (*Site).keysPage},
	{"POST", "/p/{programme}/desks/{desk}/give", Inside, (*Site).giveKey},
	{"POST", "/p/{programme}/desks/{desk}/renew", Inside, (*Site).renewKey},
	{"GET", "/p/{programme}/roster", Inside, (*Site).rosterPage},
	{"GET", "/p/{programme}/roster/draft", Inside, (*Site).rosterDraft},
	{"POST", "/p/{programme}/roster", Inside, (*Site).publishRoster},
	{"GET", "/p/{programme}/duty", Inside, (*Site).dutyPage},
	{"POST", "/p/{programme}/duty", Inside, (*Site).putOnDuty},
	{"POST", "/p/{programme}/duty/{desk}/{shift}/end", Inside, (*Site).takeOffDuty},
	{"GET", "/p/{programme}/ledger", Inside, (*Site).ledgerPage},
	{"GET", "/p/{programme}/ledger/{entry}", Inside, (*Site).entryPage},
	{"GET", "/p/{programme}/ledger/{entry}/proof", Inside, (*Site).proof},
}
