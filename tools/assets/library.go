// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// libraryFile is the library that draws documents. It is large and changes
// only with its version, so it is kept compressed, in a file of its own.
const libraryFile = "desk-pdf.js.gz"

// errNotInstalled is that npm has not put the library there.
var errNotInstalled = errors.New("pdfjs-dist is not installed: run `make web/node_modules`")

// library bundles the library that draws documents with its decoders inside.
// Where it is not installed, what was built before stays.
func library(web string, out map[string][]byte) error {
	if _, err := os.Stat(filepath.Join(web, "node_modules", "pdfjs-dist")); errors.Is(err, fs.ErrNotExist) {
		kept, err := os.ReadFile(filepath.Join(filepath.Dir(web), "internal", "web", "static", "dist", libraryFile))
		if err != nil {
			return errNotInstalled
		}
		fmt.Fprintf(os.Stderr, "assets: %v; %s stays as it is\n", errNotInstalled, libraryFile)
		out[libraryFile] = kept
		return nil
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: web, EntryPoints: []string{filepath.Join(web, "desk", "pdf.lib.ts")}, Bundle: true, Format: api.FormatESModule,
		Engines: browsers, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
		Loader:           map[string]api.Loader{".wasm": api.LoaderBinary},
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Platform: api.PlatformBrowser, Outfile: filepath.Join(web, "desk-pdf.js"), Write: false,
	})
	if err := failed(result.Errors); err != nil {
		return fmt.Errorf("bundle %s: %w", libraryFile, err)
	}
	small, err := zipped(result.OutputFiles[0].Contents)
	if err != nil {
		return fmt.Errorf("compress %s: %w", libraryFile, err)
	}
	out[libraryFile] = small
	return nil
}
