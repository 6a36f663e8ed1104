// SPDX-License-Identifier: Apache-2.0

package scrub

import "errors"

// Reason says why a file was refused, for a page to translate.
type Reason string

// Why a file can be refused.
const (
	ReasonEmpty       Reason = "empty"        // no bytes
	ReasonUnknownType Reason = "unknown-type" // no type that we can clean
	ReasonMalformed   Reason = "malformed"    // breaks its format's rules
	ReasonTruncated   Reason = "truncated"    // ends too early
	ReasonEncrypted   Reason = "encrypted"    // we can't look inside
	ReasonUnsupported Reason = "unsupported"  // a variant that we can't clean
	ReasonTooLarge    Reason = "too-large"    // more pixels, pages or parts than we bound
	ReasonBomb        Reason = "bomb"         // unpacks to far more than it is
	ReasonTraversal   Reason = "traversal"    // a name that points outside the archive
	ReasonDepth       Reason = "too-deep"     // archives in archives in archives
	ReasonInternal    Reason = "internal"     // our mistake
)

// sentences say what is wrong and what would be right.
func (r Reason) sentence() string {
	switch r {
	case ReasonEmpty:
		return "the file is empty: choose one that has content"
	case ReasonUnknownType:
		return "the file is of no type that can be cleaned: send a photo, film, sound, PDF, office document, ZIP or plain text"
	case ReasonMalformed:
		return "the file is damaged or is not what it says: open it, save it again and choose the new file"
	case ReasonTruncated:
		return "the file ends too early: copy it again, whole"
	case ReasonEncrypted:
		return "the file is locked with a password, so it can't be cleaned: save it without one"
	case ReasonUnsupported:
		return "the file is of a variant that can't be cleaned: save it in the usual form of its type"
	case ReasonTooLarge:
		return "the file declares more pixels, pages or parts than can be looked at: make it smaller"
	case ReasonBomb:
		return "the file unpacks to far more than it holds, as those do that are made to harm: unpack it and send what is inside"
	case ReasonTraversal:
		return "the archive holds a name that points outside it: unpack it and send what is inside"
	case ReasonDepth:
		return "the file holds archives within archives too deeply: unpack it and send what is inside"
	}
	return "the file could not be read because of a mistake in this programme; it was not cleaned"
}

// Refusal is the error for a file that can't be called clean.
type Refusal struct {
	Reason Reason
	Type   Type   // as far as it was detected
	Detail string // what was wrong, for who looks into it; never a value of the file
}

// Error says what is wrong and what would be right.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return r.Reason.sentence()
	}
	return r.Reason.sentence() + " (" + r.Detail + ")"
}

func refuse(reason Reason, detail string) error {
	return &Refusal{Reason: reason, Detail: detail}
}

func malformed(detail string) error { return refuse(ReasonMalformed, detail) }

// typed adds the detected type to a refusal.
func typed(err error, t Type) error {
	var r *Refusal
	if errors.As(err, &r) && r.Type == TypeUnknown {
		r.Type = t
	}
	return err
}
