// SPDX-License-Identifier: AGPL-3.0-or-later

package referralstore_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/referral"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

func TestAOneTimeLink(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	token, err := r.MakeLink(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil || len(token) < 43 {
		t.Fatalf("token %q, %v: want 256 bits", token, err)
	}
	_, err = r.StepLink(t.Context(), token, referral.Reply{Act: referral.Acknowledge})
	r.want("a link as a step", err, fault.NotFound, "opens nothing")
	page, err := r.OpenLink(t.Context(), token)
	if err != nil || page.Package.Title != r.item.Title {
		t.Fatal(page, err)
	}
	_, err = r.OpenLink(t.Context(), token)
	r.want("a used link", err, fault.NotFound, "opens nothing")
	_, err = r.OpenLink(t.Context(), page.Next)
	r.want("a step as a link", err, fault.NotFound, "opens nothing")
	first := page.Next
	_, err = r.StepLink(t.Context(), first, referral.Reply{Act: referral.Accept})
	r.want("accepted unseen", err, fault.Conflict, "Acknowledge")
	if page, err = r.StepLink(t.Context(), first, referral.Reply{Act: referral.Acknowledge}); err != nil {
		t.Fatalf("a refused step used its token up: %v", err)
	}
	_, err = r.StepLink(t.Context(), first, referral.Reply{Act: referral.Accept})
	r.want("a step's token twice", err, fault.NotFound, "opens nothing")
	if page, err = r.StepLink(t.Context(), page.Next, referral.Reply{Act: referral.Ask, Text: "Which pier?"}); err != nil || len(page.Questions) != 1 {
		t.Fatal(page.Questions, err)
	}
	if err := r.RevokeLink(t.Context(), r.reviewer, r.here, one.ID); err != nil {
		t.Fatal(err)
	}
	_, err = r.StepLink(t.Context(), page.Next, referral.Reply{Act: referral.Accept})
	r.want("after it was withdrawn", err, fault.NotFound, "opens nothing")
	// A new link withdraws the one before; a link ends by itself.
	older, err := r.MakeLink(t.Context(), r.reviewer, r.here, one.ID)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := r.LinkFor(t.Context(), r.here, one.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.OpenLink(t.Context(), older)
	r.want("the older link", err, fault.NotFound, "opens nothing")
	r.clock.now = r.clock.now.AddDate(0, 0, 15)
	_, err = r.OpenLink(t.Context(), newer)
	r.want("too old", err, fault.NotFound, "opens nothing")
}

// Whatever is guessed is answered alike, and after many guesses not at all.
func TestGuessedTokens(t *testing.T) {
	r := open(t)
	var said string
	for i, guess := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 100_000), "\x00", "../../etc"} {
		_, err := r.OpenLink(t.Context(), guess)
		if err == nil || i > 0 && err.Error() != said {
			t.Fatalf("guess %d: %v, before: %s", i, err, said)
		}
		said = err.Error()
	}
	for range 300 {
		_, _ = r.OpenLink(t.Context(), "guess")
	}
	_, err := r.OpenLink(t.Context(), "guess")
	r.want("the 307th guess in a minute", err, fault.TooMany, "")
	r.clock.now = r.clock.now.Add(time.Minute)
	_, err = r.OpenLink(t.Context(), "guess")
	r.want("a minute later", err, fault.NotFound, "opens nothing")
}

// Of many browsers that click one link at once, one gets in.
func TestOneBrowserUsesALink(t *testing.T) {
	r := open(t)
	token, err := r.MakeLink(t.Context(), r.reviewer, r.here, r.refer(r.police, referral.Primary).ID)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	in := make([]bool, 8)
	for i := range in {
		wg.Go(func() {
			_, err := r.OpenLink(t.Context(), token)
			in[i] = err == nil
		})
	}
	wg.Wait()
	if n := len(slices.DeleteFunc(in, func(b bool) bool { return !b })); n != 1 {
		t.Fatalf("%d browsers got in", n)
	}
}

func TestAQuestionBack(t *testing.T) {
	r := open(t)
	one := r.refer(r.police, referral.Primary)
	for _, in := range []referral.Reply{{Act: referral.Acknowledge}, {Act: referral.Ask, Text: "Which pier?"}} {
		if err := r.say(r.officer, r.police, one, in); err != nil {
			t.Fatal(err)
		}
	}
	waiting, err := r.OpenQuestions(t.Context(), r.reviewer, r.here)
	if err != nil || len(waiting) != 1 || waiting[0].Text != "Which pier?" || waiting[0].State != referral.Asked {
		t.Fatal(waiting, err)
	}
	q, report := waiting[0].Question, r.item.Reports[0]
	if got, err := r.OpenQuestions(t.Context(), r.neighbour, r.here); err != nil || len(got) != 0 {
		t.Errorf("another desk sees %v, %v", got, err)
	}
	r.want("put to a report of something else", r.PutQuestion(t.Context(), r.reviewer, r.here, q.ID, id.New()), fault.Invalid, "does not rest on")
	r.want("an analyst puts it", r.PutQuestion(t.Context(), r.analyst, r.here, q.ID, report), fault.Forbidden, "")
	r.want("passed on before there is an addendum", r.PassOn(t.Context(), r.reviewer, r.here, q.ID), fault.Conflict, "addendum first")
	if err := r.PutQuestion(t.Context(), r.reviewer, r.here, q.ID, report); err != nil {
		t.Fatal(err)
	}
	partnerSees := func() referral.Question {
		got, err := r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID)
		if err != nil || len(got.Questions) != 1 {
			t.Fatal(got.Questions, err)
		}
		return got.Questions[0]
	}
	before := partnerSees()
	if err := r.Replied(t.Context(), r.here, report); err != nil {
		t.Fatal(err)
	}
	if after := partnerSees(); after != before || after.State != referral.Asked || !after.Report.IsZero() {
		t.Errorf("the partner learns that the reporter wrote: %+v, then %+v", before, after)
	}
	if waiting, err = r.OpenQuestions(t.Context(), r.reviewer, r.here); err != nil || waiting[0].State != referral.Replied {
		t.Fatal(waiting, err)
	}
	r.clock.now = r.clock.now.Add(time.Hour)
	r.item = r.amend(r.item)
	if err := r.PassOn(t.Context(), r.reviewer, r.here, q.ID); err != nil {
		t.Fatal(err)
	}
	got, err := r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID)
	if err != nil || got.Questions[0].State != referral.Passed || got.Package.Version != 2 || len(got.Package.Statements) != 2 {
		t.Errorf("the partner has %+v, %v", got, err)
	}
	r.want("passed on twice", r.PassOn(t.Context(), r.reviewer, r.here, q.ID), fault.Conflict, "")
	if err := r.say(r.officer, r.police, one, referral.Reply{Act: referral.Ask, Text: "Who told you?"}); err != nil {
		t.Fatal(err)
	}
	waiting, err = r.OpenQuestions(t.Context(), r.reviewer, r.here)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	if err := r.RefuseQuestion(t.Context(), r.reviewer, r.here, waiting[0].ID, "We ask nobody that."); err != nil {
		t.Fatal(err)
	}
	if got, err = r.Receive(t.Context(), r.officer, r.here, r.police.ID, one.ID); err != nil || got.Questions[1].State != referral.NotAsked || got.Questions[1].Reason == "" {
		t.Errorf("the partner has %+v, %v", got.Questions, err)
	}
}
