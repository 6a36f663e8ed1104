// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import "time"

// Seconds is a time as it is kept: seconds since 1970, and 0 for none.
func Seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// Moment is the time of Seconds, in UTC.
func Moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
