// SPDX-License-Identifier: AGPL-3.0-or-later

// Command assets builds what browsers load: TypeScript, Sass and Go under web/
// become the files in internal/web/static/dist, which are committed, so that
// nobody needs Node to build the binary. The same sources give the same bytes
// on any machine: no path, no time and no random name goes in. It must never
// fetch anything; `npm ci` has put the sources in web/node_modules before.
//
// It is one process that works through its list; nothing runs concurrently.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/turnstone-project/turnstone/tools/bundle"
)

// browsers is the oldest generation that we build for. Tor Browser follows
// Firefox's extended support release; cheap phones run Chrome for years.
var browsers = []api.Engine{
	{Name: api.EngineChrome, Version: "109"},
	{Name: api.EngineFirefox, Version: "115"},
	{Name: api.EngineSafari, Version: "16.4"},
}

// formats are the kinds of entry points, by what their names end with. What a
// page loads later is no module: browsers remember of a module that it could
// not be loaded, and never try again.
var formats = map[string]api.Format{"entry.ts": api.FormatESModule, "later.ts": api.FormatIIFE}

func main() {
	root := flag.String("root", ".", "the repository's root")
	check := flag.Bool("check", false, "build nothing new: say whether the committed files are what the sources give")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	web := filepath.Join(root, "web")
	out := map[string][]byte{}
	for _, step := range []func(string, map[string][]byte) error{scripts, library, styles, copies, wasm} {
		if err := step(web, out); err != nil {
			return err
		}
	}
	dist := filepath.Join(root, "internal", "web", "static", "dist")
	beside := filepath.Join(root, filepath.FromSlash(lostFile))
	lost := out[lostFile]
	delete(out, lostFile)
	if check {
		return errors.Join(compare(dist, out), compare(filepath.Dir(beside), map[string][]byte{filepath.Base(beside): lost}))
	}
	if err := os.WriteFile(beside, lost, 0o644); err != nil {
		return err
	}
	return write(dist, out)
}

// scripts bundles each web/<site>/*.entry.ts and *.later.ts, which is an entry point into one file:
// one file has one hash, which the page can demand and a person can compare.
func scripts(web string, out map[string][]byte) error {
	aliases, err := bundle.Aliases(web)
	if err != nil {
		return err
	}
	for _, site := range []string{"portal", "desk"} {
		entries, err := filepath.Glob(filepath.Join(web, site, "*.*.ts"))
		if err != nil {
			return err
		}
		for _, entry := range entries {
			base, kind, _ := strings.Cut(filepath.Base(entry), ".")
			format, ok := formats[kind]
			if !ok {
				continue
			}
			name := site + "-" + base + ".js"
			result := api.Build(api.BuildOptions{
				AbsWorkingDir: web, EntryPoints: []string{entry}, Bundle: true, Format: format,
				Engines: browsers, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
				Alias: aliases, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
				Platform: api.PlatformBrowser, Outfile: filepath.Join(web, name), Write: false,
			})
			if err := failed(result.Errors); err != nil {
				return fmt.Errorf("bundle %s: %w", name, err)
			}
			out[name] = result.OutputFiles[0].Contents
		}
	}
	return nil
}

// styles compiles web/<site>/<site>.scss, and mirrors it for languages that
// are written from right to left: GOV.UK's styles only know left and right.
func styles(web string, out map[string][]byte) error {
	sheets, err := filepath.Glob(filepath.Join(web, "*", "*.scss"))
	if err != nil {
		return err
	}
	for _, sheet := range sheets {
		base := filepath.Base(sheet)
		if strings.HasPrefix(base, "_") || strings.Contains(sheet, "node_modules") {
			continue
		}
		name := strings.TrimSuffix(base, ".scss")
		css, err := node(web, nil, "sass", "--no-source-map", "--style=expanded", "--quiet-deps", "--load-path=node_modules", "--load-path=.", sheet)
		if err != nil {
			return err
		}
		if site, ok := pruned[name]; ok {
			var lost []string
			if css, lost, err = pruneFor(web, css, site.pages, site.scripts); err != nil {
				return fmt.Errorf("prune %s.css: %w", name, err)
			}
			out[lostFile] = []byte(strings.Join(lost, "\n") + "\n")
		}
		mirrored, err := node(web, css, "rtlcss", "-")
		if err != nil {
			return err
		}
		for file, text := range map[string][]byte{name + ".css": css, name + ".rtl.css": mirrored} {
			small, err := minify(text)
			if err != nil {
				return fmt.Errorf("minify %s: %w", file, err)
			}
			out[file] = small
		}
	}
	return nil
}

// copies takes over what is loaded as it is: pictures of our own, the word
// lists of receipts, and the desk's font, with its licence.
func copies(web string, out map[string][]byte) error {
	fonts := filepath.Join(web, "node_modules", "@fontsource", "atkinson-hyperlegible")
	files := map[string]string{"atkinson-license.txt": filepath.Join(fonts, "LICENSE")}
	for _, cut := range []string{"latin", "latin-ext"} {
		for _, weight := range []string{"400", "700"} {
			base := "atkinson-hyperlegible-" + cut + "-" + weight + "-normal.woff2"
			files["atkinson-"+cut+"-"+weight+".woff2"] = filepath.Join(fonts, "files", base)
		}
	}
	own, err := filepath.Glob(filepath.Join(web, "images", "*"))
	if err != nil {
		return err
	}
	for _, path := range own {
		files[filepath.Base(path)] = path
	}
	lists, err := filepath.Glob(filepath.Join(web, "..", "internal", "seal", "words", "*.txt"))
	if err != nil {
		return err
	}
	for _, path := range lists {
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("fold %s: %w", path, err)
		}
		out["words-"+filepath.Base(path)] = fold(string(b))
	}
	for name, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
		out[name] = b
	}
	return nil
}

// fold writes a list of words so that it compresses to three quarters: of each,
// how many of its first letters are those of the word before, a digit, and the
// rest. Browsers unfold it (web/seal/words.ts) and hold the list that they get
// against its hash.
func fold(list string) []byte {
	var out strings.Builder
	var before []rune
	for one := range strings.Lines(list) {
		letters := []rune(strings.TrimSuffix(one, "\n"))
		same := 0
		for same < min(len(letters), len(before), 9) && letters[same] == before[same] {
			same++
		}
		fmt.Fprintf(&out, "%d%s", same, string(letters[same:]))
		before = letters
	}
	return []byte(out.String())
}

// node runs a tool that npm installed.
func node(web string, stdin []byte, tool string, args ...string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(web, "node_modules", ".bin", tool), args...)
	cmd.Dir = web
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w: %s", tool, err, stderr.String())
	}
	return b, nil
}

func minify(css []byte) ([]byte, error) {
	result := api.Transform(string(css), api.TransformOptions{
		Loader: api.LoaderCSS, Engines: browsers, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
		MinifyWhitespace: true, MinifySyntax: true,
	})
	return result.Code, failed(result.Errors)
}

func failed(messages []api.Message) error {
	var all []error
	for _, m := range messages {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		all = append(all, errors.New(where+m.Text))
	}
	return errors.Join(all...)
}

// write replaces the folder's files with out.
func write(dist string, out map[string][]byte) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, e := range old {
		if _, keep := out[e.Name()]; !keep {
			if err := os.Remove(filepath.Join(dist, e.Name())); err != nil {
				return err
			}
		}
	}
	for name, b := range out {
		if err := os.WriteFile(filepath.Join(dist, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare says which committed files are not what the sources give.
func compare(dist string, out map[string][]byte) error {
	var wrong []error
	for name, want := range out {
		got, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil || !bytes.Equal(got, want) {
			wrong = append(wrong, fmt.Errorf("%s is not what the sources give: run make assets", name))
		}
	}
	return errors.Join(wrong...)
}
