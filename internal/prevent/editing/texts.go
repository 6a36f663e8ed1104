// SPDX-License-Identifier: AGPL-3.0-or-later

package editing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/prevent"
)

// The bounds of what editors write.
const (
	maxNote  = 500
	maxAhead = 2 * 366 * 24 * time.Hour // of a schedule
	maxOpen  = 2000                     // drafts of a programme that are open at once
	listSize = 200                      // versions and acts of a text that are listed
)

// Texts is what editors do. It is safe for concurrent use.
type Texts struct {
	Store Store
	Tx    tx.Runner
	Clock clock.Clock
	Shelf *Shelf
}

// Object describes a text for the decision who may do what with it.
func Object(programme id.ID, text string) authz.Object {
	o := authz.Object{Kind: authz.Text, Programme: programme}
	if t, ok := prevent.TextOf(text); ok && t.Lang != "" && t.Lang != "en" {
		o.Kind = authz.Translation
	}
	return o
}

func (s *Texts) may(by authz.Subject, act authz.Act, programme id.ID, text string) error {
	if err := authz.Check(by, act, Object(programme, text)); err != nil {
		return err
	}
	return s.known(text)
}

// known refuses the name of what can't be a text of the installation.
func (s *Texts) known(text string) error {
	t, ok := prevent.TextOf(text)
	if !ok || t.Lang != "" && t.Lang != "en" && !slices.Contains(s.Shelf.Languages(), t.Lang) {
		return fault.New(fault.NotFound, "There is no such text.")
	}
	return nil
}

// approved returns the versions of a programme that are shown now or later.
func (s *Texts) approved(ctx context.Context, programme id.ID) ([]Version, error) {
	all, err := s.Store.Approved(ctx, s.now())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(v Version) bool { return v.Programme != programme }), nil
}

// Now is a text as it stands.
type Now struct {
	Text     string
	Version  Version // that is shown; Number 0: what comes with the installation
	Body     []byte  // what is shown; nil: nothing stands under the name
	Original []byte  // what comes with the installation; nil: nothing
	Versions []Version
	Acts     []Act
}

// Look returns a text with its versions and what was done to them.
func (s *Texts) Look(ctx context.Context, by authz.Subject, programme id.ID, text string) (Now, error) {
	if err := s.may(by, authz.Read, programme, text); err != nil {
		return Now{}, err
	}
	n := Now{Text: text}
	approved, err := s.approved(ctx, programme)
	if err != nil {
		return Now{}, err
	}
	at := s.now()
	n.Version = inForce(approved, at)[text]
	if n.Body, err = s.raw(editsAt(approved, at), text); err != nil {
		return Now{}, err
	}
	if n.Original, err = s.raw(prevent.Edits{}, text); err != nil {
		return Now{}, err
	}
	if n.Versions, err = s.Store.Of(ctx, programme, text, listSize); err != nil {
		return Now{}, err
	}
	if n.Body == nil && n.Original == nil && len(n.Versions) == 0 && !s.couldBegin(by, programme, text) {
		return Now{}, fault.New(fault.NotFound, "There is no such text.")
	}
	n.Acts, err = s.Store.Acts(ctx, programme, text, listSize)
	return n, err
}

// couldBegin reports whether somebody could begin a text that is not there.
func (s *Texts) couldBegin(by authz.Subject, programme id.ID, text string) bool {
	return s.may(by, authz.Change, programme, text) == nil
}

// raw reads what stands under a name, nil when there is nothing.
func (s *Texts) raw(e prevent.Edits, text string) ([]byte, error) {
	b, err := prevent.Raw(s.Shelf.Own, e, text)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// One returns one version with its body; number 0 is what comes with the
// installation.
func (s *Texts) One(ctx context.Context, by authz.Subject, programme id.ID, text string, number int) (Version, error) {
	if err := s.may(by, authz.Read, programme, text); err != nil {
		return Version{}, err
	}
	if number == 0 {
		b, err := s.raw(prevent.Edits{}, text)
		return Version{Programme: programme, Text: text, Sort: Original, State: Approved, Body: b}, err
	}
	return s.Store.One(ctx, programme, text, number)
}

// Overview is all that a programme's editors have before them.
type Overview struct {
	Content *prevent.Content   // what is shown
	Own     map[string]Version // the programme's own versions that are shown, by text, without their bodies
	Work    []Version          // drafts, what waits, what was sent back and what is scheduled
	Trouble error              // why the public does not read what was approved; nil: it does
}

// Overview returns what is shown and what is being written.
func (s *Texts) Overview(ctx context.Context, by authz.Subject, programme id.ID) (Overview, error) {
	if err := authz.Check(by, authz.List, authz.Object{Kind: authz.Text, Programme: programme}); err != nil {
		return Overview{}, err
	}
	if err := s.Shelf.Refresh(ctx); err != nil && s.Shelf.Content(programme) == nil {
		return Overview{}, err
	}
	o := Overview{Content: s.Shelf.Content(programme), Own: map[string]Version{}, Trouble: s.Shelf.Trouble(programme)}
	approved, err := s.approved(ctx, programme)
	if err != nil {
		return Overview{}, err
	}
	for name, v := range inForce(approved, s.now()) {
		if v.Sort != Original {
			v.Body = nil
			o.Own[name] = v
		}
	}
	o.Work, err = s.Store.Open(ctx, programme, s.now())
	return o, err
}

// Written is what a writer hands in.
type Written struct {
	Text     string
	Number   int // of the draft; 0: a new one
	Revision int // of the draft that the writer saw
	Base     int // of a new one: the version that the writer began from
	Sort     Sort
	Body     []byte
	Note     string
}

// Save keeps a draft, whatever is wrong with it, so that no work is lost. Only
// its writer may write on; somebody who has saved the same draft meanwhile, on
// another page, is fault.Conflict.
func (s *Texts) Save(ctx context.Context, by authz.Subject, programme id.ID, w Written) (Version, error) {
	if err := s.may(by, authz.Change, programme, w.Text); err != nil {
		return Version{}, err
	}
	if err := w.check(); err != nil {
		return Version{}, err
	}
	v := Version{Programme: programme, Text: w.Text, Sort: w.Sort, Body: w.Body, Note: w.Note, Base: w.Base, State: Draft, Revision: 1, Writer: by.Account}
	err := s.Tx.Do(ctx, func(ctx context.Context, _ *tx.Recorder) error {
		v.Written = s.now()
		if w.Number == 0 {
			open, err := s.Store.Open(ctx, programme, v.Written)
			if err != nil {
				return err
			}
			if len(open) >= maxOpen {
				return fault.Newf(fault.TooMany, "There are %d open drafts; finish or give up some first.", len(open))
			}
			if w.Base != 0 {
				if _, err := s.Store.One(ctx, programme, w.Text, w.Base); err != nil {
					return err
				}
			}
			v.Number, err = s.Store.Add(ctx, v)
			if err != nil {
				return err
			}
			return s.Store.Did(ctx, programme, Act{Text: w.Text, Of: v.Number, Did: "wrote", By: by.Account, At: v.Written})
		}
		old, err := s.Store.One(ctx, programme, w.Text, w.Number)
		if err != nil {
			return err
		}
		if old.Writer != by.Account {
			return fault.New(fault.Forbidden, "This draft is somebody else's. Begin one of your own from it.")
		}
		if old.Sort != w.Sort {
			return fault.New(fault.Invalid, "This draft is of another sort.")
		}
		v.Number, v.Base, v.Revision = old.Number, old.Base, w.Revision+1
		return s.Store.Change(ctx, v, Draft, w.Revision)
	})
	if err != nil {
		return Version{}, fmt.Errorf("save draft: %w", err)
	}
	return v, nil
}

func (w Written) check() error {
	t, _ := prevent.TextOf(w.Text)
	switch {
	case w.Sort != Words && w.Sort != Original && w.Sort != Away:
		return fault.New(fault.Invalid, "Say what the version does.")
	case w.Sort == Away && t.Needed():
		return fault.New(fault.Invalid, "The site can't be without this text.")
	case w.Sort != Words && len(w.Body) > 0:
		return fault.New(fault.Invalid, "Only a version with words has words.")
	case len(w.Body) > prevent.MaxMarkdown:
		return fault.Newf(fault.TooLarge, "The text has %d bytes, at most %d can be kept.", len(w.Body), prevent.MaxMarkdown)
	case len(w.Note) > maxNote:
		return fault.Newf(fault.Invalid, "The note has %d bytes, at most %d.", len(w.Note), maxNote)
	case !utf8.Valid(w.Body) || !utf8.ValidString(w.Note):
		return fault.New(fault.Invalid, "The text holds bytes that are no letters.")
	case strings.ContainsRune(string(w.Body), 0):
		return fault.New(fault.Invalid, "The text holds a zero byte.")
	}
	return nil
}

// Faults returns everything that is wrong with a version, each fault with its
// line where it has one: by itself, and as part of the content.
func (s *Texts) Faults(ctx context.Context, v Version) ([]error, error) {
	if v.Sort == Words {
		t, _ := prevent.TextOf(v.Text)
		if faults := t.Faults(v.Body); len(faults) > 0 {
			return faults, nil
		}
	}
	approved, err := s.approved(ctx, v.Programme)
	if err != nil {
		return nil, err
	}
	under, err := s.beneath(ctx, approved, v)
	if err != nil {
		return nil, err
	}
	if _, err := s.Shelf.try(approved, s.now(), append(under, v)...); err != nil {
		var many interface{ Unwrap() []error }
		if errors.As(err, &many) {
			return many.Unwrap(), nil
		}
		return []error{err}, nil
	}
	return nil, nil
}

// Doubts returns what a translation has not as its English text has it, links
// and marks, that a text is hard to read, and what could mislead. Each may be meant, so
// that it keeps nothing from being shown.
func (s *Texts) Doubts(ctx context.Context, v Version) ([]string, error) {
	t, _ := prevent.TextOf(v.Text)
	if v.Sort != Words {
		return nil, nil
	}
	doubts := prevent.Traps(string(v.Body))
	if hard := t.Reading(v.Body); hard.Checked() && !hard.Easy() {
		doubts = append(doubts, fmt.Sprintf("hard to read: %s %.1f, at most %.0f for readers of nine to twelve", hard.Formula, hard.Value, hard.Limit))
	}
	if t.Lang == "en" || t.Lang == "" {
		return doubts, nil
	}
	approved, err := s.approved(ctx, v.Programme)
	if err != nil {
		return nil, err
	}
	english, err := s.raw(editsAt(approved, s.now()), t.In("en"))
	if err != nil || english == nil {
		return doubts, err
	}
	return append(doubts, prevent.Unlike(string(english), string(v.Body))...), nil
}

// now is the time in whole seconds, as it is kept.
func (s *Texts) now() time.Time { return s.Clock.Now().Truncate(time.Second) }

// Send asks for approval. A version with a fault is refused with all of them.
func (s *Texts) Send(ctx context.Context, by authz.Subject, programme id.ID, text string, number int) error {
	return s.step(ctx, by, step{authz.Change, programme, text, number, Draft, Waiting, "sent", ""}, func(_ context.Context, v *Version) error {
		if v.Writer != by.Account {
			return fault.New(fault.Forbidden, "Only its writer sends a draft.")
		}
		faults, err := s.Faults(ctx, *v)
		if err != nil {
			return err
		}
		if err := errors.Join(faults...); err != nil {
			return fault.Wrapf(fault.Invalid, err, "Not yet: %s", err.Error())
		}
		return nil
	})
}

// TakeBack ends what waits; its writer begins a new draft from it. It is not
// altered itself: whoever approves must approve the words that they saw.
func (s *Texts) TakeBack(ctx context.Context, by authz.Subject, programme id.ID, text string, number int) error {
	return s.step(ctx, by, step{authz.Change, programme, text, number, Waiting, GivenUp, "took back", ""}, ownOnly(by))
}

// GiveUp ends a draft. It stays among the versions, and can be begun from again.
func (s *Texts) GiveUp(ctx context.Context, by authz.Subject, programme id.ID, text string, number int) error {
	return s.step(ctx, by, step{authz.Change, programme, text, number, Draft, GivenUp, "gave up", ""}, ownOnly(by))
}

func ownOnly(by authz.Subject) func(context.Context, *Version) error {
	return func(_ context.Context, v *Version) error {
		if v.Writer != by.Account {
			return fault.New(fault.Forbidden, "This draft is somebody else's.")
		}
		return nil
	}
}

// Return sends a version back to its writer, with a reason.
func (s *Texts) Return(ctx context.Context, by authz.Subject, programme id.ID, text string, number int, reason string) error {
	if err := s.may(by, authz.Approve, programme, text); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" || len(reason) > maxNote {
		return fault.Newf(fault.Invalid, "Say why, in at most %d bytes.", maxNote)
	}
	return s.step(ctx, by, step{authz.Approve, programme, text, number, Waiting, Returned, "returned", reason}, func(_ context.Context, v *Version) error {
		v.Judge, v.Judged, v.Reason = by.Account, s.now(), reason
		return nil
	})
}

// Approve lets a version be shown from a time on; zero is now. Nobody approves
// what they wrote. It returns fault.Invalid when the content would not load,
// then or at a later moment at which something else is scheduled.
func (s *Texts) Approve(ctx context.Context, by authz.Subject, programme id.ID, text string, number int, from time.Time) error {
	if err := s.may(by, authz.Approve, programme, text); err != nil {
		return err
	}
	now := s.now()
	if from.IsZero() {
		from = now
	}
	if from.Before(now.Add(-time.Minute)) || from.After(now.Add(maxAhead)) {
		return fault.New(fault.Invalid, "Choose a time between now and two years from now.")
	}
	err := s.step(ctx, by, step{authz.Approve, programme, text, number, Waiting, Approved, "approved", ""}, func(ctx context.Context, v *Version) error {
		if v.Writer == by.Account {
			return fault.New(fault.Forbidden, "Somebody else must approve what you wrote.")
		}
		v.Judge, v.Judged, v.Shows = by.Account, now, from.UTC()
		approved, err := s.approved(ctx, programme)
		if err != nil {
			return err
		}
		return s.Shelf.rehearse(approved, *v)
	})
	return s.shown(ctx, err)
}

// CallOff ends a version that was approved for later, before it is shown.
func (s *Texts) CallOff(ctx context.Context, by authz.Subject, programme id.ID, text string, number int, reason string) error {
	return s.shown(ctx, s.step(ctx, by, step{authz.Publish, programme, text, number, Approved, GivenUp, "called off", reason}, func(ctx context.Context, v *Version) error {
		if !v.Scheduled(s.now()) {
			return fault.New(fault.Conflict, "It is shown already. Undo it instead.")
		}
		approved, err := s.approved(ctx, programme)
		if err != nil {
			return err
		}
		v.Judge, v.Judged, v.Reason = by.Account, s.now(), reason
		rest := slices.DeleteFunc(approved, func(o Version) bool { return o.Text == text && o.Number == number })
		// What was scheduled to go with it must still load without it.
		for _, other := range rest {
			if other.Scheduled(s.now()) {
				if _, err := s.Shelf.try(rest, other.Shows); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// Undo shows at once what was shown before: an approved version by its number,
// or 0, what comes with the installation. It needs no second person, because
// somebody stood for it already and a wrong piece of advice must go quickly.
func (s *Texts) Undo(ctx context.Context, by authz.Subject, programme id.ID, text string, to int, reason string) error {
	if err := s.may(by, authz.Publish, programme, text); err != nil {
		return err
	}
	if len(reason) > maxNote {
		return fault.Newf(fault.Invalid, "The reason has %d bytes, at most %d.", len(reason), maxNote)
	}
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		now := s.now()
		v := Version{
			Programme: programme, Text: text, Sort: Original, Note: reason, Base: to, Undoes: true, State: Approved, Revision: 1,
			Writer: by.Account, Written: now, Judge: by.Account, Judged: now, Shows: now,
		}
		if to != 0 {
			old, err := s.Store.One(ctx, programme, text, to)
			if err != nil {
				return err
			}
			if !old.Shown(now) {
				return fault.New(fault.Conflict, "This version was never shown.")
			}
			v.Sort, v.Body = old.Sort, old.Body
		}
		approved, err := s.approved(ctx, programme)
		if err != nil {
			return err
		}
		shown, ok := inForce(approved, now)[text]
		switch {
		case to == 0 && (!ok || shown.Sort == Original), to != 0 && shown.Number == to:
			return fault.New(fault.Conflict, "This is what is shown now.")
		}
		v.Number = 1 + newest(approved, text) // for the rehearsal: the store numbers it
		if err := s.Shelf.rehearse(approved, v); err != nil {
			return err
		}
		if v.Number, err = s.Store.Add(ctx, v); err != nil {
			return err
		}
		if err := s.Store.Did(ctx, programme, Act{Text: text, Of: v.Number, Did: "undid", By: by.Account, At: now, Reason: reason}); err != nil {
			return err
		}
		return enter(rec, by, v, "undo text")
	})
	return s.shown(ctx, err)
}

func newest(versions []Version, text string) int {
	n := 0
	for _, v := range versions {
		if v.Text == text {
			n = max(n, v.Number)
		}
	}
	return n
}

// shown refreshes the shelf after a change. The change is kept whatever becomes
// of that: another programme's trouble is none of this one's, this one's own stands
// on its overview, and whoever watches the shelf tells the operator.
func (s *Texts) shown(ctx context.Context, err error) error {
	if err == nil {
		_ = s.Shelf.Refresh(ctx) // said above
	}
	return err
}

// step is one way from a state to another.
type step struct {
	act       authz.Act
	programme id.ID
	text      string
	number    int
	from, to  State
	did       string
	reason    string
}

func (s *Texts) step(ctx context.Context, by authz.Subject, t step, change func(context.Context, *Version) error) error {
	if err := s.may(by, t.act, t.programme, t.text); err != nil {
		return err
	}
	err := s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		v, err := s.Store.One(ctx, t.programme, t.text, t.number)
		if err != nil {
			return err
		}
		if v.State != t.from {
			return fault.New(fault.Conflict, "Somebody has dealt with this version already.")
		}
		if err := change(ctx, &v); err != nil {
			return err
		}
		v.State = t.to
		if err := s.Store.Change(ctx, v, t.from, v.Revision); err != nil {
			return err
		}
		if err := s.Store.Did(ctx, t.programme, Act{Text: t.text, Of: t.number, Did: t.did, By: by.Account, At: s.now(), Reason: t.reason}); err != nil {
			return err
		}
		if t.to == Approved || t.from == Approved {
			return enter(rec, by, v, t.did+" text")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", t.did, err)
	}
	return nil
}

// enter tells the ledger what is shown, and who stands for it.
func enter(rec *tx.Recorder, by authz.Subject, v Version, act string) error {
	sum := sha256.Sum256(v.Body)
	payload, err := json.Marshal(map[string]any{
		"at": v.Judged.Format(time.RFC3339), "who": by.Account, "act": act, "object": v.Text, "detail": fmt.Sprintf("version %d, %s", v.Number, v.Sort),
		"sha256": hex.EncodeToString(sum[:]), "writer": v.Writer, "shows": v.Shows.Format(time.RFC3339),
	})
	if err != nil {
		return fmt.Errorf("write ledger entry: %w", err)
	}
	rec.Entry(tx.Entry{Programme: v.Programme, Kind: "release", Payload: payload})
	return nil
}

// Preview returns the content as it would be with a version, for looking at it.
func (s *Texts) Preview(ctx context.Context, by authz.Subject, programme id.ID, text string, number int) (*prevent.Content, error) {
	v, err := s.One(ctx, by, programme, text, number)
	if err != nil {
		return nil, err
	}
	if number == 0 {
		v.Sort = Original
	}
	approved, err := s.approved(ctx, programme)
	if err != nil {
		return nil, err
	}
	under, err := s.beneath(ctx, approved, v)
	if err != nil {
		return nil, err
	}
	return s.Shelf.try(approved, s.now(), append(under, v)...)
}

// beneath returns what a version needs that is not shown yet: of a card's
// translation the newest English text, so that both can be written and sent
// before either is shown.
func (s *Texts) beneath(ctx context.Context, approved []Version, v Version) ([]Version, error) {
	t, _ := prevent.TextOf(v.Text)
	if v.Sort != Words || t.Folder != "cards" || t.Lang == "en" {
		return nil, nil
	}
	english := t.In("en")
	if b, err := s.raw(editsAt(approved, s.now()), english); err != nil || b != nil {
		return nil, err
	}
	newest, err := s.Store.Of(ctx, v.Programme, english, 1)
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	en, err := s.Store.One(ctx, v.Programme, english, newest[0].Number)
	return []Version{en}, err
}
