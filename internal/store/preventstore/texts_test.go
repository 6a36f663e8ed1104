// SPDX-License-Identifier: AGPL-3.0-or-later

package preventstore_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/store/preventstore"
	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

var spoken = []string{"en", "da", "ar"}

type ticking struct{ now time.Time }

func (c *ticking) Now() time.Time { return c.now }

// room is an installation with two programmes and their editors.
type room struct {
	*editing.Texts
	clock        *ticking
	north, south id.ID
	other        *editing.Shelf // of another process
	ed, chief    authz.Subject  // of north
	translator   authz.Subject
	director     authz.Subject
	stranger     authz.Subject // chief editor of south
}

func newRoom(t *testing.T) *room {
	t.Helper()
	h := storetest.Build(t, storetest.SQLite)
	r := &room{clock: &ticking{time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)}, north: id.New(), south: id.New()}
	store := preventstore.NewTexts(h.DB)
	r.Texts = &editing.Texts{Store: store, Tx: h.Runner, Clock: r.clock, Shelf: &editing.Shelf{Store: store, Clock: r.clock, Languages: func() []string { return spoken }}}
	r.other = &editing.Shelf{Store: store, Clock: r.clock, Languages: func() []string { return spoken }}
	check(t, r.Shelf.Refresh(t.Context()))
	person := func(role authz.Role, of id.ID) authz.Subject {
		return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: role, Programme: of}}}
	}
	r.ed, r.chief, r.translator = person(authz.Editor, r.north), person(authz.ChiefEditor, r.north), person(authz.Translator, r.north)
	r.director, r.stranger = person(authz.Director, r.north), person(authz.ChiefEditor, r.south)
	return r
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %d", what, err, want)
	}
}

const card = "cards/overdose.en.md"

func builtIn(t testing.TB, name string) string {
	t.Helper()
	b, err := fs.ReadFile(prevent.Files(), name)
	check(t, err)
	return string(b)
}

// retitled is a built-in text with another title.
func retitled(t testing.TB, name, title string) []byte {
	t.Helper()
	lines := strings.Split(builtIn(t, name), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "title: ") {
			lines[i] = "title: " + title
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func (r *room) title(t testing.TB, programme id.ID, lang string) string {
	t.Helper()
	k, ok := r.Shelf.Content(programme).Card("overdose")
	if !ok {
		return "(no card)"
	}
	return k.Text(lang).Title
}

// draft writes and sends a version.
func (r *room) draft(t testing.TB, by authz.Subject, w editing.Written) int {
	t.Helper()
	v, err := r.Save(context.Background(), by, r.north, w)
	check(t, err)
	check(t, r.Send(context.Background(), by, r.north, w.Text, v.Number))
	return v.Number
}

func TestATextIsShownWhenSomebodyElseApprovedIt(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	before := r.title(t, r.north, "en")
	v, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: card, Sort: editing.Words, Body: retitled(t, card, "Breathing?")})
	check(t, err)
	wantKind(t, "approve a draft", r.Approve(ctx, r.chief, r.north, card, v.Number, time.Time{}), fault.Conflict)
	wantKind(t, "send somebody else's draft", r.Send(ctx, r.chief, r.north, card, v.Number), fault.Forbidden)
	check(t, r.Send(ctx, r.ed, r.north, card, v.Number))
	_, err = r.Save(ctx, r.ed, r.north, editing.Written{Text: card, Number: v.Number, Revision: 1, Sort: editing.Words, Body: []byte("other")})
	wantKind(t, "write on in what was sent", err, fault.Conflict)
	wantKind(t, "approve as an editor", r.Approve(ctx, r.ed, r.north, card, v.Number, time.Time{}), fault.Forbidden)
	wantKind(t, "approve from another programme", r.Approve(ctx, r.stranger, r.north, card, v.Number, time.Time{}), fault.NotFound)
	if got := r.title(t, r.north, "en"); got != before {
		t.Fatalf("shown before approval: %q", got)
	}
	check(t, r.Approve(ctx, r.chief, r.north, card, v.Number, time.Time{}))
	if got := r.title(t, r.north, "en"); got != "Breathing?" {
		t.Errorf("after approval %q is shown", got)
	}
	if got := r.title(t, r.south, "en"); got != before {
		t.Errorf("another programme shows %q", got)
	}
	wantKind(t, "approve twice", r.Approve(ctx, r.director, r.north, card, v.Number, time.Time{}), fault.Conflict)

	mine := r.draft(t, r.chief, editing.Written{Text: card, Base: v.Number, Sort: editing.Words, Body: retitled(t, card, "Mine")})
	wantKind(t, "approve one's own", r.Approve(ctx, r.chief, r.north, card, mine, time.Time{}), fault.Forbidden)
	check(t, r.Approve(ctx, r.director, r.north, card, mine, time.Time{}))

	wantKind(t, "undo as an editor", r.Undo(ctx, r.ed, r.north, card, 0, ""), fault.Forbidden)
	check(t, r.Undo(ctx, r.chief, r.north, card, v.Number, "the number was wrong"))
	if got := r.title(t, r.north, "en"); got != "Breathing?" {
		t.Errorf("after undoing %q is shown", got)
	}
	check(t, r.Undo(ctx, r.chief, r.north, card, 0, ""))
	if got := r.title(t, r.north, "en"); got != before {
		t.Errorf("after undoing everything %q is shown", got)
	}
	wantKind(t, "undo nothing", r.Undo(ctx, r.chief, r.north, card, 0, ""), fault.Conflict)
	n, err := r.Look(ctx, r.ed, r.north, card)
	check(t, err)
	if len(n.Versions) != 4 || len(n.Acts) != 8 || string(n.Body) != string(n.Original) {
		t.Errorf("%d versions, %d acts", len(n.Versions), len(n.Acts))
	}
}

// What one programme can't show is no reason to refuse another one's approval.
func TestAnothersTroubleIsNotOurs(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	own := fstest.MapFS{}
	r.Shelf.Own = own
	bad := r.draft(t, r.ed, editing.Written{Text: "cards/own.da.md", Sort: editing.Away})
	check(t, r.Approve(ctx, r.chief, r.north, "cards/own.da.md", bad, time.Time{}))
	n := r.draft(t, r.ed, editing.Written{Text: card, Sort: editing.Words, Body: retitled(t, card, "North")})
	check(t, r.Approve(ctx, r.chief, r.north, card, n, time.Time{}))
	// The operator's folder changes so that nothing of north loads any more.
	own["cards/broken.en.md"] = &fstest.MapFile{Data: []byte("broken")}
	r.clock.now = r.clock.now.Add(time.Minute)
	south := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Editor, Programme: r.south}}}
	v, err := r.Save(ctx, south, r.south, editing.Written{Text: card, Sort: editing.Original})
	check(t, err)
	if err := r.Send(ctx, south, r.south, card, v.Number); fault.KindOf(err) == fault.Internal {
		t.Errorf("south sends: %v", err)
	}
	err = r.Undo(ctx, r.chief, r.north, card, 0, "")
	if err != nil && fault.KindOf(err) == fault.Internal {
		t.Errorf("north undoes: %v", err)
	}
	if got := r.title(t, r.north, "en"); got != "North" {
		t.Errorf("north shows %q, not the last that could be shown", got)
	}
}

func TestATextIsShownFromItsHourOn(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	now := r.clock.now
	later := r.draft(t, r.ed, editing.Written{Text: card, Sort: editing.Words, Body: retitled(t, card, "Later")})
	wantKind(t, "the past", r.Approve(ctx, r.chief, r.north, card, later, now.Add(-time.Hour)), fault.Invalid)
	wantKind(t, "a far future", r.Approve(ctx, r.chief, r.north, card, later, now.AddDate(3, 0, 0)), fault.Invalid)
	check(t, r.Approve(ctx, r.chief, r.north, card, later, now.Add(24*time.Hour)))
	off := r.draft(t, r.ed, editing.Written{Text: card, Sort: editing.Words, Body: retitled(t, card, "Never")})
	check(t, r.Approve(ctx, r.chief, r.north, card, off, now.Add(48*time.Hour)))
	check(t, r.CallOff(ctx, r.director, r.north, card, off, "changed our mind"))
	before := r.title(t, r.north, "en")
	for _, tt := range []struct {
		after time.Duration
		want  string
	}{{23 * time.Hour, before}, {24 * time.Hour, "Later"}, {49 * time.Hour, "Later"}} {
		r.clock.now = now.Add(tt.after)
		check(t, r.Shelf.Refresh(ctx))
		if got := r.title(t, r.north, "en"); got != tt.want {
			t.Errorf("after %v %q is shown, want %q", tt.after, got, tt.want)
		}
	}
	wantKind(t, "call off what is shown", r.CallOff(ctx, r.chief, r.north, card, later, ""), fault.Conflict)
}

func TestATextThatWouldBreakTheSiteIsRefused(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	for name, body := range map[string]string{
		card:                    "no front matter",
		"cards/overdose.da.md":  "---\ntitle: x\n---\n\ntext\n",
		"crimes/fraud.en.md":    strings.Replace(builtIn(t, "crimes/fraud.en.md"), "## {young}", "## {old}", 1),
		"crimes/nowhere.en.md":  builtIn(t, "crimes/fraud.en.md"),
		"cards/new.da.md":       builtIn(t, "cards/overdose.da.md"), // without English
		"flows.yaml":            "- from: fraud\n  to: nowhere\n  source: x\n  why: {en: x}\n",
		"crimes.yaml":           "[]\n",
		"quizzes/grooming.yaml": "title: {en: x}\n",
	} {
		v, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: name, Sort: editing.Words, Body: []byte(body)})
		check(t, err)
		faults, err := r.Faults(ctx, v)
		if check(t, err); len(faults) == 0 {
			t.Errorf("%s: no fault is found", name)
		}
		wantKind(t, "send "+name, r.Send(ctx, r.ed, r.north, name, v.Number), fault.Invalid)
	}
	away := r.draft(t, r.ed, editing.Written{Text: card, Sort: editing.Away})
	check(t, r.Approve(ctx, r.chief, r.north, card, away, r.clock.now.Add(24*time.Hour)))
	crime := "crimes/zoo.en.md"
	wantKind(t, "a page of a crime that is not there", r.Send(ctx, r.ed, r.north, crime, func() int {
		v, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: crime, Sort: editing.Words, Body: []byte(builtIn(t, "crimes/fraud.en.md"))})
		check(t, err)
		return v.Number
	}()), fault.Invalid)
	r.clock.now = r.clock.now.Add(25 * time.Hour)
	check(t, r.Shelf.Refresh(ctx))
	if got := r.title(t, r.north, "da"); got != "(no card)" {
		t.Errorf("a card that was taken away is shown: %q", got)
	}
	if got := r.title(t, r.south, "da"); got == "(no card)" {
		t.Error("it was taken from another programme too")
	}
}

// A translation that is scheduled needs its English text on that day: neither
// may go first.
func TestWhatIsScheduledKeepsWhatItNeeds(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	english, danish := "cards/own.en.md", "cards/own.da.md"
	en := r.draft(t, r.ed, editing.Written{Text: english, Sort: editing.Words, Body: []byte(builtIn(t, card))})
	check(t, r.Approve(ctx, r.chief, r.north, english, en, r.clock.now.Add(time.Hour)))
	da, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: danish, Sort: editing.Words, Body: []byte(builtIn(t, "cards/overdose.da.md"))})
	check(t, err)
	check(t, r.Send(ctx, r.ed, r.north, danish, da.Number))
	wantKind(t, "show a translation before its text", r.Approve(ctx, r.chief, r.north, danish, da.Number, time.Time{}), fault.Invalid)
	r.clock.now = r.clock.now.Add(time.Hour)
	check(t, r.Shelf.Refresh(ctx))
	check(t, r.Approve(ctx, r.chief, r.north, danish, da.Number, r.clock.now.Add(time.Hour)))
	wantKind(t, "undo the English text", r.Undo(ctx, r.chief, r.north, english, 0, ""), fault.Invalid)
	check(t, r.CallOff(ctx, r.chief, r.north, danish, da.Number, ""))
	check(t, r.Undo(ctx, r.chief, r.north, english, 0, ""))
	if _, ok := r.Shelf.Content(r.north).Card("own"); ok {
		t.Error("a card that was undone is shown")
	}
}

// What is not as in English, or hard to read, is told and keeps nothing back.
func TestWhatWasSentIsNeverAltered(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	n := r.draft(t, r.ed, editing.Written{Text: card, Sort: editing.Words, Body: retitled(t, card, "Seen")})
	check(t, r.TakeBack(ctx, r.ed, r.north, card, n))
	_, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: card, Number: n, Revision: 1, Sort: editing.Words, Body: retitled(t, card, "Not seen")})
	wantKind(t, "write on in what was sent and taken back", err, fault.Conflict)
	wantKind(t, "send it again", r.Send(ctx, r.ed, r.north, card, n), fault.Conflict)
	wantKind(t, "approve what was taken back", r.Approve(ctx, r.chief, r.north, card, n, time.Time{}), fault.Conflict)
}

func TestDoubts(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	danish := "cards/overdose.da.md"
	for _, tt := range []struct {
		text, body string
		want       []string
	}{
		{danish, builtIn(t, danish), nil},
		{danish, strings.Replace(builtIn(t, danish), "](/danger)", "](/hide)", 1), []string{"link to /danger: 1 in English, 0 here", "link to /hide: 0 in English, 1 here"}},
		{card, builtIn(t, card) + "- Call [112](tel:113).\n", []string{`the words "112" call 113`}},
		{"flows.yaml", builtIn(t, "flows.yaml") + "# \u202e\n", []string{"1 of U+202E, which can't be seen"}},
		{card, builtIn(t, card) + "- " + strings.Repeat("Notwithstanding organisational responsibilities regarding pharmaceutical administration, ", 20) + "call.\n", []string{"hard to read: "}},
	} {
		v, err := r.Save(ctx, r.ed, r.north, editing.Written{Text: tt.text, Sort: editing.Words, Body: []byte(tt.body)})
		check(t, err)
		got, err := r.Doubts(ctx, v)
		check(t, err)
		if len(got) != len(tt.want) {
			t.Fatalf("%s: %q, want %q", tt.text, got, tt.want)
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want %q", tt.text, got[i], want)
			}
		}
		check(t, r.Send(ctx, r.ed, r.north, tt.text, v.Number))
	}
}

// What comes from translators waits whole or not at all; what is not new is
// left, and so is what the taker may not write.
func TestWhatComesBackIsTakenWhole(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	danish, quiz := "cards/overdose.da.md", "quizzes/grooming.yaml"
	files := map[string][]byte{
		danish:                 []byte(strings.Replace(builtIn(t, danish), "title: '", "title: 'Ny: ", 1)),
		"cards/overdose.ar.md": []byte(builtIn(t, "cards/overdose.ar.md")),
		quiz:                   []byte(strings.Replace(builtIn(t, quiz), "ar: ", "ar: جديد ", 1)),
		"crimes/fraud.da.md":   []byte("broken"),
	}
	_, _, err := r.Take(ctx, r.translator, r.north, files, "back")
	wantKind(t, "a broken text among others", err, fault.Invalid)
	if o, err := r.Overview(ctx, r.ed, r.north); err != nil || len(o.Work) > 0 {
		t.Fatalf("half a file was taken: %v, %v", o.Work, err)
	}
	delete(files, "crimes/fraud.da.md")
	took, left, err := r.Take(ctx, r.translator, r.north, files, "back")
	check(t, err)
	if !slices.Equal(took, []string{danish}) || !slices.Equal(left, []string{quiz}) {
		t.Errorf("took %q and left %q", took, left)
	}
	_, _, err = r.Take(ctx, authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Analyst, Programme: r.north}}}, r.north, files, "back")
	wantKind(t, "an analyst takes translations in", err, fault.Forbidden)
	brought, err := r.Bring(ctx, r.south, files, "from the command line")
	check(t, err)
	if len(brought) != 2 {
		t.Errorf("brought %q", brought)
	}
	check(t, r.Approve(ctx, r.stranger, r.south, danish, 1, time.Time{}))
	if got := r.title(t, r.south, "da"); !strings.HasPrefix(got, "Ny: ") {
		t.Errorf("south reads %q", got)
	}
}

func TestWhatTheRoomRefuses(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	for what, w := range map[string]editing.Written{
		"a huge text":                 {Text: card, Sort: editing.Words, Body: bytes.Repeat([]byte("a"), prevent.MaxMarkdown+1)},
		"a page that is needed, away": {Text: "crimes/fraud.en.md", Sort: editing.Away},
		"the list of crimes, away":    {Text: "crimes.yaml", Sort: editing.Away},
		"no sort":                     {Text: card, Body: []byte("x")},
		"words with the original":     {Text: card, Sort: editing.Original, Body: []byte("x")},
		"bytes that are no letters":   {Text: card, Sort: editing.Words, Body: []byte{0xff, 0xfe}},
		"a zero byte":                 {Text: card, Sort: editing.Words, Body: []byte("a\x00b")},
		"a long note":                 {Text: card, Sort: editing.Words, Note: strings.Repeat("n", 501)},
		"a base that is not there":    {Text: card, Sort: editing.Words, Base: 7},
		"a name outside":              {Text: "../secret.md", Sort: editing.Words},
		"an unknown language":         {Text: "cards/overdose.xx.md", Sort: editing.Words},
		"another file":                {Text: "cards/overdose.en.html", Sort: editing.Words},
	} {
		if _, err := r.Save(ctx, r.ed, r.north, w); err == nil || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := r.Save(ctx, r.translator, r.north, editing.Written{Text: card, Sort: editing.Words})
	wantKind(t, "a translator writes English", err, fault.Forbidden)
	v, err := r.Save(ctx, r.translator, r.north, editing.Written{Text: "cards/overdose.da.md", Sort: editing.Words, Body: []byte("a")})
	check(t, err)
	_, err = r.Save(ctx, r.ed, r.north, editing.Written{Text: v.Text, Number: v.Number, Revision: 1, Sort: editing.Words, Body: []byte("b")})
	wantKind(t, "write in somebody else's draft", err, fault.Forbidden)
	w := editing.Written{Text: v.Text, Number: v.Number, Revision: 1, Sort: editing.Words, Body: []byte("b")}
	_, err = r.Save(ctx, r.translator, r.north, w)
	check(t, err)
	_, err = r.Save(ctx, r.translator, r.north, w)
	wantKind(t, "save an older page over a newer one", err, fault.Conflict)
	_, err = r.Look(ctx, r.stranger, r.north, card)
	wantKind(t, "look from another programme", err, fault.NotFound)
	_, err = r.Overview(ctx, authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Liaison, Programme: r.north, Desk: id.New()}}}, r.north)
	wantKind(t, "a partner lists drafts", err, fault.Forbidden)
	wantKind(t, "return without a reason", r.Return(ctx, r.chief, r.north, v.Text, v.Number, " "), fault.Invalid)
}

// Whatever editors do in whatever order, the laws of the room hold.
func TestLawsOfEditing(t *testing.T) {
	checks := 8
	if testing.Short() {
		checks = 3
	}
	for n := range checks {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := newRoom(t)
			gen := rapid.Custom(func(d *rapid.T) []int { return rapid.SliceOfN(rapid.IntRange(0, 1<<20), 40, 40).Draw(d, "acts") })
			l := &laws{room: r, t: t, sent: map[string]string{}, original: r.title(t, r.north, "en")}
			for _, draw := range gen.Example(n + 1) {
				l.act(draw)
				l.hold()
			}
		})
	}
}

// touched are the texts that the random editors work at.
var touched = []string{card, "cards/overdose.da.md", "cards/own.en.md", "cards/own.da.md"}

type laws struct {
	*room
	t        *testing.T
	count    int
	sent     map[string]string // by text and number: the body that was sent
	original string
}

// act does something; what the room refuses is no fault.
func (l *laws) act(draw int) {
	ctx := l.t.Context()
	people := []authz.Subject{l.ed, l.chief, l.director, l.translator, l.stranger}
	who, other := people[draw%5], people[draw/5%5]
	text := touched[draw/25%4]
	number := draw/100%4 + 1
	ahead := time.Duration(draw/400%3) * time.Hour
	l.count++
	switch draw / 1200 % 8 {
	case 0, 1, 2:
		name := strings.Replace(text, "own", "overdose", 1)
		v, err := l.Save(ctx, who, l.north, editing.Written{Text: text, Sort: editing.Words, Body: retitled(l.t, name, fmt.Sprintf("by %d", l.count))})
		if err == nil && l.Send(ctx, who, l.north, text, v.Number) == nil && draw%2 == 0 {
			_ = l.Approve(ctx, other, l.north, text, v.Number, l.clock.now.Add(ahead))
		}
	case 3:
		_ = l.Approve(ctx, who, l.north, text, number, l.clock.now.Add(ahead))
	case 4:
		_ = l.Undo(ctx, who, l.north, text, number-1, "")
	case 5:
		_ = l.CallOff(ctx, who, l.north, text, number, "")
		_ = l.TakeBack(ctx, who, l.north, text, number)
	case 6:
		if v, err := l.Save(ctx, who, l.north, editing.Written{Text: text, Sort: editing.Away}); err == nil && l.Send(ctx, who, l.north, text, v.Number) == nil {
			_ = l.Approve(ctx, other, l.north, text, v.Number, l.clock.now.Add(ahead))
		}
	case 7:
		l.clock.now = l.clock.now.Add(time.Duration(draw%100) * time.Minute)
		check(l.t, l.Shelf.Refresh(ctx))
	}
}

func (l *laws) hold() {
	l.t.Helper()
	ctx := l.t.Context()
	check(l.t, l.other.Refresh(ctx))
	if err := l.Shelf.Trouble(l.north); err != nil {
		l.t.Fatalf("what was approved does not load: %v", err)
	}
	if got := l.title(l.t, l.south, "en"); got != l.original {
		l.t.Fatalf("another programme shows %q", got)
	}
	titles := func(c *prevent.Content) (all []string) {
		for _, k := range c.Cards {
			for _, lang := range spoken {
				all = append(all, k.ID+k.Text(lang).Title)
			}
		}
		return all
	}
	shown := titles(l.Shelf.Content(l.north))
	if !slices.Equal(shown, titles(l.other.Content(l.north))) {
		l.t.Fatal("two processes show different texts")
	}
	for _, text := range touched {
		n, err := l.Look(ctx, l.ed, l.north, text)
		check(l.t, err)
		for _, v := range n.Versions {
			v, err := l.One(ctx, l.ed, l.north, text, v.Number)
			check(l.t, err)
			if v.State == editing.Approved && !v.Undoes && (v.Judge.IsZero() || v.Judge == v.Writer) {
				l.t.Fatalf("%s %d was approved by its writer", text, v.Number)
			}
			key := fmt.Sprint(text, v.Number)
			if old, ok := l.sent[key]; ok && old != string(v.Body) {
				l.t.Fatalf("%s was altered after it was sent", key)
			}
			if v.State != editing.Draft {
				l.sent[key] = string(v.Body)
			}
		}
		if n.Version.Number > 0 && !n.Version.Shown(l.clock.now) {
			l.t.Fatalf("%s %d is shown and should not be", text, n.Version.Number)
		}
	}
}
