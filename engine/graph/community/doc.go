// SPDX-License-Identifier: Apache-2.0

// Package community finds groups of nodes that know each other better than
// chance would have it: the Leiden algorithm (Traag, Waltman & van Eck: From
// Louvain to Leiden, Scientific Reports 9:5233, 2019) for modularity with a
// resolution, and measures of partitions.
//
// A community found is a pattern in ties, not a finding about people: it must
// never be shown without the seed and the resolution that it came from.
//
// All functions may be called by several goroutines at the same time.
package community
