// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/demo"
)

func newDemoCommand() *cobra.Command {
	c := config.Default()
	c.Ops.Listen = "127.0.0.1:0"
	c.Data = ""
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start a filled platform to try",
		Long: `Starts a tip line in two countries with a month of made-up reports, and prints the
addresses and the accounts. Without --data everything is in a temporary directory
and gone when it stops. Never use it for real reports: its passphrase is public.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := app.Clobber(); err != nil {
				return err
			}
			if c.Data == "" {
				dir, err := os.MkdirTemp("", "turnstone-demo-")
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
				c.Data = dir
			}
			return runDemo(cmd, c)
		},
	}
	cmd.Flags().StringVar(&c.Portal.Listen, "portal", c.Portal.Listen, "address of the portal")
	cmd.Flags().StringVar(&c.Desk.Listen, "desk", c.Desk.Listen, "address of the desk")
	cmd.Flags().StringVar(&c.Data, "data", "", "directory to keep the demo in (default: a temporary one)")
	return cmd
}

func runDemo(cmd *cobra.Command, c config.Config) (err error) {
	clock := &demo.Clock{}
	fresh := !app.Exists(c)
	if c.Matching.Lists, err = demo.Lists(c.Data); err != nil {
		return err
	}
	i, err := app.OpenOrMake(cmd.Context(), c, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close()) }()
	if fresh {
		fmt.Fprintln(cmd.ErrOrStderr(), "telling a month of reports …")
		if err := demo.Fill(cmd.Context(), i, clock, filepath.Join(c.Data, "offline")); err != nil {
			return err
		}
	}
	running, err := i.Listen(cmd.Context(), slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	if err := printDemo(cmd.OutOrStdout(), running); err != nil {
		return err
	}
	return running.Run(cmd.Context())
}

func printDemo(out io.Writer, r *app.Running) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nTurnstone's demo is running. Everything in it is made up.\n\n")
	fmt.Fprintf(&b, "  portal  http://%s\n", r.Addr("portal"))
	fmt.Fprintf(&b, "  desk    http://%s\n\n", named(r.Addr("desk")))
	fmt.Fprintf(&b, "Accounts at the desk, all with the passphrase “%s”:\n\n", demo.Passphrase)
	for _, a := range demo.Accounts() {
		at := ""
		if a.Desk != "" {
			at = " at " + a.Desk
		}
		fmt.Fprintf(&b, "  %-6s %s%s\n", a.Handle, a.Role, at)
	}
	fmt.Fprintf(&b, "\nStop it with Ctrl-C.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// named writes a loopback address with the name that browsers need for
// passkeys, and that keeps the cookies of the two sites apart.
func named(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort("localhost", port)
}
