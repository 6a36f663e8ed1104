// SPDX-License-Identifier: AGPL-3.0-or-later

// Package fault gives every error that a person may see a kind and a public
// sentence, apart from the internal message that goes to the log. The public
// sentence must never contain anything that the person did not already know.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble an error is; web maps it to a status code.
type Kind int

// The kinds, from the least to the most the operator's trouble.
const (
	Internal    Kind = iota // something broke on our side: 500
	Invalid                 // the input is wrong and says where: 422
	NotFound                // there is no such thing, or not for this reader: 404
	Conflict                // the thing changed or exists already with other content: 409
	Forbidden               // known reader, not allowed: 403
	Unsigned                // nobody is logged in: 401
	TooLarge                // a size limit was passed: 413
	TooMany                 // a rate limit was passed: 429
	Unavailable             // try again later: 503
	Gone                    // what it was made for has been replaced; fetch it again: 410
	Locked                  // it must be kept for now: 423
)

// Error is an error with a kind and a sentence for the person.
type Error struct {
	Kind   Kind
	Public string // one plain sentence, safe to show

	pattern string // what Public was made of: itself, or the format
	args    []any  // what the format holds; nil: pattern is no format
	err     error  // what happened, for the log; may be nil
}

// general is said of an error without a public sentence.
const general = "Something went wrong on our side. Nothing that you sent before is lost."

// New returns an Error with a public sentence and no inner error.
func New(kind Kind, public string) *Error { return Wrap(kind, public, nil) }

// Newf is New with formatting. An argument that is an error is said by its
// public sentence.
func Newf(kind Kind, format string, args ...any) *Error {
	return Wrapf(kind, nil, format, args...)
}

// Phrase is a part of a sentence, an argument of Newf or Wrapf, that has to be
// translated as the sentence has.
func Phrase(format string, args ...any) *Error { return Newf(Internal, format, args...) }

// Wrap returns an Error that carries err for the log and public for the person.
func Wrap(kind Kind, public string, err error) *Error {
	return &Error{Kind: kind, Public: public, pattern: public, err: err}
}

// Wrapf is Wrap with formatting, as Newf is New.
func Wrapf(kind Kind, err error, format string, args ...any) *Error {
	said := make([]any, len(args))
	for i, arg := range args {
		said[i] = arg
		if inner, ok := arg.(error); ok {
			said[i] = PublicOf(inner)
		}
	}
	return &Error{Kind: kind, Public: fmt.Sprintf(format, said...), pattern: format, args: append([]any{}, args...), err: err}
}

// Error returns the inner message when there is one, else the public sentence.
func (e *Error) Error() string {
	if e.err != nil {
		return e.err.Error()
	}
	return e.Public
}

// Unwrap returns the inner error.
func (e *Error) Unwrap() error { return e.err }

// KindOf returns the kind of the first Error in err's chain, Internal if there
// is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// PublicOf returns the sentence to show for err. An error without a public
// sentence gets a general one, so that internals never leak by accident.
func PublicOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Public != "" {
		return e.Public
	}
	return general
}

// PatternOf returns what the sentence for err was made of, so that it can be
// said in other words: the sentence itself, with nil arguments, or the format
// and its arguments, of which those that are errors have patterns of their own.
func PatternOf(err error) (pattern string, args []any) {
	var e *Error
	if errors.As(err, &e) && e.Public != "" {
		return e.pattern, e.args
	}
	return general, nil
}
