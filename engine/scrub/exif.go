// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
)

// exif is what an EXIF block says, as far as we ask it.
type exif struct {
	orientation byte // 1 to 8; 0 when it isn't said
	kinds       []Kind
}

// exifTags says which tags tell what; all are dropped.
func exifTag(tag uint16) Kind {
	switch tag {
	case 0x010F, 0x0110, 0xA433, 0xA434, 0xC614, 0x9A00: // Make, Model, lens make and model, camera model
		return KindDevice
	case 0xA431, 0xA435, 0xA420, 0xC62F, 0xFDE8: // body and lens serial, unique image id
		return KindSerial
	case 0x013B, 0x8298, 0xA430, 0x9C9D, 0x0315: // Artist, Copyright, owner, XPAuthor
		return KindAuthor
	case 0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292:
		return KindDate
	case 0x0131, 0x000B, 0x013C: // Software, ProcessingSoftware, HostComputer
		return KindSoftware
	case 0x9286, 0x9C9C: // UserComment, XPComment
		return KindComment
	case 0x010E, 0x010D, 0x9C9B, 0x9C9E, 0x9C9F, 0x010A: // ImageDescription, DocumentName, XP…
		return KindDescription
	case 0x927C, 0xC634: // maker note
		return KindUnknown
	case 0x02BC, 0x83BB, 0x8649: // XMP, IPTC, Photoshop
		return KindMetadata
	case 0x8773:
		return KindColourProfile
	}
	return ""
}

// readEXIF walks an EXIF block (a TIFF header and its directories). What it
// can't read it counts as unknown: the block is dropped anyway.
func readEXIF(b []byte) exif {
	x := exif{}
	order, ok := tiffOrder(b)
	if !ok {
		x.kinds = append(x.kinds, KindUnknown)
		return x
	}
	type dir struct {
		off uint32
		as  byte // 0 first, 1 second, e exif, g gps
	}
	todo, steps := []dir{{order.Uint32(b[4:]), 0}}, 0
	for len(todo) > 0 && steps < 16 {
		d := todo[0]
		todo, steps = todo[1:], steps+1
		at := int64(d.off)
		if at < 8 || at+2 > int64(len(b)) {
			continue
		}
		n := int64(order.Uint16(b[at:]))
		at += 2
		for i := int64(0); i < n && at+12 <= int64(len(b)); i, at = i+1, at+12 {
			tag, value := order.Uint16(b[at:]), order.Uint32(b[at+8:])
			switch {
			case d.as == 'g':
				x.add(KindGPS)
			case tag == 0x8769:
				todo = append(todo, dir{value, 'e'})
			case tag == 0x8825:
				todo = append(todo, dir{value, 'g'})
			case tag == 0xA005: // interoperability: which standard, nothing else
			case d.as == 1 && (tag == 0x0201 || tag == 0x0111):
				x.add(KindThumbnail)
			case d.as == 0 && tag == 0x0112:
				if o := order.Uint16(b[at+8:]); o >= 1 && o <= 8 {
					x.orientation = byte(o)
				}
			case exifTag(tag) != "":
				x.add(exifTag(tag))
			default:
				x.add(KindSettings)
			}
		}
		if d.as == 0 && at+4 <= int64(len(b)) {
			if next := order.Uint32(b[at:]); next != 0 {
				todo = append(todo, dir{next, 1})
			}
		}
	}
	return x
}

func (x *exif) add(k Kind) {
	for _, have := range x.kinds {
		if have == k {
			return
		}
	}
	x.kinds = append(x.kinds, k)
}

// tiffOrder reads the byte order of a TIFF header.
func tiffOrder(b []byte) (binary.ByteOrder, bool) {
	if len(b) < 8 {
		return nil, false
	}
	switch string(b[:4]) {
	case "II*\x00":
		return binary.LittleEndian, true
	case "MM\x00*":
		return binary.BigEndian, true
	}
	return nil, false
}

// freshEXIF is a block that says how to turn the picture, and nothing else.
func freshEXIF(orientation byte) []byte {
	return []byte{
		'M', 'M', 0, '*', 0, 0, 0, 8,
		0, 1, // one entry
		0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
		0, 0, 0, 0, // no next directory
	}
}

// takeEXIF reports what an EXIF block says and returns the fresh one that
// replaces it, nil where none is needed.
func (j *job) takeEXIF(b []byte) []byte {
	x := readEXIF(b)
	var fresh []byte
	if x.orientation > 1 {
		fresh = freshEXIF(x.orientation)
		if bytes.Equal(b, fresh) {
			return fresh
		}
	}
	found := false
	for _, k := range x.kinds {
		j.facts.remove(k)
		found = true
	}
	if !found {
		j.facts.remove(KindSettings)
	}
	return fresh
}

// takeXMP reports what an XMP packet, or other descriptions in text, tell.
func (j *job) takeXMP(b []byte) {
	j.facts.remove(KindMetadata)
	for _, row := range []struct {
		word string
		kind Kind
	}{
		{"GPSL", KindGPS},
		{"Iptc4xmpCore:Location", KindGPS},
		{"photoshop:City", KindGPS},
		{"dc:creator", KindAuthor},
		{"pdf:Author", KindAuthor},
		{"photoshop:Credit", KindAuthor},
		{"xmpMM:History", KindEditHistory},
		{"photoshop:DocumentAncestors", KindEditHistory},
		{"CreatorTool", KindSoftware},
		{"pdf:Producer", KindSoftware},
		{"SerialNumber", KindSerial},
		{"CreateDate", KindDate},
		{"ModifyDate", KindDate},
		{"DocumentID", KindIdentifier},
		{"dc:title", KindDescription},
		{"dc:description", KindDescription},
		{"xmp:Thumbnails", KindThumbnail},
		{"tiff:Model", KindDevice},
	} {
		if bytes.Contains(b, []byte(row.word)) {
			j.facts.remove(row.kind)
		}
	}
}
