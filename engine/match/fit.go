// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/json"
	"math"
)

// Labelled is a pair of names and whether they belong to the same thing, for
// learning weights. Weight says how many pairs it counts for.
type Labelled struct {
	Left, Right Name
	Same        bool
	Weight      float64
}

// FitNames learns the weights of a comparison of names from labelled pairs and
// returns them in the form of data/model.json. It starts from the present
// weights and stays near them as far as the pairs allow (a Gaussian prior with
// the given strength, in pairs): with few pairs little changes.
//
// The loss is the logistic one, minimised by gradient descent with a step for
// each weight (Rprop); the same pairs give the same weights.
func FitNames(pairs []Labelled, strength float64) ([]byte, error) {
	t := loaded()
	var person, organised []sample
	for i := range pairs {
		p := &pairs[i]
		a, b := &p.Left, &p.Right
		if after(a, b) {
			a, b = b, a
		}
		var al alignment
		t.align(&al, a, b)
		if al.n == 0 {
			continue // scored 0 whatever the weights
		}
		s := sample{al.measure(), p.Same, p.Weight}
		if a.Sort == Person {
			person = append(person, s)
		} else {
			organised = append(organised, s)
		}
	}
	file := map[string]map[string]float64{
		"person":    named(descend(t.personModel.weights, person, strength)),
		"organised": named(descend(t.organisedModel.weights, organised, strength)),
	}
	return json.MarshalIndent(file, "", " ")
}

type sample struct {
	f      features
	same   bool
	weight float64
}

func named(w features) map[string]float64 {
	out := map[string]float64{}
	for i, name := range featureNames {
		out[name] = math.Round(float64(w[i])*1000) / 1000
	}
	return out
}

const fitSteps = 400

func descend(prior features, samples []sample, strength float64) features {
	w := prior
	var step, last [numFeatures]float64
	for i := range step {
		step[i] = 0.05
	}
	for range fitSteps {
		var grad [numFeatures]float64
		for i := range grad {
			grad[i] = strength * float64(w[i]-prior[i])
		}
		for i := range samples {
			s := &samples[i]
			m := model{w}
			miss := sigmoid(m.odds(&s.f))
			if s.same {
				miss--
			}
			for k := range grad {
				grad[k] += s.weight * miss * float64(s.f[k])
			}
		}
		for k := range grad {
			switch {
			case grad[k]*last[k] > 0:
				step[k] = min(step[k]*1.2, 0.5)
			case grad[k]*last[k] < 0:
				step[k] = max(step[k]*0.5, 1e-5)
			}
			if grad[k] > 0 {
				w[k] -= float32(step[k])
			} else if grad[k] < 0 {
				w[k] += float32(step[k])
			}
			last[k] = grad[k]
		}
	}
	return w
}
