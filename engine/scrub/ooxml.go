// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"path"
	"strings"
)

const emptyTarget = "about:blank"

// cleanOOXML keeps the parts that hold text, sheets, slides, their looks and
// their pictures.
func cleanOOXML(j *job) error {
	o, err := openOffice(j)
	if err != nil {
		return err
	}
	for _, e := range o.list {
		if strings.HasSuffix(e.name, "/") || !keepOOXML(e.name) {
			o.removePart(e.name)
		}
	}
	o.rules = o.ooxmlRules
	have := map[string]bool{}
	for _, e := range o.list {
		have[e.name] = !o.drop[e.name]
	}
	rels := map[string][]byte{}
	for _, e := range o.list {
		if !o.drop[e.name] && strings.HasSuffix(e.name, ".rels") {
			if rels[e.name], err = o.relations(e, have); err != nil {
				return err
			}
		}
	}
	w := &zipWriter{plan: j.plan}
	for _, e := range o.list {
		switch {
		case o.drop[e.name]:
		case rels[e.name] != nil:
			w.put(e.name, rels[e.name], false)
		case isMedia(e.name):
			err = o.mediaPart(w, e)
		default:
			err = o.xmlPart(w, e)
		}
		if err != nil {
			return err
		}
	}
	return w.end()
}

// keepOOXML reports whether a part stays.
func keepOOXML(name string) bool {
	n := strings.ToLower(name)
	if strings.HasSuffix(n, ".rels") {
		return keepOOXML(relationOwner(n)) || n == "_rels/.rels"
	}
	if n == "[content_types].xml" {
		return true
	}
	top, rest, _ := strings.Cut(n, "/")
	if top != "word" && top != "xl" && top != "ppt" {
		return false
	}
	if isMedia(n) {
		return !strings.Contains(n, "embeddings/")
	}
	if path.Ext(n) != ".xml" {
		return false
	}
	folder, base := path.Split(rest)
	for _, bad := range []string{
		"comment", "authors", "people", "persons", "printersettings", "activex", "embeddings", "externallink", "connections", "querytable", "webext", "ctrlprops",
		"revisions", "usernames", "pivot", "customxml", "customdata", "tags", "vbadata", "slicer", "timeline", "model", "xmlmaps", "metadata", "glossary", "custom", "recipient", "keymap", "changesinfo", "revisioninfo",
	} {
		if strings.HasPrefix(folder, bad) || strings.HasPrefix(base, bad) {
			return false
		}
	}
	return true
}

// relationOwner returns the part whose relations a .rels file lists.
func relationOwner(name string) string {
	dir, base := path.Split(name)
	return path.Join(strings.TrimSuffix(dir, "_rels/"), strings.TrimSuffix(base, ".rels"))
}

// relations writes a list of relations without those that lead outside or to
// what doesn't stay, and remembers their ids.
func (o *office) relations(e zipEntry, have map[string]bool) ([]byte, error) {
	b, err := o.inflate(e)
	if err != nil {
		return nil, err
	}
	owner := relationOwner(e.name)
	if e.name == "_rels/.rels" {
		owner = ""
	}
	lost := map[string]bool{}
	o.lost[owner] = lost
	return rewriteXML(b, func(t *xmlTag) xmlVerdict {
		if local(t.name) != "Relationship" {
			return xmlKeep
		}
		target := t.get("Target")
		if strings.EqualFold(t.get("TargetMode"), "External") {
			if !strings.HasSuffix(t.get("Type"), "/hyperlink") {
				o.facts.remove(KindLink)
				lost[t.get("Id")] = true
				return xmlDrop
			}
			for i := range t.attrs {
				if t.attrs[i].name == "Target" && target != emptyTarget {
					o.facts.remove(KindLink)
					t.attrs[i].value = emptyTarget
				}
			}
			return xmlKeep
		}
		target, _, _ = strings.Cut(target, "#")
		full := path.Join(path.Dir(owner), target)
		if strings.HasPrefix(target, "/") {
			full = target[1:]
		}
		if target == "" || have[full] {
			return xmlKeep
		}
		lost[t.get("Id")] = true
		return xmlDrop
	})
}

// ooxmlRules says what stays of the parts' elements.
func (o *office) ooxmlRules(part string, t *xmlTag) xmlVerdict {
	name := local(t.name)
	if part == "[Content_Types].xml" {
		return o.contentType(name, t)
	}
	if strings.HasPrefix(part, "word/") {
		if v, k := wordElement(name); v != xmlKeep {
			if k != "" {
				o.facts.remove(k)
			}
			return v
		}
	}
	switch name {
	case "absPath", "fileSharing", "webPublishing", "attachedTemplate":
		o.facts.remove(KindPath)
		return xmlDrop
	case "revisionPtr", "documentId", "creationId", "modifyId", "docId", "persistentDocumentId", "custDataLst", "custDataLst2":
		o.facts.remove(KindIdentifier)
		return xmlDrop
	case "modifyVerifier": // the sum of a password
		o.facts.remove(KindIdentifier)
		return xmlDrop
	case "oleObject", "control", "OLEObject":
		o.facts.remove(KindEmbeddedFile)
		return xmlDrop
	case "ext":
		switch strings.ToUpper(t.get("uri")) {
		case "{FF2B5EF4-FFF2-40B4-BE49-F238E27FC236}", "{BB962C8B-B14F-4D97-AF65-F5344CB8AC3E}", "{DAF060AB-1E55-43B9-8AAB-6FB025537F2F}":
			o.facts.remove(KindIdentifier)
			return xmlDrop
		}
	}
	lost := o.lost[part]
	for _, a := range t.attrs {
		if strings.HasPrefix(a.name, "r:") && lost[a.value] {
			return xmlDrop
		}
	}
	o.attributes(part, name, t)
	return xmlKeep
}

// wordElement says what becomes of what only Word writes.
func wordElement(name string) (xmlVerdict, Kind) {
	switch name {
	case "ins", "moveTo":
		return xmlUnwrap, KindEditHistory
	case "del", "moveFrom", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblGridChange", "trPrChange", "tcPrChange", "tblPrExChange", "numberingChange",
		"moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "cellIns", "cellDel", "cellMerge", "rsids", "trackRevisions", "revisionView":
		return xmlDrop, KindEditHistory
	case "commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef":
		return xmlDrop, KindComment
	case "mailMerge":
		return xmlDrop, KindPath
	case "docVars", "documentProtection", "writeProtection":
		return xmlDrop, KindIdentifier
	case "proofState", "proofErr", "lastRenderedPageBreak":
		return xmlDrop, ""
	}
	return xmlKeep, ""
}

func (o *office) attributes(part, name string, t *xmlTag) {
	kept := t.attrs[:0]
	for _, a := range t.attrs {
		l := local(a.name)
		picture := name == "cNvPr" || name == "docPr" || name == "imagedata" || name == "shape" || name == "fill"
		switch {
		case strings.HasPrefix(a.name, "xmlns"):
		case strings.HasPrefix(l, "rsid"):
			o.facts.remove(KindEditHistory)
			continue
		case l == "paraId", l == "textId", strings.HasPrefix(a.name, "xr") && strings.HasSuffix(l, "uid"):
			o.facts.remove(KindIdentifier)
			continue
		case strings.HasPrefix(part, "word/") && (l == "author" || l == "initials" || l == "userId"):
			o.facts.remove(KindAuthor)
			continue
		case strings.HasPrefix(part, "word/") && (l == "date" || l == "dateUtc"):
			o.facts.remove(KindDate)
			continue
		case l == "lastEdited", l == "lowestEdited", l == "rupBuild", l == "codeName":
			o.facts.remove(KindSoftware)
			continue
		case picture && (l == "descr" || l == "title" || l == "alt" || l == "href"):
			o.facts.remove(KindDescription)
			continue
		case picture && l == "name":
			a.value = ""
		}
		kept = append(kept, a)
	}
	t.attrs = kept
}

// contentType drops the types of parts that don't stay, and takes back what
// said that a document has macros.
func (o *office) contentType(name string, t *xmlTag) xmlVerdict {
	if name == "Override" && o.drop[strings.TrimPrefix(t.get("PartName"), "/")] {
		return xmlDrop
	}
	for i := range t.attrs {
		if t.attrs[i].name != "ContentType" {
			continue
		}
		for _, row := range [][2]string{
			{"application/vnd.ms-word.document.macroEnabled.main+xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"},
			{"application/vnd.ms-excel.sheet.macroEnabled.main+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"},
			{"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"},
		} {
			if t.attrs[i].value == row[0] {
				t.attrs[i].value = row[1]
			}
		}
	}
	return xmlKeep
}
