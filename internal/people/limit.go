// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"crypto/hmac"
	"encoding/base64"
	"sync"
	"time"
)

// The limit on tries: the first few are free, then each failure doubles the
// wait up to a bound, and a quiet hour forgets. Nobody is ever locked out for
// good. Browsers that have logged in before count apart from all others, so
// that a stranger who fails on purpose delays strangers only.
//
// The counts live in memory: a login is 256 bits stretched from a passphrase
// of 66, so the limit is a second line and need not survive a restart.
const (
	freeTries   = 5
	longestWait = 2 * time.Minute
	forgetAfter = time.Hour
	mostNames   = 20_000
)

type limitKey struct {
	name  Hash
	known bool
}

type tally struct {
	failures int
	last     time.Time
}

// limiter counts failed tries by name. Safe for concurrent use.
type limiter struct {
	mu   sync.Mutex
	seen map[limitKey]tally
}

func newLimiter() *limiter { return &limiter{seen: map[limitKey]tally{}} }

// wait returns how long to wait before the next try.
func (l *limiter) wait(name Hash, known bool, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.seen[limitKey{name, known}]
	if !ok || t.failures < freeTries || now.Sub(t.last) > forgetAfter {
		return 0
	}
	delay := longestWait
	if steps := t.failures - freeTries; steps < 7 {
		delay = min(longestWait, time.Second<<steps)
	}
	return max(0, t.last.Add(delay).Sub(now))
}

func (l *limiter) failed(name Hash, known bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) >= mostNames {
		l.prune(now)
	}
	k := limitKey{name, known}
	t := l.seen[k]
	if now.Sub(t.last) > forgetAfter {
		t.failures = 0
	}
	l.seen[k] = tally{failures: t.failures + 1, last: now}
}

func (l *limiter) succeeded(name Hash, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, limitKey{name, known})
}

// prune forgets what is old, and everything if nothing is: a flood of false
// names must not fill the memory.
func (l *limiter) prune(now time.Time) {
	for k, t := range l.seen {
		if now.Sub(t.last) > forgetAfter {
			delete(l.seen, k)
		}
	}
	if len(l.seen) >= mostNames {
		clear(l.seen)
	}
}

// deviceToken is what a browser keeps to be known again for handle.
func (s *Service) deviceToken(handle string) string {
	h := s.hash("device", []byte(handle))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

func (s *Service) knownDevice(handle, token string) bool {
	return hmac.Equal([]byte(token), []byte(s.deviceToken(handle)))
}
