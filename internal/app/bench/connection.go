// SPDX-License-Identifier: AGPL-3.0-or-later

package bench

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// patience is how long an answer may take.
const patience = 30 * time.Second

// connection asks for pages over one connection that stays open, as a browser
// does. It does as little as it can: what it uses of the processors the portal
// lacks, when both are on one machine.
type connection struct {
	base *url.URL
	conn net.Conn
	in   *bufio.Reader
}

// ask returns the status of an answer and how long its body is, which it reads
// to the end. Both were sent compressed.
func (c *connection) ask(ctx context.Context, path string) (status int, length int64, err error) {
	if c.conn == nil {
		if err := c.open(ctx); err != nil {
			return 0, 0, fmt.Errorf("connect to the portal: %w", err)
		}
	}
	status, length, err = c.exchange(path)
	if err != nil {
		c.close() // the next page gets a new one
	}
	return status, length, err
}

func (c *connection) exchange(path string) (status int, length int64, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, 0, err
	}
	_, err = io.WriteString(c.conn, "GET "+path+" HTTP/1.1\r\nHost: "+c.base.Host+"\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nUser-Agent: turnstone-bench\r\n\r\n")
	if err != nil {
		return 0, 0, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, 0, err
	}
	length, err = io.Copy(io.Discard, res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return 0, 0, err
	}
	if res.Close {
		c.close()
	}
	return res.StatusCode, length, nil
}

func (c *connection) open(ctx context.Context) (err error) {
	host := c.base.Host
	if c.base.Port() == "" {
		host = net.JoinHostPort(c.base.Hostname(), map[bool]string{true: "443", false: "80"}[c.base.Scheme == "https"])
	}
	if c.base.Scheme == "https" {
		c.conn, err = (&tls.Dialer{Config: &tls.Config{ServerName: c.base.Hostname(), MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", host)
	} else {
		c.conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", host)
	}
	if err != nil {
		c.conn = nil
		return err
	}
	c.in = bufio.NewReaderSize(c.conn, 1<<16)
	return nil
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing was written that is not answered
		c.conn = nil
	}
}
