// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore

// What only tests may reach.
var (
	PackGrants   = packGrants
	UnpackGrants = unpackGrants
)
