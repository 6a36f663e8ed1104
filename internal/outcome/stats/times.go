// SPDX-License-Identifier: AGPL-3.0-or-later

package stats

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The times of reports. Each is counted under the least span that it is within.
const (
	FirstRead   = "first-read"   // from arrival until somebody of the desk opened it
	FirstAnswer = "first-answer" // from arrival until the desk first wrote back
)

// Spans are the hours within which a time is counted; longer ones are Longer.
var Spans = []int{1, 2, 4, 8, 12, 24, 36, 48, 72, 120, 168, 240, 336, 504, 720, 1440, 2160, 4320, 8760}

// Longer stands for more hours than the last of Spans.
const Longer = 0

// TimeMeasure is the measure under which a time is counted: first-read/8 is
// within eight hours and not within four.
func TimeMeasure(what string, took time.Duration) string {
	for _, hours := range Spans {
		if took <= time.Duration(hours)*time.Hour {
			return what + "/" + strconv.Itoa(hours)
		}
	}
	return what + "/" + strconv.Itoa(Longer)
}

// TimeMeasures are all under which times of a sort are counted.
func TimeMeasures(what string) []string {
	all := make([]string, 0, len(Spans)+1)
	for _, hours := range append(slices.Clone(Spans), Longer) {
		all = append(all, what+"/"+strconv.Itoa(hours))
	}
	return all
}

// within takes the measure of a time apart.
func within(measure string) (what string, hours int, ok bool) {
	what, text, _ := strings.Cut(measure, "/")
	if what != FirstRead && what != FirstAnswer {
		return "", 0, false
	}
	hours, err := strconv.Atoi(text)
	return what, hours, err == nil && (hours == Longer || slices.Contains(Spans, hours))
}

// OfTimes reports whether a measure is of times.
func OfTimes(measure string) bool { _, _, ok := within(measure); return ok }

// Took says how long it took for a share of reports.
type Took struct {
	N     int64 // reports that are counted
	Hours int   // within which it was done; Longer: more than the last of Spans
}

// Took returns within how many hours something was done for a share of the
// reports, in per cent: 50 is the median. Which chooses figures, nil all.
func (r Report) Took(what string, share int64, which func(Figure) bool) Took {
	counts := histogram{}
	for _, f := range r.Figures {
		if of, hours, ok := within(f.Measure); ok && of == what && (which == nil || which(f)) {
			counts[hours] += f.N
		}
	}
	return counts.took(share)
}

// histogram counts times by the span that they are within.
type histogram map[int]int64

func (h histogram) took(share int64) Took {
	var t Took
	for _, n := range h {
		t.N += n
	}
	var passed int64
	for _, hours := range Spans {
		if passed += h[hours]; passed > 0 && passed*100 >= t.N*share {
			t.Hours = hours
			return t
		}
	}
	t.Hours = Longer
	return t
}
