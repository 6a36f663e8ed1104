// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/json"
	"fmt"
	"math"
)

// model weighs features into log-odds; weights are learned by Fit and kept in
// data/model.json.
type model struct {
	weights features
}

func (m *model) odds(f *features) float64 {
	z := float32(0)
	for i := range f {
		z += m.weights[i] * f[i]
	}
	return float64(z)
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func (t *tables) loadModels() error {
	raw, err := dataFiles.ReadFile("data/model.json")
	if err != nil {
		return err
	}
	var file map[string]map[string]float32
	if err := json.Unmarshal(raw, &file); err != nil {
		return fmt.Errorf("model.json: %w", err)
	}
	for name, target := range map[string]*model{"person": &t.personModel, "organised": &t.organisedModel} {
		for i, feature := range featureNames {
			w, ok := file[name][feature]
			if !ok {
				return fmt.Errorf("model.json: %s has no weight for %q", name, feature)
			}
			target.weights[i] = w
		}
	}
	for n, name := range entityModelNames {
		for i, kind := range evidenceNames {
			w, ok := file[name][kind]
			if !ok {
				return fmt.Errorf("model.json: %s has no weight for %q", name, kind)
			}
			t.entityModels[n][i] = w
		}
	}
	return nil
}

// entityModel weighs the evidence about two entities.
type entityModel [numEvidence]float32

func (m *entityModel) odds(ev *evidence) float64 {
	z := float32(0)
	for i := range ev {
		z += m[i] * ev[i]
	}
	return float64(z)
}

// The models for pairs of entities, by what they are.
const (
	personEntities = iota
	organisedEntities
	objectEntities
)

var entityModelNames = [3]string{"person_entities", "organised_entities", "object_entities"}

func (t *tables) entityModel(a, b *Entity) *entityModel {
	return &t.entityModels[modelNumber(a.Sort, b.Sort)]
}

func modelNumber(a, b Sort) int {
	switch {
	case a == Person || b == Person:
		return personEntities
	case a == Organisation || b == Organisation:
		return organisedEntities
	}
	return objectEntities
}
