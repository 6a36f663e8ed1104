// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// The tags by which a page is drawn.
const (
	tiffSubfile     = 254
	tiffWidth       = 256
	tiffHeight      = 257
	tiffBits        = 258
	tiffCompression = 259
	tiffPhotometric = 262
	tiffStrips      = 273
	tiffOrientation = 274
	tiffSamples     = 277
	tiffStripRows   = 278
	tiffStripBytes  = 279
	tiffXRes        = 282
	tiffYRes        = 283
	tiffPlanar      = 284
	tiffTileWidth   = 322
	tiffTileHeight  = 323
	tiffTiles       = 324
	tiffTileBytes   = 325
	tiffSubIFDs     = 330
	tiffTables      = 347
	tiffICC         = 34675
	tiffEXIF        = 34665
	tiffGPS         = 34853
)

const (
	maxTIFFPages = 4096
	maxTIFFTags  = 512
)

// tiffDraws says how many values a tag may have that a page needs; 0 for one
// that it doesn't.
func tiffDraws(tag uint16) int64 {
	switch tag {
	case tiffWidth, tiffHeight, tiffCompression, tiffPhotometric, tiffOrientation, tiffSamples, tiffStripRows, tiffPlanar, tiffTileWidth, tiffTileHeight,
		266, 292, 293, 317, 332, 531: // order of bits, fax options, predictor, inks, position of colour samples
		return 1
	case 530: // how often colours are sampled
		return 2
	case 529: // brightness of colours
		return 3
	case 532: // black and white
		return 6
	case tiffBits, 338, 339: // sizes, extra channels, forms of samples
		return 32
	case 320: // colours
		return 3 << 16
	}
	return 0
}

// tiffValue is a tag, with its values as they are in the file.
type tiffValue struct {
	tag, typ uint16
	count    int64
	data     []byte
}

// tiffPage is one picture.
type tiffPage struct {
	values []tiffValue
	icc    []byte
	parts  []span // strips or tiles
	small  bool   // a thumbnail
	tiled  bool
}

// tiff is the walk through one TIFF.
type tiff struct {
	*job
	order binary.ByteOrder
	pages []tiffPage
	seen  map[int64]bool
	used  int64 // bytes of the file that mean something
}

// cleanTIFF writes a new file of the pages, with the tags by which they are
// drawn.
func cleanTIFF(j *job) error {
	b, err := j.src.at(0, 8)
	if err != nil {
		return err
	}
	order, ok := tiffOrder(b)
	if !ok {
		return refuse(ReasonUnsupported, "tiff: of the large form")
	}
	if b, err = j.src.upTo(8, 2); err == nil && string(b) == "CR" {
		return refuse(ReasonUnsupported, "tiff: raw data of a camera")
	}
	t := &tiff{job: j, order: order, seen: map[int64]bool{}, used: 8}
	b, err = j.src.at(4, 4)
	if err != nil {
		return err
	}
	for at := int64(order.Uint32(b)); at != 0; {
		if len(t.pages) >= maxTIFFPages {
			return refuse(ReasonTooLarge, "tiff: too many pages")
		}
		if at, err = t.page(at); err != nil {
			return err
		}
	}
	t.choose()
	if len(t.pages) == 0 {
		return refuse(ReasonUnsupported, "tiff: no picture of full size")
	}
	if err := t.write(); err != nil {
		return err
	}
	if t.used+64*int64(len(t.pages)) < j.src.size {
		j.facts.remove(KindHidden)
	}
	return nil
}

// choose drops thumbnails, unless there is nothing else.
func (t *tiff) choose() {
	t.pages = slices.DeleteFunc(t.pages, func(p tiffPage) bool {
		if p.small {
			t.facts.remove(KindThumbnail)
		}
		return p.small
	})
}

// page reads a directory and returns where the next one is.
func (t *tiff) page(at int64) (int64, error) {
	list, next, err := t.directory(at)
	if err != nil {
		return 0, err
	}
	var p tiffPage
	var places, sizes []int64
	for _, v := range list {
		var draws bool
		switch v.tag {
		case tiffSubfile:
			kind := t.one(v)
			p.small = kind&5 != 0 // a small copy, or a mask
			if kind&^7 != 0 {
				return 0, malformed("tiff: a page of no kind")
			}
		case tiffStrips, tiffTiles:
			p.tiled = p.tiled || v.tag == tiffTiles
			places, err = t.many(v)
		case tiffStripBytes, tiffTileBytes:
			sizes, err = t.many(v)
		case tiffSubIFDs:
			t.facts.remove(KindEmbeddedImage)
		case tiffEXIF, tiffGPS:
			t.aside(v)
		case tiffXRes, tiffYRes:
			draws = true // taken back by resolution
		case tiffICC:
			p.icc = t.takeICC(v.data)
		case tiffTables:
			draws = true
		default:
			draws = tiffDraws(v.tag) > 0
			if !draws {
				t.other(v)
			}
		}
		if err != nil {
			return 0, err
		}
		if draws {
			p.values = append(p.values, v)
		}
	}
	if err := t.parts(&p, places, sizes); err != nil {
		return 0, err
	}
	t.resolution(&p)
	t.pages = append(t.pages, p)
	return next, nil
}

// other reports a tag that doesn't stay.
func (t *tiff) other(v tiffValue) {
	switch {
	case v.tag == 700: // XMP
		t.takeXMP(v.data)
	case v.tag == 33723 || v.tag == 34377:
		t.takeIPTC(v.data)
	case v.tag == 33550 || v.tag == 33922 || (v.tag >= 34735 && v.tag <= 34737):
		t.facts.remove(KindGPS) // where on Earth a map lies
	case v.tag >= 32768 && exifTag(v.tag) == "":
		t.facts.remove(KindUnknown)
	case exifTag(v.tag) != "":
		t.facts.remove(exifTag(v.tag))
	default:
		t.facts.remove(KindSettings)
	}
}

// aside reports what the directories of EXIF and GPS tell.
func (t *tiff) aside(v tiffValue) {
	if v.tag == tiffGPS {
		t.facts.remove(KindGPS)
	}
	list, _, err := t.directory(t.one(v))
	if err != nil {
		t.facts.remove(KindUnknown) // it doesn't stay, so it may be broken
		return
	}
	if v.tag == tiffGPS {
		return
	}
	for _, v := range list {
		kind := exifTag(v.tag)
		if kind == "" {
			kind = KindSettings
		}
		t.facts.remove(kind)
	}
}

// directory reads a list of tags, each once.
func (t *tiff) directory(at int64) (list []tiffValue, next int64, err error) {
	if err := t.budget.part(); err != nil {
		return nil, 0, err
	}
	if at < 8 || t.seen[at] {
		return nil, 0, malformed("tiff: directories that go round in a circle")
	}
	t.seen[at] = true
	b, err := t.src.at(at, 2)
	if err != nil {
		return nil, 0, err
	}
	n := int64(t.order.Uint16(b))
	if n == 0 || n > maxTIFFTags {
		return nil, 0, malformed("tiff: a directory without tags, or with too many")
	}
	if b, err = t.src.keep(at+2, int(12*n+4)); err != nil {
		return nil, 0, err
	}
	if err := t.spend(6 + 12*n); err != nil {
		return nil, 0, err
	}
	for i := range n {
		v, err := t.value(b[12*i:])
		if err != nil {
			return nil, 0, err
		}
		list = append(list, v)
	}
	// Readers take the first of two.
	slices.SortStableFunc(list, func(a, b tiffValue) int { return cmp.Compare(a.tag, b.tag) })
	list = slices.CompactFunc(list, func(a, b tiffValue) bool {
		if a.tag == b.tag {
			t.facts.remove(KindHidden)
		}
		return a.tag == b.tag
	})
	return list, int64(t.order.Uint32(b[12*n:])), nil
}

var tiffSizes = [...]int64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4}

// spend counts bytes of the file that mean something. In a file that isn't
// made to harm no byte means two things.
func (t *tiff) spend(n int64) error {
	if t.used += n + n%2; t.used > 2*t.src.size+1<<16 {
		return refuse(ReasonBomb, "tiff: parts that overlap")
	}
	return nil
}

// value reads a tag. What is long and doesn't stay is not read whole.
func (t *tiff) value(row []byte) (tiffValue, error) {
	v := tiffValue{tag: t.order.Uint16(row), typ: t.order.Uint16(row[2:]), count: int64(t.order.Uint32(row[4:]))}
	if int(v.typ) >= len(tiffSizes) || v.typ == 0 {
		return v, malformed("tiff: a value of no type")
	}
	if most := tiffDraws(v.tag); most > 0 && (v.count > most || (v.typ != 1 && v.typ != 3 && v.typ != 4 && v.typ != 5)) {
		return v, malformed("tiff: a value that can't be")
	}
	n := v.count * tiffSizes[v.typ]
	if n <= 4 {
		v.data = row[8 : 8+n]
		return v, nil
	}
	at := int64(t.order.Uint32(row[8:]))
	if !t.src.has(at, n) {
		return v, refuse(ReasonTruncated, "tiff: a value ends too early")
	}
	err := t.spend(n)
	if err != nil {
		return v, err
	}
	switch v.tag {
	case tiffStrips, tiffStripBytes, tiffTiles, tiffTileBytes:
		if n > 8<<20 {
			return v, refuse(ReasonTooLarge, "tiff: too many parts")
		}
	case tiffTables:
		if n > 1<<16 {
			return v, malformed("tiff: tables of a JPEG that can't be")
		}
	case tiffICC:
		n = min(n, 1<<20)
	default:
		if tiffDraws(v.tag) == 0 {
			n = min(n, 64<<10)
		}
	}
	v.data, err = t.src.keep(at, int(n))
	return v, err
}

// one returns a tag's first number; -1 when it has none.
func (t *tiff) one(v tiffValue) int64 {
	switch {
	case v.count < 1:
	case v.typ == 1:
		return int64(v.data[0])
	case v.typ == 3:
		return int64(t.order.Uint16(v.data))
	case v.typ == 4 || v.typ == 13:
		return int64(t.order.Uint32(v.data))
	}
	return -1
}

func (t *tiff) many(v tiffValue) ([]int64, error) {
	if v.typ != 3 && v.typ != 4 {
		return nil, malformed("tiff: places")
	}
	out := make([]int64, v.count)
	for i := range out {
		if v.typ == 3 {
			out[i] = int64(t.order.Uint16(v.data[2*i:]))
		} else {
			out[i] = int64(t.order.Uint32(v.data[4*i:]))
		}
	}
	return out, nil
}

// get returns a number that a page has, or what holds where it has none.
func (t *tiff) get(p *tiffPage, tag uint16, otherwise int64) int64 {
	for _, v := range p.values {
		if v.tag == tag {
			return t.one(v)
		}
	}
	return otherwise
}

// parts checks that strips or tiles are as many as the picture needs.
func (t *tiff) parts(p *tiffPage, places, sizes []int64) error {
	w, h := t.get(p, tiffWidth, 0), t.get(p, tiffHeight, 0)
	if err := pixels(w, h); err != nil {
		return err
	}
	samples, planes := t.get(p, tiffSamples, 1), int64(1)
	if samples < 1 || samples > 32 {
		return malformed("tiff: samples")
	}
	if t.get(p, tiffPlanar, 1) == 2 {
		planes = samples
	}
	compression := t.get(p, tiffCompression, 1)
	switch compression {
	case 1, 2, 3, 4, 5, 7, 8, 32773, 32946:
	default:
		return refuse(ReasonUnsupported, "tiff: packed in a rare way")
	}
	if photo := t.get(p, tiffPhotometric, -1); photo == 32803 || photo == 34892 {
		return refuse(ReasonUnsupported, "tiff: raw data of a camera")
	}
	pw, ph := w, min(max(t.get(p, tiffStripRows, h), 0), h)
	if p.tiled {
		pw, ph = t.get(p, tiffTileWidth, 0), t.get(p, tiffTileHeight, 0)
	}
	if pw < 1 || ph < 1 || pw > 1<<20 || ph > 1<<20 {
		return malformed("tiff: parts without extent")
	}
	need := ((w + pw - 1) / pw) * ((h + ph - 1) / ph) * planes
	if int64(len(places)) < need || int64(len(sizes)) < need {
		return malformed("tiff: parts are missing")
	}
	if int64(len(places)) > need || int64(len(sizes)) > need {
		t.facts.remove(KindHidden)
	}
	row := int64(0) // bytes of an unpacked row, where that is known
	if compression == 1 && t.get(p, 530, 1) == 1 {
		row = t.rowBytes(p, pw, samples/planes)
	}
	for i := range need {
		if err := t.budget.part(); err != nil {
			return err
		}
		part := span{places[i], sizes[i]}
		if !t.src.has(part.off, part.n) {
			return refuse(ReasonTruncated, "tiff: a part of the picture ends too early")
		}
		if most := row * ph; row > 0 && part.n > most {
			t.facts.remove(KindHidden)
			part.n = most
		}
		if err := t.spend(part.n); err != nil {
			return err
		}
		p.parts = append(p.parts, part)
	}
	return nil
}

// rowBytes is how long a row of a part is that isn't packed; 0 when it can't
// be said.
func (t *tiff) rowBytes(p *tiffPage, width, samples int64) int64 {
	for _, v := range p.values {
		if v.tag == tiffBits {
			list, err := t.many(v)
			if err != nil {
				return 0
			}
			var bits, most int64
			for _, b := range list {
				bits, most = bits+b, max(most, b)
			}
			return (width*max(bits, most*samples) + 7) / 8
		}
	}
	return (width*samples + 7) / 8
}
