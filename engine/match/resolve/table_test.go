// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
)

func read(t testing.TB, text string) (*resolve.Table, []resolve.Problem) {
	t.Helper()
	table, problems, err := resolve.ReadTable(context.Background(), strings.NewReader(text), "test.csv")
	if err != nil {
		t.Fatal(err)
	}
	return table, problems
}

func dump(table *resolve.Table) string {
	var b strings.Builder
	for row := range table.Rows() {
		for c := range table.Columns {
			fmt.Fprintf(&b, "[%s]", table.Cell(row, c))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTablesAreReadWithWhatIsWrongWithThem(t *testing.T) {
	for _, c := range []struct{ name, text, want, problems string }{
		{"plain", "id,name\n1,Ann\n2,Bo\n", "[1][Ann]\n[2][Bo]\n", ""},
		{"blanks after commas", "id, name\n1, Ann \n", "[1][Ann]\n", ""},
		{"semicolons", "id;name\n1;Ann, M.\n", "[1][Ann, M.]\n", ""},
		{"tabs and a mark", "\ufeffid\tname\n1\tAnn\n", "[1][Ann]\n", ""},
		{"tabs around nothing", "id\tname\ttown\n1\t\tUlm\n\tBo\t\n", "[1][][Ulm]\n[][Bo][]\n", ""},
		{"ways to say nothing", "id,a,b,c\n1,NA,-0-,null\n", "[1][][][]\n", ""},
		{"short line", "id,name\n1\n2,Bo\n", "[1][]\n[2][Bo]\n", "line 2: 1 of 2 fields"},
		{"long line", "id,name\n1,Ann,x\n", "[1][Ann]\n", "line 2: 3 fields where the header has 2"},
		{"broken quote", "id,name\n1,\"An\"n\"\n2,Bo\n", "[2][Bo]\n", "line 2: left out"},
		{"end mark", "id,name\n1,Ann\n\x1a", "[1][Ann]\n", ""},
		{"latin bytes", "id,name\n1,J\xf8rn\n", "[1][Jørn]\n", ""},
		{"no records", "id,name\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, problems := read(t, c.text)
			if got := dump(table); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := fmt.Sprint(problems); !strings.Contains(got, c.problems) || c.problems == "" && len(problems) > 0 {
				t.Errorf("problems %s, want %q", got, c.problems)
			}
		})
	}
	if _, _, err := resolve.ReadTable(context.Background(), strings.NewReader(""), "empty.csv"); err == nil {
		t.Error("an empty file was read without an error")
	}
}

func TestHeadersThatRepeatOrAreEmptyGetNames(t *testing.T) {
	table, _ := read(t, "name,name,\na,b,c\n")
	if got := strings.Join(table.Columns, "|"); got != "name|name_2|column3" {
		t.Errorf("columns are %s", got)
	}
}

func FuzzTablesAreReadWithoutPanic(f *testing.F) {
	for _, seed := range []string{"id,name\n1,Ann\n", "a;b\n\"x\n", "\ufeff\t\n", "id,dob,first name,surname\n1,1990-01-02,Ann,Lee\n2,02/01/1990,An,Lee\n", "a\n\x00\xff\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, _, err := resolve.ReadTable(context.Background(), strings.NewReader(text), "fuzz")
		if err != nil || table.Rows() > 200 {
			return
		}
		mapping := resolve.Guess(table)
		result, err := resolve.Resolve(context.Background(), []*resolve.Table{table}, []resolve.Mapping{mapping}, resolve.Options{})
		if err != nil {
			return // nothing to compare
		}
		if len(result.Cluster) != table.Rows() {
			t.Fatalf("%d records, %d clusters given", table.Rows(), len(result.Cluster))
		}
	})
}
