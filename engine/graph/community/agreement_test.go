// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"math"
	"testing"

	"github.com/turnstone-project/turnstone/engine/graph"
	"github.com/turnstone-project/turnstone/engine/graph/community"
)

func TestAgreement(t *testing.T) {
	// The third is the example of scikit-learn's documentation, 0.57.
	tests := []struct {
		name string
		a, b []uint32
		want float64
	}{
		{"same", []uint32{0, 0, 1, 1}, []uint32{0, 0, 1, 1}, 1},
		{"same by other names", []uint32{0, 0, 1, 1}, []uint32{7, 7, 3, 3}, 1},
		{"one group is divided", []uint32{0, 0, 1, 2}, []uint32{0, 0, 1, 1}, 4.0 / 7},
		{"everybody alone against all together", []uint32{0, 1, 2, 3}, []uint32{0, 0, 0, 0}, 0},
		{"hidden nodes don't count", []uint32{0, 0, graph.None, 1}, []uint32{4, 4, 4, 5}, 1},
		{"nobody", nil, nil, 1},
	}
	for _, tt := range tests {
		if got := community.Agreement(tt.a, tt.b); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
