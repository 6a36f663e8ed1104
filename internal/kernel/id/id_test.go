// SPDX-License-Identifier: AGPL-3.0-or-later

package id_test

import (
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

func TestParseIsTheInverseOfString(t *testing.T) {
	for range 100 {
		v := id.New()
		got, err := id.Parse(v.String())
		if err != nil || got != v {
			t.Fatalf("Parse(%q) = %v, %v", v.String(), got, err)
		}
	}
}

func TestParseRefusesOtherSpellings(t *testing.T) {
	good := id.New().String()
	for _, s := range []string{"", good[1:], good + "0", strings.ToUpper("ab" + good[2:]), "g" + good[1:], good[:31] + " "} {
		if _, err := id.Parse(s); err == nil {
			t.Errorf("Parse(%q) accepted", s)
		}
	}
}

func TestScanRefusesWrongSizes(t *testing.T) {
	var v id.ID
	for _, src := range []any{nil, "x", []byte{1}, make([]byte, 17)} {
		if err := v.Scan(src); err == nil {
			t.Errorf("Scan(%v) accepted", src)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("00000000000000000000000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := id.Parse(s)
		if err == nil && v.String() != s {
			t.Fatalf("%q has a second spelling %q", s, v)
		}
	})
}
