// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// EntityPair is a labelled pair of entities.
type EntityPair struct {
	Left, Right ftm.Entity
	Same        bool
}

// ReadEntityPairs reads JSON lines with left, right and judgement, which is
// "positive" or "negative"; pairs with another judgement are left out.
func ReadEntityPairs(in io.Reader) ([]EntityPair, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	var pairs []EntityPair
	for n := 1; lines.Scan(); n++ {
		var line struct {
			Left, Right ftm.Entity
			Judgement   string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read pairs of entities: line %d: %w", n, err)
		}
		if line.Judgement == "positive" || line.Judgement == "negative" {
			pairs = append(pairs, EntityPair{line.Left, line.Right, line.Judgement == "positive"})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read pairs of entities: %w", err)
	}
	return pairs, nil
}

// ScoreEntities scores every pair.
func ScoreEntities(pairs []EntityPair) []Scored {
	out := make([]Scored, len(pairs))
	for i := range pairs {
		a, b := match.PrepareEntity(&pairs[i].Left), match.PrepareEntity(&pairs[i].Right)
		out[i] = Scored{match.Score(&a, &b), pairs[i].Same}
	}
	return out
}
