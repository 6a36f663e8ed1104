// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
)

func TestACarriedKeyIsGivenBackOnceAndSoon(t *testing.T) {
	w := newWorld(t)
	at := &movable{now}
	w.config.Clock = at
	w.build()
	token := func(n uint64) []byte { return append(make([]byte, 24), binary.BigEndian.AppendUint64(nil, n)...) }
	put := func(n uint64, key byte) int {
		return w.json("/api/carry", map[string]any{"token": token(n), "key": bytes.Repeat([]byte{key}, 32)}).Code
	}
	take := func(n uint64) (byte, int) {
		rec := w.json("/api/carry/take", map[string]any{"token": token(n)})
		var b struct{ Key []byte }
		if rec.Code == http.StatusOK {
			check(t, json.Unmarshal(rec.Body.Bytes(), &b))
			return b.Key[0], rec.Code
		}
		return 0, rec.Code
	}
	if put(1, 7) != http.StatusNoContent || put(1, 8) != http.StatusNoContent {
		t.Error("a key is not kept")
	}
	if key, code := take(1); key != 7 || code != http.StatusOK {
		t.Errorf("the key comes back as %d, %d: somebody else's took its place", key, code)
	}
	if _, code := take(1); code != http.StatusNotFound {
		t.Errorf("a second time: %d", code)
	}
	put(2, 9)
	at.t = at.t.Add(20 * time.Minute)
	if _, code := take(2); code != http.StatusNotFound {
		t.Errorf("after twenty minutes: %d", code)
	}
	for n := range uint64(5000) { // strangers, who want to fill the memory
		put(10+n, 1)
	}
	if _, code := take(10); code != http.StatusNotFound {
		t.Errorf("the oldest of very many: %d", code)
	}
	if _, code := take(5009); code != http.StatusOK {
		t.Errorf("the newest of very many: %d", code)
	}
	for name, body := range map[string]map[string]any{
		"no key": {"token": token(3)}, "a short token": {"token": []byte{1}, "key": make([]byte, 32)}, "a long key": {"token": token(3), "key": make([]byte, 33)},
	} {
		if rec := w.json("/api/carry", body); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
}

// movable is a clock that a test moves.
type movable struct{ t time.Time }

func (m *movable) Now() time.Time { return m.t }

var _ clock.Clock = (*movable)(nil)
