// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build race

package portal_test

// raceDetector says whether this binary watches memory; the library that
// drives the browser races with itself.
const raceDetector = true
