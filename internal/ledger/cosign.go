// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

// algCosignature is the key type of cosignature/v1 (C2SP tlog-cosignature).
const algCosignature = 4

// ErrKey is in the chain of what reading a bad key returns.
var ErrKey = errors.New("ledger: not a verifier key")

// NewWitness returns what checks the cosignatures of another party that
// witnesses a log, from its verifier key: name+hash+base64(0x04 ‖ Ed25519 key).
// A cosignature is a u64 time in seconds and an Ed25519 signature over
// "cosignature/v1\ntime T\n" and the checkpoint's text.
func NewWitness(key string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(key, "+")
	hash, encoded, ok := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature || name == "" || strings.ContainsAny(name, " \n\t") {
		return nil, fmt.Errorf("%w: a witness has name+hash+base64 with key type 4", ErrKey)
	}
	w := witness{name: name, key: ed25519.PublicKey(raw[1:])}
	if fmt.Sprintf("%08x", w.KeyHash()) != hash {
		return nil, fmt.Errorf("%w: its hash does not fit the name and the key", ErrKey)
	}
	return w, nil
}

// WitnessKey returns the verifier key of a witness, as NewWitness reads it.
func WitnessKey(name string, key ed25519.PublicKey) string {
	w := witness{name: name, key: key}
	return fmt.Sprintf("%s+%08x+%s", name, w.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, key...)))
}

type witness struct {
	name string
	key  ed25519.PublicKey
}

// Name implements note.Verifier.
func (w witness) Name() string { return w.name }

// KeyHash implements note.Verifier.
func (w witness) KeyHash() uint32 {
	h := sha256.Sum256(append([]byte(w.name+"\n"+string(rune(algCosignature))), w.key...))
	return binary.BigEndian.Uint32(h[:])
}

// Verify implements note.Verifier.
func (w witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at < 1<<63 && ed25519.Verify(w.key, cosigned(text, at), sig[8:])
}

func cosigned(text []byte, at uint64) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// Witness signs checkpoints of other logs after checking that each continues
// the one before. It remembers nothing: the caller keeps the last checkpoint
// that it signed and hands it in.
type Witness struct {
	name  string
	key   ed25519.PrivateKey
	clock clock.Clock
}

// NewWitnessSigner returns a witness that signs under name with key.
func NewWitnessSigner(name string, key ed25519.PrivateKey, c clock.Clock) *Witness {
	return &Witness{name: name, key: key, clock: c}
}

// Cosign verifies that the signed checkpoint of log continues the last one
// that this witness signed, the zero Checkpoint at first, and returns it with
// the witness's signature added, and itself, for the next time.
func (w *Witness) Cosign(signed []byte, log note.Verifier, last Checkpoint, proof Consistency) ([]byte, Checkpoint, error) {
	c, _, err := OpenCheckpoint(signed, log)
	if err != nil {
		return nil, Checkpoint{}, err
	}
	if last != (Checkpoint{}) {
		if err := proof.Verify(last, c); err != nil {
			return nil, Checkpoint{}, fmt.Errorf("cosign: %w", err)
		}
	}
	n, err := note.Open(signed, note.VerifierList(log))
	if err != nil {
		return nil, Checkpoint{}, errors.Join(ErrCheckpoint, err)
	}
	out, err := note.Sign(n, cosigner{witness{w.name, w.key.Public().(ed25519.PublicKey)}, w})
	if err != nil {
		return nil, Checkpoint{}, fmt.Errorf("cosign: %w", err)
	}
	return out, c, nil
}

// cosigner is the note.Signer of a Witness.
type cosigner struct {
	witness
	w *Witness
}

// Sign implements note.Signer.
func (c cosigner) Sign(text []byte) ([]byte, error) {
	at := uint64(c.w.clock.Now().Unix())
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(c.w.key, cosigned(text, at))...), nil
}
