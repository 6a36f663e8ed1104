// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// scrubWorker is the one script of the portal that may start WebAssembly: it
// runs in a worker with a policy of its own, so that no page may.
const scrubWorker = "portal-scrubber.js"

// scrubModule is the module that the worker runs.
const scrubModule = "scrub.wasm"

var (
	scrubPolicy = page.Policy("script-src 'self' 'wasm-unsafe-eval'")
	// filePolicy lets a page start that worker, by a Trusted Types policy that
	// knows no other address.
	filePolicy = page.Policy("trusted-types scrub", "worker-src 'self'")
	// filePermissions let the same pages record a voice message.
	filePermissions = page.Permissions("microphone")
)

// maxPieceHead bounds the JSON before a piece.
const maxPieceHead = 1 << 10

type pieceHead struct {
	Login []byte    `json:"login"`
	Blob  id.ID     `json:"blob"`
	Index int       `json:"index"`
	Bytes int64     `json:"bytes"` // of the whole ciphertext
	Sum   seal.Hash `json:"sha256"`
}

// piece keeps one piece of a file that was sealed in a browser: u32 n ‖ head (n
// bytes of JSON) ‖ ciphertext. The ciphertext goes to the disk as it comes: no
// piece is ever whole in memory.
func (s *Site) piece(w http.ResponseWriter, r *http.Request, v visit) error {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		return fault.New(fault.Invalid, "Send the piece as application/octet-stream.")
	}
	body := http.MaxBytesReader(w, r.Body, 4+maxPieceHead+seal.PieceSize)
	head, err := readPieceHead(body)
	if err != nil {
		return err
	}
	p := report.Piece{Blob: head.Blob, Index: head.Index, Bytes: head.Bytes, Sum: head.Sum}
	if err := s.Intake.Piece(r.Context(), v.programme.ID, head.Login, p, body); err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

type cleanHead struct {
	Login     []byte `json:"login"`
	Extension string `json:"extension"` // what the file's name ends with
}

type cleanJSON struct {
	Refused   string   `json:"refused"` // a reason; then no content follows
	Removed   []string `json:"removed"`
	Remains   []string `json:"remains"`
	Media     string   `json:"media"`
	Extension string   `json:"extension"`
}

// cleanFile cleans a file for a browser that can't, and hands it back for the
// browser to seal: u32 n ‖ head (n bytes of JSON) ‖ content, both ways. The
// server sees the file in that moment, and neither the words nor the receipt.
func (s *Site) cleanFile(w http.ResponseWriter, r *http.Request, v visit) error {
	defer s.forget(w)()
	body := http.MaxBytesReader(w, r.Body, 4+maxPieceHead+report.MaxClear+1)
	var head cleanHead
	if err := readHead(body, &head); err != nil {
		return err
	}
	if err := (loginBody{head.Login}).check(); err != nil {
		return err
	}
	begun := false
	err := s.Intake.CleanClear(r.Context(), v.programme.ID, head.Login, "x."+head.Extension, body, func(found report.ClearResult) io.Writer {
		begun = true
		_, extension, _ := strings.Cut(found.File.Name, ".")
		text, err := json.Marshal(cleanJSON{found.Refused, append([]string{}, found.Removed...), append([]string{}, found.Remains...), found.File.Media, extension})
		if err != nil {
			panic("portal: " + err.Error()) // strings are always JSON
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)) // who left is told by the next write
		return w
	})
	if begun && err != nil {
		s.tell("clean for a browser", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return err
}

func readPieceHead(body io.Reader) (pieceHead, error) {
	var head pieceHead
	if err := readHead(body, &head); err != nil {
		return pieceHead{}, err
	}
	return head, loginBody{head.Login}.check()
}

// readHead reads what stands before the content of a body.
func readHead(body io.Reader, head any) error {
	var size [4]byte
	if _, err := io.ReadFull(body, size[:]); err != nil {
		return fault.Wrap(fault.Invalid, "The sending broke off. This piece was not kept; send it again.", err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxPieceHead {
		return fault.New(fault.Invalid, "This piece does not say where it belongs.")
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(body, text); err != nil {
		return fault.Wrap(fault.Invalid, "The sending broke off. This piece was not kept; send it again.", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(head); err != nil || d.More() {
		return fault.Wrap(fault.Invalid, "This piece does not say where it belongs.", err)
	}
	return nil
}
