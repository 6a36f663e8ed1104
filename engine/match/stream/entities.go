// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// maxLine is the longest line of JSON that is read.
const maxLine = 64 << 20

// pairLine is a line of the input; other members are ignored.
type pairLine struct {
	Left  *ftm.Entity `json:"left"`
	Right *ftm.Entity `json:"right"`
}

// scoreLine is a line of the output.
type scoreLine struct {
	Score    *float64        `json:"score"`
	Match    *bool           `json:"match"`
	Features []match.Feature `json:"features"`
	Error    string          `json:"error,omitempty"`
}

// Entities reads JSON lines with a left and a right entity and writes a JSON
// line with score, match and features for each. A broken line gets a line with
// null for both and an error; so does one whose schema the model lacks. Empty
// lines are passed over.
func Entities(ctx context.Context, in io.Reader, out io.Writer, workers int) (Report, error) {
	var report Report
	lines := bufio.NewReaderSize(in, 1<<20)
	number := 0
	next := func() (rawLine, error) {
		for {
			number++
			line, err := readLine(lines)
			if err != nil && !errors.Is(err, errLongLine) {
				return rawLine{}, err
			}
			if number == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			if err == nil && len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			return rawLine{number, line, err}, nil
		}
	}
	w := bufio.NewWriterSize(out, 1<<16)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := ordered(ctx, workers, next, compareLine, func(r compared) error {
		report.Lines++
		if r.err != nil {
			report.bad(r.line, r.err)
		}
		if err := enc.Encode(r.out); err != nil {
			return fmt.Errorf("write scores: %w", err)
		}
		return nil
	})
	if err != nil {
		return report, err
	}
	if err := w.Flush(); err != nil {
		return report, fmt.Errorf("write scores: %w", err)
	}
	return report, nil
}

type rawLine struct {
	line int
	text []byte
	err  error
}

type compared struct {
	line int
	out  scoreLine
	err  error
}

func compareLine(l rawLine) compared {
	var pair pairLine
	err := l.err
	if err == nil {
		err = json.Unmarshal(l.text, &pair)
	}
	if err == nil && (pair.Left == nil || pair.Right == nil) {
		err = errors.New(`"left" and "right" were expected, each an entity`)
	}
	for _, e := range []*ftm.Entity{pair.Left, pair.Right} {
		if err == nil {
			err = ftm.Default().Known(e.Schema)
		}
	}
	if err != nil {
		return compared{l.line, scoreLine{Features: []match.Feature{}, Error: fmt.Sprintf("line %d: %v", l.line, err)}, err}
	}
	a, b := match.PrepareEntity(pair.Left), match.PrepareEntity(pair.Right)
	r := match.Compare(&a, &b)
	if r.Features == nil {
		r.Features = []match.Feature{}
	}
	return compared{l.line, scoreLine{Score: &r.Score, Match: &r.Match, Features: r.Features}, nil}
}

var errLongLine = fmt.Errorf("longer than %d MiB", maxLine>>20)

// readLine returns the next line; of one that is too long nothing but
// errLongLine.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) == 0 && !long:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("read pairs: %w", err)
		case long:
			return nil, errLongLine
		}
		return line, nil
	}
}
