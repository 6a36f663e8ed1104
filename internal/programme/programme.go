// SPDX-License-Identifier: AGPL-3.0-or-later

// Package programme knows the tenants of an installation: a programme has
// desks, languages, countries with their emergency numbers, opening hours,
// a roster of keys and a questionnaire. Everything else in the house belongs
// to exactly one programme.
//
// It must never hold a secret: all that it knows may be shown to a stranger.
// Values are plain data and safe to share once loaded; a Registry is safe for
// concurrent use.
package programme

import (
	"context"
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Text is one text in several languages, by BCP 47 tag.
type Text map[string]string

// In returns the text in lang, else in English, else in whatever there is.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	if s, ok := t["en"]; ok {
		return s
	}
	for _, k := range slices.Sorted(mapKeys(t)) {
		return t[k]
	}
	return ""
}

// Programme is a tenant: one tip line with its desks.
type Programme struct {
	ID        id.ID             `yaml:"-" json:"id"`
	Slug      string            `yaml:"slug" json:"slug"` // in addresses: a-z, 0-9, hyphen
	Name      Text              `yaml:"name" json:"name"`
	Languages []string          `yaml:"languages" json:"languages"` // the first is the default
	Countries []Country         `yaml:"countries" json:"countries"`
	Desks     []Desk            `yaml:"desks" json:"desks"`
	Key       ed25519.PublicKey `yaml:"-" json:"key"` // signs rosters; its private half is offline
	// Intelligence is how the desk grades and approves what it writes.
	Intelligence Intelligence `yaml:"intelligence" json:"intelligence"`
}

// Intelligence is what a programme decided of intelligence items.
type Intelligence struct {
	Scheme    string `yaml:"scheme" json:"scheme,omitempty"`         // of grading; empty: 3x5x2
	OnePerson bool   `yaml:"one_person" json:"one_person,omitempty"` // whoever wrote an item may approve it
}

// Country is where a programme works, with whom to call in danger.
type Country struct {
	Code      string      `yaml:"code" json:"code"` // ISO 3166-1 alpha-2
	Name      Text        `yaml:"name" json:"name"`
	Emergency []Emergency `yaml:"emergency" json:"emergency"`
}

// Emergency is a number to call, the one for life in danger first.
type Emergency struct {
	Number string `yaml:"number" json:"number"`
	For    Text   `yaml:"for" json:"for"`
}

// Desk is a group of people who can open what is sealed to it.
type Desk struct {
	ID           id.ID  `yaml:"-" json:"id"`
	Slug         string `yaml:"slug" json:"slug"`
	Name         Text   `yaml:"name" json:"name"` // the role: "Tip line reviewers"
	Organisation Text   `yaml:"organisation" json:"organisation"`
	Police       bool   `yaml:"police" json:"police"`
	Country      string `yaml:"country" json:"country"`
	Hours        Hours  `yaml:"hours" json:"hours"`
}

// Desk returns the desk with the given id.
func (p Programme) Desk(desk id.ID) (Desk, bool) {
	i := slices.IndexFunc(p.Desks, func(d Desk) bool { return d.ID == desk })
	if i < 0 {
		return Desk{}, false
	}
	return p.Desks[i], true
}

// Language returns lang when the programme speaks it, else its default.
func (p Programme) Language(lang string) string {
	if slices.Contains(p.Languages, lang) {
		return lang
	}
	return p.Languages[0]
}

// Roster is a signed roster as it is kept and served: the bytes that were
// signed, never re-serialised.
type Roster struct {
	Programme id.ID
	Version   int
	Bytes     []byte
	Signature []byte
	Entry     id.ID // of its entry in the key log
}

// Store keeps programmes and their rosters.
type Store interface {
	// Programmes returns all, in the order in which they were founded.
	Programmes(ctx context.Context) ([]Programme, error)
	// Save inserts or replaces one.
	Save(ctx context.Context, p Programme) error
	// Rosters returns the newest rosters of a programme, newest first, at most limit.
	Rosters(ctx context.Context, programme id.ID, limit int) ([]Roster, error)
	// SaveRoster adds one; fault.Conflict when the version exists.
	SaveRoster(ctx context.Context, r Roster) error
}

// Hours says when a desk reads, in its own time zone.
type Hours struct {
	Zone    string   `yaml:"zone" json:"zone"`       // IANA name
	Windows []Window `yaml:"windows" json:"windows"` // none: around the clock
}

// Window is a span of one weekday, in minutes after midnight.
type Window struct {
	Day   time.Weekday `yaml:"day" json:"day"` // 0 is Sunday
	Start int          `yaml:"start" json:"start"`
	End   int          `yaml:"end" json:"end"`
}
