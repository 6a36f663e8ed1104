// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// ReadPersons reads a CSV of persons to be screened, with the columns
// full_name, gender, date_of_birth, place_of_birth, nationality, each of which
// may be empty.
func ReadPersons(in io.Reader) ([]ftm.Entity, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	var out []ftm.Entity
	for {
		row, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read persons: %w", err)
		}
		e := ftm.Entity{Schema: "Person"}
		for column, prop := range map[string]string{
			"full_name": "name", "gender": "gender", "date_of_birth": "birthDate", "place_of_birth": "birthPlace", "nationality": "nationality",
		} {
			if at := slices.Index(header, column); at >= 0 && at < len(row) {
				e.Add(prop, row[at])
			}
		}
		out = append(out, e)
	}
}

// Best returns for each query the highest score of any entity of the list, by
// comparing it with all of them: slow and sure.
func Best(queries []ftm.Entity, list []match.Entity) []float64 {
	best := make([]float64, len(queries))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				q := match.PrepareEntity(&queries[i])
				for j := range list {
					best[i] = max(best[i], match.Score(&q, &list[j]))
				}
			}
		})
	}
	for i := range queries {
		next <- i
	}
	close(next)
	wg.Wait()
	return best
}

// ThresholdFor returns the highest threshold that keeps a share of the scores.
func ThresholdFor(scores []float64, recall float64) float64 {
	sorted := slices.Sorted(slices.Values(scores))
	lose := int(float64(len(sorted)) * (1 - recall))
	return sorted[min(lose, len(sorted)-1)]
}

// ShareAbove is the share of scores that reach a threshold.
func ShareAbove(scores []float64, threshold float64) float64 {
	n := 0
	for _, s := range scores {
		if s >= threshold {
			n++
		}
	}
	return ratio(n, len(scores))
}
