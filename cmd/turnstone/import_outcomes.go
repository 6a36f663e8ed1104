// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newImportOutcomesCommand() *cobra.Command {
	return importVerb("outcomes", "Bring a programme's history of outcomes", `Reads the columns that docs/formats.md names. Every error is told with its line
and column; nothing is kept unless everything is right. The column key names each
outcome for good, so that reading the file again changes nothing. What is imported
is confirmed: the file's sender stands for it, and the ledger says so.`, (*app.Installation).ImportOutcomes)
}
