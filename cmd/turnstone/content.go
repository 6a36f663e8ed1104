// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"

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
	cmd.AddCommand(newContentCheckCommand())
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
translates, and each text that should have been looked at again. It fails when
something is wrong, missing or behind.`,
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
			if len(report.Missing)+len(report.Outdated) > 0 {
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
