// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/scrub"
)

// planted is the word that every fixture hides in each place that can hold
// one; nothing cleaned may contain it, packed or plain.
const planted = "PLANTEDSECRET"

// clean cleans b and checks the laws that hold for every format: the plan
// adds up, nothing planted is left, and cleaning again changes and finds nothing.
func clean(t *testing.T, b []byte, name string) ([]byte, scrub.Report) {
	t.Helper()
	out, report := scrubbed(t, b, name)
	if hides(out) {
		t.Errorf("%s: what was planted is still there", name)
	}
	again, second := scrubbed(t, out, name)
	if !bytes.Equal(out, again) {
		t.Errorf("%s: cleaning again changes the file: %d bytes became %d", name, len(out), len(again))
	}
	if len(second.Removed) > 0 {
		t.Errorf("%s: cleaning again finds %v", name, second.Removed)
	}
	return out, report
}

func scrubbed(t *testing.T, b []byte, name string) ([]byte, scrub.Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: name})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out.Bytes(), report
}

// refused checks that b is refused for that reason, and nothing written.
func refused(t *testing.T, b []byte, name string, want ...scrub.Reason) {
	t.Helper()
	var out bytes.Buffer
	_, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: name})
	var r *scrub.Refusal
	if !errors.As(err, &r) {
		t.Errorf("%s: got %v, want a refusal for %v", name, err, want)
		return
	}
	ok := false
	for _, w := range want {
		ok = ok || r.Reason == w
	}
	if !ok {
		t.Errorf("%s: refused for %s (%v), want %v", name, r.Reason, r, want)
	}
	if out.Len() > 0 {
		t.Errorf("%s: refused, and yet %d bytes written", name, out.Len())
	}
	if strings.Contains(err.Error(), planted) {
		t.Errorf("%s: the error tells a value: %v", name, err)
	}
}

// hides looks for the planted word as bytes, as UTF-16, and in what is packed
// with zlib or deflate anywhere.
func hides(b []byte) bool {
	if plain(b) {
		return true
	}
	for i := 0; i+2 < len(b); i++ {
		if b[i] == 0x78 && (b[i+1] == 0x9C || b[i+1] == 0xDA || b[i+1] == 0x01) {
			if z, err := zlib.NewReader(bytes.NewReader(b[i:])); err == nil {
				got, _ := io.ReadAll(io.LimitReader(z, 1<<20))
				if plain(got) {
					return true
				}
			}
		}
		if bytes.HasPrefix(b[i:], []byte("PK\x03\x04")) && i+30 < len(b) {
			at := i + 30 + int(b[i+26]) + int(b[i+27])<<8 + int(b[i+28]) + int(b[i+29])<<8
			if at < len(b) {
				got, _ := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b[at:])), 1<<20))
				if plain(got) {
					return true
				}
			}
		}
	}
	return false
}

func plain(b []byte) bool {
	wide := strings.Join(strings.Split(planted, ""), "\x00")
	return bytes.Contains(b, []byte(planted)) || bytes.Contains(b, []byte(wide))
}

// wants checks that the report names each of the kinds.
func wants(t *testing.T, r scrub.Report, kinds ...scrub.Kind) {
	t.Helper()
	for _, k := range kinds {
		if !r.Has(k) {
			t.Errorf("%s: %s was not reported: %v", r.Type, k, r.Removed)
		}
	}
	if strings.Contains(string(r.AppendJSON(nil)), planted) {
		t.Error("the report tells a value")
	}
}

// tool runs a tool of the machine, or skips the test where it isn't.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := tryTool(t, name, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return out
}

func tryTool(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	need(t, name)
	return exec.Command(name, args...).CombinedOutput()
}

func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed: tools/setup.sh installs it", name)
		}
	}
}

func put(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func get(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exiftool finds nothing planted in b.
func exiftoolFindsNothing(t *testing.T, b []byte, name string) {
	t.Helper()
	out := tool(t, "exiftool", "-a", "-u", "-U", "-ee", "-G1", "-s", put(t, name, b))
	if bytes.Contains(out, []byte(planted)) || bytes.Contains(out, []byte("GPS")) {
		t.Errorf("%s: exiftool still finds something:\n%s", name, out)
	}
}

// mat2 finds nothing planted in b.
func mat2FindsNothing(t *testing.T, b []byte, name string) {
	t.Helper()
	out, _ := tryTool(t, "mat2", "--show", put(t, name, b)) // it exits with 1 for what it doesn't know
	if bytes.Contains(out, []byte(planted)) {
		t.Errorf("%s: mat2 still finds something:\n%s", name, out)
	}
}

// opens checks that ffmpeg opens b without a complaint.
func opens(t *testing.T, b []byte, name string) {
	t.Helper()
	if out := tool(t, "ffmpeg", "-v", "error", "-i", put(t, name, b), "-f", "null", "-"); len(out) > 0 {
		t.Errorf("%s: ffmpeg complains: %s", name, out)
	}
}

// refusesEveryCut cuts b short at many places: each must be refused or, where
// a format's end can't be seen, still come out without what was planted. No
// cut may panic or be called damaged by a mistake of ours.
func refusesEveryCut(t *testing.T, b []byte, name string) {
	t.Helper()
	step := max(1, len(b)/300)
	for n := 0; n < len(b); n += step {
		var out bytes.Buffer
		_, err := scrub.Scrub(&out, bytes.NewReader(b[:n]), int64(n), scrub.Options{Name: name})
		var r *scrub.Refusal
		switch {
		case errors.As(err, &r) && r.Reason == scrub.ReasonInternal:
			t.Fatalf("%s cut to %d bytes: a mistake of ours", name, n)
		case err == nil && hides(out.Bytes()):
			t.Fatalf("%s cut to %d bytes is called clean, and is not", name, n)
		}
	}
}

// growth bounds how much larger than the file its cleaned form may be. PDF,
// XML and archives are unpacked and packed again, or written out in full.
const growth = 4

// fuzz is the body of every format's fuzz target: no panic, no endless work,
// what is called clean stays clean, and nothing grows beyond its bound.
func fuzz(f *testing.F, name string, seeds ...[]byte) {
	fuzzRepaired(f, name, func(b []byte) []byte { return b }, seeds...)
}

// fuzzRepaired is fuzz for formats with sums, which no chance would get right.
func fuzzRepaired(f *testing.F, name string, repair func([]byte) []byte, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = repair(b)
		var out bytes.Buffer
		_, err := scrub.Scrub(&out, bytes.NewReader(b), int64(len(b)), scrub.Options{Name: name})
		var r *scrub.Refusal
		if err != nil {
			if errors.As(err, &r) && r.Reason == scrub.ReasonInternal {
				t.Fatal("a mistake of ours")
			}
			return
		}
		first := out.Bytes()
		if limit := growth*len(b) + 64<<10; len(first) > limit {
			t.Fatalf("%d bytes became %d", len(b), len(first))
		}
		var twice bytes.Buffer
		second, err := scrub.Scrub(&twice, bytes.NewReader(first), int64(len(first)), scrub.Options{Name: name})
		if err != nil {
			t.Fatalf("cleaned once, then refused: %v", err)
		}
		if !bytes.Equal(first, twice.Bytes()) || len(second.Removed) > 0 {
			t.Fatalf("cleaning again changes the file: %v", second.Removed)
		}
	})
}

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

func pack(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}
