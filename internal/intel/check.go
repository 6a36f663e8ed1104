// SPDX-License-Identifier: AGPL-3.0-or-later

package intel

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// The most that an item may hold.
const (
	MaxTitle      = 200
	MaxStatement  = 10_000
	MaxStatements = 200
	MaxSelectors  = 100
	MaxReports    = 500
	maxSelector   = 500
	maxReason     = 1000
	maxRemarks    = 200
)

// Seriousnesses lists how serious an item can be, the least first; data of the
// retention schedule gives each its own periods.
var Seriousnesses = []string{"low", "medium", "high", "critical"}

// check refuses an item that can't be kept, with what would be right.
func (x *Items) check(it Item) error {
	if n := utf8.RuneCountInString(it.Title); n == 0 || n > MaxTitle {
		return fault.Newf(fault.Invalid, "Give the item a title of at most %d characters.", MaxTitle)
	}
	if !slices.Contains(x.Categories, it.Category) {
		return fault.Newf(fault.Invalid, "%q is no category. There are: %s.", it.Category, strings.Join(x.Categories, ", "))
	}
	if !slices.Contains(Seriousnesses, it.Seriousness) {
		return fault.Newf(fault.Invalid, "%q says not how serious it is: use %s.", it.Seriousness, strings.Join(Seriousnesses, ", "))
	}
	if _, err := language.Parse(it.Language); err != nil || it.Language == "" {
		return fault.Newf(fault.Invalid, "%q is no language: write it as en, da or ar.", it.Language)
	}
	if len(it.Statements) == 0 {
		return fault.New(fault.Invalid, "An item needs at least one statement.")
	}
	if len(it.Statements) > MaxStatements || len(it.Reports) > MaxReports || len(it.Remarks) > maxRemarks {
		return fault.Newf(fault.TooLarge, "An item holds at most %d statements and rests on at most %d reports. Make a second item.", MaxStatements, MaxReports)
	}
	for i, st := range it.Statements {
		if err := x.checkStatement(i+1, st); err != nil {
			return err
		}
	}
	for _, r := range it.Remarks {
		if strings.TrimSpace(r.Reason) == "" || len(r.Reason) > maxReason || r.Kind == "" || len(r.Kind) > 40 {
			return fault.Newf(fault.Invalid, "Say in at most %d characters why a mark of the leak check may stand.", maxReason)
		}
	}
	return x.Grading.CheckHandling(it.Handling)
}

func (x *Items) checkStatement(n int, st Statement) error {
	if l := utf8.RuneCountInString(st.Text); l == 0 || l > MaxStatement {
		return fault.Newf(fault.Invalid, "Statement %d: write between 1 and %d characters.", n, MaxStatement)
	}
	if err := x.Grading.Check(st.Grade); err != nil {
		return fault.Newf(fault.Invalid, "Statement %d: %s", n, err)
	}
	if len(st.Selectors) > MaxSelectors {
		return fault.Newf(fault.TooLarge, "Statement %d names more than %d things.", n, MaxSelectors)
	}
	for _, sel := range st.Selectors {
		if sel.Kind == "" || sel.Value == "" || len(sel.Kind) > 40 || len(sel.Value) > maxSelector || len(sel.Shown) > maxSelector {
			return fault.Newf(fault.Invalid, "Statement %d: a thing that it names has no kind or value, or is too long.", n)
		}
		if strings.ContainsFunc(sel.Value+sel.Shown, unicode.IsControl) {
			return fault.Newf(fault.Invalid, "Statement %d: a thing that it names holds a control character.", n)
		}
	}
	return nil
}

// tidy makes a text of one line: composed letters, no control characters, no
// white space at its ends.
func tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))))
}

// tidyText is tidy for several lines.
func tidyText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))))
}
