// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build !race

package browsertest_test

const raceDetector = false
