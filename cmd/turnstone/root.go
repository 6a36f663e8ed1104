// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import "github.com/spf13/cobra"

// newRootCommand is the table of verbs: each one is built by a function in a
// file of its own name.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "turnstone",
		Short: "Turn anonymous information about serious crime into disrupted crime",
		Long: `Turnstone is an open platform for tip lines, NGOs and agencies: people tell
safely what they know, a desk makes graded intelligence of it, and everybody
sees what came of it.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newInitCommand(),
		newImportCommand(),
		newStatisticsCommand(),
		newDirectoryCommand(),
		newSchemesCommand(),
		newServeCommand(),
		newDemoCommand(),
		newDoctorCommand(),
		newExportCommand(),
		newHoldCommand(),
		newDangerCommand(),
		newContentCommand(),
		newUserCommand(),
		newRosterCommand(),
		newMatchCommand(),
		newGraphCommand(),
		newBenchCommand(),
		newResolveCommand(),
		newScrubCommand(),
		newUnsealCommand(),
		newVersionCommand(),
	)
	return root
}
