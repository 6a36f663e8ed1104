// SPDX-License-Identifier: Apache-2.0

// Package match says how likely it is that two names, or two entities, mean
// the same person, company, ship, car or place, and why.
//
// Comparing has two steps. Prepare and PrepareEntity do everything that
// concerns one side alone: scripts, romanisation, words, their keys and kinds.
// CompareNames and Compare then put two prepared things side by side, without
// allocating in the inner loop, so that a prepared list can be compared with
// millions. Scores are calibrated: of pairs scored 0.9, nine in ten are the
// same.
//
// The package must never keep what it is given, ask a network, or use
// ethnicity, religion or politics as evidence. All functions are pure; prepared
// values are immutable after they are made and safe for concurrent use.
package match

// Threshold is the score from which Result.Match is true, for names and for
// entities alike: more likely the same than not.
const Threshold = 0.5

// Result is a comparison and its explanation.
type Result struct {
	// Score is the calibrated probability from 0 to 1 that both are the same.
	Score float64 `json:"score"`
	// Match says whether Score reaches Threshold.
	Match bool `json:"match"`
	// Features add up: the sum of their weights is the log-odds of Score
	// before calibration. They are ordered from the strongest to the weakest.
	Features []Feature `json:"features"`
}

// Feature is one line of an explanation.
type Feature struct {
	// Name is what was compared: "family name", "birth date", "IMO number".
	Name string `json:"feature"`
	// Weight is its contribution in log-odds: above 0 speaks for the same.
	Weight float64 `json:"weight"`
	// Left and Right are the values that were compared, as they were written.
	Left  string `json:"left,omitempty"`
	Right string `json:"right,omitempty"`
	// Note says in words how they compare: "same", "initial", "one letter
	// differs".
	Note string `json:"note,omitempty"`
	// Parts say how a feature came about, in the scale of their own: the
	// comparison of two names, word by word.
	Parts []Feature `json:"parts,omitempty"`
}

// mirrored exchanges left and right in a list of features.
func mirrored(list []Feature) {
	for i := range list {
		f := &list[i]
		f.Left, f.Right = f.Right, f.Left
		mirrored(f.Parts)
	}
}
