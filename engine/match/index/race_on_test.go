// SPDX-License-Identifier: Apache-2.0

//go:build race

package index_test

// raced says that the race detector watches, which makes everything slow: the
// large measurements then run on less, and whole without it.
const raced = true
