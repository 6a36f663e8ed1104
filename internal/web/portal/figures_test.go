// SPDX-License-Identifier: AGPL-3.0-or-later

package portal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/csv"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/prevent"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// shelves is what programmes have published, really signed.
type shelves struct {
	key  ed25519.PrivateKey
	kept []prevent.Signed
}

func (s *shelves) PublicKey() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

func (s *shelves) At(_ context.Context, programme id.ID, number int) (prevent.Signed, prevent.Publication, error) {
	for _, kept := range slices.Backward(s.kept) {
		if kept.Programme == programme && (number == 0 || kept.Number == number) {
			p, err := kept.Verify(s.PublicKey())
			return kept, p, err
		}
	}
	return prevent.Signed{}, prevent.Publication{}, fault.New(fault.NotFound, "none")
}

func inThree(en, da, ar string) programme.Text { return programme.Text{"en": en, "da": da, "ar": ar} }

// publication has a small count and one that is hidden for its sake.
func publication(of id.ID, number int) prevent.Publication {
	year := strconv.Itoa(2023 + number)
	counts := []prevent.Column{{Name: inThree("Successes", "Resultater", "نجاحات"), Kind: prevent.Count}, {Name: inThree("Worth", "Værdi", "القيمة"), Kind: prevent.Amount, Unit: "EUR", Decimals: 2}}
	p := prevent.Publication{
		Format: prevent.Format, Programme: of, Number: number, Made: "2026-01-15", K: 5, Title: inThree("What came of it in "+year, "Hvad der kom ud af det i "+year, "ما الذي نتج في عام "+year),
		Period: prevent.Period{From: year + "-01-01", Until: year + "-12-31"},
		Tables: []prevent.Table{{
			ID: "outcomes-by-category", Title: inThree("By kind of crime", "Efter slags", "حسب النوع"), Definition: inThree("Confirmed outcomes.", "Bekræftede resultater.", "نتائج مؤكدة."), Columns: counts, Chart: prevent.BarChart,
			Rows: []prevent.Row{
				{Label: inThree("=Fraud", "=Bedrageri", "=احتيال"), Cells: []prevent.Cell{{Value: 1204}, {Value: 1_234_567}}},
				{Label: inThree("Firearms", "Våben", "أسلحة"), Cells: []prevent.Cell{{Mark: prevent.Fewer}, {Mark: prevent.Unknown}}},
				{Label: inThree("Drugs", "Stoffer", "مخدرات"), Cells: []prevent.Cell{{Mark: prevent.Withheld}, {Value: 5}}},
				{Label: inThree("All", "I alt", "المجموع"), Cells: []prevent.Cell{{Value: 1220}, {Mark: prevent.Unknown}}, Total: true},
			},
		}},
	}
	months := prevent.Table{ID: "outcomes-by-month", Title: inThree("By month", "Efter måned", "حسب الشهر"), Definition: inThree("The same.", "De samme.", "الأرقام نفسها."), Columns: counts[:1], Chart: prevent.LineChart}
	for m := range 12 {
		label := year + "-" + strconv.Itoa(101 + m)[1:]
		c := prevent.Cell{Value: int64(60 + 10*m)}
		if m == 4 || m == 7 {
			c = prevent.Cell{Mark: prevent.Withheld}
		}
		months.Rows = append(months.Rows, prevent.Row{Label: inThree(label, label, label), Cells: []prevent.Cell{c}})
	}
	p.Tables = append(p.Tables, months)
	return p
}

// told gives the world's programme its first n publications.
func (w *world) told(n int) *shelves {
	w.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	check(w.t, err)
	s := &shelves{key: key}
	for number := 1; number <= n; number++ {
		signed, err := prevent.Sign(publication(w.registry.programmes[0].ID, number), key)
		check(w.t, err)
		s.kept = append(s.kept, signed)
	}
	w.config.Figures = s
	w.build()
	return s
}

func TestWithoutAPublicationThereIsAnHonestSentenceAndNoLink(t *testing.T) {
	w := newWorld(t)
	w.told(0)
	if page := w.get("/en/came-of-it"); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Nothing has been published yet.") {
		t.Errorf("the page: %d", page.Code)
	}
	for _, path := range []string{"/en", "/en/crimes/fraud", "/en/how"} {
		if strings.Contains(w.get(path).Body.String(), "came-of-it") {
			t.Errorf("%s leads to figures that are not there", path)
		}
	}
	for _, path := range []string{"/en/came-of-it/1", "/en/came-of-it/0", "/en/came-of-it/-1", "/en/came-of-it/01", "/en/came-of-it/x", "/en/came-of-it/1/figures.json", "/en/came-of-it/99999999999999999999/figures.csv"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}

func TestThePageOfFigures(t *testing.T) {
	w := newWorld(t)
	s := w.told(2)
	for lang, wants := range map[string][]string{
		"en": {"What came of it in 2025", "1\u202f204", "12\u202f345.67", "few", "not told", "not counted", "By month", "2026-01-15", "What came of it in 2024"},
		"da": {"Hvad der kom ud af det i 2025", "få", "ikke oplyst", "Efter måned"},
		"ar": {"ما الذي نتج في عام 2025", "لا يُذكر", `dir="rtl"`},
	} {
		page := html.UnescapeString(w.get("/" + lang + "/came-of-it").Body.String())
		for _, want := range append(wants, "/"+lang+"/came-of-it/1", "/"+lang+"/came-of-it/2/figures.csv", base64.StdEncoding.EncodeToString(s.PublicKey())) {
			if !strings.Contains(page, want) {
				t.Errorf("the page in %s is without %q", lang, want)
			}
		}
		if len(page) > 100_000 {
			t.Errorf("the page in %s has %d bytes", lang, len(page))
		}
		for _, path := range []string{"/" + lang, "/" + lang + "/crimes/fraud"} {
			if !strings.Contains(w.get(path).Body.String(), "/"+lang+"/came-of-it") {
				t.Errorf("%s does not lead to the figures", path)
			}
		}
	}
	if old := w.get("/en/came-of-it/1").Body.String(); !strings.Contains(old, "an earlier publication") || !strings.Contains(old, "What came of it in 2024") {
		t.Error("an earlier publication does not say that it is one")
	}
}

// Pages that are held for a day lead to figures as soon as there are some, and
// show the newest.
func TestHeldPagesKnowOfNewFigures(t *testing.T) {
	w := newWorld(t)
	at := &ticking{now}
	w.config.Address, w.config.Clock = "https://tips.example.org", at
	s := w.told(0)
	if _, page := w.zipped("tips.example.org", "/en"); strings.Contains(page, "came-of-it") {
		t.Error("a link to figures that are not there")
	}
	signed, err := prevent.Sign(publication(w.registry.programmes[0].ID, 1), s.key)
	check(t, err)
	s.kept = append(s.kept, signed)
	at.now = now.Add(time.Minute)
	if _, page := w.zipped("tips.example.org", "/en"); !strings.Contains(page, "came-of-it") {
		t.Error("the held page does not lead to new figures")
	}
	for range 2 {
		if _, page := w.zipped("tips.example.org", "/en/came-of-it"); !strings.Contains(page, "What came of it in 2024") {
			t.Error("the page of figures is without them")
		}
	}
}

// What is not told is nowhere: not in the width of a bar, not in the line.
func TestAChartTellsNoMoreThanItsTable(t *testing.T) {
	w := newWorld(t)
	w.told(1)
	for _, lang := range []string{"en", "ar"} {
		page := w.get("/" + lang + "/came-of-it").Body.String()
		bars := regexp.MustCompile(`<rect x="(\d+)" y="0" width="(\d+)"`).FindAllStringSubmatch(page, -1)
		if len(bars) != 3 || bars[0][2] != "100" || bars[1][2] != "0" || bars[2][2] != "0" {
			t.Errorf("bars in %s: %v", lang, bars)
		}
		if n := strings.Count(page, "<circle cx"); n != 10 {
			t.Errorf("the line in %s has %d points of twelve months, two of them hidden", lang, n)
		}
		if breaks := strings.Count(regexp.MustCompile(`<path d="(M[^"]*)" class="ts-line__path"`).FindString(page), "M"); breaks != 3 {
			t.Errorf("the line in %s breaks into %d parts, want 3", lang, breaks)
		}
	}
}

func TestTheFilesOfFigures(t *testing.T) {
	w := newWorld(t)
	s := w.told(1)
	got := w.get("/da/came-of-it/1/figures.json")
	if !bytes.Equal(got.Body.Bytes(), s.kept[0].Bytes) || got.Header().Get("Content-Type") != "application/json" {
		t.Error("the JSON is not the bytes that were signed")
	}
	if _, err := (prevent.Signed{Programme: s.kept[0].Programme, Number: 1, Bytes: got.Body.Bytes(), Signature: s.kept[0].Signature}).Verify(s.PublicKey()); err != nil {
		t.Errorf("what was downloaded does not verify: %v", err)
	}
	rows, err := csv.NewReader(w.get("/en/came-of-it/1/figures.csv").Body).ReadAll()
	check(t, err)
	if len(rows) != 1+8+12 || !slices.Equal(rows[1], []string{"outcomes-by-category", "'=Fraud", "Successes", "", "1204", ""}) || !slices.Equal(rows[3], []string{"outcomes-by-category", "Firearms", "Successes", "", "", "fewer"}) {
		t.Errorf("the CSV: %d rows, %q, %q", len(rows), rows[1], rows[3])
	}
}

// A publication that does not verify is never shown, and nothing leads to it.
func TestASpoiledPublicationIsNotShown(t *testing.T) {
	w := newWorld(t)
	s := w.told(1)
	s.kept[0].Bytes = bytes.Replace(s.kept[0].Bytes, []byte("1204"), []byte("9204"), 1)
	w.build()
	if rec := w.get("/en/came-of-it"); rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "204") || len(w.failed) == 0 {
		t.Errorf("spoiled figures: %d", rec.Code)
	}
	if strings.Contains(w.get("/en").Body.String(), "came-of-it") {
		t.Error("the home page leads to figures that can't be shown")
	}
}

// The promise is 20 milliseconds for 99 of 100; a test on a busy machine can
// only notice when it is far off.
func TestThePageOfFiguresIsMadeQuickly(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	w := newWorld(t)
	w.told(3)
	var took []time.Duration
	for range 300 {
		start := time.Now()
		w.get("/ar/came-of-it")
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	t.Logf("p50 %v, p99 %v", took[150], took[297])
	if took[297] > 100*time.Millisecond {
		t.Errorf("99 of 100 took up to %v", took[297])
	}
}
