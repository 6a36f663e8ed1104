// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// scrubFlags are the flags of scrub.
type scrubFlags struct {
	out   string
	check bool
}

func newScrubCommand() *cobra.Command {
	var f scrubFlags
	cmd := &cobra.Command{
		Use:   "scrub FILE...",
		Short: "Take out of files what says who made them, where and when",
		Long: `Cleans photos, films, sound, PDFs, office documents, archives and plain text as
a reporter's browser does before it sends them, and says what was found. The
cleaned form of photo.jpg is photo.clean.jpg beside it, or in the directory that
--out names; the file itself stays as it is, and nothing is ever overwritten.

A file that can't be read to its end is refused with a reason, and nothing of it
is written. What a file shows or says stays in it: a face, a voice, a street.

With --check nothing is written, and a file that is not clean is an error.`,
		Example: `  turnstone scrub photo.jpg minutes.docx
  turnstone scrub --out cleaned *.pdf
  turnstone scrub --check *.pdf`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.OutOrStdout(), cmd.ErrOrStderr(), args)
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "", "directory for the cleaned files, which is made if need be")
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing, and fail where something would be taken out")
	cmd.MarkFlagsMutuallyExclusive("out", "check")
	return cmd
}

// run cleans each file; one that is refused stops none of the others.
func (f scrubFlags) run(w, complaints io.Writer, paths []string) error {
	if f.out != "" {
		if err := os.MkdirAll(f.out, 0o700); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
	}
	failed, unclean := 0, 0
	for _, path := range paths {
		found, err := f.file(w, path)
		switch {
		case err != nil:
			failed++
			fmt.Fprintf(complaints, "%s: %v\n", shownPath(path), err)
		case found:
			unclean++
		}
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d files could not be cleaned", failed, len(paths))
	case f.check && unclean > 0:
		return fmt.Errorf("%d of %d files are not clean", unclean, len(paths))
	}
	return nil
}

// file cleans one file and says what was found.
func (f scrubFlags) file(w io.Writer, path string) (found bool, err error) {
	in, err := os.Open(path)
	if err != nil {
		return false, errors.Unwrap(err)
	}
	defer func() { _ = in.Close() }() // only read
	info, err := in.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errors.New("this is no file")
	}
	plan, report, err := scrub.MakePlan(in, info.Size(), scrub.Options{Name: filepath.Base(path)})
	if err != nil {
		return false, err
	}
	target := ""
	if !f.check {
		target = f.target(path, report)
		if err := writePlan(target, plan, in); err != nil {
			return false, err
		}
	}
	showScrubbed(w, path, target, report)
	return report.Found(), nil
}

// target is where the cleaned form of a file goes.
func (f scrubFlags) target(path string, report scrub.Report) string {
	dir, base := filepath.Split(path)
	if f.out != "" {
		dir = f.out
	}
	return filepath.Join(dir, strings.TrimSuffix(base, filepath.Ext(base))+".clean."+report.Extension())
}

// writePlan writes a new file, whole or not at all.
func writePlan(path string, plan *scrub.Plan, src io.ReaderAt) (err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already", shownPath(path))
	}
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			_ = os.Remove(path) // half a file must not look like a clean one
		}
	}()
	_, err = plan.Write(out, src)
	return err
}

// shownPath is a path as a terminal may show it: a stranger chose the name, and
// it must not move the cursor or change what stands above.
func shownPath(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}

func showScrubbed(w io.Writer, path, target string, report scrub.Report) {
	fmt.Fprintf(w, "%s (%s)\n", shownPath(path), report.Type)
	for _, list := range []struct {
		what  string
		facts []scrub.Fact
	}{{"removed", report.Removed}, {"still there", report.Remains}, {"its name", report.Warnings}} {
		if len(list.facts) == 0 {
			continue
		}
		var kinds []string
		for _, fact := range list.facts {
			kind := strings.ReplaceAll(string(fact.Kind), "-", " ")
			if fact.Count > 1 {
				kind = fmt.Sprintf("%s (%d)", kind, fact.Count)
			}
			kinds = append(kinds, kind)
		}
		what := list.what
		if target == "" && what == "removed" {
			what = "found"
		}
		fmt.Fprintf(w, "  %s: %s\n", what, strings.Join(kinds, ", "))
	}
	if !report.Found() {
		fmt.Fprintln(w, "  nothing was found")
	}
	if target != "" {
		fmt.Fprintf(w, "  cleaned: %s\n", shownPath(target))
	}
}
