// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/intel/grading"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

func reviewers(programme, desk id.ID) (a, b authz.Subject) {
	g := []authz.Grant{{Role: authz.Reviewer, Programme: programme, Desk: desk}}
	return authz.Subject{Account: id.New(), Grants: g}, authz.Subject{Account: id.New(), Grants: g}
}

// What can't be is refused with what would be right, and nothing is kept.
func TestBadItemsAreRefused(t *testing.T) {
	r := newRoom(t)
	programme, desk := id.New(), id.New()
	writer, _ := reviewers(programme, desk)
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	good := func() intel.Change {
		return intel.Change{
			Programme: programme, Desk: desk, Title: "A title", Category: "drugs", Seriousness: "low", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
			Statements: []intel.Statement{{Text: "It comes at night.", Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}},
		}
	}
	for name, c := range map[string]struct {
		change func(c *intel.Change)
		kind   fault.Kind
		hint   string
	}{
		"no title":                    {func(c *intel.Change) { c.Title = " \n " }, fault.Invalid, "title of at most 200"},
		"a long title":                {func(c *intel.Change) { c.Title = strings.Repeat("é", 201) }, fault.Invalid, "title of at most 200"},
		"no such category":            {func(c *intel.Change) { c.Category = "drogs" }, fault.Invalid, "There are: drugs, fraud"},
		"no such seriousness":         {func(c *intel.Change) { c.Seriousness = "very" }, fault.Invalid, "low, medium, high, critical"},
		"no language":                 {func(c *intel.Change) { c.Language = "" }, fault.Invalid, "en, da or ar"},
		"an invented language":        {func(c *intel.Change) { c.Language = "klingonish" }, fault.Invalid, "en, da or ar"},
		"nothing is said":             {func(c *intel.Change) { c.Statements = nil }, fault.Invalid, "at least one statement"},
		"an empty statement":          {func(c *intel.Change) { c.Statements[0].Text = "\u0000 " }, fault.Invalid, "Statement 1: write between 1 and"},
		"a long statement":            {func(c *intel.Change) { c.Statements[0].Text = strings.Repeat("x", intel.MaxStatement+1) }, fault.Invalid, "Statement 1"},
		"too many statements":         {func(c *intel.Change) { c.Statements = make([]intel.Statement, intel.MaxStatements+1) }, fault.TooLarge, "Make a second item"},
		"a source outside its scheme": {func(c *intel.Change) { c.Statements[0].Grade.Source = "B" }, fault.Invalid, `"B" grades no source in 3x5x2 intelligence report: use 1, 2, 3`},
		"information outside it":      {func(c *intel.Change) { c.Statements[0].Grade.Information = "6" }, fault.Invalid, `"6" grades no information`},
		"another scheme's version":    {func(c *intel.Change) { c.Statements[0].Grade.Version = 9 }, fault.Invalid, `no grading scheme "3x5x2", version 9`},
		"no grade":                    {func(c *intel.Change) { c.Statements[0].Grade = grading.Grade{} }, fault.Invalid, "There is no grading scheme"},
		"an unknown handling code":    {func(c *intel.Change) { c.Handling.Code = "X" }, fault.Invalid, `"X" is no handling code`},
		"a condition that it lacks":   {func(c *intel.Change) { c.Handling.Code = "C" }, fault.Invalid, "needs at least one condition"},
		"a condition too many":        {func(c *intel.Change) { c.Handling.Conditions = []string{"A1"} }, fault.Invalid, "takes no condition"},
		"an unknown condition":        {func(c *intel.Change) { c.Handling.Code, c.Handling.Conditions = "C", []string{"Z9"} }, fault.Invalid, `not "Z9"`},
		"a thing without a value":     {func(c *intel.Change) { c.Statements[0].Selectors = []intel.Selector{{Kind: "phone"}} }, fault.Invalid, "no kind or value"},
		"a thing with a control character": {func(c *intel.Change) {
			c.Statements[0].Selectors = []intel.Selector{{Kind: "phone", Value: "+45\u202e2", Shown: "\u0007"}}
		}, fault.Invalid, "control character"},
		"too many things":         {func(c *intel.Change) { c.Statements[0].Selectors = make([]intel.Selector, intel.MaxSelectors+1) }, fault.TooLarge, "more than"},
		"a mark without a reason": {func(c *intel.Change) { c.Remarks = []intel.Remark{{Kind: "copied", Reason: " "}} }, fault.Invalid, "why a mark of the leak check may stand"},
		"another desk's":          {func(c *intel.Change) { c.Desk = id.New() }, fault.NotFound, ""},
		"a hidden compartment":    {func(c *intel.Change) { c.Compartment = id.New() }, fault.Forbidden, ""},
		"a hidden report":         {func(c *intel.Change) { c.Reports = []id.ID{id.New()} }, fault.NotFound, "not here, or it is not for you"},
	} {
		bad := good()
		c.change(&bad)
		_, err := r.Write(t.Context(), writer, bad)
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.PublicOf(err), c.hint) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.kind, c.hint)
		}
		kept, err := r.Write(t.Context(), writer, good()) // the same as a change of a good one
		if err != nil {
			t.Fatal(err)
		}
		if bad.Desk != desk || len(bad.Reports) > 0 {
			continue // an item stays at its desk
		}
		bad.Item, bad.Seen = kept.ID, kept.Version
		if _, err := r.Write(t.Context(), writer, bad); fault.KindOf(err) != c.kind {
			t.Errorf("%s, as a change: %v", name, err)
		}
		if v, err := r.Read(t.Context(), writer, programme, kept.ID); err != nil || v.Version != 1 || v.Title != "A title" {
			t.Errorf("%s changed the item: %+v, %v", name, v.Item, err)
		}
	}
	page, err := r.List(t.Context(), writer, programme, intel.Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		if row.Version != 1 {
			t.Errorf("a refused change was kept: %+v", row.Item)
		}
	}
}

// A word is found in all its forms, in the language of the item and of the
// question, whatever marks and capitals are written.
func TestWordsAreFoundInAllTheirForms(t *testing.T) {
	r := newRoom(t)
	programme, desk := id.New(), id.New()
	writer, _ := reviewers(programme, desk)
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	for i, c := range []struct{ language, text, found, missed string }{
		{"en", "Three lorries were loaded behind the warehouses.", "Lorry LOADING warehouse", "lorry boat"},
		{"en", "The café sells naïve art.", "CAFE naive", "cafeteria"},
		{"da", "Lastbilerne kører om natten til havnen.", "lastbil havn", "lastbil flyvehavnens"},
		{"da", "Smuglergodset lå på Ærø.", "smuglergods Ærø", "smugler"},
		{"ar", "السيارات البيضاء أمام المخازن", "سيارات بيضاء", "طائرة"},
		{"ar", "مَكْتَبَةٌ قديمة", "المكتبة", "مكتب جديد"},
		{"ar", "وصلت الأسلحة بالشاحنات والسيارات", "شاحنة سيارة أسلحة", "شاحنة سفينة"},
		{"ru", "Контейнеры стояли у причалов.", "контейнер причал", "контейнер поезд"},
		{"de", "Die Häuser wurden nachts beliefert.", "haus nacht", "haus boot"},
		{"fr", "Les voitures étaient garées près du port.", "VOITURE garees", "voiture avion"},
		{"sw", "Magari meusi bandarini.", "magari bandarini", "gari"}, // no stems are known: the word as it is
		{"en", "Ｆｕｌｌｗｉｄｔｈ letters and ﬁne ligatures.", "fullwidth fine", "halfwidth"},
	} {
		it, err := r.Write(t.Context(), writer, intel.Change{
			Programme: programme, Desk: desk, Title: "A title", Category: "drugs", Seriousness: "low", Channel: "web", Language: c.language, Handling: grading.Handling{Ref: ref, Code: "P"},
			Statements: []intel.Statement{{Text: c.text, Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, ranked := range []bool{false, true} {
			for words, want := range map[string]bool{c.found: true, c.missed: false} {
				got, err := r.Search(t.Context(), writer, programme, intel.Query{Words: words, Language: c.language, Ranked: ranked})
				if err != nil {
					t.Fatal(err)
				}
				hit := false
				for _, row := range got.Rows {
					hit = hit || row.ID == it.ID
				}
				if hit != want {
					t.Errorf("%d: %q finds %q: %v, ranked %v", i, words, c.text, hit, ranked)
				}
			}
		}
	}
	for _, words := range []string{"", "  ", strings.Repeat("a", 501)} {
		if _, err := r.Search(t.Context(), writer, programme, intel.Query{Words: words, Language: "en"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("looking for %q: %v", words, err)
		}
	}
	for _, words := range []string{`lorry" OR "x`, "title NEAR x", "-title", "title*", "\x00title", `"`} { // the index's own language has no power here
		if _, err := r.Search(t.Context(), writer, programme, intel.Query{Words: words, Language: "en"}); err != nil {
			t.Errorf("looking for %q: %v", words, err)
		}
	}
}

// Of two people who change the same version the later one gets what the other
// wrote, overwrites nothing, and can decide.
func TestTheLaterOfTwoSeesTheDifference(t *testing.T) {
	r := newRoom(t)
	programme, desk := id.New(), id.New()
	anna, bob := reviewers(programme, desk)
	it := write(t, r, anna, programme, desk, "It comes on Tuesdays.")
	first, second := changeOf(it), changeOf(it)
	first.Title, second.Title = "What Anna wrote", "What Bob wrote"
	if _, err := r.Write(t.Context(), anna, first); err != nil {
		t.Fatal(err)
	}
	for name, act := range map[string]func() error{
		"write":  func() error { _, err := r.Write(t.Context(), bob, second); return err },
		"submit": func() error { _, err := r.Submit(t.Context(), bob, programme, it.ID, it.Version); return err },
		"addendum": func() error {
			_, err := r.Addendum(t.Context(), bob, programme, it.ID, it.Version, it.Statements[0])
			return err
		},
	} {
		var lost *intel.Conflict
		if err := act(); !errors.As(err, &lost) || lost.Stored.Title != "What Anna wrote" || fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	second.Seen = 2 // having seen Anna's, Bob decides
	last, err := r.Write(t.Context(), bob, second)
	if err != nil || last.Version != 3 || last.Title != "What Bob wrote" {
		t.Fatalf("%+v, %v", last, err)
	}
	v, err := r.Read(t.Context(), anna, programme, it.ID)
	if err != nil || len(v.Versions) != 3 || v.Versions[1].Title != "What Anna wrote" {
		t.Fatalf("what Anna wrote is lost: %v, %v", v.Versions, err)
	}
}

// Retaining moves the review and nothing else, never into the past or out of
// reach, and an item is due exactly when its review has come.
func TestLawRetainedUntilTheDayThatWasSaid(t *testing.T) {
	r := newRoom(t)
	rapid.Check(t, func(rt *rapid.T) {
		programme, desk := id.New(), id.New()
		a, b := reviewers(programme, desk)
		it := approve(t, r, a, b, write(t, r, a, programme, desk, "It comes on Tuesdays."))
		until := now.Add(time.Duration(rapid.Int64Range(-int64(500*24*time.Hour), int64(4000*24*time.Hour)).Draw(rt, "until")))
		kept, err := r.Retain(t.Context(), a, programme, it.ID, it.Version, until, "the case is open")
		if allowed := until.After(now) && !until.After(now.AddDate(10, 0, 0)); allowed != (err == nil) || err != nil && fault.KindOf(err) != fault.Invalid {
			rt.Fatalf("until %v: %v", until, err)
		}
		want := it
		if err == nil {
			want.Version, want.Review = it.Version+1, until.UTC().Truncate(24*time.Hour)
			if diff := cmp.Diff(want, kept, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("retaining changed more than the review:\n%s", diff)
			}
		}
		for _, before := range []time.Time{want.Review.Add(-time.Second), want.Review, want.Review.Add(time.Second)} {
			page, err := r.List(t.Context(), a, programme, intel.Filter{DueBefore: before})
			if err != nil || len(page.Rows) == 1 != want.Review.Before(before) || page.Count != len(page.Rows) {
				rt.Fatalf("reviewed on %v, due before %v: %d rows, %d counted, %v", want.Review, before, len(page.Rows), page.Count, err)
			}
		}
	})
}

// What the item itself shows of who told it goes to nobody before it is written
// anew or explained, in the title as in a statement; a draft may hold it.
func TestWhatGivesTheSourceAwayIsNotSubmitted(t *testing.T) {
	ref := grading.Ref{Scheme: "3x5x2", Version: 1}
	for name, c := range map[string]struct {
		title, text string
		remarks     []intel.Remark
		hint        string // empty: submitted
	}{
		"nothing of them":     {"Cigarettes", "A lorry comes at night.", nil, ""},
		"in a statement":      {"Cigarettes", "I saw the lorry at night.", nil, "in statement 1"},
		"in the title":        {"My brother's cigarettes", "A lorry comes at night.", nil, "in the title"},
		"another kind's why":  {"Cigarettes", "I saw the lorry at night.", []intel.Remark{{Kind: "style", Reason: "it is a quotation"}}, "in statement 1"},
		"explained":           {"Cigarettes", "I saw the lorry at night.", []intel.Remark{{Kind: "first-person", Reason: "words of a public broadcast"}, {Kind: "own-side", Reason: "the same"}}, ""},
		"only a medium doubt": {"Cigarettes", "A lorry comes at 21:43.", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			programme, desk := id.New(), id.New()
			writer, second := reviewers(programme, desk)
			it, err := r.Write(t.Context(), writer, intel.Change{
				Programme: programme, Desk: desk, Title: c.title, Category: "drugs", Seriousness: "low", Channel: "web", Language: "en", Handling: grading.Handling{Ref: ref, Code: "P"},
				Statements: []intel.Statement{{Text: c.text, Grade: grading.Grade{Ref: ref, Source: "2", Information: "D"}}}, Remarks: c.remarks,
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Submit(t.Context(), writer, programme, it.ID, it.Version)
			if c.hint == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.PublicOf(err), c.hint) {
				t.Errorf("submitted: %v", err)
			}
			if v, err := r.Read(t.Context(), second, programme, it.ID); err != nil || v.State != intel.Draft || v.Version != 1 {
				t.Errorf("the draft has become %s, version %d: %v", v.State, v.Version, err)
			}
		})
	}
}
