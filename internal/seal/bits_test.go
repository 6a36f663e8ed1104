// SPDX-License-Identifier: AGPL-3.0-or-later

package seal_test

import (
	"bytes"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/turnstone-project/turnstone/internal/seal"
)

// everyBit calls accepted with body changed in one bit, for every bit, or every
// 61st in short mode and under the race detector, and reports those that it accepts.
func everyBit(t *testing.T, body []byte, accepted func(changed []byte) bool) {
	t.Helper()
	eachBit(t, body, 1, accepted)
}

// eachBit is everyBit in steps.
func eachBit(t *testing.T, body []byte, step int, accepted func(changed []byte) bool) {
	t.Helper()
	if testing.Short() || raced {
		step = 61
	}
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		wait.Go(func() {
			changed := slices.Clone(body)
			for bit := worker * step; bit < 8*len(body); bit += workers * step {
				changed[bit/8] ^= 1 << (bit % 8)
				if accepted(changed) {
					t.Errorf("bit %d of byte %d can be changed", bit%8, bit/8)
				}
				changed[bit/8] ^= 1 << (bit % 8)
			}
		})
	}
	wait.Wait()
	if !accepted(body) {
		t.Error("unchanged it is refused: the refusals prove nothing")
	}
}

func TestEveryBitOfAGrantCounts(t *testing.T) {
	w := newWorld(t)
	a := w.send(w.tip())
	everyBit(t, a.DeskGrant, func(body []byte) bool {
		_, err := seal.OpenGrant(w.deskIdentity(), body, w.programme, a.Report)
		return err == nil
	})
}

func TestEveryBitOfACoverCounts(t *testing.T) {
	w := newWorld(t)
	_, identity, _, a := w.opened()
	everyBit(t, a.CoverBody, func(body []byte) bool {
		_, err := seal.OpenMessage(identity, body)
		return err == nil
	})
}

func TestEveryBitOfAMessageCounts(t *testing.T) {
	w := newWorld(t)
	_, identity, _, a := w.opened()
	// A cover has the same form and is tried whole; here a thirteenth will do.
	eachBit(t, a.FirstBody, 13, func(body []byte) bool {
		_, err := seal.OpenMessage(identity, body)
		return err == nil
	})
}

func TestEveryBitOfADeskKeyPackageCounts(t *testing.T) {
	w := newWorld(t)
	member, err := w.member.Identity()
	w.check(err)
	body, err := seal.SealDeskKeys(w.deskKeys, member.Recipient())
	w.check(err)
	everyBit(t, body, func(body []byte) bool {
		_, err := seal.OpenDeskKeys(member, body, w.desk)
		return err == nil
	})
}

func TestEveryBitOfARosterCounts(t *testing.T) {
	w := newWorld(t)
	text, err := w.signed.Encode()
	w.check(err)
	everyBit(t, text, func(text []byte) bool {
		signed, err := seal.ParseSignedRoster(text)
		if err != nil {
			return false
		}
		_, err = signed.Verify(w.key(), w.now, 1)
		return err == nil
	})
}

func TestEveryBitOfASubmissionCounts(t *testing.T) {
	w := newWorld(t)
	wire, err := w.send(w.tip()).Encode()
	w.check(err)
	everyBit(t, wire, func(body []byte) bool {
		_, err := seal.DecodeSubmission(body)
		return err == nil
	})
}

func TestEveryBitOfWrappedMemberKeysCounts(t *testing.T) {
	w := newWorld(t)
	wrap := bytes.Repeat([]byte{4}, seal.KeySize)
	wrapped, err := seal.WrapMemberKeys(w.member, wrap, w.memberID)
	w.check(err)
	everyBit(t, wrapped, func(body []byte) bool {
		_, err := seal.UnwrapMemberKeys(body, wrap, w.memberID)
		return err == nil
	})
}

func TestEveryBitOfAShareCounts(t *testing.T) {
	shares, err := seal.SplitSecret(bytes.Repeat([]byte{6}, seal.KeySize), 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	everyBit(t, []byte(shares[0].Secret()), func(text []byte) bool {
		_, err := seal.ParseShare(string(text))
		return err == nil
	})
}
