// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/json"
	"fmt"
	"math"
)

// LabelledNames is a pair of names and whether they belong to the same thing,
// for learning weights. Weight says how many pairs it counts for.
type LabelledNames struct {
	Left, Right Name
	Same        bool
	Weight      float64
}

// LabelledEntities is a pair of entities and whether they are the same.
type LabelledEntities struct {
	Left, Right Entity
	Same        bool
	Weight      float64
}

// Fit learns the weights of comparing names and entities from labelled pairs.
// It starts from our own estimates in data/priors.json and stays near them as
// far as the pairs allow (a Gaussian prior with the given strength, in pairs):
// where there are few pairs little changes. Some weights keep their sign, and
// those of data/decided.json are what they are, whatever the pairs say: the pairs
// that may be learned from have too few of the people and firms that they part.
//
// The loss is the logistic one, minimised by gradient descent with a step for
// each weight (Rprop; Riedmiller, Braun 1993); the same pairs give the same
// weights. It returns a file in the form of data/model.json.
func Fit(names []LabelledNames, nameStrength float64, entities []LabelledEntities, entityStrength float64) ([]byte, error) {
	t := loaded()
	priors, err := readWeights("priors.json")
	if err != nil {
		return nil, err
	}
	decided, err := readWeights("decided.json")
	if err != nil {
		return nil, err
	}
	file := map[string]map[string]float64{}
	samples := t.nameSamples(names)
	for _, name := range []string{"person", "organised"} {
		file[name] = learn(featureNames[:], priors[name], decided[name], samples[name], nameStrength, nameBounds)
	}
	samples = t.entitySamples(entities)
	for _, name := range entityModelNames {
		file[name] = learn(evidenceNames[:], priors[name], decided[name], samples[name], entityStrength, evidenceBounds)
	}
	return json.MarshalIndent(file, "", " ")
}

func (t *tables) nameSamples(pairs []LabelledNames) map[string][]sample {
	samples := map[string][]sample{}
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
		f := al.measure()
		name := "organised"
		if a.Sort == Person {
			name = "person"
		}
		samples[name] = append(samples[name], sample{f[:], p.Same, p.Weight})
	}
	return samples
}

func (t *tables) entitySamples(pairs []LabelledEntities) map[string][]sample {
	samples := map[string][]sample{}
	for i := range pairs {
		p := &pairs[i]
		a, b := &p.Left, &p.Right
		if entityAfter(a, b) {
			a, b = b, a
		}
		w := t.weigh(a, b)
		name := entityModelNames[modelNumber(a.Sort, b.Sort)]
		samples[name] = append(samples[name], sample{w.ev[:], p.Same, p.Weight})
	}
	return samples
}

// nameBounds keeps what pairs by chance must not overturn.
func nameBounds(feature int, w float64) float64 {
	switch feature {
	case featFatherSwap:
		return min(w, -5)
	case featNumberClash:
		return min(w, -4)
	case featBias:
		return w
	case featDisorder:
		return min(w, -0.2) // the list turns names around at every comma, which is no reason
	case featNick:
		return min(max(w, -1.5), 0)
	case featMatched, featShare:
		return max(w, 0)
	}
	return min(w, 0.4)
}

// evidenceBounds keeps agreeing evidence from speaking against and differing
// evidence from speaking for.
func evidenceBounds(kind int, w float64) float64 {
	if kind == evNameAgainst {
		return max(w, 0.35) // aliases can be unlike, but names without a word in common must count
	}
	for _, k := range agreeing {
		if k == kind {
			return max(w, 0)
		}
	}
	for _, k := range differing {
		if k == kind {
			return min(w, 0)
		}
	}
	return w
}

func readWeights(name string) (map[string]map[string]float64, error) {
	raw, err := dataFiles.ReadFile("data/" + name)
	if err != nil {
		return nil, err
	}
	var file map[string]map[string]float64
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

type sample struct {
	f      []float32
	same   bool
	weight float64
}

// fitSteps is enough for a few dozen weights to settle.
const fitSteps = 300

// learn minimises the logistic loss of samples plus strength times half the
// squared distance from the prior, in O(fitSteps · samples · weights). Decided
// weights stay.
func learn(names []string, prior, decided map[string]float64, samples []sample, strength float64, bound func(int, float64) float64) map[string]float64 {
	n := len(names)
	w, step, last, grad := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i, name := range names {
		w[i], step[i] = prior[name], 0.05
		if d, ok := decided[name]; ok {
			w[i] = d
		}
	}
	for range fitSteps {
		for i, name := range names {
			grad[i] = strength * (w[i] - prior[name])
		}
		for _, s := range samples {
			z := 0.0
			for k, x := range s.f {
				z += w[k] * float64(x)
			}
			miss := sigmoid(z)
			if s.same {
				miss--
			}
			for k, x := range s.f {
				grad[k] += s.weight * miss * float64(x)
			}
		}
		for k := range grad {
			switch {
			case grad[k]*last[k] > 0:
				step[k] = min(step[k]*1.2, 0.5)
			case grad[k]*last[k] < 0:
				step[k] = max(step[k]*0.5, 1e-5)
			}
			if _, ok := decided[names[k]]; grad[k] != 0 && !ok {
				w[k] = bound(k, w[k]-math.Copysign(step[k], grad[k]))
			}
			last[k] = grad[k]
		}
	}
	out := map[string]float64{}
	for i, name := range names {
		out[name] = math.Round(w[i]*1000) / 1000
	}
	return out
}
