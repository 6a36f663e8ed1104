// SPDX-License-Identifier: AGPL-3.0-or-later

package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/seal/words"
)

const (
	// ReceiptSize is the length of a receipt in bytes.
	ReceiptSize = 14
	// ReceiptWords is how many words show a receipt.
	ReceiptWords = 10

	receiptSpare = 6 // zero bits at the end of the last byte
	receiptLabel = "turnstone/receipt/v1\x00"
)

// ErrReceiptCheck is returned for ten known words whose check bits are wrong:
// one or more words are wrong or out of order, and nobody can know which. One
// wrong receipt in sixteen passes the check; the server then knows no such
// report.
var ErrReceiptCheck = errors.New("one or more words are wrong or out of order")

// Receipt is the 106 random bits that a reporter keeps as ten words. All keys
// of the reporter derive from it; whoever has it is the reporter.
type Receipt struct{ bits [ReceiptSize]byte }

// NewReceipt returns a fresh receipt from the operating system's random source.
func NewReceipt() Receipt {
	var r Receipt
	_, _ = rand.Read(r.bits[:]) // crypto/rand.Read never returns an error since Go 1.24
	r.bits[ReceiptSize-1] &^= 1<<receiptSpare - 1
	return r
}

// ReceiptFromBytes reads what Bytes returned: 14 bytes, the last six bits zero.
func ReceiptFromBytes(b []byte) (Receipt, error) {
	if len(b) != ReceiptSize || b[ReceiptSize-1]&(1<<receiptSpare-1) != 0 {
		return Receipt{}, fmt.Errorf("receipt: want %d bytes, the last %d bits zero", ReceiptSize, receiptSpare)
	}
	var r Receipt
	copy(r.bits[:], b)
	return r, nil
}

// ReceiptFromNumbers reads ten numbers below 2,048. It returns ErrReceiptCheck
// when the check bits, which are compared in constant time, are wrong.
func ReceiptFromNumbers(numbers []uint16) (Receipt, error) {
	if len(numbers) != ReceiptWords {
		return Receipt{}, fmt.Errorf("receipt: want %d numbers, got %d", ReceiptWords, len(numbers))
	}
	var r Receipt
	at := 0
	for _, n := range numbers {
		if n >= words.Count {
			return Receipt{}, fmt.Errorf("receipt: a number is not below %d", words.Count)
		}
		for bit := words.Bits - 1; bit >= 0; bit-- {
			r.bits[at/8] |= byte(n>>bit&1) << (7 - at%8)
			at++
		}
	}
	// The 110 bits end with the 4 check bits, in the spare bits of the last byte.
	last := r.bits[ReceiptSize-1]
	r.bits[ReceiptSize-1] = last &^ (1<<receiptSpare - 1)
	given := last >> 2 & 0x0f
	if subtle.ConstantTimeByteEq(given, r.check()) != 1 {
		return Receipt{}, ErrReceiptCheck
	}
	return r, nil
}

// ParseReceipt reads ten words of any one list, preferring the list of
// language when several fit. Its errors are ErrReceiptCheck, *words.CountError
// and *words.UnknownError, which marks the words that are in no list.
func ParseReceipt(text, language string) (Receipt, error) {
	candidates, err := words.Parse(text, language, ReceiptWords)
	if err != nil {
		return Receipt{}, err
	}
	for _, c := range candidates {
		r, err := ReceiptFromNumbers(c.Numbers)
		if err == nil {
			return r, nil
		}
	}
	return Receipt{}, ErrReceiptCheck
}

// Bytes returns the 14 bytes: a secret.
func (r Receipt) Bytes() []byte { return append([]byte(nil), r.bits[:]...) }

// Numbers returns the ten numbers that its words stand for: a secret.
func (r Receipt) Numbers() []uint16 {
	all := r.bits
	all[ReceiptSize-1] |= r.check() << 2
	numbers := make([]uint16, ReceiptWords)
	at := 0
	for i := range numbers {
		for range words.Bits {
			numbers[i] = numbers[i]<<1 | uint16(all[at/8]>>(7-at%8)&1)
			at++
		}
	}
	return numbers
}

// Words returns the ten words in list's language: a secret.
func (r Receipt) Words(list *words.List) []string {
	shown := make([]string, 0, ReceiptWords)
	for _, n := range r.Numbers() {
		shown = append(shown, list.Word(n))
	}
	return shown
}

// String keeps receipts out of logs and errors.
func (r Receipt) String() string { return "receipt (hidden)" }

// GoString keeps receipts out of dumps.
func (r Receipt) GoString() string { return r.String() }

func (r Receipt) check() byte {
	sum := sha256.Sum256(append([]byte(receiptLabel), r.bits[:]...))
	return sum[0] >> 4
}
