// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"net/http"
	"sync"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

const (
	carryFor  = 20 * time.Minute // a photo is taken in less
	maxCarry  = 4096
	tokenSize = 32
)

// carry holds the keys under which tabs keep a receipt while a phone's camera
// is open (web/portal/carry.ts): in memory alone, for some minutes, each given
// back once. It never has what they open. When there are too many, the oldest
// go first: the ten words still open the mailbox.
type carry struct {
	clock clock.Clock

	mu    sync.Mutex
	keys  map[[tokenSize]byte][seal.KeySize]byte
	queue []carried // in the order of their coming
}

type carried struct {
	token [tokenSize]byte
	until time.Time
}

func newCarry(c clock.Clock) *carry {
	return &carry{clock: c, keys: map[[tokenSize]byte][seal.KeySize]byte{}}
}

// put keeps a key; a token that is known keeps the one that it has.
func (c *carry) put(token [tokenSize]byte, key [seal.KeySize]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
	if _, known := c.keys[token]; known {
		return
	}
	c.keys[token] = key
	c.queue = append(c.queue, carried{token, c.clock.Now().Add(carryFor)})
}

// take gives a key back and forgets it.
func (c *carry) take(token [tokenSize]byte) ([seal.KeySize]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
	key, ok := c.keys[token]
	delete(c.keys, token)
	return key, ok
}

// drop forgets what is too old or too many.
func (c *carry) drop() {
	now := c.clock.Now()
	for len(c.queue) > 0 && (len(c.queue) >= maxCarry || !now.Before(c.queue[0].until)) {
		delete(c.keys, c.queue[0].token)
		c.queue = c.queue[1:]
	}
}

type carryBody struct {
	Token []byte `json:"token"`
	Key   []byte `json:"key,omitempty"`
}

func (s *Site) readCarry(w http.ResponseWriter, r *http.Request, key int) (b carryBody, err error) {
	if err := readJSON(w, r, 1<<10, &b); err != nil {
		return b, err
	}
	if len(b.Token) != tokenSize || len(b.Key) != key {
		return b, fault.New(fault.Invalid, "A token has 32 bytes, and a key has 32 where one is sent.")
	}
	return b, nil
}

func (s *Site) putCarry(w http.ResponseWriter, r *http.Request, _ visit) error {
	b, err := s.readCarry(w, r, seal.KeySize)
	if err != nil {
		return err
	}
	s.carry.put([tokenSize]byte(b.Token), [seal.KeySize]byte(b.Key))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) takeCarry(w http.ResponseWriter, r *http.Request, v visit) error {
	b, err := s.readCarry(w, r, 0)
	if err != nil {
		return err
	}
	key, ok := s.carry.take([tokenSize]byte(b.Token))
	if !ok {
		return fault.New(fault.NotFound, v.say("failure.not_found"))
	}
	page.WriteJSON(w, http.StatusOK, map[string][]byte{"key": key[:]})
	return nil
}
