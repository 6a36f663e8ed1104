// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

// HoldNothing lets s make every page each time, for tests that compare.
func (s *Site) HoldNothing() { s.held.never = true }

// Held returns how many pages s holds.
func (s *Site) Held() int { return len(s.held.pages) }

// Functions are what the site's templates may call beyond those of all sites.
var Functions = functions
