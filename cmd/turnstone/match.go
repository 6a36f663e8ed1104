// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/stream"
)

func newMatchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "match",
		Short: "Compare names and entities: is this the same person, company, ship, car?",
		Long: `Compare names and entities in any script and say how likely it is that both
mean the same: a score from 0 to 1, where of the pairs scored 0.9 nine in ten
are the same, and the reasons.

Entities are FollowTheMoney JSON: {"id":…,"schema":"Person","properties":{"name":[…]}}.`,
	}
	cmd.AddCommand(newMatchNamesCommand(), newMatchScoreCommand(), newMatchExplainCommand(), newMatchSearchCommand())
	return cmd
}

// pairFlags are the flags of the verbs that read a file of pairs and write a
// file of scores.
type pairFlags struct {
	in, out string
	workers int
	quiet   bool
}

func (f *pairFlags) add(cmd *cobra.Command, in, out string) {
	cmd.Flags().StringVar(&f.in, "in", "-", in+`; "-" is standard input`)
	cmd.Flags().StringVar(&f.out, "out", "-", out+`; "-" is standard output`)
	cmd.Flags().IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "how many pairs are compared at once")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "no progress bar")
}

// comparing is a function of package stream.
type comparing func(ctx context.Context, in io.Reader, out io.Writer, workers int) (stream.Report, error)

// run opens both files, shows progress and compares. The output appears under
// its name only when it is complete.
func (f *pairFlags) run(cmd *cobra.Command, compare comparing) (err error) {
	in, size, err := openInput(cmd, f.in)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	out, err := createOutput(cmd, f.out)
	if err != nil {
		return err
	}
	defer out.discard()
	reader := io.Reader(in)
	if !f.quiet && isTerminal(cmd.ErrOrStderr()) {
		bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(cmd.ErrOrStderr()), progressbar.OptionShowBytes(true),
			progressbar.OptionSetDescription("comparing"), progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish())
		defer bar.Finish() //nolint:errcheck // a bar that can't be wiped harms nobody
		reader = io.TeeReader(in, bar)
	}
	report, err := compare(cmd.Context(), reader, out, max(1, f.workers))
	if err != nil {
		return err
	}
	if err := out.keep(); err != nil {
		return err
	}
	if f.out != "-" {
		fmt.Fprintf(cmd.ErrOrStderr(), "%d pairs compared, scores in %s\n", report.Lines-report.Bad, f.out)
	}
	return report.Err()
}

// openInput opens a file or standard input; size is -1 when it isn't known.
func openInput(cmd *cobra.Command, name string) (in io.ReadCloser, size int64, err error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close() // only read
		return nil, 0, err
	}
	if info.IsDir() {
		_ = file.Close() // only read
		return nil, 0, fmt.Errorf("%s is a folder; a file was expected", name)
	}
	return file, info.Size(), nil
}

// output is a file that gets its name when it is complete, or standard output.
type output struct {
	io.Writer
	temp *os.File
	name string
}

func createOutput(cmd *cobra.Command, name string) (*output, error) {
	if name == "-" {
		return &output{Writer: cmd.OutOrStdout()}, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a pipe or a device
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		return &output{Writer: file}, err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return &output{Writer: temp, temp: temp, name: name}, nil
}

func (o *output) keep() error {
	if o.temp == nil {
		return nil
	}
	if err := o.temp.Chmod(0o644); err != nil {
		return fmt.Errorf("write %s: %w", o.name, err)
	}
	if err := o.temp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", o.name, err)
	}
	if err := os.Rename(o.temp.Name(), o.name); err != nil {
		return fmt.Errorf("write %s: %w", o.name, err)
	}
	o.temp = nil
	return nil
}

// discard removes what was not kept.
func (o *output) discard() {
	if o.temp != nil {
		_ = o.temp.Close() // it is thrown away
		_ = os.Remove(o.temp.Name())
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
