// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build race

package main

// raceDetector says that this binary watches memory, and keeps some of it.
const raceDetector = true
