// SPDX-License-Identifier: Apache-2.0

// Package resolve finds the records of one table, or of two, that describe the
// same person or thing, and gathers them in clusters.
//
// It guesses what each column means, blocks the table by many pairs of keys,
// compares the candidates level by level, learns without labels how much each
// level says (Fellegi and Sunter 1969, by expectation maximisation as in
// Winkler 1988), weighs agreement on rare values more than on common ones, and
// joins records from the surest pair down, asking at each step whether the two
// whole groups agree, so that a chain of weak links makes no giant.
//
// It must never read a column that holds the answer, look at a clock, or keep
// anything between calls. The same tables and seed give the same clusters on
// any number of cores and, but for equal records and for columns guessed from a
// sample, in whatever order the records stand. Functions may be called from
// several goroutines; a Table may be read by all of them once it is complete.
package resolve
