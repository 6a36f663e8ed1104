// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package index

import "os"

// mapFile reads a file into memory where it can't be mapped.
func mapFile(path string) (raw []byte, unmap func() error, err error) {
	raw, err = os.ReadFile(path)
	return raw, func() error { return nil }, err
}
