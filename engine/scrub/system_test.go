// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// Whatever lies on this machine, written by many programmes over many years,
// is cleaned so that cleaning it again finds nothing, or refused with a reason
// that isn't our mistake. Pictures that Go can read look the same afterwards.
func TestFilesOfThisMachine(t *testing.T) {
	most := 40
	if testing.Short() {
		most = 4
	}
	counts := map[string]int{}
	cleaned, refusals := map[scrub.Type]int{}, map[string]int{}
	home := strings.TrimSpace(string(tool(t, "go", "env", "GOROOT")))
	for _, root := range []string{"/usr/share", "/usr/lib", filepath.Join(home, "src", "image"), filepath.Join(home, "src", "archive")} {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // what can't be read isn't there
			}
			ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
			if !strings.Contains(" jpg jpeg png gif webp tif tiff heic avif mp4 mov m4a mp3 wav ogg oga opus pdf docx xlsx pptx odt ods odp zip txt ", " "+ext+" ") || counts[ext] >= most {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil || len(b) > 8<<20 {
				return nil
			}
			counts[ext]++
			out, typ, reason := twice(t, path, b)
			if reason != "" {
				refusals[typ.String()+": "+string(reason)]++
				return nil
			}
			cleaned[typ]++
			if before, _, err := image.Decode(bytes.NewReader(b)); err == nil {
				if after, _, err := image.Decode(bytes.NewReader(out)); err != nil || !samePicture(before, after) {
					t.Errorf("%s looks different: %v", path, err)
				}
			}
			return nil
		})
	}
	if len(counts) == 0 {
		t.Skip("there are no files to try here")
	}
	t.Logf("cleaned %v, refused %v", cleaned, refusals)
}

// twice cleans a file and what comes of it.
func twice(t *testing.T, name string, b []byte) (out []byte, typ scrub.Type, reason scrub.Reason) {
	t.Helper()
	var first, second bytes.Buffer
	report, err := scrub.Scrub(&first, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: name})
	var r *scrub.Refusal
	switch {
	case errors.As(err, &r):
		if r.Reason == scrub.ReasonInternal {
			t.Errorf("%s: a mistake of ours", name)
		}
		t.Logf("%s: %v", name, r)
		return nil, r.Type, r.Reason
	case err != nil:
		t.Fatalf("%s: %v", name, err)
	}
	again, err := scrub.Scrub(&second, bytes.NewReader(first.Bytes()), int64(first.Len()), scrub.Options{Name: name})
	if err != nil || len(again.Removed) > 0 || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("%s: cleaning again finds %v: %v", name, again.Removed, err)
	}
	return first.Bytes(), report.Type, ""
}
