// SPDX-License-Identifier: AGPL-3.0-or-later

package alert

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/smtp"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Letter is a mail to one partner. Its text carries no content; what does is
// in Attachment, which must be encrypted before it comes here.
type Letter struct {
	To         string
	Subject    string
	Text       string
	Name       string // of the attachment, ending in .age
	Attachment []byte
}

// ErrNoMail says that no mail server is configured.
var ErrNoMail = errors.New("send letter: no mail server is configured")

// ageHeader is how every age file begins.
const ageHeader = "age-encryption.org/v1\n"

// Letter sends one. It refuses an attachment that is not encrypted.
func (s Sender) Letter(ctx context.Context, l Letter) error {
	if s.SMTP == "" {
		return ErrNoMail
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("send letter: %w", err)
	}
	message, err := l.message(s.From)
	if err != nil {
		return err
	}
	if err := smtp.SendMail(s.SMTP, nil, s.From, []string{l.To}, message); err != nil {
		return fmt.Errorf("send letter: %w", err)
	}
	return nil
}

// message writes the mail as MIME.
func (l Letter) message(from string) ([]byte, error) {
	for _, field := range []string{l.To, l.Subject, l.Name, from} {
		if strings.ContainsAny(field, "\r\n") {
			return nil, errors.New("send letter: a line break in its head")
		}
	}
	if len(l.Attachment) > 0 && !bytes.HasPrefix(l.Attachment, []byte(ageHeader)) {
		return nil, errors.New("send letter: the attachment is not encrypted")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\n", from, l.To, mime.QEncoding.Encode("utf-8", l.Subject))
	text := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped([]byte(l.Text))
	if len(l.Attachment) == 0 {
		b.WriteString(text)
		return b.Bytes(), nil
	}
	boundary := "=_" + id.New().String()
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\n%s\r\n--%s\r\n", boundary, boundary, text, boundary)
	fmt.Fprintf(&b, "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--%s--\r\n",
		l.Name, wrapped(l.Attachment), boundary)
	return b.Bytes(), nil
}

// wrapped is base64 in lines of 76, as mail wants them.
func wrapped(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
	return b.String()
}
