// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build race

package browsertest_test

// raceDetector says that this binary watches memory. The library that drives
// the browser races with itself (its tree of nodes against its key presses), so
// these tests run without.
const raceDetector = true
