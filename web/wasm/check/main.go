// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build js && wasm

// Command check is the leak check and the finding of selectors for browsers: a
// WebAssembly module that sets one function, check, on the object that the
// page names in the first argument.
//
// check(question) takes and returns JSON: what the reporter wrote, the texts
// that were written of it, and what is marked and named in each. It runs in a
// worker. It must never send, keep or print anything.
package main

import (
	"encoding/json"
	"os"
	"syscall/js"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/engine/extract"
	"github.com/turnstone-project/turnstone/internal/intel/leak"
)

type question struct {
	Raw       []leak.Text `json:"raw"`
	Texts     []leak.Text `json:"texts"`
	Confirmed []string    `json:"confirmed"`
	Countries []string    `json:"countries"`
}

type answer struct {
	Marks  []leak.Mark `json:"marks"` // offsets in UTF-16 code units, as scripts count
	Things []thing     `json:"things"`
}

type thing struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Shown string `json:"shown"`
}

func main() {
	js.Global().Get(os.Args[1]).Set("check", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return check(args[0].String())
	}))
	select {}
}

// check answers a question; "" when it is not one.
func check(text string) string {
	var q question
	if json.Unmarshal([]byte(text), &q) != nil {
		return ""
	}
	out := make([]answer, len(q.Texts))
	for i, t := range q.Texts {
		out[i] = answer{Marks: []leak.Mark{}, Things: []thing{}}
		units := codeUnits(t.Body)
		for _, m := range leak.Check(q.Raw, t, leak.Context{Confirmed: q.Confirmed}) {
			m.Start, m.End = units[m.Start], units[m.End]
			out[i].Marks = append(out[i].Marks, m)
		}
		for _, m := range extract.Find(t.Body, q.Countries...) {
			out[i].Things = append(out[i].Things, thing{string(m.Kind), m.Value, m.Shown})
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return ""
	}
	return string(b)
}

// codeUnits returns for each byte of a text, which is valid, how many UTF-16
// code units come before the character that it is of.
func codeUnits(text string) []int {
	units := make([]int, len(text)+1)
	n := 0
	for at, r := range text {
		for i := range utf8.RuneLen(r) {
			units[at+i] = n
		}
		n += max(1, utf16.RuneLen(r))
	}
	units[len(text)] = n
	return units
}
