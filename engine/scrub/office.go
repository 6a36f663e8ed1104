// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"errors"
	"path"
	"strings"
)

// office is a Word, Excel or PowerPoint file, or an OpenDocument.
type office struct {
	*job
	list  []zipEntry
	drop  map[string]bool            // parts that don't stay
	lost  map[string]map[string]bool // part → ids of its relations that don't stay
	rules func(part string, t *xmlTag) xmlVerdict
}

func openOffice(j *job) (*office, error) {
	list, err := readZip(j)
	if err != nil {
		return nil, err
	}
	j.zipTraces(list)
	return &office{job: j, list: list, drop: map[string]bool{}, lost: map[string]map[string]bool{}}, nil
}

// zipKind tells what an archive is: TypeZIP when it is no office document.
func zipKind(s *source) Type {
	j := &job{src: s, facts: &facts{}, budget: newBudget(s.size)}
	list, err := readZip(j)
	if err != nil {
		return TypeZIP
	}
	for i, e := range list {
		if e.name == "[Content_Types].xml" {
			return TypeOOXML
		}
		if i == 0 && e.name == "mimetype" && e.method == 0 && e.size < 200 {
			b, err := s.at(e.at, int(e.size))
			if err == nil && strings.HasPrefix(string(b), "application/vnd.oasis.opendocument") {
				return TypeODF
			}
		}
	}
	return TypeZIP
}

// xmlPart cleans a part by the rules.
func (o *office) xmlPart(w *zipWriter, e zipEntry) error {
	b, err := o.inflate(e)
	if err != nil {
		return err
	}
	out, err := rewriteXML(b, func(t *xmlTag) xmlVerdict { return o.rules(e.name, t) })
	if err != nil {
		return err
	}
	if string(out) == string(b) {
		w.same(o.src, e)
		return nil
	}
	w.put(e.name, out, false)
	return nil
}

// mediaPart cleans a picture, film or sound in the document. Drawings that we
// can't read stay, and the report says so.
func (o *office) mediaPart(w *zipWriter, e zipEntry) error {
	before := o.facts.clone()
	err := o.zipMember(w, e)
	var r *Refusal
	if errors.As(err, &r) && (r.Reason == ReasonUnknownType || r.Reason == ReasonUnsupported) {
		*o.facts = before // nothing of it was taken out
		o.facts.remain(KindNotCleaned)
		w.same(o.src, e)
		return nil
	}
	return err
}

// isMedia reports whether a part is a picture, film or sound.
func isMedia(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".gif", ".tif", ".tiff", ".webp", ".bmp", ".emf", ".wmf", ".mp4", ".m4a", ".m4v", ".mov", ".mp3", ".wav", ".ogg", ".oga", ".opus":
		return true
	}
	return false
}

// removePart reports a part that doesn't stay.
func (o *office) removePart(name string) {
	o.drop[name] = true
	n := strings.ToLower(name)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(n, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("thumbnail"):
		o.facts.remove(KindThumbnail)
	case has("vba", "activex", "basic/", "scripts/", "dialogs/", "webext"):
		o.facts.remove(KindScript)
	case has("docprops/", "meta.xml", "docmetadata"):
		o.facts.remove(KindAuthor)
		o.facts.remove(KindDate)
		o.facts.remove(KindSoftware)
	case has("comment", "authors", "persons/", "people", "vmldrawing"):
		o.facts.remove(KindComment)
	case has("printersettings", "settings.xml"):
		o.facts.remove(KindPrinter)
	case has("externallink", "connections", "querytable"):
		o.facts.remove(KindLink)
	case has("embeddings/", "pivot"):
		o.facts.remove(KindEmbeddedFile)
	case has("revisions/", "usernames"):
		o.facts.remove(KindEditHistory)
	case has("customxml", "tags/", "customdata", "signature"):
		o.facts.remove(KindIdentifier)
	case has("configurations2", "layout-cache"):
		o.facts.remove(KindSettings)
	default:
		o.facts.remove(KindUnknown)
	}
}
