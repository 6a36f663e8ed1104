// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build race

package seal_test

// raced says that the race detector watches, which makes everything slow.
const raced = true
