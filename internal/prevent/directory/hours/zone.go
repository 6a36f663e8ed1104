// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	"sync"
	"time"
)

var zones sync.Map // name to *time.Location; only zones that exist, so that it is bounded

// Zone returns the time zone with a name of the IANA database. It is kept,
// because a directory names the same zone a hundred thousand times.
func Zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 60 {
		return nil, false
	}
	if z, ok := zones.Load(name); ok {
		z, ok := z.(*time.Location)
		return z, ok
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, z)
	return z, true
}
