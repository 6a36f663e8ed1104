// SPDX-License-Identifier: AGPL-3.0-or-later

package page_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/web/page"
)

func unzip(t interface{ Fatal(...any) }, b []byte) string {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r.Multistream(false) // browsers read one stream
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A sheet is the page with its marks replaced, whatever stands where: sum and
// length are right, or reading would fail.
func TestASheetIsThePageWithItsHolesFilled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		marks := []string{"<one>", "<other>"}
		words := rapid.SliceOf(rapid.SampledFrom([]string{"<one>", "<other>", "", "a", "æøå", strings.Repeat("the same again ", 40), "\x00", "<on"})).Draw(rt, "words")
		fills := rapid.SliceOfN(rapid.SampledFrom([]string{"", "https://tips.example.org", "<other>", strings.Repeat("x", 4096)}), 2, 2).Draw(rt, "fills")
		body := strings.Repeat(strings.Join(words, "-"), rapid.SampledFrom([]int{1, 1, 1, 300}).Draw(rt, "times"))
		want := strings.NewReplacer(marks[0], fills[0], marks[1], fills[1]).Replace(body)
		sheet, err := page.NewSheet([]byte(body), marks...)
		if err != nil {
			rt.Fatal(err)
		}
		if got := unzip(rt, sheet.Zipped(fills...)); got != want {
			rt.Fatalf("%q is %q", body, got)
		}
		rec := httptest.NewRecorder()
		sheet.WriteZipped(rec, fills...)
		if rec.Body.String() != string(sheet.Zipped(fills...)) || rec.Header().Get("Content-Length") != strconv.Itoa(rec.Body.Len()) {
			rt.Fatalf("%d bytes were sent, %s", rec.Body.Len(), rec.Header().Get("Content-Length"))
		}
		if got, err := sheet.Plain(fills...); err != nil || string(got) != want {
			rt.Fatalf("%q is %q, %v", body, got, err)
		}
		if n := strings.Count(body, marks[0]) + strings.Count(body, marks[1]); sheet.Holes() != n {
			rt.Fatalf("%d holes, not %d", sheet.Holes(), n)
		}
	})
}

// What filled a hole for one visitor is not there for the next one.
func TestASheetKeepsNothingOfWhatFilledIt(t *testing.T) {
	sheet, err := page.NewSheet([]byte("a MARK b"), "MARK")
	if err != nil {
		t.Fatal(err)
	}
	first := sheet.Zipped("evil.example")
	if got := unzip(t, sheet.Zipped("good.example")); got != "a good.example b" {
		t.Errorf("%q", got)
	}
	first[0] = 0 // what somebody does with an answer changes no other
	if got := unzip(t, sheet.Zipped("x")); got != "a x b" {
		t.Errorf("%q", got)
	}
}

func TestTooMuchForAHoleIsRefused(t *testing.T) {
	for _, times := range []int{1, 1000} {
		refusesTooMuch(t, strings.Repeat("a MARK b", times))
	}
}

// A page with very many holes is no longer than it would be without.
func TestManyHolesDontMakeAPageLong(t *testing.T) {
	sheet, err := page.NewSheet(bytes.Repeat([]byte("<loc>MARK/en/advice/a-card</loc>"), 1500), "MARK")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(sheet.Zipped("https://tips.example.org")); n > 5000 {
		t.Errorf("%d bytes", n)
	}
}

func refusesTooMuch(t *testing.T, body string) {
	t.Helper()
	sheet, err := page.NewSheet([]byte(body), "MARK")
	if err != nil {
		t.Fatal(err)
	}
	for _, fills := range [][]string{{}, {strings.Repeat("x", 5000)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d texts were let through", len(fills))
				}
			}()
			sheet.Zipped(fills...)
		}()
	}
}

func BenchmarkSheet(b *testing.B) {
	sheet, err := page.NewSheet(bytes.Repeat([]byte("<p>Some words of a page, and MARK.</p>"), 20), "MARK")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sheet.Zipped("https://tips.example.org")
	}
}
