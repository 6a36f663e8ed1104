// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/match"
)

func TestStoredNameReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := match.Prepare(rapid.SampledFrom([]string{"Person", "Company", "Vessel"}).Draw(t, "schema"), rapid.String().Draw(t, "name"))
		want.Weak = rapid.Bool().Draw(t, "weak")
		stored := want.AppendTo([]byte("before"))
		got, rest, err := match.DecodeName(append(stored, "after"...)[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		if string(rest) != "after" {
			t.Fatalf("rest %q", rest)
		}
		if len(want.Tokens) == 0 {
			want.Tokens, got.Tokens = nil, nil
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(match.Name{}, match.Token{})); diff != "" {
			t.Fatal(diff)
		}
		for cut := range stored[len("before"):] {
			if _, _, err := match.DecodeName(stored[len("before") : len("before")+cut]); err == nil {
				t.Fatalf("cut at %d reads without an error", cut)
			}
		}
	})
}
