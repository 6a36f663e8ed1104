// SPDX-License-Identifier: AGPL-3.0-or-later

package importing_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/internal/app/importing"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

var columns = []importing.Column{{Name: "key", Required: true}, {Name: "title", Required: true}, {Name: "note"}}

func read(text string) (*importing.Table, error) {
	return importing.Read(strings.NewReader(text), "key", columns...)
}

func TestWhatSpreadsheetsWrite(t *testing.T) {
	for name, text := range map[string]string{
		"plain":          "key,title,note\nK1,One,first\nK2,Two,\n",
		"windows":        "key,title,note\r\nK1,One,first\r\nK2,Two,\r\n",
		"mark":           "\ufeffkey,title,note\nK1,One,first\nK2,Two,\n",
		"semicolons":     "key;title;note\nK1;One;first\nK2;Two;\n",
		"another order":  "note,key,title\nfirst,K1,One\n,K2,Two\n",
		"no last line":   "key,title,note\nK1,One,first\nK2,Two,",
		"empty lines":    "key,title,note\n\nK1,One,first\n   \nK2,Two,\n\n",
		"optional only":  "key,title\nK1,One\nK2,Two\n",
		"spaces":         "key , title,note\n K1,One ,first\nK2,Two,\n",
		"quoted":         "\"key\",\"title\",\"note\"\n\"K1\",\"One\",\"first\"\n\"K2\",\"Two\",\"\"\n",
		"mark and quote": "\ufeff\"key\";\"title\";\"note\"\r\n\"K1\";\"One\";\"first\"\r\nK2;Two;\r\n",
	} {
		table, err := read(text)
		if err != nil || table.Err() != nil {
			t.Errorf("%s: %v, %v", name, err, table)
			continue
		}
		var got []string
		for _, row := range table.Rows {
			got = append(got, row.Key+"="+row.Get("title"))
		}
		if diff := cmp.Diff([]string{"K1=One", "K2=Two"}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestProblemsNameTheirLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty file", "", "line 1: the file is empty"},
		{"unknown column", "key,title,colour\n", `line 1: there is no column "colour": the columns are key, title, note`},
		{"column twice", "key,title,title\n", "line 1: column title is there twice"},
		{"column missing", "key,note\n", "line 1: column title is missing"},
		{"cell missing", "key,title\nK1,One\nK2\n", "line 3: this row has 1 cells where the heading has 2"},
		{"cell empty", "key,title\nK1,One\nK2,  \n", "line 3, column title: it is empty"},
		{"after a quoted line break", "key,title\nK1,\"One\nand a half\"\nK2,\n", "line 4, column title: it is empty"},
		{"key twice", "key,title\nK1,One\nK2,Two\nK1,Three\n", "line 4, column key: line 2 has the same key"},
		{"stray quote", "key,title\nK1,One\nK2,T\"wo\n", "line 3: a quotation mark"},
		{"quote never closed", "key,title\nK1,One\nK2,\"Two\nK3,Three\n", "line 3: a quotation mark"},
		{"no UTF-8", "key,title\nK1,One\nK2,T\xf8\n", "line 3: these bytes are no UTF-8"},
		{"control character", "key,title\nK1,One\x00\n", "line 2, column title: it holds a control character"},
	}
	for _, tt := range tests {
		table, err := read(tt.text)
		if err == nil {
			err = table.Err()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && !strings.HasSuffix(err.Error(), "nothing was imported") {
			t.Errorf("%s: it doesn't say that nothing was imported", tt.name)
		}
	}
}

func TestAllProblemsAreListedUpToAHundred(t *testing.T) {
	table, err := read("key,title\n" + strings.Repeat("K,\n", 300))
	if err != nil {
		t.Fatal(err)
	}
	var problems importing.Problems
	if !errors.As(table.Err(), &problems) || len(problems) != 599 {
		t.Fatalf("%d problems, want 300 empty titles and 299 keys", len(problems))
	}
	lines := strings.Split(problems.Error(), "\n")
	if len(lines) != 102 || lines[100] != "and 499 more" {
		t.Errorf("%d lines, %q", len(lines), lines[len(lines)-2])
	}
}

func TestTooMuch(t *testing.T) {
	if _, err := importing.Read(bytes.NewReader(make([]byte, importing.MaxBytes+1)), "key", columns...); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("a file that is too large: %v", err)
	}
	if _, err := read("key,title\n" + strings.Repeat("a,b\n", importing.MaxRows+1)); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("a file of too many rows: %v", err)
	}
}

// What a CSV writer writes is read back cell by cell, whatever is in it.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zæøåب,;"\n]{0,12}x`)
		rows := rapid.SliceOfNDistinct(text, 0, 8, rapid.ID[string]).Draw(t, "keys")
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		w.Comma = rapid.SampledFrom([]rune{',', ';'}).Draw(t, "separator")
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		_ = w.Write([]string{"key", "title"})
		var want [][2]string
		seen := map[string]bool{}
		for _, key := range rows {
			title := text.Draw(t, "title")
			if k := strings.TrimSpace(key); !seen[k] {
				seen[k] = true
				want = append(want, [2]string{k, strings.TrimSpace(title)})
				_ = w.Write([]string{key, title})
			}
		}
		w.Flush()
		table, err := read(out.String())
		if err != nil || table.Err() != nil {
			t.Fatalf("%q: %v %v", out.String(), err, table)
		}
		var got [][2]string
		for _, row := range table.Rows {
			got = append(got, [2]string{row.Key, row.Get("title")})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestIDsAreOfTheKey(t *testing.T) {
	one, two := id.New(), id.New()
	a := importing.ID("items", one, "K1")
	if a != importing.ID("items", one, "K1") {
		t.Error("the same key has two ids")
	}
	for _, other := range []id.ID{importing.ID("items", one, "K2"), importing.ID("outcomes", one, "K1"), importing.ID("items", two, "K1")} {
		if other == a {
			t.Error("another key, kind or programme has the same id")
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("key,title\nK1,One\n")
	f.Add("\ufeffkey;title\r\n\"K\n1\";\"O\"\"ne\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := read(text)
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, row := range table.Rows {
			if row.Line < 2 || row.Line > lines {
				t.Errorf("a row at line %d of %d", row.Line, lines)
			}
		}
		for _, p := range table.Problems {
			if p.Line < 1 || p.Line > lines {
				t.Errorf("a problem at line %d of %d", p.Line, lines)
			}
		}
	})
}
