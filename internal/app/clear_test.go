// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/words"
)

const planted = "Quokka Jensen took this behind the dairy"

// picture returns a JPEG that carries the planted words beside its picture.
func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	note := append([]byte{0xff, 0xfe, 0, byte(2 + len(planted))}, planted...)
	return slices.Concat(b.Bytes()[:2], note, b.Bytes()[2:])
}

// plain is a browser that runs no script, and the portal that it asks.
type plain struct {
	t       testing.TB
	i       *app.Installation
	p       id.ID
	url     string
	receipt seal.Receipt
}

// serve starts the portal of a new installation.
func plainBrowser(t testing.TB, i *app.Installation, p id.ID) *plain {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	i.Config.Portal.Listen, i.Config.Ops.Listen = "127.0.0.1:0", "127.0.0.1:0"
	running, err := i.Listen(ctx, slog.New(slog.DiscardHandler), "portal")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- running.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &plain{t: t, i: i, p: p, url: "http://" + running.Addr("portal"), receipt: seal.NewReceipt()}
}

// upload is one file of a form.
type upload struct {
	name    string
	content io.Reader
}

// send posts a form with files, streaming; a zero status says that the
// connection broke.
func (b *plain) send(path string, fields map[string]string, files ...upload) (int, string) {
	b.t.Helper()
	body, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		var faults []error
		for name, value := range fields {
			faults = append(faults, form.WriteField(name, value))
		}
		for _, f := range files {
			part, err := form.CreateFormFile("file", f.name)
			faults = append(faults, err)
			if err == nil {
				_, err = io.Copy(part, f.content)
				faults = append(faults, err)
			}
		}
		w.CloseWithError(errors.Join(append(faults, form.Close())...))
	}()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, html.UnescapeString(string(text))
}

func english(t testing.TB) *words.List {
	t.Helper()
	list, ok := words.For("en")
	if !ok {
		t.Fatal("there are no English words")
	}
	return list
}

func (b *plain) form() map[string]string {
	published, _ := b.i.Programmes.Roster(b.p)
	return map[string]string{
		"receipt": base64.StdEncoding.EncodeToString(b.receipt.Bytes()), "category": "drugs", "danger": "no",
		"desk": published.Roster.Desks[0].ID.String(), "text": "Words first.",
	}
}

func (b *plain) mailbox() map[string]string {
	return map[string]string{"act": "files", "words": strings.Join(b.receipt.Words(english(b.t)), " ")}
}

// files opens what has come.
func (b *plain) files(t *testing.T) (files []seal.File, contents [][]byte) {
	t.Helper()
	r := &teller{t: t, i: b.i, p: b.p, receipt: b.receipt}
	_, identity, box := r.chain()
	mailbox, err := b.receipt.Mailbox()
	r.check(err)
	grant, err := seal.OpenGrant(mailbox, box.Grants[0].Body, b.p, box.Report.ID)
	r.check(err)
	chain, err := seal.NewChain(grant)
	r.check(err)
	for _, e := range box.Envelopes {
		m, _, err := chain.Next(seal.Stored{Seq: e.Seq, Epoch: e.Epoch, Role: seal.Role(e.Role), Hash: e.Hash, Body: e.Body})
		r.check(err)
		f, ok := m.Content.(seal.File)
		if !ok {
			continue
		}
		var out bytes.Buffer
		r.check(seal.OpenFile(&out, f, identity, func(n int) ([]byte, error) {
			piece, _, err := b.i.Files.Blobs.Open(t.Context(), f.Blob, n)
			if err != nil {
				return nil, err
			}
			defer func() { _ = piece.Close() }()
			return io.ReadAll(piece)
		}))
		files, contents = append(files, f), append(contents, out.Bytes())
	}
	return files, contents
}

func TestFilesWithoutScript(t *testing.T) {
	i, p := founded(t)
	b := plainBrowser(t, i, p)
	photo, strange := picture(t, 300, 200), []byte("\x00\x01 nobody knows "+planted)
	files := func() []upload {
		return []upload{{"IMG_1.jpg", bytes.NewReader(photo)}, {"C:\\me\\list.xyz", bytes.NewReader(strange)}}
	}
	for range 2 { // the browser's user presses twice
		status, page := b.send("/en/report", b.form(), files()...)
		for _, want := range []string{"Your words are safe", "IMG_1.jpg", "Safe. It is locked", "comments", "<bdi>list.xyz</bdi>", "can't clean this kind of file", "Left out", "tick the box"} {
			if !strings.Contains(page, want) {
				t.Fatalf("%d: the page does not say %q:\n%s", status, want, regexp.MustCompile(`(?s)<head>.*</head>`).ReplaceAllString(page, ""))
			}
		}
	}
	got, contents := b.files(t)
	if len(got) != 1 || got[0].Name != "1.jpg" || got[0].Cleaned != seal.Cleaned || got[0].Media != "image/jpeg" || !slices.Contains(got[0].Removed, "comment") {
		t.Fatalf("what came is %+v", got)
	}
	if bytes.Contains(contents[0], []byte("Quokka")) {
		t.Error("the photo still says who made it")
	}
	if _, err := jpeg.Decode(bytes.NewReader(contents[0])); err != nil {
		t.Errorf("the photo can't be seen any more: %v", err)
	}

	again := b.mailbox()
	again["anyway"] = "yes"
	status, page := b.send("/en/mailbox", again, files()[1])
	if status != http.StatusOK || !strings.Contains(page, "Safe. It is locked") || !strings.Contains(page, "A file: <bdi>2.xyz</bdi>") {
		t.Fatalf("%d from the mailbox:\n%s", status, page)
	}
	got, contents = b.files(t)
	if len(got) != 2 || got[1].Name != "2.xyz" || got[1].Cleaned != seal.Unclean || !bytes.Equal(contents[1], strange) {
		t.Errorf("what came is %+v", got)
	}
	if status, page := b.send("/en/mailbox", b.mailbox()); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose a file first") {
		t.Errorf("no file: %d", status)
	}
	wrong := b.mailbox()
	wrong["words"] = strings.Join(seal.NewReceipt().Words(english(t)), " ")
	if status, _ := b.send("/en/mailbox", wrong, files()[0]); status != http.StatusNotFound {
		t.Errorf("words that open nothing: %d", status)
	}
}

// The words come first and stay, whatever becomes of a file.
func TestFilesThatDontFitWithoutScript(t *testing.T) {
	i, p := founded(t)
	i.Files.Limits.Clear = 100_000
	b := plainBrowser(t, i, p)
	photo := picture(t, 30, 20)
	status, page := b.send("/en/report", b.form(),
		upload{"whole.jpg", bytes.NewReader(photo)}, upload{"over.jpg", io.LimitReader(zeros{}, 100_001)}, upload{"empty.jpg", strings.NewReader("")},
		upload{"broken.jpg", bytes.NewReader(photo[:len(photo)/2])}, upload{"last.jpg", bytes.NewReader(append(slices.Clone(photo), 1))})
	if status != http.StatusOK || strings.Count(page, "Safe. It is locked") != 2 || !strings.Contains(page, "more than 100 MB") || strings.Count(page, "Left out") != 3 {
		t.Errorf("%d\n%s", status, page)
	}
	if files, _ := b.files(t); len(files) != 2 {
		t.Errorf("%d files came, want 2", len(files))
	}
	i.Files.Limits.Count = 2
	if _, page := b.send("/en/mailbox", b.mailbox(), upload{"third.jpg", bytes.NewReader(picture(t, 31, 20))}); !strings.Contains(page, "20 files or 500 MB") {
		t.Errorf("a file too many:\n%s", page)
	}
	i.Files.Limits.Count, i.Files.Limits.Programme = 20, 10
	if _, page := b.send("/en/mailbox", b.mailbox(), upload{"third.jpg", bytes.NewReader(picture(t, 31, 20))}); !strings.Contains(page, "no room for files") {
		t.Errorf("a programme whose files take all its room:\n%s", page)
	}
	form := b.form()
	form["text"] = " "
	if status, page := b.send("/en/report", form, upload{"a.jpg", bytes.NewReader(photo)}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose your files again") {
		t.Errorf("no words: %d", status)
	}
	b.receipt = seal.NewReceipt()
	gone := errors.New("the tunnel")
	if status, _ := b.send("/en/report", b.form(), upload{"a.jpg", io.MultiReader(bytes.NewReader(photo), broken{gone})}); status != 0 {
		t.Errorf("a connection that ended is answered with %d", status)
	}
	r := &teller{t: t, i: i, p: p, receipt: b.receipt}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := i.Intake.Open(t.Context(), p, b.receipt.Login()); err == nil || time.Now().After(deadline) {
			break
		}
	}
	if _, _, box := r.chain(); len(box.Envelopes) != 2 {
		t.Errorf("%d messages after the connection ended in a file, want the words", len(box.Envelopes))
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// onDisk looks for bytes in all files below some folders, and in all files
// that this process has open, those without a name among them.
func onDisk(t *testing.T, bytesOf string, folders ...string) (found []string) {
	t.Helper()
	look := func(path string) {
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(bytesOf)) {
			found = append(found, path)
		}
	}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				look(path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not show which files a process has open")
	}
	for _, fd := range open {
		path := "/proc/self/fd/" + fd.Name()
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			look(path)
		}
	}
	return found
}

// TestNothingInClearOnTheDisk looks at every file that there is while a file
// without script is half here, and when it is whole.
func TestNothingInClearOnTheDisk(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	i, p := founded(t)
	b := plainBrowser(t, i, p)
	content, w := io.Pipe()
	done := make(chan string, 1)
	go func() {
		_, page := b.send("/en/report", b.form(), upload{"list.xyz", content})
		done <- page
	}()
	text := []byte(strings.Repeat(planted+"\n", 200_000))
	for at := 0; at < len(text); at += 1 << 20 {
		if _, err := w.Write(text[at:min(at+1<<20, len(text))]); err != nil {
			t.Fatal(err)
		}
		if at > len(text)/2 && at < len(text)/2+1<<20 {
			// Half of it is here: some of it lies on the disk now.
			for deadline := time.Now().Add(time.Minute); hiddenFiles(t, i.Config.Data) == 0; time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("nothing lies on the disk: this test looks in the wrong place")
				}
			}
			if found := onDisk(t, "Quokka", i.Config.Data, temp); len(found) > 0 {
				t.Errorf("in clear while it comes: %v", found)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if page := <-done; !strings.Contains(page, "Your words are safe") {
		t.Error("the report was not kept")
	}
	if found := onDisk(t, "Quokka", i.Config.Data, temp); len(found) > 0 {
		t.Errorf("in clear afterwards: %v", found)
	}
	if n := hiddenFiles(t, i.Config.Data); n > 0 {
		t.Errorf("%d files without a name are still open", n)
	}
}

// hiddenFiles counts the open files below a folder that have no name any more,
// and something in them.
func hiddenFiles(t *testing.T, folder string) (n int) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not show which files a process has open")
	}
	for _, fd := range open {
		if target, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(target, folder) && strings.HasSuffix(target, "(deleted)") {
			if info, err := os.Stat("/proc/self/fd/" + fd.Name()); err == nil && info.Size() > 0 {
				n++
			}
		}
	}
	return n
}

// A browser that runs our script and no WebAssembly has a file cleaned, and
// gets it back; nobody without a report is served, and nothing is kept.
func TestTheServerCleansForABrowserThatCant(t *testing.T) {
	i, p := founded(t)
	i.Files.Limits.Clear = 1 << 20
	b := plainBrowser(t, i, p)
	r := newTeller(t, i, p)
	ask := func(login []byte, content []byte) (int, map[string]any, []byte) {
		t.Helper()
		text, err := json.Marshal(map[string]any{"login": login, "extension": "jpg"})
		r.check(err)
		body := slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text, content)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/api/files/clean", bytes.NewReader(body))
		r.check(err)
		res, err := http.DefaultClient.Do(req)
		r.check(err)
		answer, err := io.ReadAll(res.Body)
		r.check(errors.Join(err, res.Body.Close()))
		if res.StatusCode != http.StatusOK {
			return res.StatusCode, nil, nil
		}
		n := binary.BigEndian.Uint32(answer)
		var head map[string]any
		r.check(json.Unmarshal(answer[4:4+n], &head))
		return res.StatusCode, head, answer[4+n:]
	}
	photo := picture(t, 200, 100)
	status, head, cleaned := ask(r.receipt.Login(), photo)
	if status != http.StatusOK || head["refused"] != "" || head["media"] != "image/jpeg" || head["extension"] != "jpg" || fmt.Sprint(head["removed"]) != "[comment]" {
		t.Errorf("a photo: %d %v", status, head)
	}
	if _, err := jpeg.Decode(bytes.NewReader(cleaned)); err != nil || bytes.Contains(cleaned, []byte("Quokka")) {
		t.Errorf("it comes back with its maker, or broken: %v", err)
	}
	if status, head, rest := ask(r.receipt.Login(), []byte("\x00\x01 nobody knows this")); status != http.StatusOK || head["refused"] != "unknown-type" || len(rest) > 0 {
		t.Errorf("of no known kind: %d %v, and %d bytes", status, head, len(rest))
	}
	if status, head, rest := ask(r.receipt.Login(), photo[:len(photo)/2]); status != http.StatusOK || head["refused"] == "" || len(rest) > 0 {
		t.Errorf("half a photo: %d %v, and %d bytes", status, head, len(rest))
	}
	if status, _, _ := ask(seal.NewReceipt().Login(), photo); status != http.StatusNotFound {
		t.Errorf("who has no report is answered with %d", status)
	}
	if status, _, _ := ask(r.receipt.Login(), make([]byte, 1<<20+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a byte too many: %d", status)
	}
	if blobs, err := i.Files.Blobs.Blobs(t.Context()); err != nil || len(blobs) > 0 || hiddenFiles(t, i.Config.Data) > 0 {
		t.Errorf("something was kept: %v, %v", blobs, err)
	}
}

// BenchmarkWithoutScript sends photos of some megabytes to the portal.
func BenchmarkWithoutScript(b *testing.B) {
	i, p := founded(b)
	i.Files.Limits.Count, i.Files.Limits.Report, i.Files.Limits.Programme = 1<<20, 1<<50, 1<<50
	browser := plainBrowser(b, i, p)
	photo := picture(b, 8000, 5000)
	b.SetBytes(int64(len(photo)))
	b.Logf("a photo of %d MiB", len(photo)>>20)
	for n := 0; b.Loop(); n++ {
		browser.receipt = seal.NewReceipt()
		status, page := browser.send("/en/report", browser.form(), upload{fmt.Sprintf("%d.jpg", n), bytes.NewReader(photo)})
		if status != http.StatusOK || !strings.Contains(page, "Safe. It is locked") {
			b.Fatalf("%d\n%s", status, page)
		}
	}
}
