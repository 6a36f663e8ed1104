// SPDX-License-Identifier: Apache-2.0

package scrub

import "slices"

// Kind names what was found, for a page to translate.
type Kind string

// What can be found in a file.
const (
	KindGPS             Kind = "gps"              // where it was made
	KindAuthor          Kind = "author"           // a person, an organisation, an account
	KindDevice          Kind = "device"           // make and model of a device
	KindSerial          Kind = "camera-serial"    // a number that one device has
	KindDate            Kind = "date"             // when it was made or changed
	KindSoftware        Kind = "software"         // the programme that wrote it
	KindComment         Kind = "comment"          // notes beside the content
	KindDescription     Kind = "description"      // titles, captions, keywords
	KindEditHistory     Kind = "edit-history"     // earlier states, revision numbers, tracked changes
	KindThumbnail       Kind = "thumbnail"        // a small picture, perhaps of what was cut away
	KindEmbeddedImage   Kind = "embedded-image"   // a second picture
	KindEmbeddedFile    Kind = "embedded-file"    // a file within the file
	KindScript          Kind = "script"           // macros, JavaScript, actions
	KindForm            Kind = "form"             // fields that can be filled in; what they show stays
	KindLink            Kind = "link"             // targets outside the file
	KindPrinter         Kind = "printer"          // a printer and its settings
	KindIdentifier      Kind = "identifier"       // numbers made for this document or this machine
	KindPath            Kind = "path"             // folders of the machine it was made on
	KindSettings        Kind = "settings"         // how the device or programme was set
	KindColourProfile   Kind = "colour-profile"   // measured on one screen or camera
	KindTimedData       Kind = "timed-data"       // a track of positions or sensors beside picture and sound
	KindHidden          Kind = "hidden"           // bytes that nothing shows
	KindTrailing        Kind = "trailing-data"    // bytes behind the end
	KindUnknown         Kind = "unknown-block"    // something that we don't know
	KindMetadata        Kind = "metadata"         // a packet of descriptions (XMP, IPTC)
	KindForgedType      Kind = "forged-type"      // the name says another type than the content
	KindDoubleExtension Kind = "double-extension" // the name ends twice, or as a programme would
	KindPolyglot        Kind = "polyglot"         // the file was also one of another type
	KindInvisibleChars  Kind = "invisible-characters"
	KindBidiChars       Kind = "direction-characters"
	KindLookalikes      Kind = "lookalike-characters"
	KindSpaces          Kind = "odd-spaces"    // of unusual width, or where nobody sees them
	KindStream          Kind = "encoder-notes" // notes inside the compressed picture or sound
	KindNotCleaned      Kind = "not-cleaned"   // a part that stays as it was
)

// Fact is one kind of thing, and how often it was met.
type Fact struct {
	Kind  Kind
	Count int
}

// Report says what a file is and what was found. It never holds a value.
type Report struct {
	Type     Type   // what the content is
	Claimed  Type   // what the name says; TypeUnknown when it says nothing
	Removed  []Fact // found, and not in the cleaned file
	Remains  []Fact // found, and still there: the sender decides
	Warnings []Fact // what the name pretends
	ext      string
}

// Extension returns the extension that the cleaned file's name should have,
// without its dot: the one that it had where that is right for its content,
// and the usual one of its type where not.
func (r Report) Extension() string {
	if r.Claimed != r.Type || r.Type == TypeUnknown {
		return r.Type.Extension()
	}
	switch r.ext {
	case "docm", "xlsm", "pptm": // the macros are gone
		return r.ext[:3] + "x"
	}
	return r.ext
}

// Found reports whether anything was found.
func (r Report) Found() bool {
	return len(r.Removed)+len(r.Remains) > 0
}

// Has reports whether a fact of that kind was removed.
func (r Report) Has(k Kind) bool {
	return slices.ContainsFunc(r.Removed, func(f Fact) bool { return f.Kind == k })
}

// facts collects a report.
type facts struct {
	removed, remains, warnings []Fact
}

func (f *facts) remove(k Kind) { f.removed = count(f.removed, k) }
func (f *facts) remain(k Kind) { f.remains = count(f.remains, k) }
func (f *facts) warn(k Kind)   { f.warnings = count(f.warnings, k) }

func (f *facts) clone() facts {
	return facts{slices.Clone(f.removed), slices.Clone(f.remains), slices.Clone(f.warnings)}
}

// total counts what was removed so far.
func (f *facts) total() (n int) {
	for _, fact := range f.removed {
		n += fact.Count
	}
	return n
}

func count(list []Fact, k Kind) []Fact {
	for i := range list {
		if list[i].Kind == k {
			list[i].Count++
			return list
		}
	}
	return append(list, Fact{k, 1})
}

func (f *facts) report(t Type, name string) Report {
	r := Report{Type: t, Removed: f.removed, Remains: f.remains, Warnings: f.warnings}
	if exts := extensions(name); len(exts) > 0 {
		r.ext = exts[len(exts)-1]
		r.Claimed = typeOfExtension(r.ext)
	}
	return r
}

// AppendJSON appends r as JSON to b, without reflection: the module that the
// browser loads has to be small.
func (r Report) AppendJSON(b []byte) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, r.Type.String()...)
	b = append(b, `","media":"`...)
	b = append(b, r.Type.Media()...)
	b = append(b, `","extension":"`...)
	b = append(b, r.Extension()...)
	b = append(b, `","claimed":"`...)
	b = append(b, r.Claimed.String()...)
	b = append(b, '"')
	for _, list := range []struct {
		name  string
		facts []Fact
	}{{"removed", r.Removed}, {"remains", r.Remains}, {"warnings", r.Warnings}} {
		b = append(b, `,"`+list.name+`":[`...)
		for i, f := range list.facts {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"kind":"`+string(f.Kind)+`","count":`...)
			b = append(b, itoa(f.Count)...)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}
