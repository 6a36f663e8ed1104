// SPDX-License-Identifier: Apache-2.0

// Package index finds, among millions of entities, those whose names may mean
// the same as a query's, and scores the best of them exactly with engine/match.
//
// It never reads all of them. A query's words are first looked up among the
// distinct words of the index: the same letters, the same sounds, known
// spellings and short forms, and letters left out on either side, which finds
// typing errors (Mor and Fraenkel 1982, as deletion neighbourhoods). Only then
// the lists of names that hold those words are read, rarest word first, until
// no unread name can be among the best. Equal names are kept once, whoever
// bears them, so that a million bearers of one name cost no more than one.
//
// An index is a base, which may be a file mapped into memory, and a small
// overlay of what changed since; both are immutable. Searches see one state
// from beginning to end; Update puts a new state in place at once. An Index
// may be used from several goroutines. The package must never decide that two
// entities are one, and never change what it was given.
package index
