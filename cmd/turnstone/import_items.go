// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
)

func newImportItemsCommand() *cobra.Command {
	return importVerb("items", "Bring a programme's history of intelligence items", `Reads the columns that docs/formats.md names: rows with the same key are the
statements of one item. Every error is told with its line and column; nothing is
kept unless everything is right. The key names an item for good: reading the file
again changes nothing, and what was disposed of does not come back. What is
imported is approved: the file's sender stands for it, and the ledger says so.`, (*app.Installation).ImportItems)
}
