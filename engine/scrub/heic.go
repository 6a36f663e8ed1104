// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// heifItem is a thing in a HEIC or AVIF: a picture, a tile, EXIF.
type heifItem struct {
	id      int
	typ     string
	hidden  bool
	inside  bool       // its bytes are in idat
	extents [][2]int64 // offset and length
	props   []int      // indexes into ipco, with the essential bit 0x8000
	to      int64      // where its bytes begin in the new data box
	size    int64
}

// heif is one HEIC or AVIF.
type heif struct {
	*job
	top     []box
	primary int
	items   []*heifItem
	refs    []heifRef
	props   []box
	idat    []byte
}

type heifRef struct {
	typ  string
	from int
	to   []int
}

// cleanHEIC keeps the main picture with its tiles and transparency.
func cleanHEIC(j *job) error {
	h := &heif{job: j}
	var err error
	if h.top, err = topBoxes(j.src); err != nil {
		return err
	}
	brand, err := h.look()
	if err != nil {
		return err
	}
	kept, err := h.choose()
	if err != nil {
		return err
	}
	props, err := h.properties(kept)
	if err != nil {
		return err
	}
	var total int64
	for _, it := range kept {
		it.to = total
		it.size = 0
		for _, e := range it.extents {
			if it.inside {
				if e[0] < 0 || e[1] < 0 || e[0] > int64(len(h.idat)) || e[1] > int64(len(h.idat))-e[0] {
					return malformed("heic: bytes outside the data")
				}
			} else if !inData(h.top, e[0], e[1]) {
				return refuse(ReasonTruncated, "heic: bytes outside the data")
			}
			it.size += e[1]
		}
		total += it.size
	}
	if total > j.src.size {
		return malformed("heic: items that overlap")
	}
	ftyp := makeBox("ftyp", []byte(brand+"\x00\x00\x00\x00"+brand+"mif1"))
	size := int64(len(ftyp)+len(h.meta(kept, props, 0))) + 8
	j.plan.lit(ftyp...)
	j.plan.lit(h.meta(kept, props, size)...)
	j.plan.lit(mdatHead(total)...)
	for _, it := range kept {
		for _, e := range it.extents {
			if it.inside {
				j.plan.lit(h.idat[e[0] : e[0]+e[1]]...)
			} else {
				j.plan.copy(j.src, e[0], e[1])
			}
		}
	}
	return nil
}

func (h *heif) look() (string, error) {
	brand := ""
	found := false
	for i := range h.top {
		b := &h.top[i]
		switch b.typ {
		case "ftyp":
			head, err := h.src.upTo(b.off, int(min(b.size, 8)))
			if err != nil {
				return "", err
			}
			if len(head) >= 4 {
				brand = string(head[:4])
			}
		case "meta":
			if found {
				return "", malformed("heic: two lists of contents")
			}
			found = true
			if err := b.load(h.src); err != nil {
				return "", err
			}
			if err := h.read(b.body); err != nil {
				return "", err
			}
		case "mdat":
		case "moov", "moof":
			h.facts.remove(KindEmbeddedFile) // the film of a live photo
		case "free", "skip":
		default:
			h.facts.remove(KindUnknown)
		}
	}
	switch {
	case !found:
		return "", refuse(ReasonTruncated, "heic: no list of contents")
	case brand == "avif" || brand == "avis":
		return "avif", nil
	case brand == "heix" || brand == "mif1":
		return brand, nil
	}
	return "heic", nil
}

// read reads the list of contents.
func (h *heif) read(b []byte) error {
	if len(b) < 4 {
		return malformed("heic: list of contents")
	}
	list, err := boxesIn(b[4:])
	if err != nil {
		return err
	}
	h.idat, _ = findBox(list, "idat")
	for _, step := range []struct {
		typ  string
		must bool
		read func(*bits) error
	}{{"pitm", true, h.readPrimary}, {"iinf", true, h.readInfo}, {"iloc", true, h.readPlaces}, {"iref", false, h.readRefs}} {
		body, ok := findBox(list, step.typ)
		if !ok {
			if step.must {
				return malformed("heic: no " + step.typ)
			}
			continue
		}
		r := &bits{b: body}
		if err := step.read(r); err != nil {
			return err
		}
		if r.short {
			return malformed("heic: " + step.typ)
		}
	}
	for _, b := range list {
		switch b.typ {
		case "hdlr", "pitm", "iinf", "iloc", "iref", "iprp", "idat", "dinf":
		case "ipro":
			return refuse(ReasonEncrypted, "heic")
		case "grpl", "free":
		default:
			h.facts.remove(KindUnknown)
		}
	}
	iprp, _ := findBox(list, "iprp")
	return h.readProperties(iprp)
}

// bits reads numbers; short says that they ended too early.
type bits struct {
	b     []byte
	short bool
}

func (r *bits) num(width int) int64 {
	if len(r.b) < width {
		r.short = true
		r.b = nil
		return 0
	}
	v := uint64(0)
	for _, c := range r.b[:width] {
		v = v<<8 | uint64(c)
	}
	r.b = r.b[width:]
	return int64(v)
}

func (r *bits) full() (version int, flags int64) {
	v := r.num(4)
	return int(v >> 24), v & 0xFFFFFF
}

func (h *heif) readPrimary(r *bits) error {
	v, _ := r.full()
	h.primary = int(r.num(2 + 2*min(v, 1)))
	return nil
}

func (h *heif) readInfo(r *bits) error {
	v, _ := r.full()
	r.num(2 + 2*min(v, 1))
	list, err := boxesIn(r.b)
	if err != nil {
		return err
	}
	for _, b := range list {
		e := &bits{b: b.body}
		v, flags := e.full()
		if v < 2 || v > 3 {
			return refuse(ReasonUnsupported, "heic: items of an old form")
		}
		it := &heifItem{id: int(e.num(2 * (v - 1))), hidden: flags&1 != 0}
		protected := e.num(2)
		it.typ = string(u32(e.num(4)))
		if e.short || h.item(it.id) != nil {
			return malformed("heic: items")
		}
		if protected != 0 {
			return refuse(ReasonEncrypted, "heic")
		}
		if err := h.budget.part(); err != nil {
			return err
		}
		if len(h.items) > 4096 {
			return refuse(ReasonTooLarge, "heic: too many items")
		}
		h.items = append(h.items, it)
	}
	return nil
}

func (h *heif) item(id int) *heifItem {
	for _, it := range h.items {
		if it.id == id {
			return it
		}
	}
	return nil
}

func (h *heif) readPlaces(r *bits) error {
	v, _ := r.full()
	sizes := r.num(2)
	off, length, base, index := int(sizes>>12&15), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if v == 0 {
		index = 0
	}
	if v > 2 || off > 8 || length > 8 || base > 8 || index > 8 {
		return malformed("heic: places")
	}
	wide := 2
	if v == 2 {
		wide = 4
	}
	for n := r.num(wide); n > 0 && !r.short; n-- {
		it := h.item(int(r.num(wide)))
		method := int64(0)
		if v > 0 {
			method = r.num(2) & 15
		}
		ref := r.num(2)
		from := r.num(base)
		if it == nil {
			it = &heifItem{} // a place of nothing
		}
		it.inside = method == 1
		if method > 1 || ref != 0 {
			it.typ = "????" // in another item or file: it can't stay
		}
		for k := r.num(2); k > 0 && !r.short; k-- {
			r.num(index)
			o := from + r.num(off)
			it.extents = append(it.extents, [2]int64{o, r.num(length)})
			if len(it.extents) > 1<<16 {
				return malformed("heic: places")
			}
		}
	}
	return nil
}

func (h *heif) readRefs(r *bits) error {
	v, _ := r.full()
	width := 2 + 2*min(v, 1)
	list, err := boxesIn(r.b)
	if err != nil {
		return err
	}
	for _, b := range list {
		e := &bits{b: b.body}
		ref := heifRef{typ: b.typ, from: int(e.num(width))}
		for n := e.num(2); n > 0 && !e.short; n-- {
			ref.to = append(ref.to, int(e.num(width)))
		}
		if e.short {
			return malformed("heic: references")
		}
		h.refs = append(h.refs, ref)
	}
	return nil
}

func (h *heif) readProperties(b []byte) error {
	list, err := boxesIn(b)
	if err != nil {
		return err
	}
	ipco, _ := findBox(list, "ipco")
	if h.props, err = boxesIn(ipco); err != nil {
		return err
	}
	ipma, ok := findBox(list, "ipma")
	if !ok {
		return malformed("heic: no properties")
	}
	r := &bits{b: ipma}
	v, flags := r.full()
	for n := r.num(4); n > 0 && !r.short; n-- {
		it := h.item(int(r.num(2 + 2*min(v, 1))))
		for k := r.num(1); k > 0; k-- {
			p := int(r.num(1 + int(flags&1)))
			if flags&1 == 0 {
				p = p&0x7F | p&0x80<<8
			}
			if it != nil {
				it.props = append(it.props, p)
			}
		}
	}
	if r.short {
		return malformed("heic: properties")
	}
	return nil
}

// choose returns the items that stay, in the order of the list.
func (h *heif) choose() ([]*heifItem, error) {
	keep := map[int]bool{h.primary: true}
	for range 4 { // pictures of pictures of tiles
		for _, ref := range h.refs {
			if ref.typ == "dimg" && keep[ref.from] {
				for _, id := range ref.to {
					keep[id] = true
				}
			}
			if ref.typ == "auxl" && len(ref.to) > 0 && keep[ref.to[0]] && h.alpha(h.item(ref.from)) {
				keep[ref.from] = true
			}
		}
	}
	thumb := map[int]bool{}
	for _, ref := range h.refs {
		thumb[ref.from] = thumb[ref.from] || ref.typ == "thmb"
	}
	var kept []*heifItem
	for _, it := range h.items {
		switch {
		case keep[it.id]:
			if !slices.Contains([]string{"hvc1", "av01", "grid", "iden", "iovl"}, it.typ) {
				return nil, refuse(ReasonUnsupported, "heic: a picture of another kind")
			}
			if it.id > 0xFFFF || it.id < 1 {
				return nil, refuse(ReasonUnsupported, "heic: numbers of items")
			}
			if len(it.extents) == 0 && it.typ != "iden" {
				return nil, malformed("heic: a picture without bytes")
			}
			kept = append(kept, it)
		case it.typ == "Exif":
			if err := h.exif(it); err != nil {
				return nil, err
			}
		case it.typ == "mime":
			h.facts.remove(KindMetadata)
		case thumb[it.id]:
			h.facts.remove(KindThumbnail)
		default:
			h.facts.remove(KindEmbeddedImage)
		}
	}
	if h.item(h.primary) == nil {
		return nil, malformed("heic: no picture")
	}
	return kept, nil
}

// exif reports what an EXIF item tells.
func (h *heif) exif(it *heifItem) error {
	if len(it.extents) == 0 || it.inside || !h.src.has(it.extents[0][0], it.extents[0][1]) || it.extents[0][1] > 1<<20 {
		h.facts.remove(KindMetadata)
		return nil
	}
	b, err := h.src.keep(it.extents[0][0], int(it.extents[0][1]))
	if err != nil {
		return err
	}
	if len(b) > 4 {
		if at := 4 + int64(binary.BigEndian.Uint32(b)); at < int64(len(b)) {
			b = b[at:]
		}
	}
	h.takeEXIF(b)
	return nil
}

func (h *heif) property(index int) (box, bool) {
	i := index&0x7FFF - 1
	if i < 0 || i >= len(h.props) {
		return box{}, false
	}
	return h.props[i], true
}

// alpha reports whether an auxiliary picture is the transparency.
func (h *heif) alpha(it *heifItem) bool {
	if it == nil {
		return false
	}
	for _, index := range it.props {
		if p, ok := h.property(index); ok && p.typ == "auxC" {
			return bytes.Contains(p.body, []byte("auxid:1")) || bytes.Contains(p.body, []byte("auxiliary:alpha"))
		}
	}
	return false
}
