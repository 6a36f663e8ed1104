// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"path"
	"strings"
)

// cleanODF keeps content, styles and pictures of an OpenDocument.
func cleanODF(j *job) error {
	o, err := openOffice(j)
	if err != nil {
		return err
	}
	for _, e := range o.list {
		if !keepODF(e.name) {
			o.removePart(e.name)
		}
	}
	o.rules = o.odfRules
	w := &zipWriter{plan: j.plan}
	// An encrypted document says so in its manifest, which comes last.
	for _, e := range o.list {
		if e.name == "META-INF/manifest.xml" {
			b, err := j.inflate(e)
			if err != nil {
				return err
			}
			if strings.Contains(string(b), "encryption-data") {
				return refuse(ReasonEncrypted, "odf")
			}
		}
	}
	for _, e := range o.list {
		switch {
		case o.drop[e.name]:
		case e.name == "mimetype":
			b, err := j.inflate(e)
			if err != nil {
				return err
			}
			w.put(e.name, b, true)
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

func keepODF(name string) bool {
	switch {
	case name == "mimetype", name == "META-INF/manifest.xml":
		return true
	case strings.HasPrefix(name, "Pictures/"), strings.HasPrefix(name, "media/"), strings.HasPrefix(name, "Media/"):
		return isMedia(name)
	}
	dir, base := path.Split(name)
	return (base == "content.xml" || base == "styles.xml") && (dir == "" || strings.HasPrefix(dir, "Object "))
}

// odfRules says what stays of an OpenDocument's elements.
func (o *office) odfRules(part string, t *xmlTag) xmlVerdict {
	name := local(t.name)
	if part == "META-INF/manifest.xml" {
		p := t.get("full-path")
		if name == "file-entry" && (o.drop[p] || (strings.HasSuffix(p, "/") && p != "/" && !strings.HasPrefix(p, "Object "))) {
			return xmlDrop
		}
		return xmlKeep
	}
	switch name {
	case "annotation", "annotation-end":
		o.facts.remove(KindComment)
		return xmlDrop
	case "tracked-changes", "change", "change-start", "change-end":
		o.facts.remove(KindEditHistory)
		return xmlDrop
	case "scripts", "event-listeners":
		if name == "event-listeners" {
			o.facts.remove(KindScript)
		}
		return xmlDrop
	case "meta":
		o.facts.remove(KindMetadata)
		return xmlDrop
	case "plugin", "applet", "object-ole":
		o.facts.remove(KindEmbeddedFile)
		return xmlDrop
	case "title", "desc":
		if strings.HasPrefix(t.name, "svg:") {
			o.facts.remove(KindDescription)
			return xmlDrop
		}
	}
	return o.odfAttributes(name, t)
}

func (o *office) odfAttributes(name string, t *xmlTag) xmlVerdict {
	kept := t.attrs[:0]
	for _, a := range t.attrs {
		switch l := local(a.name); {
		case l == "rsid" || l == "paragraph-rsid":
			o.facts.remove(KindEditHistory)
			continue
		case l == "name" && (name == "frame" || name == "image"):
			a.value = ""
		case l == "href" && strings.HasPrefix(a.name, "xlink:"):
			outside := strings.Contains(a.value, ":") || strings.HasPrefix(a.value, "/") || strings.HasPrefix(a.value, "../")
			if !outside || a.value == emptyTarget {
				break
			}
			o.facts.remove(KindLink)
			if name != "a" {
				return xmlDrop
			}
			a.value = emptyTarget
		}
		kept = append(kept, a)
	}
	t.attrs = kept
	return xmlKeep
}
