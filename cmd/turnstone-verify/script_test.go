// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"io"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts call the command by its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"turnstone-verify": main})
}

// TestScripts runs every script in testdata/script beside the files of a world
// that was made for it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range buildWorld(t, env.WorkDir) {
				env.Setenv(name, value)
			}
			return nil
		},
	})
}

// TestExitCodes runs one command of each kind.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	key := buildWorld(t, dir)["LOGKEY"]
	for _, c := range []struct {
		name string
		args []string
		want int
	}{
		{"holds", []string{"checkpoint", "--key", key, dir + "/later"}, 0},
		{"does not hold", []string{"checkpoint", "--key", key, dir + "/payload"}, 1},
		{"no such file", []string{"checkpoint", "--key", key, dir + "/missing"}, 2},
		{"no such flag", []string{"checkpoint", "--quiet"}, 2},
	} {
		cmd := newRootCommand()
		cmd.SetArgs(c.args)
		cmd.SetOut(io.Discard)
		if got := exitCode(cmd.Execute()); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}
