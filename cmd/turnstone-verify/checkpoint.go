// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newCheckpointCommand() *cobra.Command {
	var keys logKeys
	cmd := &cobra.Command{
		Use:   "checkpoint FILE",
		Short: "Check who signed a checkpoint of the log",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, witnesses, err := keys.openFile(cmd, args[0])
			if err != nil {
				return err
			}
			by := "No witness that you named has signed it."
			if len(witnesses) > 0 {
				by = "Witnessed by " + strings.Join(witnesses, ", ") + "."
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The log %s has signed this checkpoint: %d entries, root %s.\n%s\n", c.Origin, c.Size, c.Root, by)
			return err
		},
	}
	keys.flags(cmd)
	return cmd
}
