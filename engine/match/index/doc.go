// SPDX-License-Identifier: Apache-2.0

// Package index finds, among millions of entities, those whose names may mean
// the same as a query's, and scores the best of them exactly with engine/match.
//
// It never reads all of them. A query's words are first looked up among the
// distinct words of the index: all that comparing would link by their sounds
// (match.Lexicon), the same letters, known spellings and short forms, and one
// letter left out on either side, which finds slips that change how a word sounds.
// Only then the lists of names that hold those words are read, rarest word first,
// and each name is judged by what the model weighs (match.Sketch), until no
// unread name can be among the best. Equal names are kept once, whoever bears
// them, so that a million bearers of one name cost no more than one.
//
// An index is a base, which may be a file mapped into memory, and a small
// overlay of what changed since; both are immutable. Searches see one state
// from beginning to end; Update puts a new state in place at once. An Index
// may be used from several goroutines. The package must never decide that two
// entities are one, and never change what it was given.
package index
