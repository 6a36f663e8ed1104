// SPDX-License-Identifier: AGPL-3.0-or-later

// Command turnstone-verify checks, without network and without trusting the
// operator, what an installation has published: log checkpoints and proofs,
// signed rosters and exported reports.
//
// It ends with 0 when everything that was asked holds, with 1 when something
// does not, and with 2 when it could not be asked: a missing file, a wrong
// flag. It must never write anything but its answer, and never say that
// something holds which it has not checked.
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	err := newRootCommand().Execute()
	if err != nil {
		fmt.Fprintln(os.Stderr, "turnstone-verify:", err)
	}
	os.Exit(exitCode(err))
}

// exitCode tells scripts apart what does not hold and what was not checked.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDoesNotHold):
		return 1
	default:
		return 2
	}
}
