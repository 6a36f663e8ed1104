// SPDX-License-Identifier: Apache-2.0

package resolve

// Edits lets tests hold the bit-parallel distance against an oracle.
func Edits(a, b string) int { return new(matcher).edits(a, b) }

// Skeleton lets tests see which names share a drawer.
func Skeleton(name string) string { return skeleton(normalise(name)) }

// Date8 lets tests see how a date is read, as yyyymmdd with zeros for what is
// not known.
func Date8(value string, monthFirst bool) string { return parseDate(value, monthFirst).digits() }
