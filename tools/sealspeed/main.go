// SPDX-License-Identifier: AGPL-3.0-or-later

// Command sealspeed measures in headless Chromium how long a reporter waits for
// a report to be sealed: cold in a page that was just loaded, warm after that,
// and with the processor slowed down as a cheap phone's. It must never send
// anything anywhere: it serves the page to itself.
//
// It runs one browser at a time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/turnstone-project/turnstone/tools/bundle"
)

// timing is what speed.page.ts measures, in milliseconds.
type timing struct {
	Cold, Warm, Worst, Open, Bytes float64
}

func main() {
	root := flag.String("root", ".", "the repository's root")
	runs := flag.Int("runs", 5, "how many fresh browsers")
	slow := flag.Float64("slow", 1, "how many times slower the processor is made")
	flag.Parse()
	if err := run(*root, *runs, *slow); err != nil {
		fmt.Fprintln(os.Stderr, "sealspeed:", err)
		os.Exit(1)
	}
}

func run(root string, runs int, slow float64) error {
	script, err := bundled(filepath.Join(root, "web"))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: pages(root, script), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	var all []timing
	for range runs {
		t, err := visit("http://"+listener.Addr().String()+"/", slow)
		if err != nil {
			return err
		}
		fmt.Printf("cold %.0f ms, warm %.0f ms, worst warm %.0f ms, open mailbox %.0f ms, %.0f bytes\n", t.Cold, t.Warm, t.Worst, t.Open, t.Bytes)
		all = append(all, t)
	}
	fmt.Printf("median cold %.0f ms\nmedian warm %.0f ms\n", median(all, func(t timing) float64 { return t.Cold }), median(all, func(t timing) float64 { return t.Warm }))
	return nil
}

func median(all []timing, of func(timing) float64) float64 {
	var values []float64
	for _, t := range all {
		values = append(values, of(t))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func bundled(web string) ([]byte, error) {
	web, err := filepath.Abs(web)
	if err != nil {
		return nil, err
	}
	aliases, err := bundle.Aliases(web)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: web, Alias: aliases, EntryPoints: []string{filepath.Join(web, "seal", "speed.page.ts")}, Bundle: true, Write: false,
		Outfile: filepath.Join(web, "speed.js"), Format: api.FormatESModule, Platform: api.PlatformBrowser, Target: api.ES2022,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(result.Errors[0].Text)
	}
	return result.OutputFiles[0].Contents, nil
}

func pages(root string, script []byte) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/vectors/", http.StripPrefix("/vectors/", http.FileServer(http.Dir(filepath.Join(root, "internal", "seal", "testdata", "vectors")))))
	mux.HandleFunc("/speed.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(script)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>speed</title><script type="module" src="/speed.js"></script>`))
	})
	return mux
}

// visit opens the page in a fresh browser and waits for its figures.
func visit(url string, slow float64) (timing, error) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	defer end()
	ctx, done := chromedp.NewContext(ctx)
	defer done()
	_, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slow})
	if err != nil {
		return timing{}, fmt.Errorf("slow down: %w", err)
	}
	err = chromedp.Do(ctx, chromedp.Navigate(url))
	if err != nil {
		return timing{}, fmt.Errorf("visit: %w", err)
	}
	const wait = `new Promise((done) => { const look = () => globalThis.measured ? done(globalThis.measured) : setTimeout(look, 10); look(); })`
	t, err := chromedp.Run(ctx, chromedp.Evaluate[timing](wait, chromedp.EvalAwaitPromise))
	if err != nil {
		return timing{}, fmt.Errorf("measure: %w", err)
	}
	return t, nil
}
