// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

const messageLabel = "turnstone/message/v1\x00"

// Header says where a message belongs; the sender signs its exact bytes.
type Header struct {
	Version   int    `json:"v"`
	Programme id.ID  `json:"programme"`
	Report    id.ID  `json:"report"`
	Epoch     int    `json:"epoch"`     // of the report identity that it is sealed to
	Recipient Hash   `json:"recipient"` // of that identity's recipient string
	Seq       int    `json:"seq"`       // 0 the cover, 1 the report
	Prev      Hash   `json:"prev"`      // of the header before; zero for the cover
	Sender    []byte `json:"sender"`    // Ed25519 public key
	Role      Role   `json:"role"`
	Type      Type   `json:"type"`
	Length    int    `json:"length"` // of the content, in bytes
	Sum       Hash   `json:"sha256"` // of the content
}

func (h Header) check() error {
	if h.Version != Version {
		return fmt.Errorf("version %d is unknown", h.Version)
	}
	if len(h.Sender) != ed25519.PublicKeySize {
		return errors.New("the sender's key has another length")
	}
	if h.Epoch < 0 || h.Seq < 0 || h.Length < 0 {
		return errors.New("a number is negative")
	}
	switch h.Role {
	case RoleReporter, RoleDesk, RoleCall:
	default:
		return fmt.Errorf("role %q is unknown", h.Role)
	}
	return nil
}

// Place is where a message stands in a report's conversation.
type Place struct {
	Programme, Report id.ID
	Epoch, Seq        int
	Prev              Hash // hash of the header before
}

// Stored is a message as the server keeps it: the ciphertext and what the
// sender said about its order, which only readers can check.
type Stored struct {
	Seq   int    `json:"seq"`
	Epoch int    `json:"epoch"`
	Role  Role   `json:"role"`
	Hash  Hash   `json:"hash"` // of the header
	Body  []byte `json:"body"`
}

// Opened is a message that was opened and whose signature verified. Whether
// the sender may speak is for the Chain to say.
type Opened struct {
	Header  Header
	Hash    Hash // of the header's exact bytes
	Content Content
}

// SealMessage signs content at place as role and seals it to the report
// identity's recipient. A cover is cut to what fits; other content that does
// not fit gives ErrTooLong.
func SealMessage(place Place, content Content, role Role, key ed25519.PrivateKey, to *Recipient) (Stored, error) {
	text, err := encodeContent(content)
	if err != nil {
		return Stored{}, fmt.Errorf("seal message: %w", err)
	}
	header := Header{
		Version: Version, Programme: place.Programme, Report: place.Report,
		Epoch: place.Epoch, Recipient: to.Hash(), Seq: place.Seq, Prev: place.Prev,
		Sender: key.Public().(ed25519.PublicKey), Role: role, Type: content.Type(),
		Length: len(text), Sum: HashOf(text),
	}
	err = header.check()
	if err != nil {
		return Stored{}, fmt.Errorf("seal message: %w", err)
	}
	front, err := encodeJSON(header)
	if err != nil {
		return Stored{}, fmt.Errorf("seal message: %w", err)
	}
	rest := append(ed25519.Sign(key, append([]byte(messageLabel), front...)), text...)
	size, err := messageSize(header.Type, 4+len(front)+len(rest))
	if err != nil {
		return Stored{}, fmt.Errorf("seal message: %w", err)
	}
	body, err := encrypt(frame(front, rest, size), to)
	if err != nil {
		return Stored{}, err
	}
	return Stored{Seq: place.Seq, Epoch: place.Epoch, Role: role, Hash: HashOf(front), Body: body}, nil
}

func encodeContent(content Content) ([]byte, error) {
	switch c := content.(type) {
	case Cover:
		fitted, err := c.fit()
		if err != nil {
			return nil, err
		}
		content = fitted
	case Report:
		if c.Answers == nil {
			c.Answers = []Answer{}
			content = c
		}
	case File:
		if c.Removed == nil {
			c.Removed = []string{}
			content = c
		}
	}
	err := content.check()
	if err != nil {
		return nil, err
	}
	return encodeJSON(content)
}

// OpenMessage opens one message of either size class and checks everything
// that can be checked without its neighbours: envelope, signature, size,
// recipient, content and padding.
func OpenMessage(identity *Identity, body []byte) (Opened, error) {
	kind := KindMessage
	if len(body) == EnvelopeSize(CoverSize) {
		kind = KindCover
	}
	err := CheckEnvelope(kind, body)
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w", err)
	}
	plain, err := decrypt(body, identity)
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w", err)
	}
	opened, err := openPlain(plain, identity.Recipient().Hash())
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w", err)
	}
	return opened, nil
}

// openPlain reads the plaintext of a message sealed to recipient.
func openPlain(plain []byte, recipient Hash) (Opened, error) {
	front, rest, err := unframe(plain)
	if err != nil {
		return Opened{}, err
	}
	var header Header
	err = decodeExact(front, &header)
	if err != nil {
		return Opened{}, fmt.Errorf("header: %w", err)
	}
	err = header.check()
	if err != nil {
		return Opened{}, fmt.Errorf("header: %w", err)
	}
	if len(rest) < ed25519.SignatureSize {
		return Opened{}, errors.New("the signature is cut off")
	}
	signature, rest := rest[:ed25519.SignatureSize], rest[ed25519.SignatureSize:]
	if !ed25519.Verify(header.Sender, append([]byte(messageLabel), front...), signature) {
		return Opened{}, ErrSignature
	}
	if header.Recipient != recipient {
		return Opened{}, fmt.Errorf("%w: it was signed for another recipient", ErrOutOfPlace)
	}
	if header.Length > len(rest) {
		return Opened{}, errors.New("the content is cut off")
	}
	text, padding := rest[:header.Length], rest[header.Length:]
	if HashOf(text) != header.Sum {
		return Opened{}, errors.New("the content has another hash than the header says")
	}
	err = checkZeros(padding)
	if err != nil {
		return Opened{}, err
	}
	size, err := messageSize(header.Type, len(plain)-len(padding))
	if err != nil || size != len(plain) {
		return Opened{}, errors.New("it has another size than its content needs")
	}
	content, err := decodeContent(header.Type, text)
	if err != nil {
		return Opened{}, err
	}
	return Opened{Header: header, Hash: HashOf(front), Content: content}, nil
}
