// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts call the command by its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"turnstone": main})
}

// TestScripts runs every script in testdata/script: what a person types, and
// what must come of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		// exports writes exports of a report with files, whole and damaged.
		"exports": func(ts *testscript.TestScript, _ bool, _ []string) { writeExports(t, ts.MkAbs(".")) },
	}})
}
