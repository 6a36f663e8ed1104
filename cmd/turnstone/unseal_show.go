// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// showConversation writes what was opened for a person to read.
func showConversation(export seal.Export, talk seal.Conversation) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Report %s\nProgramme %s\n", export.Report, export.Programme)
	if talk.Roster != nil {
		fmt.Fprintf(&out, "Roster %d is signed by the programme key that you gave.\n", talk.Roster.Number)
	} else {
		fmt.Fprintf(&out, "NOT CHECKED: who may sign for the desk. Give --programme-key. The roster says that it is\n  %s\nbut anybody can write that: compare it with what you know.\n", base64.StdEncoding.EncodeToString(talk.Claimed))
	}
	fmt.Fprintf(&out, "%d messages, each signed and in its place. Newer ones may have been left out of the export.\n", len(talk.Messages))
	for _, line := range talk.Messages {
		fmt.Fprintf(&out, "\n%d. %s, by %s\n", line.Header.Seq, line.Header.Type, signerName(line.Signer, talk.Roster))
		showContent(&out, line.Content)
	}
	return out.String()
}

// signerName says who signed, as far as it was checked.
func signerName(s seal.Signer, roster *seal.Roster) string {
	switch {
	case s.Role == seal.RoleReporter:
		return "the reporter"
	case !s.Known && s.Role == seal.RoleCall:
		return "somebody who took a call, NOT CHECKED"
	case !s.Known:
		return "somebody for the desk, NOT CHECKED"
	}
	name := s.Desk.String()
	if desk, ok := roster.Desk(s.Desk); ok {
		name = plain(desk.Slug)
	}
	act := "for the desk"
	if s.Role == seal.RoleCall {
		act = "taking a call at the desk"
	}
	return fmt.Sprintf("member %s %s %s", s.Member, act, name)
}

func showContent(out *strings.Builder, content seal.Content) {
	switch c := content.(type) {
	case seal.Cover:
		showField(out, "category", c.Category)
		showField(out, "place", c.Place)
		showField(out, "language", c.Language)
		showField(out, "urgency", string(c.Urgency))
		showField(out, "first words", c.Words)
	case seal.Report:
		showField(out, "category", c.Category)
		showField(out, "language", c.Language)
		showField(out, "questionnaire", c.Questionnaire)
		showField(out, "case", c.Case)
		showField(out, "roster seen", c.Roster.String())
		showField(out, "checkpoint seen", c.Checkpoint)
		showField(out, "text", c.Text)
		for _, answer := range c.Answers {
			showField(out, answer.Label, answer.Value)
		}
	case seal.Message:
		showField(out, "language", c.Language)
		showField(out, "text", c.Text)
	case seal.File:
		showField(out, "name", c.Name)
		showField(out, "bytes", strconv.FormatInt(c.Length, 10))
		showField(out, "cleaning", cleaningWords(c.Cleaned))
	case seal.Key:
		showField(out, "new key, epoch", strconv.Itoa(c.Epoch))
	}
}

// showField writes a value under its name, indented so that no text can look
// like a line of ours.
func showField(out *strings.Builder, name, value string) {
	if value == "" {
		return
	}
	value = strings.ReplaceAll(plain(strings.TrimRight(value, "\n")), "\n", "\n      | ")
	fmt.Fprintf(out, "   %s\n      | %s\n", strings.ReplaceAll(plain(name), "\n", " "), value)
}

// plain replaces what could steer a terminal or turn the reading direction: a
// stranger wrote it.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control), r == '\u2028', r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// shownLine is a message in conversation.json.
type shownLine struct {
	Header  seal.Header  `json:"header"`
	Hash    seal.Hash    `json:"hash"`
	Content seal.Content `json:"content"`
	Signer  shownSigner  `json:"signer"`
}

// shownSigner is a signer in conversation.json.
type shownSigner struct {
	Role    seal.Role `json:"role"`
	Desk    string    `json:"desk,omitempty"`
	Member  string    `json:"member,omitempty"`
	Checked bool      `json:"checked"`
}

func conversationJSON(talk seal.Conversation) ([]byte, error) {
	lines := []shownLine{}
	for _, line := range talk.Messages {
		signer := shownSigner{Role: line.Signer.Role, Checked: line.Signer.Known}
		if !line.Signer.Member.IsZero() {
			signer.Desk, signer.Member = line.Signer.Desk.String(), line.Signer.Member.String()
		}
		lines = append(lines, shownLine{line.Header, line.Hash, line.Content, signer})
	}
	text, err := json.MarshalIndent(lines, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write conversation: %w", err)
	}
	return append(text, '\n'), nil
}
