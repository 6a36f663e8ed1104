// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/turnstone-project/turnstone/engine/graph/work"
)

// sayf tells the person at the terminal something beside the result.
func sayf(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format, args...) // a terminal that can't be written to is no reason to lose the result
}

// bar is a progress bar on a terminal, and nothing anywhere else.
type bar struct {
	w     io.Writer
	label string
	shown *progressbar.ProgressBar
}

func newBar(w io.Writer, label string) *bar { return &bar{w: w, label: label} }

// tell shows how much is done of how much; a total of 0 is unknown.
func (b *bar) tell(done, total int) {
	if b.shown == nil {
		if f, ok := b.w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
			return
		}
		if total <= 0 {
			total = -1
		}
		b.shown = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(b.label),
			progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	}
	b.shown.Set(done) //nolint:errcheck // a bar that can't be drawn is no reason to stop
}

func (b *bar) done() {
	if b.shown != nil {
		b.shown.Finish() //nolint:errcheck // as above
	}
}

// barSteps returns how each step of a long work is run: on all cores, with a
// progress bar of its own.
func barSteps(cmd *cobra.Command) func(name string) work.Run {
	var last *bar
	return func(name string) work.Run {
		if last != nil {
			last.done() // a step may end before its last round
		}
		b := newBar(cmd.ErrOrStderr(), name)
		last = b
		return work.Run{Progress: func(done, total int) {
			b.tell(done, total)
			if done >= total {
				b.done()
			}
		}}
	}
}

// writeOutput writes to standard output for "" and "-", else to a file that
// appears only when it is complete.
func writeOutput(cmd *cobra.Command, name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		out := bufio.NewWriter(cmd.OutOrStdout())
		return errors.Join(write(out), out.Flush())
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".turnstone-*")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	err = errors.Join(write(out), out.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
