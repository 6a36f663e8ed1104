// SPDX-License-Identifier: AGPL-3.0-or-later

package prevent

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
)

// signedAs stands before what is signed, so that a signature can't be taken
// for one of another kind of document.
const signedAs = "turnstone publication v1\n"

// MaxPublication is the length of a publication in bytes.
const MaxPublication = 1 << 20

// Signed is a publication as it is kept and served: the bytes that were
// signed, never written anew.
type Signed struct {
	Programme id.ID
	Number    int
	Bytes     []byte // JSON of the Publication
	Signature []byte // Ed25519 over signedAs and Bytes
}

// Sign checks p and signs it.
func Sign(p Publication, key ed25519.PrivateKey) (Signed, error) {
	if err := p.Check(); err != nil {
		return Signed{}, fault.Wrapf(fault.Invalid, err, "This can't be published: %s", err.Error())
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Signed{}, fmt.Errorf("write publication: %w", err)
	}
	if len(body) > MaxPublication {
		return Signed{}, fault.Newf(fault.TooLarge, "This publication has %d bytes; at most %d can be published.", len(body), MaxPublication)
	}
	return Signed{Programme: p.Programme, Number: p.Number, Bytes: body, Signature: ed25519.Sign(key, append([]byte(signedAs), body...))}, nil
}

// Verify checks the signature, then everything that Check does, and that it
// is the publication which it is kept as.
func (s Signed) Verify(key ed25519.PublicKey) (Publication, error) {
	if len(key) != ed25519.PublicKeySize || len(s.Bytes) > MaxPublication || !ed25519.Verify(key, append([]byte(signedAs), s.Bytes...), s.Signature) {
		return Publication{}, errors.New("read publication: the signature is not ours")
	}
	p, err := ReadPublication(s.Bytes)
	if err != nil {
		return Publication{}, err
	}
	if p.Programme != s.Programme || p.Number != s.Number {
		return Publication{}, errors.New("read publication: it is kept under another name")
	}
	return p, nil
}

// ReadPublication reads and checks the JSON of a publication. An unknown field
// and anything after the end are errors.
func ReadPublication(body []byte) (Publication, error) {
	var p Publication
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Publication{}, fmt.Errorf("read publication: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Publication{}, errors.New("read publication: something follows its end")
	}
	return p, p.Check()
}

// PublicationStore keeps signed publications.
type PublicationStore interface {
	// Newest returns the newest one of a programme; fault.NotFound when there
	// is none.
	Newest(ctx context.Context, programme id.ID) (Signed, error)
	// Numbered returns one of a programme by its number; fault.NotFound.
	Numbered(ctx context.Context, programme id.ID, number int) (Signed, error)
	// Keep adds one; fault.Conflict when the number exists.
	Keep(ctx context.Context, s Signed) error
}

// Publications signs publications with the installation's key, keeps them, and
// gives the newest out. It implements Publisher and Publisheds.
type Publications struct {
	Store PublicationStore
	Tx    tx.Runner
	Clock clock.Clock
	Key   ed25519.PrivateKey
}

var (
	_ Publisher  = (*Publications)(nil)
	_ Publisheds = (*Publications)(nil)
)

// Publish implements Publisher. The ledger keeps the publication's SHA-256.
func (s *Publications) Publish(ctx context.Context, p Publication) error {
	return s.Tx.Do(ctx, func(ctx context.Context, rec *tx.Recorder) error {
		if p.Format == "" {
			p.Format = Format
		}
		if p.Made == "" {
			p.Made = s.Clock.Now().Format(day)
		}
		if p.Number == 0 {
			last, err := s.Store.Newest(ctx, p.Programme)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return fmt.Errorf("find the last publication: %w", err)
			}
			p.Number = last.Number + 1
		}
		signed, err := Sign(p, s.Key)
		if err != nil {
			return err
		}
		if err := s.Store.Keep(ctx, signed); err != nil {
			return err
		}
		sum := sha256.Sum256(signed.Bytes)
		payload, err := json.Marshal(map[string]any{"act": "publish figures", "number": signed.Number, "sha256": hex.EncodeToString(sum[:])})
		if err != nil {
			return fmt.Errorf("write ledger entry: %w", err)
		}
		rec.Entry(tx.Entry{Programme: p.Programme, Kind: "release", Payload: payload})
		return nil
	})
}

// Latest implements Publisheds. A stored publication that does not verify is
// an error: it is never shown.
func (s *Publications) Latest(ctx context.Context, programme id.ID) (Publication, error) {
	_, p, err := s.At(ctx, programme, 0)
	return p, err
}

// At returns a publication by its number, the newest one for 0, with the bytes
// that were signed; fault.NotFound when there is none. One that does not verify
// is an error.
func (s *Publications) At(ctx context.Context, programme id.ID, number int) (Signed, Publication, error) {
	var signed Signed
	var err error
	if number == 0 {
		signed, err = s.Store.Newest(ctx, programme)
	} else {
		signed, err = s.Store.Numbered(ctx, programme, number)
	}
	if err != nil {
		return Signed{}, Publication{}, err
	}
	p, err := signed.Verify(s.PublicKey())
	return signed, p, err
}

// PublicKey is what outsiders check signatures with.
func (s *Publications) PublicKey() ed25519.PublicKey {
	public, _ := s.Key.Public().(ed25519.PublicKey) // the only kind that an ed25519.PrivateKey gives
	return public
}
