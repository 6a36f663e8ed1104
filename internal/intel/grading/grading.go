// SPDX-License-Identifier: AGPL-3.0-or-later

// Package grading is how intelligence is graded: schemes such as 3x5x2,
// Admiralty and Europol's 4x4 as versioned data with translations and validity
// dates, and mappings between them that say what is lost.
//
// It must never turn a code into a number that can be averaged: "can't be
// judged" is not a middle value, so an unknown code has no rank. It must never
// know a scheme by name: an operator adds one without code. Values are
// immutable once loaded and safe for concurrent use.
package grading

// Ref names one version of a scheme: "3x5x2" as it was from its ValidFrom on.
type Ref struct {
	Scheme  string `json:"scheme"`
	Version int    `json:"version"`
}

// Grade is what one statement is worth: who says it, and how good what they
// say is, in the codes of one scheme.
type Grade struct {
	Ref
	Source      string `json:"source"`      // code of the scale of sources
	Information string `json:"information"` // code of the scale of information
}

// Handling is how an item may travel, in the codes of one scheme.
type Handling struct {
	Ref
	Code       string   `json:"code"`
	Conditions []string `json:"conditions,omitempty"` // codes, sorted; only where the code takes them
}
