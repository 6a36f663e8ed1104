// SPDX-License-Identifier: AGPL-3.0-or-later

package intel_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
)

func book(t interface{ Fatal(...any) }) *grading.Book {
	b, err := grading.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// drawn is an item as far as retention looks at it.
func drawn(t *rapid.T) intel.Item {
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	it := intel.Item{Seriousness: rapid.SampledFrom(intel.Seriousnesses).Draw(t, "seriousness"), Sources: intel.Sources{Malicious: rapid.Bool().Draw(t, "malicious")}}
	for range rapid.IntRange(1, 4).Draw(t, "statements") {
		it.Statements = append(it.Statements, intel.Statement{Grade: grading.Grade{
			Ref: ref, Source: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "source"), Information: rapid.SampledFrom([]string{"A", "C", "D", "E"}).Draw(t, "information"),
		}})
	}
	return it
}

func day(t *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, name), 0).UTC()
}

// Review dates are whole days after the approval and within the schedule; what
// is more serious, better graded or above suspicion is never due sooner, and
// what was approved earlier never later.
func TestLawReviewDates(t *testing.T) {
	s, err := intel.BuiltInSchedule(book(t))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		it, at := drawn(t), day(t, "approved")
		due := s.Review(at, it)
		if due.Truncate(24*time.Hour) != due || !due.After(at) || due.After(at.AddDate(0, s.Months[it.Seriousness], 0)) {
			t.Fatalf("approved %v, due %v", at, due)
		}
		if got := s.Review(at, it); got != due {
			t.Fatalf("asked again it is due %v, not %v", got, due)
		}
		if earlier := at.Add(-time.Duration(rapid.IntRange(0, 400*24).Draw(t, "hours earlier")) * time.Hour); s.Review(earlier, it).After(due) {
			t.Fatalf("approved %v it is due %v, approved %v already %v", earlier, s.Review(earlier, it), at, due)
		}
		graver := it
		graver.Seriousness = intel.Seriousnesses[rapid.IntRange(slices.Index(intel.Seriousnesses, it.Seriousness), len(intel.Seriousnesses)-1).Draw(t, "graver")]
		if s.Review(at, graver).Before(due) {
			t.Fatalf("%s is due %v, %s %v", it.Seriousness, due, graver.Seriousness, s.Review(at, graver))
		}
		trusted := it
		trusted.Sources.Malicious = false
		if s.Review(at, trusted).Before(due) {
			t.Fatalf("without malice it is due %v, with it %v", s.Review(at, trusted), due)
		}
		known := it
		known.Statements = slices.Clone(it.Statements)
		known.Statements[0].Grade.Source, known.Statements[0].Grade.Information = "1", "A"
		if s.Review(at, known).Before(due) {
			t.Fatalf("with a known source it is due %v, without %v", s.Review(at, known), due)
		}
	})
}

// A schedule says something for every seriousness, and nothing else.
func TestABadScheduleIsRefused(t *testing.T) {
	const good = "review_months: {low: 12, medium: 24, high: 48, critical: 72}\nunknown_divides_by: 2\nmalicious_months: 6\n"
	b := book(t)
	if _, err := intel.ReadSchedule([]byte(good), b); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"a period too short":    {"low: 12", "low: 0"},
		"a period too long":     {"low: 12", "low: 1201"},
		"a seriousness missing": {"high: 48, ", ""},
		"another seriousness":   {"low: 12", "low: 12, lowest: 6"},
		"divided by nothing":    {"unknown_divides_by: 2", "unknown_divides_by: 0"},
		"no months":             {"malicious_months: 6", "malicious_months: 0"},
		"a word more":           {"malicious_months: 6", "malicious_months: 6\nforever: true"},
	} {
		if _, err := intel.ReadSchedule([]byte(strings.Replace(good, change[0], change[1], 1)), b); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
