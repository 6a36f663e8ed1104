// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/doctor"
)

func newDoctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say in plain words what is unsafe about an installation",
		Long:  "Looks at the configuration, the files, this machine, the database and the rosters.\nIt changes nothing. It fails when something is unsafe.",
		Args:  cobra.NoArgs,
	}
	path := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		unsafe := 0
		err := withInstallation(cmd.Context(), *path, func(i *app.Installation) error {
			for _, f := range doctor.Examine(cmd.Context(), i) {
				mark := map[doctor.Grade]string{doctor.Good: "  good  ", doctor.Advice: " advice ", doctor.Unsafe: " UNSAFE "}[f.Grade]
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", mark, f.What)
				if f.Do != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "         → %s\n", f.Do)
				}
				if f.Grade == doctor.Unsafe {
					unsafe++
				}
			}
			return nil
		})
		if err == nil && unsafe > 0 {
			return fmt.Errorf("%d things are unsafe", unsafe)
		}
		return err
	}
	return cmd
}
