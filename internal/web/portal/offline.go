// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// offlineParts are the parts of the site that a person may keep on a device.
// Each has a worker of its own, whose script lies in that part, and browsers
// let a worker see nothing outside of the path that its script's answer names:
// no worker can ever be asked about the form or the mailbox.
var offlineParts = []string{"advice", "crimes", "training", "connected", helpPart}

// helpPart is the help directory. Its worker keeps one document, the same for
// everybody, and nothing of what a person asked or looked at.
const helpPart = "help"

const offlineScript = "offline.js"

// offlinePolicy lets the one page that asks start workers, by a Trusted Types
// policy that knows only their addresses; on all other pages the browser
// refuses to start any.
var offlinePolicy = page.Policy("trusted-types offline", "worker-src 'self'")

type offlinePage struct {
	frame
	Parts string // those that this site has
}

// hasPart reports whether the site has a part for a visit's programme.
func (s *Site) hasPart(v visit, part string) bool {
	if part == helpPart {
		_, err := s.directory()
		return err == nil
	}
	return v.content != nil
}

// offline is where a person decides whether what they read is kept.
func (s *Site) offline(w http.ResponseWriter, _ *http.Request, v visit) error {
	var parts []string
	for _, part := range offlineParts {
		if s.hasPart(v, part) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return fault.New(fault.NotFound, "There is no such page.")
	}
	w.Header().Set("Content-Security-Policy", offlinePolicy)
	return s.pages.Write(w, http.StatusOK, v.lang, "offline", offlinePage{s.frame(v, "portal-offline.js"), strings.Join(parts, " ")})
}

// offlineWorker gives out the script of a part's worker. Its name does not
// change with its bytes, so that a browser finds the new one by itself.
func (s *Site) offlineWorker(part string) visitHandler {
	return func(w http.ResponseWriter, _ *http.Request, v visit) error {
		f, ok := s.Assets.Get("portal-worker.js")
		if !ok || !s.hasPart(v, part) {
			return fmt.Errorf("worker: %w", fault.New(fault.NotFound, "There is no such page."))
		}
		w.Header().Set("Service-Worker-Allowed", v.root()+"/"+part)
		w.Header().Set("Content-Type", f.Type)
		_, _ = w.Write(f.Body()) // the browser left: nobody to tell
		return nil
	}
}

// refuseWorkers refuses every other script to a browser that wants it for such
// a worker: whoever could run a script on a page of ours must not leave one
// behind that sees reports.
func refuseWorkers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Service-Worker") != "" && !isOfflineScript(r.URL.Path) {
			http.Error(w, "no worker may be made of this", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isOfflineScript(path string) bool {
	rest, ok := strings.CutSuffix(path, "/"+offlineScript)
	return ok && slices.Contains(offlineParts, rest[strings.LastIndexByte(rest, '/')+1:])
}
