// SPDX-License-Identifier: Apache-2.0

// Package disrupt asks what holds a network together: what is left of it when
// nodes are removed, one by one or in blocks, and which few nodes are the key
// players, to take out or to talk to.
//
// It must never be read as a list of whom to act against: it says what ties
// that were seen would do to a picture that is incomplete (package uncertain
// says how much that matters), and nothing about guilt or harm.
//
// Directions are ignored. All functions may be called by several goroutines at
// the same time.
package disrupt
