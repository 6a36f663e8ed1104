// SPDX-License-Identifier: AGPL-3.0-or-later

package referral

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// What a code or a condition asks for before an item leaves.
const (
	underAgreement = "agreement"  // the partner's agreement names it
	withPermission = "permission" // and whoever may allow it was asked
	neverLeaves    = "never"
)

// Mark is one handling code, or one condition, with what it asks for and what
// it tells the partner.
type Mark struct {
	Code    string            `json:"code"`
	Release string            `json:"release"` // agreement, permission, never
	Words   map[string]string `json:"words"`   // by language; English always
}

// In returns the words in lang, else in English.
func (m Mark) In(lang string) string {
	if s := m.Words[lang]; s != "" {
		return s
	}
	return m.Words["en"]
}

// SchemeRules are the marks of one scheme.
type SchemeRules struct {
	Scheme     string `json:"scheme"`
	Codes      []Mark `json:"codes"`
	Conditions []Mark `json:"conditions"`
}

// Rules say under which handling an item may leave. They are data: an operator
// adds a scheme without code, and what no rule names never leaves.
type Rules struct {
	Source        string        `json:"source"`
	Schemes       []SchemeRules `json:"schemes"`
	Organisations []Mark        `json:"organisations"` // what sort of partner; no release
	Declines      []Mark        `json:"declines"`      // why a partner declines; no release
}

//go:embed rules.json
var builtIn []byte

// BuiltIn returns the rules that come with the binary.
func BuiltIn() (Rules, error) { return LoadRules(builtIn) }

// LoadRules reads rules and refuses those that say too little.
func LoadRules(b []byte) (Rules, error) {
	var r Rules
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Rules{}, fmt.Errorf("read release rules: %w", err)
	}
	seen := map[string]bool{}
	for _, s := range r.Schemes {
		for list, marks := range map[string][]Mark{"code": s.Codes, "condition": s.Conditions} {
			for _, m := range marks {
				name := s.Scheme + " " + list + " " + m.Code
				if s.Scheme == "" || m.Code == "" || m.Words["en"] == "" || seen[name] ||
					!slices.Contains([]string{underAgreement, withPermission, neverLeaves}, m.Release) {
					return Rules{}, fmt.Errorf("read release rules: %s needs a code of its own, a release of agreement, permission or never, and English words", name)
				}
				seen[name] = true
			}
		}
	}
	for _, m := range slices.Concat(r.Organisations, r.Declines) {
		if m.Code == "" || m.Words["en"] == "" {
			return Rules{}, fmt.Errorf("read release rules: an organisation or a reason needs a code and English words")
		}
	}
	if len(r.Organisations) == 0 || len(r.Declines) == 0 {
		return Rules{}, fmt.Errorf("read release rules: no organisations, or no reasons for declining")
	}
	return r, nil
}

// Organisation reports whether code is a sort of partner.
func (r Rules) Organisation(code string) bool { _, ok := find(r.Organisations, code); return ok }

// Declining reports whether code is a reason for declining.
func (r Rules) Declining(code string) bool { _, ok := find(r.Declines, code); return ok }

func (r Rules) scheme(name string) (SchemeRules, bool) {
	i := slices.IndexFunc(r.Schemes, func(s SchemeRules) bool { return s.Scheme == name })
	if i < 0 {
		return SchemeRules{}, false
	}
	return r.Schemes[i], true
}

func find(marks []Mark, code string) (Mark, bool) {
	i := slices.IndexFunc(marks, func(m Mark) bool { return m.Code == code })
	if i < 0 {
		return Mark{}, false
	}
	return marks[i], true
}

// marksOf returns the marks of h: its code first, then its conditions.
func (r Rules) marksOf(h grading.Handling) ([]Mark, error) {
	s, ok := r.scheme(h.Scheme)
	code, known := find(s.Codes, h.Code)
	if !ok || !known {
		return nil, fault.Newf(fault.Invalid, "Nobody has said how %s %s may leave the house. An administrator adds it to the release rules, or the item gets a code that is there.", h.Scheme, h.Code)
	}
	marks := []Mark{code}
	for _, c := range h.Conditions {
		m, ok := find(s.Conditions, c)
		if !ok {
			return nil, fault.Newf(fault.Invalid, "Nobody has said what condition %s of %s asks of a partner. An administrator adds it to the release rules, or the item loses it.", c, h.Scheme)
		}
		marks = append(marks, m)
	}
	return marks, nil
}

// NeedsPermission reports whether h asks for somebody's leave.
func (r Rules) NeedsPermission(h grading.Handling) bool {
	marks, err := r.marksOf(h)
	return err == nil && slices.ContainsFunc(marks, func(m Mark) bool { return m.Release == withPermission })
}

// Instructions are what h tells a partner, in words, in lang.
func (r Rules) Instructions(h grading.Handling, lang string) ([]string, error) {
	marks, err := r.marksOf(h)
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(marks))
	for i, m := range marks {
		lines[i] = m.In(lang)
	}
	return lines, nil
}

// Admit says what stands against handing an item with this handling and
// category to p on the day of now; nil when nothing does. permission says whose
// leave was asked, where the handling wants it.
func (r Rules) Admit(p Partner, h grading.Handling, category, permission string, now time.Time) error {
	if p.Ended {
		return fault.Newf(fault.Invalid, "%s receives nothing any more. Choose another partner.", p.Name)
	}
	if !p.Agreement.Holds(now) {
		return fault.Newf(fault.Invalid, "The agreement with %s does not hold today. An administrator enters the new one, or choose another partner.", p.Name)
	}
	marks, err := r.marksOf(h)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Release == neverLeaves {
			return fault.Newf(fault.Invalid, "%s %s never leaves the house.", h.Scheme, m.Code)
		}
	}
	i := slices.IndexFunc(p.Agreement.Codes, func(a Allowed) bool { return a.Scheme == h.Scheme && a.Code == h.Code })
	if i < 0 {
		return fault.Newf(fault.Invalid, "%s may not receive %s %s. %s", p.Name, h.Scheme, h.Code, p.mayReceive())
	}
	for _, c := range h.Conditions {
		if !slices.Contains(p.Agreement.Codes[i].Conditions, c) {
			return fault.Newf(fault.Invalid, "%s has not agreed to keep condition %s of %s %s. %s", p.Name, c, h.Scheme, h.Code, p.mayReceive())
		}
	}
	if len(p.Agreement.Categories) > 0 && !slices.Contains(p.Agreement.Categories, category) {
		return fault.Newf(fault.Invalid, "%s may not receive the category %q. It may receive: %s.", p.Name, category, strings.Join(p.Agreement.Categories, ", "))
	}
	if r.NeedsPermission(h) && strings.TrimSpace(permission) == "" {
		return fault.Newf(fault.Invalid, "%s asks for somebody's leave before it is passed on. Write who gave it and when.", strings.Join(append([]string{h.Scheme, h.Code}, h.Conditions...), " "))
	}
	return nil
}

// mayReceive words what would be right.
func (p Partner) mayReceive() error {
	if len(p.Agreement.Codes) == 0 {
		return fault.Phrase("Its agreement names no handling code yet.")
	}
	codes := make([]string, len(p.Agreement.Codes))
	for i, a := range p.Agreement.Codes {
		codes[i] = a.String()
	}
	return fault.Phrase("It may receive: %s.", strings.Join(codes, "; "))
}
