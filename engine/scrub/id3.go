// SPDX-License-Identifier: Apache-2.0

package scrub

import "bytes"

// id3Size returns how long the ID3v2 tag is that begins with b, its footer
// included; 0 when it is none.
func id3Size(b []byte) int64 {
	if len(b) < 10 || string(b[:3]) != "ID3" || b[3] > 9 || b[4] == 0xFF || (b[6]|b[7]|b[8]|b[9])&0x80 != 0 {
		return 0
	}
	n := int64(b[6])<<21 | int64(b[7])<<14 | int64(b[8])<<7 | int64(b[9])
	if b[5]&0x10 != 0 {
		n += 10
	}
	return n + 10
}

// takeID3 reports what an ID3v2 tag tells. A tag that can't be read to its end
// is dropped all the same.
func (j *job) takeID3(b []byte) {
	j.facts.remove(KindMetadata)
	if id3Size(b) == 0 {
		return
	}
	head, name := 10, 4
	if b[3] == 2 {
		head, name = 6, 3
	}
	version := b[3]
	for b = b[10:]; len(b) >= head && b[0] != 0; {
		n := 0
		for _, c := range b[name : name+min(4, name)] {
			shift := 8
			if version == 4 {
				shift = 7
			}
			n = n<<shift | int(c)
		}
		j.facts.remove(id3Kind(string(b[:name]), b[head:min(len(b), head+64)]))
		if n < 0 || n > len(b)-head {
			return
		}
		b = b[head+n:]
	}
}

func id3Kind(name string, content []byte) Kind {
	switch name {
	case "TPE1", "TPE2", "TPE3", "TPE4", "TCOM", "TEXT", "TENC", "TOWN", "TCOP", "TPUB", "TOLY", "TOPE", "OWNE", "WOAR", "TP1", "TP2", "TCM", "TEN", "TCR":
		return KindAuthor
	case "TDRC", "TDTG", "TDEN", "TDOR", "TDRL", "TYER", "TDAT", "TIME", "TORY", "TYE", "TDA", "TIM":
		return KindDate
	case "TSSE", "TSS":
		return KindSoftware
	case "COMM", "USLT", "SYLT", "COM", "ULT":
		return KindComment
	case "APIC", "PIC":
		return KindEmbeddedImage
	case "GEOB", "GEO":
		return KindEmbeddedFile
	case "UFID", "PRIV", "MCDI", "TSRC", "PCNT", "POPM", "UFI":
		return KindIdentifier
	case "WXXX", "WCOM", "WOAF", "WOAS", "WPUB", "LINK", "WXX":
		return KindLink
	case "TXXX", "TXX":
		if bytes.Contains(bytes.ToLower(content), []byte("loc")) {
			return KindGPS
		}
		return KindComment
	}
	return KindDescription
}
