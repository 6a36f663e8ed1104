// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build race

package app_test

// raceDetector says that this binary watches memory, ten times as slowly.
const raceDetector = true
