// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func inUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		text = "\ufeff" + text
	}
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestTextIsReadInTheEncodingsOfOffices(t *testing.T) {
	const text, want = "id,navn,gade\n1,Jørn Œhl 😀,Åvej 3\n2,Šime,\n", "[1][Jørn Œhl 😀][Åvej 3]\n[2][Šime][]\n"
	for _, c := range []struct{ name, text, want string }{
		{"UTF-16, little end first", inUTF16(text, binary.LittleEndian, true), want},
		{"UTF-16, big end first", inUTF16(text, binary.BigEndian, true), want},
		{"UTF-16 without a mark", inUTF16(text, binary.LittleEndian, false), want},
		{"UTF-16, big end first, without a mark", inUTF16(text, binary.BigEndian, false), want},
		{"UTF-8 with a mark", "\ufeff" + text, want},
		{"Windows-1252", "id,navn\n1,J\xf8rn \x8chl\n2,\x8aime\n3,O\x92Hara\n", "[1][Jørn Œhl]\n[2][Šime]\n[3][O’Hara]\n"},
		{"half a letter at the end", inUTF16("id,a\n1,b", binary.LittleEndian, true) + "x", "[1][b\ufffd]\n"},
		{"half a pair", "\xff\xfei\x00\n\x00\x3d\xd8x\x00", "[\ufffdx]\n"},
		{"half a pair at the end", "\xff\xfei\x00\n\x00\x3d\xd8", "[\ufffd]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := read(t, c.text)
			if got := dump(table); got != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
		})
	}
	long := "id,navn\n" + strings.Repeat("1,Jørn 😀\n", 50_000)
	table, problems := read(t, inUTF16(long, binary.BigEndian, true))
	if table.Rows() != 50_000 || table.Cell(49_999, 1) != "Jørn 😀" || len(problems) > 0 {
		t.Errorf("%d rows of 50000, %v", table.Rows(), problems)
	}
}

// TestClustersDoNotDependOnTheOrderOfRecords shuffles records with little in
// them, and namesakes with a third record that may be of either.
func TestClustersDoNotDependOnTheOrderOfRecords(t *testing.T) {
	for _, records := range []int{900, 4000} {
		columns := strings.Fields("given_name surname suburb date_of_birth")
		table, _ := only(t, synth.Plan{Records: records, Share: 0.5, MaxDuplicates: 8, MaxChanges: 3, Window: 300}, columns, columns)
		var lines []string
		for row := range table.Rows() {
			line := strconv.Itoa(row)
			for c := range columns {
				line += "," + table.Cell(row, c)
			}
			lines = append(lines, line+"\n")
		}
		namesakes := synth.New(53)
		for i := range 150 {
			p, q := namesakes.Person(), namesakes.Person()
			name := fmt.Sprintf("%d,%s,%s", i, p.Given, p.Family)
			lines = append(lines, "a"+name+","+p.Suburb+","+p.Birth+"\n", "b"+name+","+q.Suburb+","+q.Birth+"\n", "c"+name+",,\n")
		}
		before := companions(t, lines)
		r := rand.New(rand.NewPCG(1, 2))
		for range 2 {
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			differ := 0
			for id, with := range companions(t, lines) {
				if with != before[id] {
					differ++
				}
			}
			if differ > 0 {
				t.Errorf("%d of %d records have other companions after a shuffle", differ, len(lines))
			}
		}
	}
}

// TestRowsAreArrangedByWhatTheyHold holds what keeps ties from being broken by
// the place of a record.
func TestRowsAreArrangedByWhatTheyHold(t *testing.T) {
	s := synth.New(59)
	var lines []string
	for i := range 500 {
		p := s.Person()
		lines = append(lines, fmt.Sprintf("%d,%s,%s,%s\n", i, p.Given, p.Family, p.Birth))
	}
	const head = "id,given_name,surname,dob\n"
	table, _ := read(t, head+strings.Join(lines, ""))
	before := resolve.Arranged(table)
	slices.Reverse(lines)
	table, _ = read(t, head+strings.Join(lines, ""))
	if !slices.Equal(before, resolve.Arranged(table)) {
		t.Error("reversed rows are arranged otherwise")
	}
}

// companions returns, for each record, the ids of its cluster.
func companions(t *testing.T, lines []string) map[string]string {
	t.Helper()
	table, _ := read(t, "rec_id,given_name,surname,suburb,date_of_birth\n"+strings.Join(lines, ""))
	members := map[uint32][]string{}
	for row, c := range run(t, resolve.Options{}, table).Cluster {
		members[c] = append(members[c], table.Cell(row, 0))
	}
	out := map[string]string{}
	for _, ids := range members {
		slices.Sort(ids)
		for _, id := range ids {
			out[id] = strings.Join(ids, " ")
		}
	}
	return out
}

// TestTooManyColumnsLeaveTheLeastTelling adds remarks of few values to a
// register.
func TestTooManyColumnsLeaveTheLeastTelling(t *testing.T) {
	table, answers := invented(t, 3, synth.Plan{Records: 2000, Share: 0.3, MaxDuplicates: 2, MaxChanges: 2, Window: 2000})
	r := rand.New(rand.NewPCG(7, 8))
	var b strings.Builder
	for n := range 15 {
		fmt.Fprintf(&b, "remark%c,", 'a'+n)
	}
	b.WriteString(strings.Join(table.Columns, ",") + "\n")
	for row := range table.Rows() {
		for range 15 {
			fmt.Fprintf(&b, "w%d,", r.IntN(4))
		}
		for c := range table.Columns {
			fmt.Fprintf(&b, "%s,", table.Cell(row, c))
		}
		b.WriteString("\n")
	}
	wide, _ := read(t, strings.ReplaceAll(b.String(), ",\n", "\n"))
	result := run(t, resolve.Options{}, wide)
	for _, name := range result.Left {
		if !strings.HasPrefix(name, "remark") {
			t.Errorf("%s was left out", name)
		}
	}
	if kept := 15 + len(table.Columns) - 1 - len(result.Left); kept != 21 {
		t.Errorf("%d columns were compared, want 21; left out: %v", kept, result.Left)
	}
	if q := resolve.Measure(result.Cluster, answers); q.F1() < 0.98 {
		t.Errorf("F1 %.4f", q.F1())
	}
	mapping := resolve.Guess(wide)
	for i := range mapping {
		if mapping[i].Name == result.Left[0] {
			mapping[i].Told = true
		}
	}
	again, err := resolve.Resolve(t.Context(), []*resolve.Table{wide}, []resolve.Mapping{mapping}, resolve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(again.Left, result.Left[0]) || len(again.Left) != len(result.Left) {
		t.Errorf("%s was named and left out all the same: %v", result.Left[0], again.Left)
	}
}

// TestManyEqualRecordsAreOne has more equal rows than may share a key.
func TestManyEqualRecordsAreOne(t *testing.T) {
	const equal = 2_100
	s := synth.New(31)
	var b strings.Builder
	b.WriteString(strings.Join(synth.Header, ",") + "\n")
	p := s.Person()
	for i := range 14_000 {
		if i >= equal {
			p = s.Person()
		}
		b.WriteString(strings.Join(p.Fields(strconv.Itoa(i)), ",") + "\n")
	}
	table, _ := read(t, b.String())
	result := run(t, resolve.Options{}, table)
	for row := range equal {
		if result.Cluster[row] != result.Cluster[0] {
			t.Fatalf("record %d is apart from its equals", row)
		}
	}
	if want := 14_000 - equal + 1; result.Clusters < want-10 {
		t.Errorf("%d clusters of %d", result.Clusters, want)
	}
}

// TestOddFilesGetAnAnswer holds that what says nothing ends in a message or in
// clusters, never in a panic.
func TestOddFilesGetAnAnswer(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 20_000)
	for _, c := range []struct {
		name, text, problem string
		clusters            int
	}{
		{"all equal", "id,name,dob\n" + numbered(3000, "Ann Lee,19700405"), "one value in all records", 0},
		{"a header alone", "id,name\n", "", 0},
		{"one column", "name\nAnn Lee\nBo Ray\nCy Toft\n", "", 3},
		{"ids alone", "id\n1\n2\n", "no column to compare", 0},
		{"nothing but missing cells", "id,name,dob\n1,,\n2,NA,-\n", "no column to compare", 0},
		{"a record of missing cells", "id,name,dob\n1,Ann Lee,19700405\n2,,\n3,,\n4,Bo Ray,19810506\n", "", 4},
		{"long cells", "id,name,notes\n1,Ann Lee," + long + "x\n2,Bo Ray," + long + "\n3,Cy Toft,y\n", "", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := read(t, c.text)
			result, err := resolve.Resolve(context.Background(), []*resolve.Table{table}, []resolve.Mapping{resolve.Guess(table)}, resolve.Options{})
			switch {
			case c.problem != "":
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Errorf("error %v, want %q", err, c.problem)
				}
			case err != nil:
				t.Error(err)
			case result.Clusters != c.clusters:
				t.Errorf("%d clusters, want %d", result.Clusters, c.clusters)
			}
		})
	}
}

// TestAValueOfEveryFirstRecordIsNoConstant has a file sorted by its commonest
// name.
func TestAValueOfEveryFirstRecordIsNoConstant(t *testing.T) {
	table, _ := read(t, "id,name\n"+numbered(45_000, "Ann Lee")+"x,Bo Ray\n")
	if got, want := resolve.Guess(table).String(), "id=record-id name=name"; got != want {
		t.Errorf("guessed %s, want %s", got, want)
	}
}

func numbered(n int, rest string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,%s\n", i, rest)
	}
	return b.String()
}
