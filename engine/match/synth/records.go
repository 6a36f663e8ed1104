// SPDX-License-Identifier: Apache-2.0

package synth

import (
	"encoding/csv"
	"fmt"
	"io"
)

// Plan says what a file of records with duplicates looks like.
type Plan struct {
	Records       int
	Share         float64 // of the records that are duplicates
	MaxDuplicates int     // of one person
	MaxChanges    int     // in one duplicate
	Window        int     // persons that are kept open for duplicates; bounds memory
}

// WriteRecords writes a CSV file of persons and their duplicates. The rec_id
// tells the truth: rec-N-org and rec-N-dup-K are one person. A duplicate
// stands somewhere after its original, at most Window records away.
func (s *Source) WriteRecords(w io.Writer, plan Plan) error {
	out := csv.NewWriter(w)
	if err := out.Write(Header); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	type open struct {
		person Person
		number int
		copies int
	}
	window := make([]open, 0, max(plan.Window, 1))
	for n, persons := 0, 0; n < plan.Records; n++ {
		var fields []string
		if len(window) > 0 && s.r.Float64() < plan.Share {
			i := s.r.IntN(len(window))
			o := &window[i]
			altered := s.Alter(o.person, 1+s.r.IntN(max(plan.MaxChanges, 1)))
			fields = altered.Fields(fmt.Sprintf("rec-%d-dup-%d", o.number, o.copies))
			o.copies++
			if o.copies >= plan.MaxDuplicates {
				window[i] = window[len(window)-1]
				window = window[:len(window)-1]
			}
		} else {
			p := s.Person()
			fields = p.Fields(fmt.Sprintf("rec-%d-org", persons))
			if len(window) < cap(window) {
				window = append(window, open{person: p, number: persons})
			} else {
				window[s.r.IntN(len(window))] = open{person: p, number: persons}
			}
			persons++
		}
		if err := out.Write(fields); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return nil
}
