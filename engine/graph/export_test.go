// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
)

// Resealed gives the sections of a file the sums that they have, so that fuzzing
// gets past them. Data that is no file is returned as it is.
func Resealed(data []byte) []byte {
	if len(data) < 16 {
		return data
	}
	length := binary.LittleEndian.Uint64(data[8:16])
	if length > uint64(len(data)-16) {
		return data
	}
	var header fileHeader
	if err := json.Unmarshal(data[16:16+length], &header); err != nil {
		return data
	}
	body := aligned(16 + int64(length))
	if body > int64(len(data)) {
		return data
	}
	for i, s := range header.Sections {
		if s.Offset >= 0 && s.Length >= 0 && s.Offset < 1<<40 && s.Length < 1<<40 && body+s.Offset+s.Length <= int64(len(data)) {
			header.Sections[i].CRC = crc32.Checksum(data[body+s.Offset:body+s.Offset+s.Length], castagnoli())
		}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return data
	}
	fresh := binary.LittleEndian.AppendUint64([]byte(fileMagic), uint64(len(text)))
	fresh = append(fresh, text...)
	fresh = append(fresh, make([]byte, aligned(int64(len(fresh)))-int64(len(fresh)))...)
	return append(fresh, data[body:]...)
}
