// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package graph

import (
	"io"
	"os"
	"unsafe"
)

// mapFile reads a file into memory where it can't be mapped.
func mapFile(f *os.File) (data []byte, unmap func() error, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	words := make([]uint64, (info.Size()+7)/8+1) // aligned, as mapped files are
	data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), info.Size())
	_, err = io.ReadFull(f, data)
	return data, func() error { return nil }, err
}
