// SPDX-License-Identifier: AGPL-3.0-or-later

package editing_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/prevent/editing"
)

// written is a comparison as one string: [gone] and {new}.
func written(lines []editing.Line) string {
	var b strings.Builder
	for _, l := range lines {
		for _, p := range l.Pieces {
			switch p.Kind {
			case editing.Gone:
				b.WriteString("[" + p.Text + "]")
			case editing.New:
				b.WriteString("{" + p.Text + "}")
			default:
				b.WriteString(p.Text)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct{ old, fresh, want string }{
		{"", "", ""},
		{"a\n", "a\n", "a\n"},
		{"", "one\ntwo\n", "{one}\n{two}\n"},
		{"one\ntwo\n", "", "[one]\n[two]\n"},
		{"Call 112 now.\n", "Call 114 now.\n", "Call [112]{114} now.\n"},
		{"a\nb\nc\nd\n", "a\nc\nd\nd\n", "a\n[b]\nc\n{d}\nd\n"},
		{"اتصل بالشرطة الآن\n", "اتصل بالإسعاف الآن\n", "اتصل [بالشرطة]{بالإسعاف} الآن\n"},
		{"same\r\n", "same\n", "same\n"},
	} {
		if got := written(editing.Compare(tt.old, tt.fresh)); got != tt.want {
			t.Errorf("%q to %q:\n%swant\n%s", tt.old, tt.fresh, got, tt.want)
		}
	}
}

// Whatever the texts, leaving out what is new gives the old one and leaving out
// what is gone the new one, with the lines in their order.
func TestACompareHoldsBothTexts(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "a b", "b  a", "", "c a.", "æøå b"}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "old"), text.Draw(t, "new")
		old, fresh := strings.Join(a, "\n")+"\n", strings.Join(b, "\n")+"\n"
		var gotOld, gotNew strings.Builder
		was, is := 0, 0
		for _, l := range editing.Compare(old, fresh) {
			if l.Old > 0 {
				if was++; was != l.Old {
					t.Fatalf("old line %d comes after %d", l.Old, was-1)
				}
			}
			if l.New > 0 {
				if is++; is != l.New {
					t.Fatalf("new line %d comes after %d", l.New, is-1)
				}
			}
			for _, p := range l.Pieces {
				if p.Kind != editing.New {
					gotOld.WriteString(p.Text)
				}
				if p.Kind != editing.Gone {
					gotNew.WriteString(p.Text)
				}
			}
			if l.Old > 0 {
				gotOld.WriteString("\n")
			}
			if l.New > 0 {
				gotNew.WriteString("\n")
			}
		}
		if gotOld.String() != old || gotNew.String() != fresh {
			t.Fatalf("%q and %q came back as %q and %q", old, fresh, gotOld.String(), gotNew.String())
		}
	})
}

func TestAHugeCompareIsBounded(t *testing.T) {
	old, fresh := strings.Repeat("a\n", 32<<10), strings.Repeat("b\n", 32<<10)
	if n := len(editing.Compare(old, fresh)); n != 32<<10 {
		t.Errorf("%d lines", n)
	}
}
