// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Role says as whom a message is signed.
type Role string

// The roles.
const (
	RoleReporter Role = "reporter"
	RoleDesk     Role = "desk"
	RoleCall     Role = "call" // a call taker, for a caller
)

// Type says what a message is.
type Type string

// The types.
const (
	TypeCover   Type = "cover"
	TypeReport  Type = "report"
	TypeMessage Type = "message"
	TypeKey     Type = "key"
	TypeFile    Type = "file"
)

// Urgency is the reporter's own, for sorting covers.
type Urgency string

// The urgencies, the most urgent first.
const (
	UrgencyDanger Urgency = "danger" // someone may be in danger now
	UrgencySoon   Urgency = "soon"
	UrgencyNone   Urgency = "none"
)

// CoverWords is how many characters (code points) of the report a cover shows.
const CoverWords = 200

// ErrTooLong is returned for text that does not fit into a message.
var ErrTooLong = errors.New("too long for a sealed message")

// Content is what a message says: Cover, Report, Message, Key or File.
type Content interface {
	// Type returns the header's type for this content.
	Type() Type
	check() error
}

// Cover is what an unlocked inbox shows without opening the report.
type Cover struct {
	Category string  `json:"category"`
	Place    string  `json:"place"`
	Language string  `json:"language"`
	Urgency  Urgency `json:"urgency"`
	Words    string  `json:"words"` // the first CoverWords characters of the report
}

// Type implements Content.
func (Cover) Type() Type { return TypeCover }

func (c Cover) check() error {
	switch c.Urgency {
	case UrgencyDanger, UrgencySoon, UrgencyNone:
	default:
		return errors.New("the cover's urgency is unknown")
	}
	if utf8.RuneCountInString(c.Words) > CoverWords {
		return fmt.Errorf("the cover shows more than %d characters", CoverWords)
	}
	return nil
}

// coverPlace and coverBytes bound what of a cover is shown, so that header and
// content always fit into CoverSize.
const (
	coverPlace = 80
	coverBytes = 1200
)

// fit cuts a cover to what fits: control characters become spaces, the place
// and the words are cut at the end, then the words further if they are written
// in long characters.
func (c Cover) fit() (Cover, error) {
	c.Place = firstCharacters(c.Place, coverPlace)
	c.Words = firstCharacters(c.Words, CoverWords)
	for {
		text, err := encodeJSON(c)
		if err != nil {
			return Cover{}, err
		}
		if len(text) <= coverBytes {
			return c, nil
		}
		if c.Words == "" {
			return Cover{}, fmt.Errorf("cover: %w", ErrTooLong)
		}
		_, last := utf8.DecodeLastRuneInString(c.Words)
		c.Words = c.Words[:len(c.Words)-last]
	}
}

func firstCharacters(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Report is message 1: what the reporter tells, and what the desk needs to
// answer and to notice a split view.
type Report struct {
	Mailbox       string   `json:"mailbox"`    // recipient of the reporter's grants
	Roster        Hash     `json:"roster"`     // of the roster that the sender saw
	Checkpoint    string   `json:"checkpoint"` // of the key log, signed, or empty
	Language      string   `json:"language"`
	Category      string   `json:"category"`
	Questionnaire string   `json:"questionnaire"` // its version
	Text          string   `json:"text"`
	Answers       []Answer `json:"answers"`
	Case          string   `json:"case,omitempty"` // a call taker's case number
}

// Answer is one guided answer, with the question as the reporter read it.
type Answer struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// Type implements Content.
func (Report) Type() Type { return TypeReport }

func (r Report) check() error {
	_, err := ParseRecipient(r.Mailbox)
	if err != nil {
		return fmt.Errorf("the report names no mailbox: %w", err)
	}
	return nil
}

// Message is what is said after the report, by either side.
type Message struct {
	Text     string `json:"text"`
	Language string `json:"language"`
}

// Type implements Content.
func (Message) Type() Type { return TypeMessage }

func (Message) check() error { return nil }

// Key announces the recipient of the next epoch.
type Key struct {
	Epoch     int    `json:"epoch"`
	Recipient string `json:"recipient"`
}

// Type implements Content.
func (Key) Type() Type { return TypeKey }

func (k Key) check() error {
	_, err := ParseRecipient(k.Recipient)
	if err != nil {
		return fmt.Errorf("the key message names no recipient: %w", err)
	}
	return nil
}

// decodeContent reads the content of a message of the given type.
func decodeContent(kind Type, text []byte) (Content, error) {
	var (
		content Content
		err     error
	)
	switch kind {
	case TypeCover:
		content, err = decodeAs[Cover](text)
	case TypeReport:
		content, err = decodeAs[Report](text)
	case TypeMessage:
		content, err = decodeAs[Message](text)
	case TypeKey:
		content, err = decodeAs[Key](text)
	case TypeFile:
		content, err = decodeAs[File](text)
	default:
		return nil, fmt.Errorf("type %q is unknown", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	err = content.check()
	if err != nil {
		return nil, err
	}
	return content, nil
}

func decodeAs[C Content](text []byte) (Content, error) {
	var c C
	err := decodeStrict(text, &c)
	return c, err
}
