// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/engine/match/synth"
)

func run(t testing.TB, o resolve.Options, tables ...*resolve.Table) *resolve.Result {
	t.Helper()
	var mappings []resolve.Mapping
	for _, table := range tables {
		mappings = append(mappings, resolve.Guess(table))
	}
	result, err := resolve.Resolve(context.Background(), tables, mappings, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func invented(t testing.TB, seed uint64, plan synth.Plan) (*resolve.Table, []string) {
	t.Helper()
	var b bytes.Buffer
	if err := synth.New(seed).WriteRecords(&b, plan); err != nil {
		t.Fatal(err)
	}
	table, _ := read(t, b.String())
	answers := make([]string, table.Rows())
	for row := range answers {
		answers[row] = strings.Split(table.Cell(row, 0), "-")[1]
	}
	return table, answers
}

func TestInventedPersonsAreFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		plan  synth.Plan
		least float64
	}{
		{"few errors", synth.Plan{Records: 4000, Share: 0.3, MaxDuplicates: 2, MaxChanges: 2, Window: 4000}, 0.999},
		{"many errors", synth.Plan{Records: 4000, Share: 0.5, MaxDuplicates: 6, MaxChanges: 6, Window: 4000}, 0.99},
		{"no duplicates", synth.Plan{Records: 4000, MaxChanges: 1, Window: 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, answers := invented(t, 3, c.plan)
			result := run(t, resolve.Options{}, table)
			q := resolve.Measure(result.Cluster, answers)
			t.Logf("precision %.4f recall %.4f F1 %.4f, %d candidates", q.Precision(), q.Recall(), q.F1(), result.Candidates)
			if q.F1() < c.least {
				t.Errorf("F1 %.4f, want %v", q.F1(), c.least)
			}
		})
	}
}

func TestClustersDoNotDependOnTheCores(t *testing.T) {
	table, _ := invented(t, 5, synth.Plan{Records: 3000, Share: 0.4, MaxDuplicates: 4, MaxChanges: 5, Window: 500})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	first := run(t, resolve.Options{Seed: 9}, table)
	for _, cores := range []int{2, 5} {
		runtime.GOMAXPROCS(cores)
		again := run(t, resolve.Options{Seed: 9}, table)
		if !slices.Equal(first.Cluster, again.Cluster) || first.Candidates != again.Candidates {
			t.Fatalf("%d cores gave other clusters than one", cores)
		}
	}
}

func TestTwoTablesAreLinkedAcross(t *testing.T) {
	s := synth.New(11)
	var one, two strings.Builder
	head := strings.Join(synth.Header, ",") + "\n"
	one.WriteString(head)
	two.WriteString(head)
	for i := range 1500 {
		p := s.Person()
		one.WriteString(strings.Join(p.Fields("a"+strconv.Itoa(i)), ",") + "\n")
		if i%2 == 0 {
			altered := s.Alter(p, 2)
			two.WriteString(strings.Join(altered.Fields("b"+strconv.Itoa(i)), ",") + "\n")
		}
	}
	left, _ := read(t, one.String())
	right, _ := read(t, two.String())
	result := run(t, resolve.Options{OneToOne: true}, left, right)
	found, wrong := 0, 0
	byCluster := map[uint32][]int{}
	for i, c := range result.Cluster {
		byCluster[c] = append(byCluster[c], i)
	}
	for _, members := range byCluster {
		if len(members) > 2 || len(members) == 2 && (members[0] >= 1500 || members[1] < 1500) {
			t.Fatalf("one to one gave the cluster %v", members)
		}
		if len(members) == 2 {
			if members[0] == 2*(members[1]-1500) {
				found++
			} else {
				wrong++
			}
		}
	}
	if found < 745 || wrong > 1 {
		t.Errorf("%d of 750 found, %d wrong", found, wrong)
	}
}

func TestEqualRecordsShareAClusterAndNothingIsLost(t *testing.T) {
	s := synth.New(29)
	people := make([]synth.Person, 2000)
	for i := range people {
		people[i] = s.Person()
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString(strings.Join(synth.Header, ",") + "\n")
		n := rapid.IntRange(30, 60).Draw(t, "persons")
		for i := range n {
			p := rapid.SampledFrom(people).Draw(t, "person")
			for range 2 {
				b.WriteString(strings.Join(p.Fields(strconv.Itoa(i)), ",") + "\n")
			}
		}
		table, _, err := resolve.ReadTable(context.Background(), strings.NewReader(b.String()), "rapid")
		if err != nil {
			t.Fatal(err)
		}
		mapping := resolve.Guess(table)
		mapping[0].Kind = resolve.RecordID
		result, err := resolve.Resolve(context.Background(), []*resolve.Table{table}, []resolve.Mapping{mapping}, resolve.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if result.Cluster[2*i] != result.Cluster[2*i+1] {
				t.Fatalf("records %d and %d are equal and apart", 2*i, 2*i+1)
			}
		}
	})
}

// TestAChainIsCut builds two families of records that only one poor record
// between them ties together.
func TestAChainIsCut(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,given_name,surname,dob,city,email\n")
	s := synth.New(17)
	for i := range 300 {
		p := s.Person()
		for k := range 3 {
			b.WriteString(strings.Join([]string{
				strconv.Itoa(i*10 + k), p.Given, p.Family, p.Birth, p.Suburb, p.Given + "." + p.Family + strconv.Itoa(i) + "@x.org",
			}, ",") + "\n")
		}
	}
	for k := range 3 {
		b.WriteString("9000" + strconv.Itoa(k) + ",Karla,Smedstrup,19700405,Hadsund,karla.s@x.org\n")
		b.WriteString("9100" + strconv.Itoa(k) + ",Otto,Smedstrup,19411230,Viborg,otto.sm@y.org\n")
	}
	b.WriteString("92000,,Smedstrup,,Hadsund,otto.sm@y.org\n")
	table, _ := read(t, b.String())
	result := run(t, resolve.Options{}, table)
	cluster := func(id string) uint32 {
		for row := range table.Rows() {
			if table.Cell(row, 0) == id {
				return result.Cluster[row]
			}
		}
		t.Fatalf("no record %s", id)
		return 0
	}
	if cluster("90000") != cluster("90002") || cluster("91000") != cluster("91002") {
		t.Error("equal records are apart")
	}
	if cluster("90000") == cluster("91000") {
		t.Error("one poor record tied two persons together")
	}
}

func TestLabelsTeach(t *testing.T) {
	table, answers := invented(t, 23, synth.Plan{Records: 1200, Share: 0.4, MaxDuplicates: 3, MaxChanges: 6, Window: 300})
	var b strings.Builder
	b.WriteString("id_l,id_r,match\n")
	for i := range 400 {
		for j := range i {
			if answers[i] == answers[j] || (i+j)%400 == 0 {
				b.WriteString(table.Cell(i, 0) + "," + table.Cell(j, 0) + "," + strconv.FormatBool(answers[i] == answers[j]) + "\n")
			}
		}
	}
	b.WriteString("nobody,nothing,true\n")
	labels, _ := read(t, b.String())
	ids, repeated := resolve.RecordIDs(table, resolve.Guess(table))
	if repeated != 0 {
		t.Fatalf("%d repeated ids", repeated)
	}
	judged, problems, err := resolve.ReadLabels(labels, [][]string{ids})
	if err != nil || len(problems) != 1 {
		t.Fatalf("%d problems, want the unknown ids' one; %v", len(problems), err)
	}
	q := resolve.Measure(run(t, resolve.Options{Labels: judged}, table).Cluster, answers)
	if q.F1() < 0.99 {
		t.Errorf("F1 %.4f with labels", q.F1())
	}
}

func TestSmallAndOddTables(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"no record", "id,name\n"},
		{"one record", "id,name\n1,Ann\n"},
		{"two", "id,name,surname\n1,Ann,Lee\n2,Bo,Ray\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, _ := read(t, c.text)
			result := run(t, resolve.Options{}, table)
			if len(result.Cluster) != table.Rows() || result.Clusters != table.Rows() {
				t.Errorf("clusters %v", result.Cluster)
			}
		})
	}
	table, _ := read(t, "id,id2\n1,\n2,\n")
	_, err := resolve.Resolve(context.Background(), []*resolve.Table{table}, []resolve.Mapping{resolve.Guess(table)}, resolve.Options{})
	if err == nil {
		t.Error("a table without anything to compare was resolved")
	}
}

func TestClustersAreWrittenInTheOrderOfTheRecords(t *testing.T) {
	table, _ := read(t, "id,name\nb,x\na,y\n")
	ids, _ := resolve.RecordIDs(table, resolve.Guess(table))
	var out bytes.Buffer
	if err := resolve.WriteClusters(&out, []*resolve.Table{table}, [][]string{ids}, []uint32{1, 2}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "record_id,cluster_id\nb,1\na,2\n" {
		t.Errorf("wrote %q", got)
	}
}
