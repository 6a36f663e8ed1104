// SPDX-License-Identifier: Apache-2.0

// Package draw shows a network as an SVG picture that prints: nodes where the
// ways between them put them, communities in colours that colour-blind people
// can tell apart, sizes by a measure, labels that don't cover each other, and a
// legend.
//
// A picture must never depend on scripts, fonts or files from elsewhere, and
// what it leaves out, such as labels, it says in its legend.
//
// All functions may be called by several goroutines at the same time.
package draw
