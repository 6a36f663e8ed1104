// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// TipPair is a labelled pair of what a tip says and what a record says.
type TipPair struct {
	EntityPair
	Lang, Kind string
}

// Report says whether the pair is for reporting rather than for tuning.
func (p *TipPair) Report() bool { return Half(p.Left.ID) }

// ReadTipPairs reads JSON lines with left, right, judgement, lang and kind.
func ReadTipPairs(in io.Reader) ([]TipPair, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	var pairs []TipPair
	for n := 1; lines.Scan(); n++ {
		var line struct {
			EntityPair
			Judgement, Lang, Kind string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read tips: line %d: %w", n, err)
		}
		line.Same = line.Judgement == "positive"
		pairs = append(pairs, TipPair{line.EntityPair, line.Lang, line.Kind})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read tips: %w", err)
	}
	return pairs, nil
}
