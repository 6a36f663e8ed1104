// SPDX-License-Identifier: AGPL-3.0-or-later

package programme_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/turnstone-project/turnstone/internal/programme"
)

// The vectors are run by the browser's code too (web/portal/answers.test.ts).
// Where the server refuses an answer that was not asked for, the browser, which
// shows what it sends before it sends it, leaves it out.
func TestAnswersAgreeWithTheBrowsers(t *testing.T) {
	text, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Category, Urgency, Refused string
		Given                            programme.Given
		Answers                          [][3]string
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	qs := builtIn(t)
	for _, v := range vectors {
		q, ok := qs.For(v.Category)
		if !ok {
			t.Fatalf("%s: no category %s", v.Name, v.Category)
		}
		got, urgency, err := q.Collect(v.Given, "en")
		if v.Refused != "" {
			var refused *programme.AnswerError
			if !errors.As(err, &refused) || refused.Field != v.Refused {
				t.Errorf("%s: %v, want %s refused", v.Name, err, v.Refused)
			}
			continue
		}
		if err != nil || urgency != v.Urgency {
			t.Errorf("%s: error %v, urgency %q", v.Name, err, urgency)
		}
		answers := [][3]string{}
		for _, a := range got {
			answers = append(answers, [3]string{a.ID, a.Label, a.Value})
		}
		if diff := cmp.Diff(v.Answers, answers); diff != "" {
			t.Errorf("%s:\n%s", v.Name, diff)
		}
	}
}
