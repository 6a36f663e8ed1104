// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newContentCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "content",
		Short: "Work with what the public reads about crime",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newContentCheckCommand(), newContentExportCommand(), newContentImportCommand())
	return cmd
}

func newContentCheckCommand() *cobra.Command {
	var dir string
	var languages []string
	cmd := &cobra.Command{
		Use:   "check [--dir FOLDER] [--languages en,da,ar]",
		Short: "List what is wrong, missing, behind its English text, or due for review",
		Long: `Reads the pages, cards and quizzes that come with the binary, with those of a
folder in their place, and lists each fault with its file and line, each text
that is missing in a language or older than the English text that it
translates, each translation that has other links, marks or steps than its English
text, and each text that should have been looked at again. It fails when something
is wrong, missing, behind or unlike.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := app.CheckContent(dir, languages)
			if err != nil {
				return err
			}
			for _, list := range []struct {
				about string
				names []string
			}{{"missing", report.Missing}, {"behind the English text", report.Outdated}, {"due for review", report.Stale}} {
				for _, name := range list.names {
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", name, list.about); err != nil {
						return err
					}
				}
			}
			for _, doubt := range report.Doubts {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", doubt); err != nil {
					return err
				}
			}
			if len(report.Missing)+len(report.Outdated)+len(report.Doubts) > 0 {
				return errors.New("not everything is there in every language")
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d texts are there in %d languages\n", report.Texts, len(languages))
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder of your own pages, as in portal.content")
	cmd.Flags().StringSliceVar(&languages, "languages", []string{"en", "da", "ar"}, "languages that must be there")
	return cmd
}

func newContentExportCommand() *cobra.Command {
	var dir, lang, slug string
	var path *string
	cmd := &cobra.Command{
		Use:   "export --language TAG [--dir FOLDER | --programme SLUG] > FILE",
		Short: "Write what translators need, in XLIFF 2.0",
		Long: `Writes every line of the pages, cards and quizzes with its translation as far as
there is one. What is behind its English text has the state "initial". Any tool
for translators that knows XLIFF 2 reads it. With --programme it is what that
programme's public reads, with the texts of its own editors.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var b []byte
			if slug != "" {
				err = withInstallation(cmd.Context(), *path, func(i *app.Installation) (err error) {
					b, err = i.ExportTexts(cmd.Context(), slug, lang)
					return err
				})
			} else {
				b, err = app.ExportContent(dir, lang)
			}
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(append(b, '\n'))
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder of your own pages, as in portal.content")
	cmd.Flags().StringVar(&lang, "language", "", "language to translate into, such as da")
	path = programmeFlag(cmd, &slug)
	return cmd
}

func newContentImportCommand() *cobra.Command {
	var dir, in, slug string
	var path *string
	cmd := &cobra.Command{
		Use:   "import --in FILE (--dir FOLDER | --programme SLUG)",
		Short: "Take back what translators wrote",
		Long: `Reads XLIFF that an export began, and writes pages, cards and quizzes into the
folder. A translation that lost a link or a mark, that stands for an English text
which has changed, or that has holes is named with its place, and then nothing is
written at all. What was not begun is listed. With --programme nothing is written
into a folder: what is new waits at the desk for approval.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (dir == "") == (slug == "") {
				return errors.New("--dir or --programme: name the folder of your own pages, or the programme at whose desk the texts shall wait")
			}
			f, err := os.Open(in)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(io.LimitReader(f, maxContentDocument))
			if closeErr := f.Close(); err == nil {
				err = closeErr
			}
			if err != nil {
				return err
			}
			var done app.ImportedContent
			where := "are written"
			if slug != "" {
				where = "wait for approval"
				err = withInstallation(cmd.Context(), *path, func(i *app.Installation) (err error) {
					done, err = i.ImportTexts(cmd.Context(), slug, b)
					return err
				})
			} else {
				done, err = app.ImportContent(dir, b)
			}
			if err != nil {
				return err
			}
			for _, name := range done.Empty {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: not begun\n", name); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d files in %q %s\n", len(done.Written), done.Lang, where)
			return err
		},
	}
	cmd.Flags().StringVar(&in, "in", "", "the file that came back")
	cmd.Flags().StringVar(&dir, "dir", "", "folder of your own pages, as in portal.content")
	path = programmeFlag(cmd, &slug)
	return cmd
}

// programmeFlag adds --programme, and --config for the installation that has it.
func programmeFlag(cmd *cobra.Command, slug *string) *string {
	cmd.Flags().StringVar(slug, "programme", "", "programme whose own texts these are, written at its desk")
	cmd.MarkFlagsMutuallyExclusive("dir", "programme")
	return configFlag(cmd)
}

// maxContentDocument is a byte more than an import takes, so that a longer file
// is refused instead of cut.
const maxContentDocument = 16<<20 + 1
