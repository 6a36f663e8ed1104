// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// clobberfree makes the runtime overwrite memory as it frees it. It can only be
// set before a Go program starts.
const clobberfree = "clobberfree=1"

// Clobber starts this program again, in the same process, with the runtime set
// to overwrite what it frees; when it is set already it does nothing. What is
// sent without script lies in clear in the server's memory while it is sealed;
// a collection alone would leave copies in pages that stay in use.
func Clobber() error {
	setting := os.Getenv("GODEBUG")
	if strings.Contains(setting, clobberfree) {
		return nil
	}
	if setting != "" {
		setting += ","
	}
	if err := os.Setenv("GODEBUG", setting+clobberfree); err != nil {
		return fmt.Errorf("set the runtime to overwrite freed memory: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("set the runtime to overwrite freed memory: %w", err)
	}
	if err := syscall.Exec(self, os.Args, os.Environ()); err != nil {
		return fmt.Errorf("set the runtime to overwrite freed memory: %w", err)
	}
	return nil
}
