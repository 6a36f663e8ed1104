// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// maxTextForm bounds a form with a text: a letter may take nine bytes of it.
const maxTextForm = 10*prevent.MaxMarkdown + maxForm

type editPage struct {
	frame
	textHead
	N, Revision, Base int
	Body, Note        string
	Faults, Doubts    []string
	English           string // the English text of a translation; empty: there is none beside it
	Kind              string // key of the help: crimes, cards, translation, quizzes, crimes-list, flows-list
	Clash             bool   // somebody saved the same draft meanwhile
	Preview           string
	Template          bool // nothing stands under the name yet: Body is a beginning
	Rows              int  // of the field
}

// editPage shows a draft, or the beginning of one: from a version, or from what
// is shown.
func (s *Site) editPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name := q.Get("text")
	if err := authz.Check(v.Subject, authz.Change, editing.Object(v.programme.ID, name)); err != nil {
		return err
	}
	now, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, name)
	if err != nil {
		return err
	}
	p := editPage{Base: now.Version.Number, Body: string(now.Body)}
	switch {
	case q.Get("n") != "":
		n, err := versionNumber(q.Get("n"))
		if err != nil {
			return err
		}
		x, err := s.Texts.One(r.Context(), v.Subject, v.programme.ID, name, n)
		if err != nil {
			return err
		}
		p.Body, p.Base = versionBody(x, now), n
		if x.State == editing.Draft && x.Writer == v.Account.ID {
			p.N, p.Revision, p.Base, p.Note = x.Number, x.Revision, x.Base, x.Note
		}
	case now.Body == nil:
		p.Body, p.Template = s.beginning(v, r, name), true
	}
	return s.showEdit(v, w, r, name, http.StatusOK, p)
}

// beginning is what a text that is not there begins with: of a translation the
// English text, else a form to fill in.
func (s *Site) beginning(v *visit, r *http.Request, name string) string {
	t, _ := prevent.TextOf(name)
	if t.Lang != "" && t.Lang != "en" {
		if english, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, t.In("en")); err == nil && english.Body != nil {
			return prevent.Untranslated(t, english.Body)
		}
	}
	return prevent.Beginning(t, s.Clock.Now())
}

func (s *Site) showEdit(v *visit, w http.ResponseWriter, r *http.Request, name string, status int, p editPage, problems ...page.Problem) error {
	p.frame, p.textHead = s.frame(v, contentPath+"/edit"), s.textHead(v, name)
	p.Problems, p.Done = problems, contentDone(r)
	t, ok := prevent.TextOf(name)
	if !ok {
		return errNoPage()
	}
	switch {
	case t.Folder == "":
		p.Kind = t.ID + "-list"
	case t.Folder == "cards" && t.Lang != "en":
		p.Kind = "translation"
	default:
		p.Kind = t.Folder
	}
	p.Kind = "content.help_" + p.Kind
	if t.Lang != "" && t.Lang != "en" {
		if english, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, t.In("en")); err == nil {
			p.English = string(english.Body)
		}
	}
	p.Rows = min(max(strings.Count(p.Body, "\n")+3, 16), 40)
	if p.N > 0 {
		p.Preview = v.textAt("preview", name, "n", strconv.Itoa(p.N))
		x, err := s.Texts.One(r.Context(), v.Subject, v.programme.ID, name, p.N)
		if err != nil {
			return err
		}
		x.Body = []byte(p.Body)
		faults, err := s.Texts.Faults(r.Context(), x)
		if err != nil {
			return err
		}
		p.Faults = faultLines(faults)
		if p.Doubts, err = s.Texts.Doubts(r.Context(), x); err != nil {
			return err
		}
	}
	return s.templates.Write(w, status, v.lang, "content_edit", p)
}

// saveText keeps a draft and, when asked to, sends it or looks at it.
func (s *Site) saveText(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readFormOf(w, r, maxTextForm)
	if err != nil {
		return err
	}
	name := form.Get("text")
	n, errN := versionNumber(form.Get("n"))
	revision, errR := versionNumber(form.Get("revision"))
	base, errB := versionNumber(form.Get("base"))
	if err := errors.Join(errN, errR, errB); err != nil {
		return fault.Wrap(fault.Invalid, "The form is not one of this page.", err)
	}
	written := editing.Written{
		Text: name, Number: n, Revision: revision, Base: base, Sort: editing.Words, Note: strings.TrimSpace(form.Get("note")),
		Body: []byte(strings.ReplaceAll(form.Get("body"), "\r\n", "\n")),
	}
	x, err := s.Texts.Save(r.Context(), v.Subject, v.programme.ID, written)
	if err != nil {
		p := editPage{N: n, Revision: revision, Base: base, Body: string(written.Body), Note: written.Note}
		p.Clash = fault.KindOf(err) == fault.Conflict
		switch fault.KindOf(err) {
		case fault.Invalid, fault.Conflict, fault.TooLarge, fault.TooMany:
		default:
			return err
		}
		return s.refuseText(v, w, r, name, p, err)
	}
	number := strconv.Itoa(x.Number)
	switch form.Get("then") {
	case "send":
		if err := s.Texts.Send(r.Context(), v.Subject, v.programme.ID, name, x.Number); err != nil {
			if fault.KindOf(err) != fault.Invalid {
				return err
			}
			return s.refuseText(v, w, r, name, editPage{N: x.Number, Revision: x.Revision, Base: x.Base, Body: string(x.Body), Note: x.Note}, nil)
		}
		return back(w, r, v.textAt("version", name, "n", number)+"&done=sent")
	case "look":
		return back(w, r, v.textAt("preview", name, "n", number))
	}
	return back(w, r, v.textAt("edit", name, "n", number)+"&done=saved")
}

// refuseText shows what was typed again, with why it was not done; without a
// reason of its own the faults of the text are the reason.
func (s *Site) refuseText(v *visit, w http.ResponseWriter, r *http.Request, name string, p editPage, why error) error {
	status := http.StatusUnprocessableEntity
	message := v.say("content.not_sent")
	if why != nil {
		status, message = page.Status(why), s.sentence(v.lang, why)
	}
	return s.showEdit(v, w, r, name, status, p, page.Problem{Field: "body", Message: message})
}

// newText begins a card or a quiz under a name of its own.
func (s *Site) newText(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	t := prevent.TextID{Folder: form.Get("folder"), ID: strings.ToLower(strings.TrimSpace(form.Get("id")))}
	if t.Folder == "cards" {
		t.Lang = "en"
	}
	if err := authz.Check(v.Subject, authz.Change, editing.Object(v.programme.ID, t.String())); err != nil {
		return err
	}
	message := ""
	if _, ok := prevent.TextOf(t.String()); !ok || t.Folder != "cards" && t.Folder != "quizzes" {
		message = v.say("content.bad_id")
	} else if now, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, t.String()); err != nil {
		return err
	} else if now.Body != nil || len(now.Versions) > 0 {
		message = v.say("content.id_taken")
	}
	if message != "" {
		return s.showContent(v, w, r, http.StatusUnprocessableEntity, func(p *contentPage) {
			p.NewID = form.Get("id")
			p.Problems = []page.Problem{{Field: "id", Message: message}}
		})
	}
	return back(w, r, v.textAt("edit", t.String()))
}

// maxTranslated bounds what translators give back.
const maxTranslated = 16 << 20

// forTranslators hands out what is to be translated, as XLIFF.
func (s *Site) forTranslators(v *visit, w http.ResponseWriter, r *http.Request) error {
	lang := r.URL.Query().Get("lang")
	if err := authz.Check(v.Subject, authz.Read, authz.Object{Kind: authz.Translation, Programme: v.programme.ID}); err != nil {
		return err
	}
	b, err := s.ToTranslators(s.Texts.Shelf.Content(v.programme.ID), lang)
	if err != nil {
		return fault.Wrap(fault.Invalid, "Choose a language other than English.", err)
	}
	w.Header().Set("Content-Type", "application/xliff+xml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+v.programme.Slug+"-"+lang+`.xlf"`)
	_, _ = w.Write(b) // the browser left: nobody to tell
	return nil
}

// fromTranslators takes what came back: each text that differs from what is
// shown becomes a draft of the visitor's and waits for approval.
func (s *Site) fromTranslators(v *visit, w http.ResponseWriter, r *http.Request) error {
	if err := authz.Check(v.Subject, authz.Change, authz.Object{Kind: authz.Translation, Programme: v.programme.ID}); err != nil {
		return err
	}
	document, err := readUpload(w, r, "document", maxTranslated)
	if err != nil {
		return err
	}
	took, left, faults, err := s.takeTranslated(v, r, document)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.showContent(v, w, r, status, func(p *contentPage) {
		p.Faults, p.Took, p.Left = faults, took, left
		if len(faults) == 0 {
			p.Done = "content.done_translated"
		}
	})
}

func (s *Site) takeTranslated(v *visit, r *http.Request, document []byte) (took, left, faults []string, err error) {
	files, err := s.FromTranslators(s.Texts.Shelf.Content(v.programme.ID), document)
	if err != nil {
		return nil, nil, unjoin(err), nil
	}
	took, left, err = s.Texts.Take(r.Context(), v.Subject, v.programme.ID, files, v.say("content.from_translators"))
	if fault.KindOf(err) == fault.Invalid {
		return nil, nil, []string{s.sentence(v.lang, err)}, nil
	}
	return took, left, nil, err
}

// readUpload reads the one file of a form.
func readUpload(w http.ResponseWriter, r *http.Request, field string, most int64) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, most+maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "Choose a file.", err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, "Choose a file.")
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "The file did not arrive whole.", err)
		}
		if part.FormName() != field {
			continue
		}
		var b bytes.Buffer
		n, err := io.Copy(&b, io.LimitReader(part, most+1))
		switch {
		case n > most:
			return nil, fault.Newf(fault.TooLarge, "The file has more than %d bytes.", most)
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, "The file did not arrive whole.", err)
		case n == 0:
			return nil, fault.New(fault.Invalid, "Choose a file.")
		}
		return b.Bytes(), nil
	}
}
