// SPDX-License-Identifier: AGPL-3.0-or-later

package serve

import (
	"context"
	"net"
	"net/http"
)

// What a client sends passes through a buffer of its connection, which net/http
// hands on to later connections without emptying it: one of them could keep
// somebody's words for as long as it lives. So each connection remembers where
// its buffer is, and Wipe empties it.

type connKey struct{}

// wipeListener hands out connections that know their buffer.
type wipeListener struct{ net.Listener }

// Accept implements net.Listener.
func (l wipeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		return &wipeConn{TCPConn: tcp}, nil
	}
	return c, nil
}

type wipeConn struct {
	*net.TCPConn
	buffer []byte
}

// Read implements net.Conn. The first read of a connection fills the buffer
// from its start, whole.
func (c *wipeConn) Read(p []byte) (int, error) {
	if c.buffer == nil {
		c.buffer = p
	}
	return c.TCPConn.Read(p)
}

func withConn(ctx context.Context, c net.Conn) context.Context {
	if w, ok := c.(*wipeConn); ok {
		return context.WithValue(ctx, connKey{}, w)
	}
	return ctx
}

// Wipe empties the read buffer of the request's connection. Call it when the
// request was read and answered and its connection will be closed: what is
// still unread is lost.
func Wipe(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*wipeConn); ok {
		clear(c.buffer)
	}
}

// WipeClosing calls Wipe after every request whose answer closes its
// connection: a site says so when it was shown something in clear.
func WipeClosing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if w.Header().Get("Connection") == "close" {
				Wipe(r)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
