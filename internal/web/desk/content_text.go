// SPDX-License-Identifier: AGPL-3.0-or-later

package desk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/prevent/editing"
	"github.com/turnstone-project/turnstone/internal/web/page"
)

// textHead is what all pages about one text have.
type textHead struct {
	Text, Title, Language, TextLang, TextDir string
	ToText                                   string
}

func (s *Site) textHead(v *visit, name string) textHead {
	t, _ := prevent.TextOf(name)
	h := textHead{Text: name, Title: t.ID, TextLang: t.Lang, TextDir: "ltr", ToText: v.textAt("text", name)}
	if c := s.Texts.Shelf.Content(v.programme.ID); c != nil {
		h.Title = s.textTitle(v, c, name)
	}
	if t.Lang != "" {
		h.Language, h.TextDir = page.NativeName(t.Lang), page.Direction(t.Lang)
	}
	return h
}

type textPage struct {
	frame
	textHead
	Sisters  []contentSister
	Now      contentShown
	Original bool // whether something comes with the installation
	Versions []textVersion
	Acts     []actView
	May      textMay
	Work     []textVersion
	Body     string
	Preview  string
}

// contentSister is the same text in another language.
type contentSister struct {
	To, Name, Dir string
	Here          bool
}

type contentShown struct {
	Sort   string // own, original, away, nothing
	Number int
	Since  string
	Writer string
	Judge  string
}

type textVersion struct {
	N                                   int
	To, State, Sort, Who, When, Note    string
	Judge, Judged, Reason, Shows        string
	Undoes, Base                        int
	Undone, Shown, MayUndo, WasShown    bool
	CompareWithShown, CompareWithBefore string
}

type textMay struct{ Write, Publish, Away bool }

func (s *Site) textPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("text")
	n, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, name)
	if err != nil {
		return err
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	t, _ := prevent.TextOf(name)
	p := textPage{frame: s.frame(v, contentPath+"/text"), textHead: s.textHead(v, name), Original: n.Original != nil, Body: string(n.Body), Preview: v.textAt("preview", name, "n", strconv.Itoa(n.Version.Number))}
	p.Done = contentDone(r)
	o := editing.Object(v.programme.ID, name)
	p.May.Write = authz.Decide(v.Subject, authz.Change, o).Allowed
	p.May.Publish = authz.Decide(v.Subject, authz.Publish, o).Allowed
	p.May.Away = p.May.Write && !t.Needed() && n.Body != nil
	if t.Lang != "" {
		for _, lang := range s.contentLanguages() {
			p.Sisters = append(p.Sisters, contentSister{v.textAt("text", t.In(lang)), page.NativeName(lang), page.Direction(lang), lang == t.Lang})
		}
	}
	p.Now = contentShown{Sort: "original", Number: n.Version.Number, Since: minute(n.Version.Shows), Writer: who[n.Version.Writer], Judge: who[n.Version.Judge]}
	switch {
	case n.Version.Number > 0 && n.Version.Sort == editing.Away:
		p.Now.Sort = "away"
	case n.Body == nil:
		p.Now.Sort = "nothing"
	case n.Version.Number > 0 && n.Version.Sort == editing.Words:
		p.Now.Sort = "own"
	}
	for _, x := range n.Versions {
		row := s.textVersion(v, x, n.Version.Number, who)
		row.MayUndo = p.May.Publish && row.WasShown && !row.Shown
		if x.State == editing.Draft || x.State == editing.Waiting || row.State == "scheduled" {
			p.Work = append(p.Work, row)
		}
		p.Versions = append(p.Versions, row)
	}
	for _, a := range n.Acts {
		p.Acts = append(p.Acts, actView{minute(a.At), who[a.By], "content.did_" + strings.ReplaceAll(a.Did, " ", "_"), v.say("content.version", "n", a.Of) + orNone(a.Reason)})
	}
	return s.templates.Write(w, http.StatusOK, v.lang, "content_text", p)
}

func orNone(reason string) string {
	if reason == "" {
		return ""
	}
	return " · " + reason
}

func (s *Site) textVersion(v *visit, x editing.Version, shown int, who map[id.ID]string) textVersion {
	now := s.Clock.Now()
	row := textVersion{
		N: x.Number, To: v.textAt("version", x.Text, "n", strconv.Itoa(x.Number)), State: string(x.State), Sort: string(x.Sort), Who: who[x.Writer], When: minute(x.Written), Note: x.Note,
		Judge: who[x.Judge], Judged: minute(x.Judged), Reason: x.Reason, Shows: minute(x.Shows), Base: x.Base, Undone: x.Undoes, Shown: x.Number == shown, WasShown: x.Shown(now),
	}
	switch {
	case row.Shown:
		row.State = "shown"
	case x.Scheduled(now):
		row.State = "scheduled"
	}
	return row
}

type versionPage struct {
	frame
	textHead
	textVersion
	Revision int
	Faults   []string
	Doubts   []string
	Lines    []diffLine
	Against  int // number of the version that is shown; 0: the original
	Nothing  bool
	Mine     bool
	May      versionMay
	Preview  string
	Earliest string
	At       string
	Why      string
	Behind   bool // something else has been shown since the writer began
}

// versionMay says which forms are of use to the visitor.
type versionMay struct{ Edit, Send, TakeBack, GiveUp, Approve, CallOff, Undo, Begin bool }

// number reads the number of a version from an address or a form.
func versionNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fault.New(fault.NotFound, "There is no such version.")
	}
	return n, nil
}

func (s *Site) versionPage(v *visit, w http.ResponseWriter, r *http.Request) error {
	return s.showVersion(v, w, r, r.URL.Query().Get("text"), r.URL.Query().Get("n"), nil)
}

// showVersion shows a version; refused is what became of an act, with what was
// typed for it in the form of r.
func (s *Site) showVersion(v *visit, w http.ResponseWriter, r *http.Request, name, number string, refused error) error {
	n, err := versionNumber(number)
	if err != nil {
		return err
	}
	x, err := s.Texts.One(r.Context(), v.Subject, v.programme.ID, name, n)
	if err != nil {
		return err
	}
	now, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, name)
	if err != nil {
		return err
	}
	who, err := s.whoIs(v, r)
	if err != nil {
		return err
	}
	p := versionPage{
		frame: s.frame(v, contentPath+"/version"), textHead: s.textHead(v, name), textVersion: s.textVersion(v, x, now.Version.Number, who), Revision: x.Revision,
		Against: now.Version.Number, Mine: x.Writer == v.Account.ID, Preview: v.textAt("preview", name, "n", number), Earliest: s.Clock.Now().UTC().Format("2006-01-02T15:04"),
		Behind: x.State == editing.Draft && x.Base != now.Version.Number || x.State == editing.Waiting && x.Base != now.Version.Number,
	}
	p.Done = contentDone(r)
	if err := s.judged(r, x, &p); err != nil {
		return err
	}
	p.Lines = diffLines(string(now.Body), versionBody(x, now))
	p.Nothing = len(p.Lines) == 0
	p.May = s.versionMay(v, x)
	status := http.StatusOK
	if refused != nil {
		switch fault.KindOf(refused) {
		case fault.Invalid, fault.Conflict, fault.Forbidden:
		default:
			return refused
		}
		status = page.Status(refused)
		p.At, p.Why = r.PostForm.Get("at"), r.PostForm.Get("reason")
		p.Problems = []page.Problem{{Field: "main", Message: s.sentence(v.lang, refused)}}
	}
	return s.templates.Write(w, status, v.lang, "content_version", p)
}

// judged adds what is wrong with a version that may still be shown.
func (s *Site) judged(r *http.Request, x editing.Version, p *versionPage) error {
	if x.State != editing.Draft && x.State != editing.Waiting {
		return nil
	}
	faults, err := s.Texts.Faults(r.Context(), x)
	if err != nil {
		return err
	}
	p.Faults = faultLines(faults)
	p.Doubts, err = s.Texts.Doubts(r.Context(), x)
	return err
}

// versionBody is what would stand there with the version.
func versionBody(x editing.Version, now editing.Now) string {
	switch x.Sort {
	case editing.Away:
		return ""
	case editing.Original:
		return string(now.Original)
	}
	return string(x.Body)
}

func (s *Site) versionMay(v *visit, x editing.Version) versionMay {
	o := editing.Object(v.programme.ID, x.Text)
	may := func(a authz.Act) bool { return authz.Decide(v.Subject, a, o).Allowed }
	mine := x.Writer == v.Account.ID
	return versionMay{
		Edit:     x.State == editing.Draft && mine && x.Sort == editing.Words && may(authz.Change),
		Send:     x.State == editing.Draft && mine && may(authz.Change),
		GiveUp:   x.State == editing.Draft && mine && may(authz.Change),
		TakeBack: x.State == editing.Waiting && mine && may(authz.Change),
		Approve:  x.State == editing.Waiting && !mine && may(authz.Approve),
		CallOff:  x.Scheduled(s.Clock.Now()) && may(authz.Publish),
		Undo:     x.Shown(s.Clock.Now()) && may(authz.Publish),
		Begin:    x.Sort == editing.Words && (x.State != editing.Draft || !mine) && may(authz.Change),
	}
}

// versionAct does one thing to a version.
func (s *Site) versionAct(v *visit, w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	name, reason := form.Get("text"), strings.TrimSpace(form.Get("reason"))
	n, err := versionNumber(form.Get("n"))
	if err != nil {
		return err
	}
	ctx, by, of := r.Context(), v.Subject, v.programme.ID
	to, done := v.textAt("version", name, "n", strconv.Itoa(n)), ""
	switch r.PathValue("act") {
	case "send":
		done, err = "sent", s.Texts.Send(ctx, by, of, name, n)
	case "take-back":
		to = v.textAt("edit", name, "n", strconv.Itoa(n)) // a new draft from it
		done, err = "took-back", s.Texts.TakeBack(ctx, by, of, name, n)
	case "give-up":
		done, err = "gave-up", s.Texts.GiveUp(ctx, by, of, name, n)
	case "return":
		done, err = "returned", s.Texts.Return(ctx, by, of, name, n, reason)
	case "approve":
		done, err = s.approveText(v, r, name, n)
	case "call-off":
		done, err = "called-off", s.Texts.CallOff(ctx, by, of, name, n, reason)
	case "undo":
		to = v.textAt("text", name)
		done, err = "undone", s.Texts.Undo(ctx, by, of, name, n, reason)
	case "away", "original":
		return s.propose(v, w, r, name, editing.Sort(r.PathValue("act")), reason)
	default:
		return errNoPage()
	}
	if err != nil {
		if r.PathValue("act") == "undo" {
			return err
		}
		return s.showVersion(v, w, r, name, strconv.Itoa(n), err)
	}
	return back(w, r, to+"&done="+done)
}

// approveText lets a version be shown, now or from an hour on.
func (s *Site) approveText(v *visit, r *http.Request, name string, n int) (done string, err error) {
	if err := authz.Check(v.Subject, authz.Approve, editing.Object(v.programme.ID, name)); err != nil {
		return "", err
	}
	from, done := s.Clock.Now(), "approved"
	if r.PostForm.Get("when") == "later" {
		if from, err = whenOf(r.PostForm.Get("at")); err != nil {
			return "", fault.Wrap(fault.Invalid, "Choose a day and an hour, such as 2027-01-31T09:00.", err)
		}
		done = "scheduled"
	}
	return done, s.Texts.Approve(r.Context(), v.Subject, v.programme.ID, name, n, from)
}

// propose makes and sends a version without words: the text is taken away, or
// the one that comes with the installation comes back.
func (s *Site) propose(v *visit, w http.ResponseWriter, r *http.Request, name string, sort editing.Sort, note string) error {
	now, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, name)
	if err != nil {
		return err
	}
	x, err := s.Texts.Save(r.Context(), v.Subject, v.programme.ID, editing.Written{Text: name, Sort: sort, Note: note, Base: now.Version.Number})
	if err != nil {
		return err
	}
	n := strconv.Itoa(x.Number)
	if err := s.Texts.Send(r.Context(), v.Subject, v.programme.ID, name, x.Number); err != nil {
		return s.showVersion(v, w, r, name, n, err)
	}
	return back(w, r, v.textAt("version", name, "n", n)+"&done=sent")
}

func faultLines(faults []error) []string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Error())
	}
	return all
}

// unjoin takes apart what was joined.
func unjoin(err error) []string {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return faultLines(many.Unwrap())
	}
	return []string{err.Error()}
}

type comparePage struct {
	frame
	textHead
	From, To int
	Lines    []diffLine
	Nothing  bool
	All      []option // versions, for choosing others
	AllTo    []option
}

// diffLine is a line of a comparison; Gap says that lines were left out before it.
type diffLine struct {
	Old, New int
	Pieces   []editing.Piece
	Changed  bool
	Gap      bool
}

// around is how many lines are shown before and after a change.
const around = 3

// diffLines compares two texts and keeps what is near a change; nothing when
// they are the same.
func diffLines(old, fresh string) []diffLine {
	all := editing.Compare(old, fresh)
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Changed() {
			for j := max(0, i-around); j <= min(len(all)-1, i+around); j++ {
				near[j] = true
			}
		}
	}
	var out []diffLine
	last := -1
	for i, l := range all {
		if near[i] {
			out = append(out, diffLine{l.Old, l.New, l.Pieces, l.Changed(), i > last+1})
			last = i
		}
	}
	return out
}

func (s *Site) comparePage(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	name := q.Get("text")
	now, err := s.Texts.Look(r.Context(), v.Subject, v.programme.ID, name)
	if err != nil {
		return err
	}
	p := comparePage{frame: s.frame(v, contentPath+"/compare"), textHead: s.textHead(v, name)}
	body := func(number string) (int, string, error) {
		n, err := versionNumber(number)
		if err != nil {
			return 0, "", err
		}
		x, err := s.Texts.One(r.Context(), v.Subject, v.programme.ID, name, n)
		return n, versionBody(x, now), err
	}
	var old, fresh string
	if p.From, old, err = body(q.Get("from")); err != nil {
		return err
	}
	if p.To, fresh, err = body(q.Get("to")); err != nil {
		return err
	}
	p.Lines = diffLines(old, fresh)
	p.Nothing = len(p.Lines) == 0
	add := func(n int, label string) {
		number := strconv.Itoa(n)
		p.All = append(p.All, option{number, label, n == p.From})
		p.AllTo = append(p.AllTo, option{number, label, n == p.To})
	}
	for _, x := range now.Versions {
		add(x.Number, v.say("content.version", "n", x.Number))
	}
	add(0, v.say("content.original"))
	return s.templates.Write(w, http.StatusOK, v.lang, "content_compare", p)
}
