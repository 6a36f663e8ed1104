// SPDX-License-Identifier: AGPL-3.0-or-later

// Command webtest bundles each test of the browser code, web/*/*.test.ts, and
// runs it with Node's own test runner. It must never write into the source
// tree: vectors are made anew only where a test is told to by its environment.
//
// It is one process that works through its list; nothing runs concurrently.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/turnstone-project/turnstone/tools/bundle"
)

const limit = 10 * time.Minute

func main() {
	root := flag.String("root", ".", "the repository's root")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *root)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "webtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	tests, err := filepath.Glob(filepath.Join(root, "web", "*", "*.test.ts"))
	if err != nil {
		return err
	}
	if len(tests) == 0 {
		return errors.New("there is no test below web/: is the root right?")
	}
	out, err := os.MkdirTemp("", "webtest")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(out) }()
	bundles, err := bundled(filepath.Join(root, "web"), out, tests)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("run node: %w", err)
	}
	args := append([]string{"--test"}, bundles...)
	if strings.HasPrefix(string(version), "v18.") { // Debian 12's hides the Web Crypto API behind a flag
		args = append([]string{"--experimental-global-webcrypto"}, args...)
	}
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Env = append(os.Environ(), "TURNSTONE_ROOT="+root)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = cmd.Run()
	if err != nil {
		return fmt.Errorf("run node: %w", err)
	}
	return nil
}

// bundle writes one module for each test into out and returns their paths.
func bundled(web, out string, tests []string) ([]string, error) {
	aliases, err := bundle.Aliases(web)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: web, Alias: aliases, EntryPoints: tests, Bundle: true, Write: true, Outdir: out, Outbase: web,
		Format: api.FormatESModule, Platform: api.PlatformNode, Target: api.ES2022,
		OutExtension: map[string]string{".js": ".mjs"},
		Define:       map[string]string{"TURNSTONE_TEST": "true"},
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	var paths []string
	for _, f := range result.OutputFiles {
		if strings.HasSuffix(f.Path, ".mjs") {
			paths = append(paths, f.Path)
		}
	}
	return paths, nil
}
