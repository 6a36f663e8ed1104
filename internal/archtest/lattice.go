// SPDX-License-Identifier: AGPL-3.0-or-later

package archtest

// Rooms are the rooms in the order in which they may know each other: a room
// may import the types of an earlier one, never of a later one.
var Rooms = []string{
	"ledger", "authz", "programme", "people", "prevent", "report", "intel", "link",
	"screen", "money", "priority", "evidence", "share", "outcome", "strategy",
}

// Rule says what the packages under one folder may import.
type Rule struct {
	Folder string
	// Internal lists the folders of this module that may be imported; a
	// folder may always import what lies beside it in itself.
	Internal []string
	// External lists the modules outside the standard library that may be
	// imported by files that are not tests; nil means none, "*" means any.
	External []string
	Reason   string
}

// testModules may be imported by any test.
var testModules = []string{
	"pgregory.net/rapid", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal",
	"github.com/xrash/smetrics", "github.com/agnivade/levenshtein", "gonum.org/v1/gonum",
	"github.com/chromedp", "filippo.io/age", "github.com/santhosh-tekuri/jsonschema", "github.com/makiuchi-d/gozxing",
}

// Rules is the lattice but for the rooms, which RoomRules derives.
var Rules = []Rule{
	{
		Folder: "engine", Internal: []string{"engine"},
		External: []string{
			"golang.org/x/text", "golang.org/x/sync", "golang.org/x/sys", "github.com/mozillazg/go-unidecode",
			"github.com/nyaruka/phonenumbers",
		},
		Reason: "the engines are for other projects too: they know nothing of Turnstone, and carry only permissive licences",
	},
	{
		Folder: "internal/kernel", Internal: []string{"internal/kernel"},
		Reason: "the kernel is a few shared words; what needs a library is not a word",
	},
	{
		Folder: "internal/seal", Internal: []string{"internal/kernel", "internal/seal"},
		External: []string{"filippo.io/age", "golang.org/x/crypto", "golang.org/x/text/unicode/norm"},
		Reason:   "sealing is cryptography only, small enough to be audited: no room, no logger, no database; norm because words and passphrases are typed in any Unicode form",
	},
	{
		Folder: "internal/prevent/share", Internal: []string{"internal/prevent/share"},
		External: []string{"github.com/go-text/typesetting", "golang.org/x/image", "rsc.io/qr"},
		Reason:   "what draws words knows none: it gets a title and gives back a picture",
	},
	{
		Folder: "internal/store", Internal: []string{"internal/kernel", "internal/seal", "internal/store", "rooms"},
		External: []string{"modernc.org/sqlite", "github.com/uptrace/bun", "github.com/pressly/goose", "github.com/jackc/pgx", "golang.org/x/sync", "golang.org/x/text", "github.com/blevesearch/snowballstem"},
		Reason:   "stores implement what rooms declare; they know no page and no bus",
	},
	{
		Folder: "internal/store/storetest", Internal: []string{"internal/kernel", "internal/seal", "internal/store", "rooms"},
		External: []string{"golang.org/x/mod", "github.com/google/go-cmp"},
		Reason:   "the conformance suite is tests that every database runs",
	},
	{
		Folder: "internal/bus", Internal: []string{"internal/kernel", "internal/bus"}, External: []string{"*"},
		Reason: "the bus carries events and knows nobody",
	},
	{
		Folder: "internal/blob", Internal: []string{"internal/kernel", "internal/blob"}, External: []string{"*"},
		Reason: "the blob store keeps ciphertext and knows nobody",
	},
	{
		Folder: "internal/exchange", Internal: []string{"internal/kernel", "internal/seal", "internal/exchange", "engine", "rooms"}, External: []string{"*"},
		Reason: "formats translate rooms' types and store nothing",
	},
	{
		Folder: "internal/web/page", Internal: []string{"internal/kernel", "internal/web/page", "internal/web/static"},
		External: []string{"golang.org/x/text", "github.com/nicksnyder/go-i18n", "github.com/goccy/go-yaml"},
		Reason:   "page helpers serve both sites, so they may know neither",
	},
	{
		Folder: "internal/web/static", Internal: []string{"internal/web/static"},
		Reason: "static files serve both sites, so they may know neither",
	},
	{
		Folder: "internal/web/portal",
		Internal: []string{
			"internal/prevent", "internal/report", "internal/programme", "internal/seal", "internal/kernel",
			"internal/web/page", "internal/web/static", "internal/web/portal",
		},
		Reason: "the portal faces strangers and attackers: what it can't import it can't leak",
	},
	{
		Folder: "internal/web/desk", Internal: []string{"internal/kernel", "internal/seal", "internal/web/page", "internal/web/static", "internal/web/desk", "engine", "rooms"},
		Reason: "the desk asks rooms, never stores: authorisation is decided in the room",
	},
	{
		Folder: "internal/web/api", Internal: []string{"internal/kernel", "internal/seal", "internal/web/page", "internal/web/static", "internal/web/api", "engine", "rooms"}, External: []string{"*"},
		Reason: "the interface for machines asks rooms, never stores",
	},
	{
		Folder: "internal/app", Internal: []string{"internal", "engine"}, External: []string{"*"},
		Reason: "app is the only place that knows everybody",
	},
	{
		Folder: "internal/archtest", Reason: "the plan stands apart from the house",
	},
	{
		Folder: "cmd/turnstone-verify", Internal: []string{"internal/kernel", "internal/seal", "internal/ledger"},
		External: []string{"golang.org/x/mod", "github.com/spf13/cobra"},
		Reason:   "outsiders audit the verifier: it holds as little as it can",
	},
	{
		Folder: "cmd/turnstone", Internal: []string{"cmd/turnstone", "internal/app", "internal/kernel", "internal/seal", "engine"}, External: []string{"*"},
		Reason: "verbs and flags, nothing else: what a verb does lives in app or an engine",
	},
	{
		Folder: "web/wasm", Internal: []string{"engine"},
		Reason: "what runs in a browser is a thin skin over an engine, small to load and easy to audit",
	},
	{
		Folder: "web/wasm/check", Internal: []string{"engine", "internal/intel/leak"},
		Reason: "the leak check runs where the raw text may be, in the browser of somebody who opened the report; it is a leaf that knows no room",
	},
	{Folder: "tools", External: []string{"*"}, Internal: []string{"tools"}, Reason: "tools build the project and are never part of it"},
}

// RoomRules derives the rule of each room from its place in Rooms.
func RoomRules() []Rule {
	var rules []Rule
	for i, room := range Rooms {
		allowed := []string{"internal/kernel", "internal/seal", "engine"}
		for _, earlier := range Rooms[:i+1] {
			allowed = append(allowed, "internal/"+earlier)
		}
		external := []string{"golang.org/x/text"}
		switch room {
		case "ledger":
			external = []string{"golang.org/x/mod"} // tlog and note: the log's published formats
		case "programme", "report", "prevent", "intel", "outcome":
			external = append(external, "github.com/goccy/go-yaml") // questionnaires and content are data that operators edit
		}
		if room == "prevent" {
			external = append(external, "github.com/blevesearch/snowballstem") // the public searches in its own language
		}
		rules = append(rules, Rule{
			Folder: "internal/" + room, Internal: allowed, External: external,
			Reason: "a room knows only the rooms before it, and neither bus, blob, store, exchange nor web",
		})
	}
	return rules
}

// PortalClosure lists what the portal may reach through all its imports.
// Beside its direct imports these are the log's and the decision's types,
// which report uses and which hold no data.
var PortalClosure = []string{
	"internal/prevent", "internal/report", "internal/programme", "internal/seal", "internal/kernel",
	"internal/web/page", "internal/web/static", "internal/web/portal", "internal/ledger", "internal/authz", "engine",
}

// PortalNever lists what the portal may not reach although it lies in a folder
// that it may: a draft is nobody's but the editors'.
var PortalNever = []string{"internal/prevent/editing"}

// PortalForbidden are the selectors that no file of the portal may contain,
// with the reason.
var PortalForbidden = map[string]string{
	"RemoteAddr":         "an address of a reporter is never read, so it can't be written",
	"UserAgent":          "a browser's name narrows down who it was",
	"ParseMultipartForm": "it writes clear files to disk; use MultipartReader",
	"FormFile":           "it calls ParseMultipartForm",
}

// Allows reports whether a file under rule may import the outside package imp.
func Allows(rule Rule, imp string, test bool) bool {
	for _, module := range rule.External {
		if module == "*" || Under(imp, module) {
			return true
		}
	}
	if !test {
		return false
	}
	for _, module := range testModules {
		if Under(imp, module) {
			return true
		}
	}
	return false
}
