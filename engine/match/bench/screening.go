// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match/index"
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

// Best returns for each query the highest score of any entity of the list, as
// the index finds it; 0 when it finds none.
func Best(ctx context.Context, queries, list []ftm.Entity) ([]float64, error) {
	at := 0
	ix, err := index.Build(ctx, func() (ftm.Entity, error) {
		if at == len(list) {
			return ftm.Entity{}, io.EOF
		}
		at++
		return list[at-1], nil
	})
	if err != nil {
		return nil, err
	}
	best := make([]float64, len(queries))
	failed := make(chan error, 1)
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				hits, err := ix.Search(ctx, index.Query{Entity: queries[i], K: 1})
				if err != nil {
					select {
					case failed <- err:
					default:
					}
				}
				if len(hits) > 0 {
					best[i] = hits[0].Score
				}
			}
		})
	}
	for i := range queries {
		next <- i
	}
	close(next)
	wg.Wait()
	select {
	case err := <-failed:
		return nil, err
	default:
		return best, nil
	}
}

// ThresholdFor returns the highest threshold that keeps a share of the scores.
func ThresholdFor(scores []float64, recall float64) float64 {
	sorted := slices.Sorted(slices.Values(scores))
	lose := int(float64(len(sorted))*(1-recall) + 1e-9)
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
