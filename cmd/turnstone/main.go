// SPDX-License-Identifier: AGPL-3.0-or-later

// Command turnstone is the whole platform in one binary: verbs and flags live
// here, everything else in the rooms.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // opening hours have time zones, and a bare machine has none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "turnstone:", err)
		os.Exit(1)
	}
}
