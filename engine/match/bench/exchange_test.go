// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

// TestOneWordIsExchanged makes names of others: they differ in one word that says
// who it is, a person's by a letter or two, and the same seed makes the same ones.
func TestOneWordIsExchanged(t *testing.T) {
	var list []ftm.Entity
	for _, n := range [][2]string{
		{"Company", "Kora Timber Ltd"},
		{"Company", "Baltic Steel Ltd"},
		{"Company", "Emerald Fish Ltd"},
		{"Person", "Rajesh Kumar"},
		{"Person", "Rakesh Holm"},
		{"Person", "Otto Bruun"},
	} {
		e := ftm.Entity{Schema: n[0]}
		e.Add("name", n[1])
		list = append(list, e)
	}
	made := func() (out []string) {
		x := newExchange(list, 7)
		for range 20 {
			for i := range list {
				out = append(out, x.word(&list[i], list[i].First("name")))
			}
		}
		return out
	}
	first := made()
	if !slices.Equal(first, made()) {
		t.Error("the same seed made other names")
	}
	persons, firms := 0, 0
	for i, other := range first {
		if other == "" {
			continue
		}
		e := &list[i%len(list)]
		was, is := strings.Fields(e.First("name")), strings.Fields(other)
		differ := 0
		for j := range was {
			if len(is) == len(was) && was[j] != is[j] {
				differ++
			}
		}
		if differ != 1 || e.Schema == "Company" && is[len(is)-1] != "Ltd" {
			t.Errorf("%q was made %q", e.First("name"), other)
		}
		switch {
		case e.Schema == "Company":
			firms++
		case strings.HasPrefix(other, "rakesh") || strings.HasPrefix(other, "rajesh"):
			persons++
		default:
			t.Errorf("%q was made %q, which is not alike", e.First("name"), other)
		}
	}
	if persons == 0 || firms == 0 {
		t.Errorf("%d names of persons and %d of firms were made", persons, firms)
	}
}
