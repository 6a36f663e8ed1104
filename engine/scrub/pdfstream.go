// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"strconv"
)

// stream writes a stream: its bytes are copied, but for photos, which are
// cleaned.
func (w *pdfWriter) stream(s *pdfStream) error {
	if s.dict.get("Subtype") == pdfName("Image") {
		return w.image(s)
	}
	if t := s.dict.get("Type"); t == pdfName("EmbeddedFile") || t == pdfName("Metadata") {
		w.facts.remove(KindEmbeddedFile)
		w.plan.str("null")
		return nil
	}
	d := &pdfDict{}
	for _, k := range s.dict.keys {
		switch k {
		case "Length", "DL":
		case "F", "FFilter", "FDecodeParms":
			w.dropped(k)
		default:
			d.set(k, s.dict.get(k))
		}
	}
	kept, ok := w.keepDict(d, roleAny).(*pdfDict)
	if !ok {
		w.plan.str("null")
		return nil
	}
	w.put(kept, s.n, func() { w.plan.copy(w.src, s.off, s.n) })
	return w.err
}

// put writes a stream's dictionary and, by copy, its n bytes.
func (w *pdfWriter) put(d *pdfDict, n int64, copyBytes func()) {
	d.set("Length", pdfNumber(strconv.FormatInt(n, 10)))
	w.plan.lit(appendPDF(nil, d, w.number)...)
	w.plan.str("\nstream\n")
	copyBytes()
	w.plan.str("\nendstream")
}

func (w *pdfWriter) image(s *pdfStream) error {
	d := &pdfDict{}
	for _, k := range s.dict.keys {
		switch k {
		case "ColorSpace":
			d.set(k, w.keep(s.dict.get(k), roleColour))
		case "Type", "Subtype", "Width", "Height", "BitsPerComponent", "Decode", "Interpolate", "ImageMask", "Mask", "SMask", "SMaskInData", "Matte", "Filter", "DecodeParms", "Intent", "OC":
			d.set(k, w.keep(s.dict.get(k), roleAny))
		case "Length", "DL":
		default:
			w.dropped(k)
		}
	}
	wide, err := w.resolve(d.get("Width"))
	if err != nil {
		return err
	}
	high, err := w.resolve(d.get("Height"))
	if err != nil {
		return err
	}
	if err := pixels(int64(pdfInt(wide)), int64(pdfInt(high))); err != nil {
		return err
	}
	filters, err := w.filters(s.dict)
	if err != nil {
		return err
	}
	src := w.src.section(s.off, s.n)
	if len(filters) == 2 && filters[0] == "FlateDecode" && filters[1] == "DCTDecode" && s.n <= maxInMemory {
		b, err := w.src.keep(s.off, int(s.n))
		if err != nil {
			return err
		}
		if b, err = w.budget.zlib(b); err != nil {
			return err
		}
		src, filters = memSource(b), filters[1:]
		d.set("Filter", pdfName("DCTDecode"))
		d.set("DecodeParms", nil)
	}
	plan := &Plan{}
	switch {
	case len(filters) == 1 && filters[0] == "DCTDecode":
		cleaned, typ, err := w.nested(src, "")
		if err == nil && typ == TypeJPEG {
			plan = cleaned
			break
		}
		w.facts.remain(KindNotCleaned)
		plan.copy(src, 0, src.size)
	default:
		if len(filters) > 0 && filters[len(filters)-1] == "JPXDecode" {
			head, err := src.upTo(0, window)
			if err != nil {
				return err
			}
			if bytes.Contains(head, []byte("xml ")) || bytes.Contains(head, []byte("uuid")) {
				w.facts.remain(KindNotCleaned)
			}
		}
		plan.copy(src, 0, src.size)
	}
	w.put(d, plan.Size, func() { w.plan.add(plan) })
	return w.err
}

// filters lists how a stream is packed.
func (w *pdfWriter) filters(d *pdfDict) ([]pdfName, error) {
	v, err := w.resolve(d.get("Filter"))
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case pdfName:
		return []pdfName{v}, nil
	case pdfArray:
		var out []pdfName
		for _, x := range v {
			if x, err = w.resolve(x); err != nil {
				return nil, err
			}
			n, _ := x.(pdfName)
			out = append(out, n)
		}
		return out, nil
	}
	return nil, nil
}

// annotations keeps what fields and drawings show, as stamps: their
// appearance, without what they are, who made them and what they would do.
func (w *pdfWriter) annotations(v any) (pdfArray, error) {
	v, err := w.resolve(v)
	if err != nil {
		return nil, err
	}
	list, _ := v.(pdfArray)
	var out pdfArray
	for _, item := range list {
		if err := w.budget.part(); err != nil {
			return nil, err
		}
		v, err := w.resolve(item)
		if err != nil {
			return nil, err
		}
		d, ok := v.(*pdfDict)
		if !ok {
			continue
		}
		stamp, err := w.stamp(d)
		if err != nil {
			return nil, err
		}
		if stamp != nil {
			out = append(out, stamp)
		}
	}
	return out, nil
}

func (w *pdfWriter) stamp(d *pdfDict) (*pdfDict, error) {
	subtype, _ := d.get("Subtype").(pdfName)
	switch subtype {
	case "Link":
		w.facts.remove(KindLink)
		return nil, nil
	case "Popup", "Text":
		w.facts.remove(KindComment)
		return nil, nil
	case "FileAttachment":
		w.facts.remove(KindEmbeddedFile)
		return nil, nil
	case "Sound", "Movie", "Screen", "RichMedia", "3D", "TrapNet", "PrinterMark":
		w.facts.remove(KindScript)
		return nil, nil
	case "Widget":
		w.facts.remove(KindForm)
	}
	for _, k := range d.keys {
		switch k {
		case "T":
			if subtype != "Widget" {
				w.facts.remove(KindAuthor)
			}
		case "M", "CreationDate":
			w.facts.remove(KindDate)
		case "Contents", "RC", "Subj":
			w.facts.remove(KindComment)
		case "NM":
			w.facts.remove(KindIdentifier)
		case "A", "AA":
			w.facts.remove(KindScript)
		}
	}
	rect, err := w.resolve(d.get("Rect"))
	if err != nil {
		return nil, err
	}
	look, err := w.appearance(d)
	if err != nil || look == nil || rect == nil {
		return nil, err
	}
	if flags := pdfInt(d.get("F")); flags > 0 && flags&0x22 != 0 { // hidden, or not shown
		w.facts.remove(KindHidden)
		return nil, nil
	}
	ap, out := &pdfDict{}, &pdfDict{}
	ap.set("N", w.keep(look, roleAny))
	out.set("Type", pdfName("Annot"))
	out.set("Subtype", pdfName("Stamp"))
	out.set("Rect", w.keep(rect, roleAny))
	out.set("F", pdfNumber("4"))
	out.set("AP", ap)
	return out, nil
}

// appearance returns the reference to what an annotation looks like now.
func (w *pdfWriter) appearance(d *pdfDict) (any, error) {
	v, err := w.resolve(d.get("AP"))
	if err != nil {
		return nil, err
	}
	ap, _ := v.(*pdfDict)
	look := ap.get("N")
	if v, err = w.resolve(look); err != nil {
		return nil, err
	}
	if states, ok := v.(*pdfDict); ok {
		state, _ := d.get("AS").(pdfName)
		look = states.get(state)
		if v, err = w.resolve(look); err != nil {
			return nil, err
		}
	}
	if _, ok := v.(*pdfStream); !ok {
		return nil, nil
	}
	if _, ok := look.(pdfRef); !ok {
		return nil, nil
	}
	return look, nil
}
