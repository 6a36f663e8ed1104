// SPDX-License-Identifier: AGPL-3.0-or-later

package hours

import (
	"regexp"
	"sync"
	"time"
)

// zoneForm is how names of the IANA database look. A machine's files have more
// that can be loaded: "localtime", which is wherever the machine is, and
// "right/…", which counts leap seconds.
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

var zones sync.Map // name to *time.Location; only zones that exist, so that it is bounded

// Zone returns the time zone with a name of the IANA database. It is kept,
// because a directory names the same zone a hundred thousand times.
func Zone(name string) (*time.Location, bool) {
	if name == "Local" || name == "Factory" || len(name) > 60 || !zoneForm.MatchString(name) {
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
