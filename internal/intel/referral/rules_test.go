// SPDX-License-Identifier: AGPL-3.0-or-later

package referral_test

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

func rules(t testing.TB) referral.Rules {
	t.Helper()
	r, err := referral.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func friend(codes ...referral.Allowed) referral.Partner {
	return referral.Partner{
		Name: "North Police", Kind: "police", Country: "DK", Languages: []string{"da"},
		Acknowledge: referral.Span{N: 48, Unit: "h"}, Progress: referral.Span{N: 30, Unit: "d"},
		Agreement: referral.Agreement{Reference: "MoU 7", From: "2026-01-01", Until: "2026-12-31", Codes: codes},
	}
}

func handling(scheme, code string, conditions ...string) grading.Handling {
	return grading.Handling{Ref: grading.Ref{Scheme: scheme, Version: 1}, Code: code, Conditions: conditions}
}

// Every code of every scheme, alone and with every condition: to a partner who
// may have nothing, one who may have the code, one who keeps the condition too,
// and, where leave is asked, with and without it.
func TestEveryCodeAndConditionIsRefusedUnlessAgreed(t *testing.T) {
	all, tried := rules(t), 0
	for _, s := range all.Schemes {
		for _, code := range s.Codes {
			conditions := append([]referral.Mark{{}}, s.Conditions...)
			for _, condition := range conditions {
				h, keeps := handling(s.Scheme, code.Code), referral.Allowed{Scheme: s.Scheme, Code: code.Code}
				if condition.Code != "" {
					h.Conditions, keeps.Conditions = []string{condition.Code}, []string{condition.Code}
				}
				leave := code.Release == "permission" || condition.Release == "permission"
				admit := func(p referral.Partner, permission string) error { return all.Admit(p, h, "drugs", permission, start) }
				tried++
				if err := admit(friend(), "leave of X"); err == nil || !strings.Contains(err.Error(), "names no handling code") {
					t.Errorf("%v to nobody: %v", h, err)
				}
				other := friend(referral.Allowed{Scheme: "elsewhere", Code: code.Code})
				if err := admit(other, "leave of X"); err == nil || !strings.Contains(err.Error(), "It may receive: elsewhere") {
					t.Errorf("%v under another scheme's code: %v", h, err)
				}
				if condition.Code != "" {
					err := admit(friend(referral.Allowed{Scheme: s.Scheme, Code: code.Code}), "leave of X")
					if err == nil || !strings.Contains(err.Error(), "condition "+condition.Code) {
						t.Errorf("%v to a partner who keeps no condition: %v", h, err)
					}
				}
				if err := admit(friend(keeps), "leave of X"); err != nil {
					t.Errorf("%v under its agreement with leave: %v", h, err)
				}
				if err := admit(friend(keeps), "  "); (err != nil) != leave {
					t.Errorf("%v without leave: %v, leave is asked: %v", h, err, leave)
				}
				if words, err := all.Instructions(h, "da"); err != nil || len(words) != 1+len(h.Conditions) || words[0] == "" {
					t.Errorf("%v in words: %q, %v", h, words, err)
				}
			}
		}
	}
	if tried < 20 {
		t.Fatalf("only %d combinations were tried", tried)
	}
}

func TestWhatElseStandsAgainstReferring(t *testing.T) {
	all, keeps := rules(t), referral.Allowed{Scheme: "3x5x2", Code: "P"}
	ended := friend(keeps)
	ended.Ended = true
	narrow := friend(keeps)
	narrow.Agreement.Categories = []string{"fraud"}
	tests := []struct {
		name string
		p    referral.Partner
		h    grading.Handling
		now  time.Time
		want string
	}{
		{"ended", ended, handling("3x5x2", "P"), start, "receives nothing any more"},
		{"before the agreement", friend(keeps), handling("3x5x2", "P"), time.Date(2025, 12, 31, 23, 59, 0, 0, time.UTC), "does not hold today"},
		{"after it", friend(keeps), handling("3x5x2", "P"), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "does not hold today"},
		{"on its last day", friend(keeps), handling("3x5x2", "P"), time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC), ""},
		{"another category", narrow, handling("3x5x2", "P"), start, "It may receive: fraud"},
		{"a code nobody knows", friend(referral.Allowed{Scheme: "3x5x2", Code: "Z"}), handling("3x5x2", "Z"), start, "Nobody has said how"},
		{"a scheme nobody knows", friend(referral.Allowed{Scheme: "own", Code: "P"}), handling("own", "P"), start, "Nobody has said how"},
		{"a condition nobody knows", friend(referral.Allowed{Scheme: "3x5x2", Code: "P", Conditions: []string{"Q9"}}), handling("3x5x2", "P", "Q9"), start, "Nobody has said what condition"},
		{"no handling at all", friend(keeps), grading.Handling{}, start, "Nobody has said how"},
	}
	for _, tt := range tests {
		err := all.Admit(tt.p, tt.h, "drugs", "", tt.now)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: kind %v", tt.name, fault.KindOf(err))
		}
	}
}

// A code that an operator marks as never leaving doesn't, whatever was agreed.
func TestOperatorsOwnRules(t *testing.T) {
	words := `"words":{"en":"x"}`
	tail := `"organisations":[{"code":"a",` + words + `}],"declines":[{"code":"b",` + words + `}]`
	own, err := referral.LoadRules([]byte(`{"source":"s","schemes":[{"scheme":"own","codes":[{"code":"X","release":"never",` + words + `}],"conditions":[]}],` + tail + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Admit(friend(referral.Allowed{Scheme: "own", Code: "X"}), handling("own", "X"), "drugs", "leave", start); err == nil || !strings.Contains(err.Error(), "never leaves") {
		t.Errorf("it left: %v", err)
	}
	for name, bad := range map[string]string{
		"unknown release": `{"schemes":[{"scheme":"own","codes":[{"code":"X","release":"maybe",` + words + `}]}],` + tail + `}`,
		"no words":        `{"schemes":[{"scheme":"own","codes":[{"code":"X","release":"never","words":{"da":"x"}}]}],` + tail + `}`,
		"twice":           `{"schemes":[{"scheme":"own","codes":[{"code":"X","release":"never",` + words + `},{"code":"X","release":"never",` + words + `}]}],` + tail + `}`,
		"unknown field":   `{"shemes":[],` + tail + `}`,
		"no reasons":      `{"schemes":[]}`,
		"no JSON":         `{`,
	} {
		if _, err := referral.LoadRules([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestWhatIsWrongWithAPartner(t *testing.T) {
	all := rules(t)
	if err := friend().Check(all); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(p *referral.Partner){
		"Give the partner a name":   func(p *referral.Partner) { p.Name = "" },
		"what sort of organisation": func(p *referral.Partner) { p.Kind = "spies" },
		"two letters":               func(p *referral.Partner) { p.Country = "DNK" },
		"not an e-mail address":     func(p *referral.Partner) { p.Mailbox = "a@example.org\r\nBcc: b@example.org" },
		"begins with age1":          func(p *referral.Partner) { p.Mailbox, p.Recipient = "a@example.org", "ssh-ed25519 x" },
		"needs a mailbox":           func(p *referral.Partner) { p.Recipient = "age1x" },
		"at least one language":     func(p *referral.Partner) { p.Languages = []string{"<b>"} },
		"how long the partner has":  func(p *referral.Partner) { p.Progress = referral.Span{} },
		"from which day":            func(p *referral.Partner) { p.Agreement.From = "1 January" },
		"a day after its first":     func(p *referral.Partner) { p.Agreement.Until = "2025-01-01" },
		"where the agreement is":    func(p *referral.Partner) { p.Agreement.Reference = "" },
	}
	for want, spoil := range tests {
		p := friend()
		spoil(&p)
		if err := p.Check(all); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// Every handling code of every scheme that comes with the binary, with every
// condition that it takes, has a rule: what the desk can write it can refer, or
// is told why not.
func TestEveryCodeOfEverySchemeHasARule(t *testing.T) {
	book, err := grading.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	all, seen := rules(t), 0
	for _, s := range book.Schemes() {
		for _, code := range s.Handling {
			for _, conditions := range append([][]string{nil, code.Conditions}, single(code.Conditions)...) {
				seen++
				if words, err := all.Instructions(handling(s.ID, code.Code, conditions...), "da"); err != nil || len(words) != 1+len(conditions) {
					t.Errorf("%s %s %v: %q, %v", s.ID, code.Code, conditions, words, err)
				}
			}
		}
	}
	if seen < 10 {
		t.Fatalf("only %d codes were seen", seen)
	}
}

func single(codes []string) [][]string {
	var all [][]string
	for _, c := range codes {
		all = append(all, []string{c})
	}
	return all
}
