// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/turnstone-project/turnstone/engine/scrub"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// MaxClear is the most bytes of a file that comes in clear, from a browser
// that runs no script.
const MaxClear = 100 << 20

// Scratch is a place on the disk without a name: who closes it, and the end of
// the process, takes what lies there away.
type Scratch = interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// ClearFile is a file that comes in clear.
type ClearFile struct {
	Source io.Reader
	Name   string // as the browser sends it: only its extension is looked at
	As     string // its name in the manifest, without an extension
	Anyway bool   // the reporter wants it sent when it can't be cleaned, too
	To     *seal.Recipient
	Blob   func(content seal.Hash) id.ID
}

// ClearResult says what became of it.
type ClearResult struct {
	File             seal.File // its manifest; its blob is zero when it was left out
	Known            bool      // the same content has come before, with its manifest
	Refused          string    // why it could not be cleaned: a reason of engine/scrub
	Removed, Remains []string  // what cleaning took out and could not take out
}

// TakeClear cleans and seals a file that comes in clear and keeps its pieces;
// the manifest is the caller's to append. The file is read once, to its end,
// and lies on the disk only under a key that is gone when TakeClear returns.
// One file is cleaned at a time, so that many at once need the memory of one.
func (in *Intake) TakeClear(ctx context.Context, programme id.ID, login []byte, c ClearFile) (ClearResult, error) {
	var result ClearResult
	err := in.hidden(c.Source, func(hidden *seal.Hidden) error {
		var plan *scrub.Plan
		if result, plan = clean(hidden, c); plan == nil {
			return nil
		}
		var err error
		result, err = in.keepClear(ctx, programme, login, c, result, hidden, plan)
		return err
	})
	return result, err
}

// CleanClear cleans a file for a browser that runs our script and can't clean:
// some run no WebAssembly. It calls out with what was found, and writes the
// cleaned file, unless it was refused, to what that returns. Nothing is kept.
// Only who has a report here is served.
func (in *Intake) CleanClear(ctx context.Context, programme id.ID, login []byte, name string, src io.Reader, out func(ClearResult) io.Writer) error {
	if _, err := in.find(ctx, programme, login); err != nil {
		return err
	}
	return in.hidden(src, func(hidden *seal.Hidden) error {
		result, plan := clean(hidden, ClearFile{Name: name, Anyway: true})
		to := out(result)
		if result.Refused != "" {
			return nil
		}
		if _, err := plan.Write(to, hidden); err != nil {
			return fmt.Errorf("hand back a cleaned file: %w", err)
		}
		return nil
	})
}

// hidden reads a file that comes in clear to its end, and works with it where
// nobody else can read it. One is worked with at a time.
func (in *Intake) hidden(src io.Reader, work func(*seal.Hidden) error) error {
	if in.Files == nil {
		return fault.New(fault.Unavailable, "This place takes no files.")
	}
	most := in.Files.Limits.Clear
	if most == 0 {
		most = MaxClear
	}
	scratch, err := in.Files.Blobs.Scratch(most)
	if err != nil {
		return err
	}
	defer func() { _ = scratch.Close() }() // it has no name: closing is all there is to do
	hidden, err := seal.Hide(scratch, src, most)
	switch {
	case errors.Is(err, seal.ErrTooLong):
		return fault.Newf(fault.TooLarge, "A file that we clean for you can have %d MiB.", most>>20)
	case err != nil && fault.KindOf(err) == fault.Internal:
		return fault.Wrap(fault.Invalid, "This file did not arrive whole. Nothing of it was kept.", err)
	case err != nil:
		return err
	}
	in.Files.cleaning.Lock()
	defer in.Files.cleaning.Unlock()
	return work(hidden)
}

// clean looks at a file and says which parts of it are kept; no plan means
// that it is left out.
func clean(hidden *seal.Hidden, c ClearFile) (ClearResult, *scrub.Plan) {
	plan, found, err := scrub.MakePlan(hidden, hidden.Length(), scrub.Options{Name: c.Name})
	result := ClearResult{Removed: kinds(found.Removed), Remains: kinds(found.Remains)}
	result.File = seal.File{Name: named(c.As, found.Extension()), Media: found.Type.Media(), Cleaned: seal.Cleaned, Removed: result.Removed}
	if err == nil && len(result.Remains) == 0 {
		return result, plan
	}
	result.File.Cleaned = seal.Partly
	if err != nil {
		plan = &scrub.Plan{Size: hidden.Length()}
		if plan.Size > 0 {
			plan.Parts = []scrub.Part{{Length: plan.Size}}
		}
		result = ClearResult{Refused: reason(err)}
		result.File = seal.File{Name: named(c.As, extension(c.Name)), Media: "application/octet-stream", Cleaned: seal.Unclean}
	}
	if !c.Anyway {
		return result, nil
	}
	return result, plan
}

func reason(err error) string {
	var refused *scrub.Refusal
	if errors.As(err, &refused) {
		return string(refused.Reason)
	}
	return string(scrub.ReasonInternal)
}

func kinds(facts []scrub.Fact) []string {
	keys := make([]string, 0, len(facts))
	for _, f := range facts {
		keys = append(keys, string(f.Kind))
	}
	return keys
}

var lastOfName = regexp.MustCompile(`\.([A-Za-z0-9]{1,8})$`)

// extension returns what a name ends with, where that is harmless.
func extension(name string) string {
	if found := lastOfName.FindStringSubmatch(name); found != nil {
		return strings.ToLower(found[1])
	}
	return ""
}

func named(name, extension string) string {
	if extension == "" {
		return name
	}
	return name + "." + extension
}

// keepClear seals what is kept of a file, and keeps it.
func (in *Intake) keepClear(ctx context.Context, programme id.ID, login []byte, c ClearFile, result ClearResult, hidden *seal.Hidden, plan *scrub.Plan) (ClearResult, error) {
	blob, known, err := in.blobFor(ctx, programme, login, c.Blob(hidden.Sum()))
	if err != nil {
		return ClearResult{}, err
	}
	result.File.Blob, result.File.Length, result.Known = blob, plan.Size, known
	if known {
		return result, nil
	}
	cleaned, w := io.Pipe()
	go func() {
		_, err := plan.Write(w, hidden)
		w.CloseWithError(err)
	}()
	size := seal.SealedLength(plan.Size)
	result.File.Pieces, err = seal.SealFile(cleaned, plan.Size, c.To, func(index int, piece []byte) error {
		return in.Piece(ctx, programme, login, Piece{Blob: blob, Index: index, Bytes: size, Sum: seal.HashOf(piece)}, bytes.NewReader(piece))
	})
	_ = cleaned.Close() // the writer ends, whoever of the two failed
	if err != nil {
		return ClearResult{}, fmt.Errorf("keep a file that came in clear: %w", err)
	}
	return result, nil
}

// blobFor returns the id for content that was given this one: known when its
// manifest has come, another one when only some of its pieces have.
func (in *Intake) blobFor(ctx context.Context, programme id.ID, login []byte, given id.ID) (blob id.ID, known bool, err error) {
	rep, err := in.find(ctx, programme, login)
	if err != nil {
		return id.ID{}, false, err
	}
	files, err := in.Files.Store.Files(ctx, programme, rep.ID)
	if err != nil {
		return id.ID{}, false, fmt.Errorf("read files: %w", err)
	}
	for _, f := range files {
		if f.Blob == given {
			if f.Seq != 0 {
				return given, true, nil
			}
			return id.New(), false, nil
		}
	}
	return given, false, nil
}
