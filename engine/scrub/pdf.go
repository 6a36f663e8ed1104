// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"errors"
	"strconv"
)

// pdfRole says what an object is for: it decides what stays of it.
type pdfRole int

const (
	roleAny       pdfRole = iota
	roleNode              // of the tree of pages
	roleResources         // lists of names
	roleNames             // names that the page chose, with things behind
	roleColours           // the same, with colour spaces behind
	roleColour            // a colour space
)

// pdfWriter writes what can be reached from the pages, and nothing else: so
// earlier versions of a document don't stay.
type pdfWriter struct {
	*pdfFile
	numbers map[int]int // old number → new
	queue   []int       // old numbers, in the order of the new
	roles   map[int]pdfRole
	parents map[int]pdfRef
	root    int // the old number of the catalogue
	err     error
}

// cleanPDF writes a new document of the pages.
func cleanPDF(j *job) error {
	f, err := openPDF(j)
	if err == nil {
		err = f.rewrite()
	}
	if errors.Is(err, errPDF) {
		return malformed("pdf: an object that can't be read")
	}
	return err
}

func (f *pdfFile) rewrite() error {
	rootRef, ok := f.trailer.get("Root").(pdfRef)
	if !ok {
		return malformed("pdf: no catalogue")
	}
	v, err := f.resolve(rootRef)
	if err != nil {
		return err
	}
	root, ok := v.(*pdfDict)
	if !ok {
		return malformed("pdf: no catalogue")
	}
	pages, ok := root.get("Pages").(pdfRef)
	if !ok {
		return malformed("pdf: no pages")
	}
	if v, err = f.resolve(pages); err != nil {
		return err
	}
	if tree, ok := v.(*pdfDict); !ok || tree.get("Kids") == nil {
		return malformed("pdf: no pages")
	}
	if err := f.describe(root); err != nil {
		return err
	}
	w := &pdfWriter{pdfFile: f, numbers: map[int]int{}, roles: map[int]pdfRole{}, parents: map[int]pdfRef{}, root: rootRef.num}
	w.roles[pages.num] = roleNode
	return w.write(root, pages)
}

// describe reports what the document's own lists tell; none of them stays.
func (f *pdfFile) describe(root *pdfDict) error {
	v, err := f.resolve(f.trailer.get("Info"))
	if err != nil {
		return err
	}
	if info, ok := v.(*pdfDict); ok {
		for _, k := range info.keys {
			switch k {
			case "Author":
				f.facts.remove(KindAuthor)
			case "Creator", "Producer":
				f.facts.remove(KindSoftware)
			case "CreationDate", "ModDate":
				f.facts.remove(KindDate)
			case "Title", "Subject", "Keywords":
				f.facts.remove(KindDescription)
			default:
				f.facts.remove(KindMetadata)
			}
		}
	}
	if f.trailer.get("ID") != nil {
		f.facts.remove(KindIdentifier)
	}
	linear := 0
	if b, err := f.src.upTo(0, 1024); err == nil && bytes.Contains(b, []byte("/Linearized")) {
		linear = 1
	}
	if f.tables > 1+linear {
		f.facts.remove(KindEditHistory)
	}
	for _, k := range root.keys {
		switch k {
		case "Metadata":
			if err := f.packet(root.get(k)); err != nil {
				return err
			}
		case "OpenAction", "AA":
			f.facts.remove(KindScript)
		case "AcroForm":
			f.facts.remove(KindForm)
		case "Collection", "AF":
			f.facts.remove(KindEmbeddedFile)
		case "Outlines":
			f.facts.remove(KindDescription)
		case "PieceInfo":
			f.facts.remove(KindHidden)
		case "Perms", "DSS":
			f.facts.remove(KindIdentifier)
		case "URI":
			f.facts.remove(KindLink)
		case "Names":
			v, err := f.resolve(root.get(k))
			if err != nil {
				return err
			}
			names, _ := v.(*pdfDict)
			if names.get("EmbeddedFiles") != nil {
				f.facts.remove(KindEmbeddedFile)
			}
			if names.get("JavaScript") != nil {
				f.facts.remove(KindScript)
			}
		}
	}
	return nil
}

// packet reports an XMP packet.
func (f *pdfFile) packet(v any) error {
	v, err := f.resolve(v)
	if err != nil {
		return err
	}
	s, ok := v.(*pdfStream)
	if !ok {
		return nil
	}
	b, err := f.unpack(s)
	if err != nil {
		b = nil // it is dropped anyway
	}
	f.takeXMP(b)
	return nil
}

// number returns an object's new number, 0 where there is no such object.
func (w *pdfWriter) number(ref pdfRef) int {
	if n, ok := w.numbers[ref.num]; ok {
		return n
	}
	place, ok := w.places[ref.num]
	if !ok || place.off < 0 || ref.num == w.root {
		return 0
	}
	w.queue = append(w.queue, ref.num)
	w.numbers[ref.num] = len(w.queue) + 1 // the catalogue is the first
	return len(w.queue) + 1
}

func (w *pdfWriter) write(root *pdfDict, pages pdfRef) error {
	w.plan.str("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	catalogue := &pdfDict{}
	catalogue.set("Type", pdfName("Catalog"))
	catalogue.set("Pages", pages)
	if v := root.get("OCProperties"); v != nil { // which layers are shown
		catalogue.set("OCProperties", w.keep(v, roleAny))
	}
	places := []int64{w.plan.Size}
	w.plan.str("1 0 obj\n")
	w.plan.lit(appendPDF(nil, catalogue, w.number)...)
	w.plan.str("\nendobj\n")
	for i := 0; ; i++ {
		if i == len(w.queue) { // an object that was written may have put more in it
			break
		}
		if err := w.budget.part(); err != nil {
			return err
		}
		places = append(places, w.plan.Size)
		w.plan.str(strconv.Itoa(i+2) + " 0 obj\n")
		if err := w.object(w.queue[i]); err != nil {
			return err
		}
		w.plan.str("\nendobj\n")
	}
	at := w.plan.Size
	table := []byte("xref\n0 " + strconv.Itoa(len(places)+1) + "\n0000000000 65535 f \n")
	for _, p := range places {
		s := strconv.FormatInt(p, 10)
		table = append(append(append(table, "0000000000"[min(len(s), 10):]...), s...), " 00000 n \n"...)
	}
	table = append(table, "trailer\n<</Size "+strconv.Itoa(len(places)+1)+"/Root 1 0 R>>\nstartxref\n"+strconv.FormatInt(at, 10)+"\n%%EOF\n"...)
	w.plan.lit(table...)
	return w.err
}

// object writes one object's content.
func (w *pdfWriter) object(num int) error {
	v, err := w.load(num)
	if err != nil {
		return err
	}
	role := w.roles[num]
	if s, ok := v.(*pdfStream); ok {
		return w.stream(s)
	}
	if d, ok := v.(*pdfDict); ok && role == roleNode {
		v, err = w.node(num, d)
	} else {
		v = w.keep(v, role)
	}
	if err != nil {
		return err
	}
	w.plan.lit(appendPDF(nil, v, w.number)...)
	return w.err
}

// node is a page, or a list of pages.
func (w *pdfWriter) node(num int, d *pdfDict) (any, error) {
	out := &pdfDict{}
	kids, err := w.resolve(d.get("Kids"))
	if err != nil {
		return nil, err
	}
	list, many := kids.(pdfArray)
	typ := pdfName("Page")
	if many {
		typ = "Pages"
	}
	out.set("Type", typ)
	if parent, ok := w.parents[num]; ok {
		out.set("Parent", parent)
	}
	for _, k := range d.keys {
		switch k {
		case "Type", "Parent", "Kids", "StructParents", "Tabs":
		case "Annots":
			annots, err := w.annotations(d.get(k))
			if err != nil {
				return nil, err
			}
			if len(annots) > 0 {
				out.set(k, annots)
			}
		case "Resources", "MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox", "Contents", "Rotate", "Group", "UserUnit", "Count":
			role := roleAny
			if k == "Resources" {
				role = roleResources
			}
			out.set(k, w.keep(d.get(k), role))
		default:
			w.dropped(k)
		}
	}
	if many {
		for _, kid := range list {
			ref, ok := kid.(pdfRef)
			if !ok {
				return nil, malformed("pdf: tree of pages")
			}
			if _, seen := w.parents[ref.num]; seen || w.numbers[ref.num] != 0 {
				return nil, malformed("pdf: a page that is in the tree twice")
			}
			w.parents[ref.num] = pdfRef{num: num}
			w.roles[ref.num] = roleNode
		}
		out.set("Kids", list)
	}
	return out, nil
}

// dropped reports a key that doesn't stay.
func (w *pdfWriter) dropped(k pdfName) {
	switch k {
	case "Metadata":
		w.facts.remove(KindMetadata)
	case "PieceInfo", "Private":
		w.facts.remove(KindHidden)
	case "LastModified":
		w.facts.remove(KindDate)
	case "AA", "A", "JS", "PA":
		w.facts.remove(KindScript)
	case "AF":
		w.facts.remove(KindEmbeddedFile)
	case "Thumb", "Alternates":
		w.facts.remove(KindThumbnail)
	case "Measure", "PtData", "VP", "LGIDict":
		w.facts.remove(KindGPS)
	case "ID":
		w.facts.remove(KindIdentifier)
	case "OPI", "Ref", "F", "FFilter", "FDecodeParms":
		w.facts.remove(KindLink)
	case "StructParent", "StructParents", "SeparationInfo", "Dur", "Trans", "PZ", "TemplateInstantiated", "PresSteps", "B", "Dest", "Name", "BoxColorInfo":
	default:
		w.facts.remove(KindUnknown)
	}
}

// keep returns what stays of a value.
func (w *pdfWriter) keep(v any, role pdfRole) any {
	switch v := v.(type) {
	case pdfRef:
		if _, ok := w.roles[v.num]; !ok {
			w.roles[v.num] = role
		}
		if role == roleColour {
			if profile := w.profile(v); profile != "" {
				return profile
			}
		}
		return v
	case pdfArray:
		if profile := w.profile(v); profile != "" {
			return profile
		}
		out := make(pdfArray, len(v))
		for i := range v {
			out[i] = w.keep(v[i], role)
		}
		return out
	case *pdfDict:
		return w.keepDict(v, role)
	}
	return v
}

func (w *pdfWriter) keepDict(d *pdfDict, role pdfRole) any {
	if t := d.get("Type"); role == roleAny && (t == pdfName("Page") || t == pdfName("Pages") || t == pdfName("Catalog") || t == pdfName("Annot")) {
		return nil // only the tree leads to pages
	}
	out := &pdfDict{}
	for _, k := range d.keys {
		v := d.get(k)
		switch role {
		case roleNames:
			out.set(k, w.keep(v, roleAny))
			continue
		case roleColours:
			out.set(k, w.keep(v, roleColour))
			continue
		case roleResources:
			switch k {
			case "ColorSpace":
				out.set(k, w.keep(v, roleColours))
			case "Font", "XObject", "Pattern", "Shading", "ExtGState", "Properties":
				out.set(k, w.keep(v, roleNames))
			case "ProcSet":
			default:
				w.dropped(k)
			}
			continue
		}
		switch k {
		case "Metadata", "PieceInfo", "LastModified", "Private", "AA", "A", "PA", "JS", "AF", "Thumb", "Alternates", "Measure", "PtData", "VP", "LGIDict", "OPI", "Ref", "StructParent", "StructParents", "Dest", "Parent", "P":
			if k != "P" && k != "Parent" {
				w.dropped(k)
			}
		case "CreatorInfo", "Zoom", "Export", "User", "Language": // who made a layer
			w.facts.remove(KindSoftware)
		case "Resources":
			out.set(k, w.keep(v, roleResources))
		case "ColorSpace", "CS":
			out.set(k, w.keep(v, roleColour))
		case "CharProcs", "Colorants":
			out.set(k, w.keep(v, roleNames))
		default:
			out.set(k, w.keep(v, roleAny))
		}
	}
	return out
}

// profile returns the plain colour space that replaces a measured one.
func (w *pdfWriter) profile(v any) pdfName {
	list, ok := v.(pdfArray)
	if ref, isRef := v.(pdfRef); isRef {
		got, err := w.resolve(ref)
		if err != nil {
			return ""
		}
		list, ok = got.(pdfArray)
	}
	if !ok || len(list) != 2 || list[0] != pdfName("ICCBased") {
		return ""
	}
	got, err := w.resolve(list[1])
	s, isStream := got.(*pdfStream)
	if err != nil || !isStream {
		return ""
	}
	w.facts.remove(KindColourProfile)
	switch n, _ := s.dict.get("N").(pdfNumber); n {
	case "1":
		return "DeviceGray"
	case "4":
		return "DeviceCMYK"
	}
	return "DeviceRGB"
}
