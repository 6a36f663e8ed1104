// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build js && wasm

// Command scrub is engine/scrub for browsers: a WebAssembly module that sets
// one function, plan, on the object that the page names in the first argument.
//
// plan({name, size, read}) asks read(offset, length) for a Uint8Array of the
// file's bytes, at once: so it runs in a worker, where FileReaderSync is, and
// never in the page itself. It returns {parts, report} or {refused}: parts are
// Uint8Arrays, and pairs of offset and length in the file.
//
// It must never send, keep or print anything. Calls come one after the other.
package main

import (
	"errors"
	"io"
	"os"
	"syscall/js"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

func main() {
	js.Global().Get(os.Args[1]).Set("plan", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return plan(args[0])
	}))
	select {}
}

func plan(file js.Value) any {
	f := source{read: file.Get("read")}
	p, report, err := scrub.MakePlan(f, int64(file.Get("size").Float()), scrub.Options{Name: file.Get("name").String()})
	out := js.Global().Get("Object").New()
	out.Set("report", string(report.AppendJSON(nil)))
	if err != nil {
		reason, detail := "read", "" // the browser could not read the file: it moved, or the card was taken out
		var refusal *scrub.Refusal
		if errors.As(err, &refusal) {
			reason, detail = string(refusal.Reason), refusal.Detail
		}
		out.Set("refused", reason)
		out.Set("detail", detail)
		return out
	}
	parts := js.Global().Get("Array").New()
	array, bytes := js.Global().Get("Array"), js.Global().Get("Uint8Array")
	for _, part := range p.Parts {
		if part.Literal == nil {
			parts.Call("push", array.Call("of", float64(part.Offset), float64(part.Length)))
			continue
		}
		b := bytes.New(len(part.Literal))
		js.CopyBytesToJS(b, part.Literal)
		parts.Call("push", b)
	}
	out.Set("parts", parts)
	return out
}

// source reads through the page's function.
type source struct{ read js.Value }

var errRead = errors.New("the file could not be read")

// ReadAt implements io.ReaderAt.
func (s source) ReadAt(b []byte, off int64) (n int, err error) {
	got := s.read.Invoke(float64(off), len(b))
	if got.Type() != js.TypeObject {
		return 0, errRead
	}
	n = js.CopyBytesToGo(b, got)
	if n < len(b) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
