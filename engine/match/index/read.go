// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// maxLine is the longest line of a file that is read.
const maxLine = 64 << 20

// Problem is a line that could not be read and was left out, or one that was
// read and is odd.
type Problem struct {
	File string
	Line int
	What string
	Kept bool // the entity counts nevertheless
}

// ErrEmpty says that a file holds nothing at all.
var ErrEmpty = errors.New("the file is empty: FollowTheMoney JSON lines, or CSV with a header, were expected")

// String names the place before what was wrong.
func (p Problem) String() string { return fmt.Sprintf("%s, line %d: %s", p.File, p.Line, p.What) }

// Read returns the entities of a file of FollowTheMoney JSON lines or of a CSV
// file, whichever it begins like. Lines that can't be read are left out and
// told to report, which may be nil. Entities of a schema that the model lacks are
// told too and kept, as things of any kind: a list must not lose one to a newer
// model. Entities without an id get the number of their line.
func Read(r io.Reader, name string, report func(Problem)) (Source, error) {
	if report == nil {
		report = func(Problem) {}
	}
	buffered := bufio.NewReaderSize(r, 1<<20)
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		if _, err := buffered.Discard(3); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	head, err := buffered.Peek(1 << 12)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	trimmed := bytes.TrimSpace(head)
	if len(trimmed) == 0 && err != nil { // the end
		return nil, fmt.Errorf("read %s: %w", name, ErrEmpty)
	}
	if len(trimmed) == 0 || trimmed[0] == '{' {
		return readLines(buffered, name, report), nil
	}
	return readCSV(buffered, head, name, report)
}

// readLines reads one JSON object a line.
func readLines(r *bufio.Reader, name string, report func(Problem)) Source {
	line := 0
	return func() (ftm.Entity, error) {
		for {
			raw, err := readLine(r)
			if errors.Is(err, io.EOF) && len(raw) == 0 {
				return ftm.Entity{}, io.EOF
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return ftm.Entity{}, fmt.Errorf("read %s, line %d: %w", name, line+1, err)
			}
			line++
			if len(bytes.TrimSpace(raw)) == 0 {
				continue
			}
			var e ftm.Entity
			if err := json.Unmarshal(raw, &e); err != nil {
				report(Problem{name, line, notJSON(err), false})
				continue
			}
			if err := ftm.Default().Known(e.Schema); err != nil {
				report(Problem{name, line, err.Error(), true})
			}
			if e.ID == "" {
				e.ID = fmt.Sprint(line)
			}
			return e, nil
		}
	}
}

// notJSON says what is wrong with a line.
func notJSON(err error) string {
	if wrong := (*json.SyntaxError)(nil); errors.As(err, &wrong) {
		return fmt.Sprintf("not JSON from character %d on: %v; one entity in braces on each line was expected", wrong.Offset, wrong)
	}
	return err.Error()
}

var errLongLine = fmt.Errorf("a line is longer than %d MiB", maxLine>>20)

// readLine reads up to the end of a line. The bytes are good until the next
// call.
func readLine(r *bufio.Reader) ([]byte, error) {
	raw, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return raw, err
	}
	long := append([]byte(nil), raw...)
	for errors.Is(err, bufio.ErrBufferFull) {
		raw, err = r.ReadSlice('\n')
		if long = append(long, raw...); len(long) > maxLine {
			return nil, errLongLine
		}
	}
	return long, err
}

// splitList parts a cell that may hold several values.
func splitList(cell string) []string {
	for _, sign := range []string{"|", ";", "\n"} {
		if strings.Contains(cell, sign) {
			var out []string
			for part := range strings.SplitSeq(cell, sign) {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, part)
				}
			}
			return out
		}
	}
	return []string{cell}
}

// KeepRepeated returns a source whose repeated ids get a number: the second
// "7" becomes "7#2". Files of which the id may number something else than the
// entity lose none so.
func KeepRepeated(next Source) Source {
	seen := map[string]int{}
	return func() (ftm.Entity, error) {
		e, err := next()
		if err != nil {
			return e, err
		}
		seen[e.ID]++
		if n := seen[e.ID]; n > 1 {
			e.ID = fmt.Sprintf("%s#%d", e.ID, n)
		}
		return e, nil
	}
}
