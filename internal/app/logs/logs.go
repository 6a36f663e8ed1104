// SPDX-License-Identifier: AGPL-3.0-or-later

// Package logs lets only an allow-list of attributes into the portal's log.
// It must never pass an address, a browser's name, a path with an id, or the
// text of an error: those are where traces of a reporter hide.
package logs

import (
	"context"
	"log/slog"
	"slices"
)

// Allowed are the attributes that the portal may log: what was done, how it
// ended, how long it took and how much it was, never who or what.
var Allowed = []string{"act", "status", "kind", "ms", "bytes", "count", "listen", "programme", "part", "version"}

// NewPortal wraps a handler so that attributes outside Allowed are dropped,
// groups included, and times are cut to the hour.
func NewPortal(inner slog.Handler) slog.Handler { return portal{inner} }

type portal struct{ inner slog.Handler }

// Enabled implements slog.Handler.
func (p portal) Enabled(ctx context.Context, level slog.Level) bool {
	return p.inner.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (p portal) Handle(ctx context.Context, r slog.Record) error {
	at := r.Time.UTC()
	out := slog.NewRecord(at.Truncate(3600e9), r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		if keep(a) {
			out.AddAttrs(a)
		}
		return true
	})
	return p.inner.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (p portal) WithAttrs(attrs []slog.Attr) slog.Handler {
	return portal{p.inner.WithAttrs(slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool { return !keep(a) }))}
}

// WithGroup implements slog.Handler. Groups are flattened: a group could hide
// a key behind an allowed name.
func (p portal) WithGroup(string) slog.Handler { return p }

// keep allows plain values only: an error or a struct prints more than it says.
func keep(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindString, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool, slog.KindDuration:
		return slices.Contains(Allowed, a.Key)
	default:
		return false
	}
}
