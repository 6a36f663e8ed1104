// SPDX-License-Identifier: AGPL-3.0-or-later

// Package prevent is what the public learns: how to stay safe from each kind
// of crime, how crimes are connected, whom to call, and what came of reports.
// Content is data: Markdown with front matter, in every language, that an
// operator can replace. Figures arrive as publications: signed snapshots that
// other rooms have made and suppressed already.
//
// It must never know a report, a person or an item of intelligence, never
// count anything itself, and never show a figure whose signature it has not
// checked. All that it holds may be shown to a stranger.
//
// Loaded content is read-only and safe for concurrent use; so is Publications.
package prevent
