// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"net/http"
	"strings"

	"github.com/turnstone-project/turnstone/internal/web/page"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// checkWorker is the one script of the desk that may start WebAssembly: it runs
// the leak check and the finding of selectors in a worker with a policy of its
// own, so that no page may, and can ask nobody but this origin for its module.
const checkWorker = "desk-checker.js"

var checkPolicy = page.Policy("script-src 'self' 'wasm-unsafe-eval'")

// wasmPlan tells the browser where the worker and its module are.
type wasmPlan struct{ Worker, Module, Integrity string }

// checker returns where the checking programme is; nil where this build has none.
func (s *Site) checker() *wasmPlan {
	worker, ok := s.Assets.Get(checkWorker)
	module, found := s.Assets.Get("check.wasm")
	if !ok || !found {
		return nil
	}
	return &wasmPlan{worker.URL, module.URL, module.Integrity()}
}

// assets serves static files.
func (s *Site) assets(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, static.Prefix+strings.TrimSuffix(checkWorker, "js")) {
		w.Header().Set("Content-Security-Policy", checkPolicy)
	}
	s.Assets.ServeHTTP(w, r)
}
