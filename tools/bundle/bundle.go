// SPDX-License-Identifier: AGPL-3.0-or-later

// Package bundle says what stands in for what when the sources of browsers'
// scripts are put together: the same for what is shipped, for what is tested
// and for what is measured. It must never put anything in the place of code
// that is used. It has no state and is safe for concurrent use.
package bundle

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
)

// unused are the parts of libraries that come along with what we use of them
// and are never used: name → what takes their place, below web/. Each of those
// stops whoever uses it all the same. Of 171 KB of the form's script, 26 were
// curves that we don't seal to and the stretching of passwords.
var unused = map[string]string{
	"@noble/curves/nist.js":   "seal/unused/nist.ts",
	"@noble/hashes/scrypt.js": "seal/unused/scrypt.ts",
}

// Aliases returns the names that sources import, with the paths of the files
// that they stand for: those of Go's own script, which runs WebAssembly and is
// imported as "wasm-exec", and those in the place of what isn't used. web is
// the absolute path of the folder with the sources.
func Aliases(web string) (map[string]string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find Go: %w", err)
	}
	all := map[string]string{"wasm-exec": filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")}
	for name, path := range maps.All(unused) {
		all[name] = filepath.Join(web, filepath.FromSlash(path))
	}
	return all, nil
}
