// SPDX-License-Identifier: Apache-2.0

package match

import "testing"

// TestDecidedWeightsAreShipped holds the weights that are our estimates against the
// model in use, and their names against those of the features.
func TestDecidedWeightsAreShipped(t *testing.T) {
	decided, err := readWeights("decided.json")
	if err != nil {
		t.Fatal(err)
	}
	model, err := readWeights("model.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(decided) == 0 {
		t.Fatal("nothing is decided")
	}
	for name, weights := range decided {
		for feature, want := range weights {
			if got, ok := model[name][feature]; !ok || got != want {
				t.Errorf("%s, %s: the model has %v, decided is %v", name, feature, got, want)
			}
		}
	}
}
