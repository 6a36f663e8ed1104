// SPDX-License-Identifier: AGPL-3.0-or-later

package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// Window is how far a timestamp may be off.
const Window = 5 * time.Minute

// Sign returns the signature of a message: HMAC-SHA256 over the timestamp, a
// full stop and the body, in hexadecimal after "v1=".
func Sign(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

func errSignature() error {
	return fault.New(fault.Unsigned, "The signature does not hold. Check the source's name, its secret, and that exactly the bytes that were signed are sent.")
}

// verify checks signature and time. An unknown source is answered as a wrong
// signature is, after the same work.
func verify(source Source, known bool, h http.Header, body []byte, now time.Time) error {
	stamp := h.Get("Turnstone-Timestamp")
	secrets := source.Secrets
	if !known {
		secrets = [][]byte{make([]byte, 32), make([]byte, 32)}
	}
	good := false
	for _, secret := range secrets {
		want := []byte(Sign(secret, stamp, body))
		for given := range strings.SplitSeq(h.Get("Turnstone-Signature"), ",") {
			good = hmac.Equal(want, []byte(strings.TrimSpace(given))) || good
		}
	}
	if !good || !known {
		return errSignature()
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fault.New(fault.Unsigned, "Turnstone-Timestamp is the time of sending in whole seconds since 1970, such as 1795000000.")
	}
	if off := now.Unix() - seconds; off > int64(Window/time.Second) || off < -int64(Window/time.Second) {
		return fault.Newf(fault.Unsigned, "The message was signed %d seconds away from our clock; at most %d are taken. Set the clock, and sign again when you send again.", off, int64(Window/time.Second))
	}
	return nil
}

// pace measures how fast sources send: a bucket for each, refilled steadily.
type pace struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// A source may send burst alerts at once, and perSecond for long. What is above
// is kept too, and marked: a flood may be an attack, and may hide a life.
const (
	burst     = 100
	perSecond = 1
)

func newPace() *pace { return &pace{buckets: map[string]bucket{}} }

// allows takes one from the bucket of a source that is known, so that there
// are no more buckets than sources.
func (p *pace) allows(source string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.buckets[source]
	if !ok {
		b = bucket{left: burst, at: now}
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left, b.at = min(burst, b.left+passed*perSecond), now
	}
	allowed := b.left >= 1
	if allowed {
		b.left--
	}
	p.buckets[source] = b
	return allowed
}
