// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// stageBars shows a bar for each stage of a long verb, where somebody watches
// a terminal; elsewhere it says nothing.
type stageBars struct {
	mu    sync.Mutex
	w     io.Writer
	live  bool
	stage string
	bar   *progressbar.ProgressBar
}

func newStageBars(w io.Writer) *stageBars {
	file, ok := w.(*os.File)
	return &stageBars{w: w, live: ok && isatty.IsTerminal(file.Fd())}
}

// report moves the bar of a stage; a new stage gets a new bar.
func (b *stageBars) report(stage string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.live {
		return
	}
	if stage != b.stage {
		b.end()
		b.stage = stage
		b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30))
	}
	if err := b.bar.Set64(done); err != nil {
		b.live = false // a bar that can't be drawn is no reason to stop
	}
}

// finish ends the last bar.
func (b *stageBars) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
}

func (b *stageBars) end() {
	if b.bar != nil {
		fmt.Fprintln(b.w)
		b.bar = nil
	}
}

// writeComplete gives write a file that appears under its name only when it is
// complete, or standard output for "-".
func writeComplete(cmd *cobra.Command, path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(cmd.OutOrStdout())
	}
	partial := path + ".partial"
	file, err := os.Create(partial)
	if err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	err = write(file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(partial, path)
	}
	if err != nil {
		_ = os.Remove(partial) // the first error says what went wrong
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}
