// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

// newDirectoryCommand is the parent of what is done with the help directory.
func newDirectoryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "directory",
		Short: "Keep the directory of help that the public sees",
		Long: `The help directory says whom one can call. It is read and written in the Human
Services Data Specification (docs/directory.md): JSON, or tables in a folder or a
ZIP file. It begins with a starting set, the source "start".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDirectoryImportCommand(), newDirectoryExportCommand(), newDirectoryCheckCommand(), newDirectoryListCommand(), newDirectoryRemoveCommand())
	return cmd
}

func newDirectoryImportCommand() *cobra.Command {
	var source string
	var accept, dry bool
	cmd := &cobra.Command{
		Use:   "import FILE|FOLDER",
		Short: "Bring a directory, in place of what its source brought before",
		Long: `Reads JSON, or tables in a folder or a ZIP file. Everything that is wrong is told
with its file, line and column. Nothing is kept unless everything is right, or the
problems are accepted: then values and records that are wrong are left out, and the
end says how many.`,
		Args: cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&source, "source", "own", "where the directory comes from; it replaces only what this source brought")
	cmd.Flags().BoolVar(&accept, "accept-problems", false, "import what is right and leave the rest out")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check the file and keep nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			bars := newStageBars(cmd.ErrOrStderr())
			report, kept, err := i.ImportDirectory(cmd.Context(), args[0], source, accept, dry, bars.report)
			bars.finish()
			printReport(cmd.OutOrStdout(), report)
			if err != nil {
				return err
			}
			verb := "imported"
			if dry {
				verb = "would be imported"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d services (%d records) %s as %q.\n", kept.Services, kept.Records, verb, source)
			return nil
		})
	}
	return cmd
}

// printReport prints every problem on a line and how many there are.
func printReport(w io.Writer, r *app.DirectoryReport) {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	if more := r.Total() - len(r.Problems); more > 0 {
		fmt.Fprintf(w, "… and %d more.\n", more)
	}
	if r.Total() == 0 {
		return
	}
	fmt.Fprintf(w, "%d problems", r.Total())
	var parts []string
	for effect, n := range r.Counts {
		parts = append(parts, fmt.Sprintf("%s: %d", effect, n))
	}
	slices.Sort(parts)
	fmt.Fprintf(w, " (%s)\n", strings.Join(parts, ", "))
	var lost []string
	for table, n := range r.Out {
		lost = append(lost, fmt.Sprintf("%s: %d", table, n))
	}
	slices.Sort(lost)
	if len(lost) > 0 {
		fmt.Fprintf(w, "Records left out: %s\n", strings.Join(lost, ", "))
	}
}

func newDirectoryCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE|FOLDER",
		Short: "Tell everything that is wrong with a directory; needs no installation",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bars := newStageBars(cmd.ErrOrStderr())
			services, records, report, err := app.CheckDirectory(args[0], bars.report)
			bars.finish()
			printReport(cmd.OutOrStdout(), report)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d services (%d records).\n", services, records)
			if report.Changed() > 0 {
				return errors.New("the directory would not be imported without accepting its problems")
			}
			return nil
		},
	}
}

func newDirectoryExportCommand() *cobra.Command {
	var source, format, out string
	cmd := &cobra.Command{Use: "export", Short: "Write the directory as JSON, or as a ZIP file of tables", Args: cobra.NoArgs}
	path := configFlag(cmd)
	cmd.Flags().StringVar(&source, "source", "", "only what this source brought")
	cmd.Flags().StringVar(&format, "format", "json", "json or tables")
	cmd.Flags().StringVarP(&out, "out", "o", "-", "file to write; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			return writeComplete(cmd, out, func(w io.Writer) error { return i.ExportDirectory(cmd.Context(), w, source, format) })
		})
	}
	return cmd
}

func newDirectoryListCommand() *cobra.Command {
	var stale bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List services with the day of their last check",
		Long: `With --stale only those that were not checked in time: call them, then import
what you found with a new assured_date.`,
		Args: cobra.NoArgs,
	}
	path := configFlag(cmd)
	cmd.Flags().BoolVar(&stale, "stale", false, "only those whose check is overdue")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			services, err := i.StaleServices(cmd.Context(), !stale)
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(out, "id\tname\tphone\tchecked\tagain by\thow")
			for _, s := range services {
				phone, checked := "-", "never"
				if len(s.Phones) > 0 {
					phone = s.Phones[0].Number
				}
				if s.Checked != "" {
					checked = s.Checked
				}
				fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Name, phone, checked, s.ReviewBy, s.How)
			}
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write the list: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d services.\n", len(services))
			return nil
		})
	}
	return cmd
}

func newDirectoryRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove SOURCE",
		Short: `Take away what a source brought; "start" is the starting set`,
		Args:  cobra.ExactArgs(1),
	}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			if err := i.Directory.Remove(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "What %q brought is removed.\n", args[0])
			return nil
		})
	}
	return cmd
}
