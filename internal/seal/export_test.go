// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// exported returns a report with two answers over two epochs as the desk
// exports it.
func (w *world) exported() (seal.Export, seal.Tip) {
	w.t.Helper()
	chain, _, tip, a := w.opened()
	e := seal.Export{
		Programme: w.programme, Report: a.Report, Roster: w.signed, Messages: slices.Clone(a.messages),
		Grants: []seal.GrantFor{{To: "desk", Body: a.DeskGrant}, {To: "recovery", Body: a.RecoveryGrant}},
	}
	e.Messages = append(e.Messages, say(w.t, chain, "Hvor mange?", seal.RoleDesk, w, tip))
	turn, err := chain.NewEpoch(w.member.SigningKey())
	w.check(err)
	e.Messages = append(e.Messages, turn.Key)
	member, err := w.member.Identity()
	w.check(err)
	body, err := seal.SealGrant(turn.Grant, member.Recipient())
	w.check(err)
	e.Grants = append(e.Grants, seal.GrantFor{Epoch: 1, To: "member", Body: body})
	next, err := seal.NewChain(turn.Grant, w.roster)
	w.check(err)
	for _, m := range e.Messages {
		_, _, err := next.Next(m)
		w.check(err)
	}
	e.Messages = append(e.Messages, say(w.t, next, "Kun os nu", seal.RoleDesk, w, tip))
	packed, err := seal.SealDeskKeys(w.deskKeys, member.Recipient())
	w.check(err)
	e.Keys = [][]byte{packed}
	return e, tip
}

func TestExportOpensThroughTheNewestGrant(t *testing.T) {
	w := newWorld(t)
	e, _ := w.exported()
	text, err := e.Encode()
	w.check(err)
	read, err := seal.ParseExport(text)
	w.check(err)
	member, err := w.member.Identity()
	w.check(err)
	talk, err := read.Open([]*seal.Identity{member}, w.key())
	w.check(err)
	slices.Reverse(read.Grants)
	again, err := read.Open([]*seal.Identity{member}, w.key())
	w.check(err)
	if again.Epoch != talk.Epoch || len(again.Messages) != len(talk.Messages) {
		t.Error("the order of the grants matters")
	}
	if len(talk.Messages) != 5 || talk.Epoch != 1 || talk.Roster.Hash() != w.roster.Hash() {
		t.Fatalf("%d messages, epoch %d", len(talk.Messages), talk.Epoch)
	}
	if said := talk.Messages[4].Content.(seal.Message); said.Text != "Kun os nu" || !talk.Messages[4].Signer.Known {
		t.Errorf("%+v", talk.Messages[4])
	}
	// The desk's old key reads up to where it was shut out, and no further.
	if _, err := read.Open([]*seal.Identity{w.deskIdentity()}, w.key()); !errors.Is(err, seal.ErrOutOfPlace) {
		t.Errorf("who was shut out opens the whole: %v", err)
	}
	read.Messages = read.Messages[:4]
	if _, err := read.Open([]*seal.Identity{w.deskIdentity()}, w.key()); err != nil {
		t.Errorf("who was shut out can't read what came before: %v", err)
	}
}

func TestExportRefuses(t *testing.T) {
	w := newWorld(t)
	stranger := newWorld(t)
	foreign, _ := stranger.exported()
	for name, try := range map[string]struct {
		change func(*seal.Export)
		want   error
	}{
		"another's roster":   {func(e *seal.Export) { e.Roster = foreign.Roster }, seal.ErrSignature},
		"another report":     {func(e *seal.Export) { e.Report = id.New() }, seal.ErrOutOfPlace},
		"another programme":  {func(e *seal.Export) { e.Programme = id.New() }, seal.ErrOutOfPlace},
		"messages swapped":   {func(e *seal.Export) { e.Messages[2], e.Messages[3] = e.Messages[3], e.Messages[2] }, seal.ErrOutOfPlace},
		"a foreign message":  {func(e *seal.Export) { e.Messages[1] = foreign.Messages[1] }, seal.ErrNotForThisKey},
		"no grant":           {func(e *seal.Export) { e.Grants = nil }, seal.ErrNotForThisKey},
		"a truncated grant":  {func(e *seal.Export) { e.Grants[2].Body = e.Grants[2].Body[:500] }, seal.ErrEnvelope},
		"a truncated packet": {func(e *seal.Export) { e.Keys[0] = nil }, seal.ErrEnvelope},
	} {
		e, _ := w.exported()
		try.change(&e)
		member, err := w.member.Identity()
		w.check(err)
		talk, err := e.Open([]*seal.Identity{member}, w.key())
		if !errors.Is(err, try.want) {
			t.Errorf("%s: %v", name, err)
		}
		if len(talk.Messages) > 3 {
			t.Errorf("%s: %d messages are given all the same", name, len(talk.Messages))
		}
	}
}

func TestParseExportRefuses(t *testing.T) {
	w := newWorld(t)
	e, _ := w.exported()
	good, err := e.Encode()
	w.check(err)
	for name, text := range map[string]string{
		"nothing": "", "empty": "{}", "null": "null", "list": "[]", "unknown field": `{"x":1,` + string(good[1:]),
		"doubled field": `{"v":1,` + string(good[1:]), "another version": strings.Replace(string(good), `{"v":1`, `{"v":2`, 1),
		"two documents": string(good) + string(good), "deep": strings.Repeat("[", 1<<16),
	} {
		if _, err := seal.ParseExport([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	deep := strings.Replace(string(good), `"keys":[`, `"keys":[`+strings.Repeat("[", 9)+strings.Repeat("]", 9)+`,`, 1)
	if _, err := seal.ParseExport([]byte(deep)); err == nil || !strings.Contains(err.Error(), "nests deeper") {
		t.Errorf("deep nesting: %v", err)
	}
	spaced := "\n" + strings.Replace(string(good), ",", " ,\t", 20)
	if _, err := seal.ParseExport([]byte(spaced)); err != nil {
		t.Errorf("white space: %v", err)
	}
}

// TestExportKnowsWhoWroteUnderOtherRosters reads what a member wrote who is in
// an earlier roster only.
func TestExportKnowsWhoWroteUnderOtherRosters(t *testing.T) {
	w := newWorld(t)
	e, _ := w.exported()
	before := w.signed
	member, err := w.member.Identity()
	w.check(err)
	w.member = seal.NewMemberKeys() // somebody else took over
	w.publish(2, w.roster.Hash())
	e.Roster = w.signed
	for known, rosters := range map[bool][]seal.SignedRoster{false: nil, true: {before}} {
		e.Rosters = rosters
		text, err := e.Encode()
		w.check(err)
		read, err := seal.ParseExport(text)
		w.check(err)
		talk, err := read.Open([]*seal.Identity{member}, w.key())
		w.check(err)
		if talk.Messages[2].Signer.Known != known {
			t.Errorf("with %d more rosters the signer is known: %v", len(rosters), !known)
		}
	}
	foreign := newWorld(t)
	e.Rosters = []seal.SignedRoster{foreign.signed}
	if _, err := e.Open([]*seal.Identity{member}, w.key()); !errors.Is(err, seal.ErrSignature) {
		t.Errorf("another programme's roster: %v", err)
	}
}
