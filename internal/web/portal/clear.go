// SPDX-License-Identifier: AGPL-3.0-or-later

package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/seal"
)

// maxUpload bounds the bytes of a form with all its files: a report's, and the
// rest of the form.
const maxUpload = 520 << 20

// clearForm is a form that came in clear: its fields, and then its files one
// after the other. Nothing of it is ever written to the disk here.
type clearForm struct {
	fields map[string][]string
	reader *multipart.Reader
	file   *multipart.Part // the next one; nil behind the last
	parts  int
}

// openForm reads a form up to its first file. Where no files are taken, a file
// is fault.Invalid.
func (s *Site) openForm(w http.ResponseWriter, r *http.Request) (*clearForm, error) {
	if s.TakesFiles {
		return readForm(w, r, maxUpload)
	}
	return fieldsOnly(w, r)
}

// fieldsOnly reads a form that takes no files.
func fieldsOnly(w http.ResponseWriter, r *http.Request) (*clearForm, error) {
	f, err := readForm(w, r, maxForm)
	if err == nil && f.file != nil {
		return nil, fault.New(fault.Invalid, "This form takes no files.")
	}
	return f, err
}

// readForm reads a form of at most so many bytes up to its first file.
func readForm(w http.ResponseWriter, r *http.Request, most int64) (*clearForm, error) {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "This is not a form.", err)
	}
	f := &clearForm{fields: map[string][]string{}, reader: reader}
	if err := f.next(); err != nil {
		return nil, err
	}
	return f, nil
}

// next reads fields up to the next file.
func (f *clearForm) next() error {
	f.file = nil
	size := 0
	for {
		part, err := f.reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return formError(err)
		}
		if f.parts++; f.parts > maxFields {
			return fault.New(fault.TooLarge, "The form has too many fields.")
		}
		if part.FileName() != "" {
			f.file = part
			return nil
		}
		value, err := readField(part)
		if err != nil {
			return err
		}
		if size += len(value); size > maxForm {
			return fault.New(fault.TooLarge, "The form is too large.")
		}
		f.fields[part.FormName()] = append(f.fields[part.FormName()], value)
	}
}

// drain reads what is left, so that the browser, which first sends everything,
// then gets our answer. What breaks meanwhile, nobody is there to be told of.
func (f *clearForm) drain() {
	for f.file != nil {
		if _, err := io.Copy(io.Discard, f.file); err != nil {
			return
		}
		if err := f.next(); err != nil {
			return
		}
	}
}

// fileView says what became of a file that came without script.
type fileView struct {
	Name             string
	Safe             bool
	Why              string
	Removed, Remains []string
}

// clearFiles is what a page shows after files came without script.
type clearFiles struct {
	Files   []fileView
	LeftOut bool // one of them waits for the reporter's decision
}

// takeFiles takes the files of a form, one after the other. The words are safe
// already: what goes wrong with a file is said beside it, and ends nothing.
func (s *Site) takeFiles(r *http.Request, v visit, receipt seal.Receipt, form *clearForm) clearFiles {
	var all clearFiles
	anyway := first(form.fields["anyway"]) == "yes"
	for form.file != nil {
		view := fileView{Name: path.Base(strings.ReplaceAll(form.file.FileName(), "\\", "/"))}
		result, err := s.takeFile(r.Context(), v, receipt, form.file, anyway)
		switch {
		case err != nil:
			s.tell("keep a file without script", err)
			view.Why = s.whyNot(v, err)
		case result.File.Blob.IsZero():
			all.LeftOut = true
			view.Why = v.say("script.file_remains")
			if result.Refused != "" {
				view.Why = v.say(refusedText(result.Refused))
			}
		default:
			view.Safe = true
		}
		view.Removed, view.Remains = found(v, result.Removed), found(v, result.Remains)
		all.Files = append(all.Files, view)
		if _, err := io.Copy(io.Discard, form.file); err != nil {
			return all // the connection ended
		}
		if err := form.next(); err != nil {
			return all
		}
	}
	return all
}

func refusedText(reason string) string {
	if reason == "unknown-type" {
		return "script.file_unknown"
	}
	return "script.file_refused"
}

func found(v visit, keys []string) []string {
	var said []string
	for _, k := range keys {
		said = append(said, v.say("script.found_"+k))
	}
	return said
}

// whyNot words an error for the one whose file it was.
func (s *Site) whyNot(v visit, err error) string {
	switch fault.KindOf(err) {
	case fault.TooLarge:
		return v.say("clear.too_large")
	case fault.Unavailable:
		return v.say("clear.full")
	}
	return v.say("clear.broke")
}

// takeFile takes one file and appends its manifest.
func (s *Site) takeFile(ctx context.Context, v visit, receipt seal.Receipt, part *multipart.Part, anyway bool) (report.ClearResult, error) {
	c, err := s.openFor(ctx, v, receipt)
	if err != nil {
		return report.ClearResult{}, err
	}
	epoch := c.chain.Place().Epoch
	identity, err := c.grant.Identity(epoch)
	if err != nil {
		return report.ClearResult{}, err
	}
	result, err := s.Intake.TakeClear(ctx, v.programme.ID, receipt.Login(), report.ClearFile{
		Source: part, Name: part.FileName(), As: strconv.Itoa(c.files() + 1), Anyway: anyway, To: identity.Recipient(), Blob: receipt.BlobOf,
	})
	if err != nil || result.Known || result.File.Blob.IsZero() {
		return result, err
	}
	return result, s.commit(ctx, v, receipt, result.File, epoch)
}

// commit appends the manifest of a file; somebody may have written meanwhile.
func (s *Site) commit(ctx context.Context, v visit, receipt seal.Receipt, file seal.File, epoch int) error {
	var err error
	for range 5 {
		var c conversation
		if c, err = s.openFor(ctx, v, receipt); err != nil {
			return err
		}
		if c.chain.Place().Epoch != epoch {
			return fault.New(fault.Conflict, "The report got a new key meanwhile. Send the file again.")
		}
		prev := c.chain.Place().Prev
		m, sealErr := c.chain.Seal(file, seal.RoleReporter, receipt.SigningKey())
		if sealErr != nil {
			return fmt.Errorf("seal manifest: %w", sealErr)
		}
		err = s.Intake.ReplyFile(ctx, v.programme.ID, receipt.Login(), prev, report.Envelope{
			Seq: m.Seq, Epoch: m.Epoch, Role: string(m.Role), Hash: m.Hash, Body: m.Body,
		}, file.Blob)
		if fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return err
}

// files counts the files of a conversation.
func (c conversation) files() int {
	n := 0
	for _, m := range c.messages {
		if _, ok := m.opened.Content.(seal.File); ok {
			n++
		}
	}
	return n
}
