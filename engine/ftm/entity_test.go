// SPDX-License-Identifier: Apache-2.0

package ftm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/engine/ftm"
)

func TestEntityReadsAndWritesWithoutLoss(t *testing.T) {
	for _, line := range []string{
		`{"id":"a","schema":"Person","properties":{}}`,
		`{"id":"a","caption":"Ann <b> & Co","schema":"Person","properties":{"name":["Ann","Анна"]},"datasets":["x"],"target":true}`,
		`{"id":"a","schema":"Ownership","properties":{"owner":[{"id":"b","schema":"Person","properties":{"name":["B"]}},"c"]}}`,
	} {
		var e ftm.Entity
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		out, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != line {
			t.Errorf("read and written again:\n%s\nwant\n%s", out, line)
		}
	}
}

func TestEntityAcceptsLooseValues(t *testing.T) {
	var e ftm.Entity
	err := json.Unmarshal([]byte(`{"id":7,"schema":"Person","properties":{"name":"Ann","height":1.8,"alias":[null,"A"]}}`), &e)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"name": {"Ann"}, "height": {"1.8"}, "alias": {"A"}}
	if diff := cmp.Diff(want, e.Properties); diff != "" || e.ID != "7" {
		t.Errorf("id %q, properties %s", e.ID, diff)
	}
}

func TestEntityErrorNamesTheProperty(t *testing.T) {
	var e ftm.Entity
	err := json.Unmarshal([]byte(`{"id":"a","schema":"Person","properties":{"name":[["Ann"]]}}`), &e)
	if err == nil || !strings.Contains(err.Error(), "property name") {
		t.Errorf("got %v, want an error that names the property", err)
	}
}
