// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/turnstone-project/turnstone/engine/match/resolve"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

// resolveFlags are the flags of turnstone resolve.
type resolveFlags struct {
	in              []string
	out             string
	pairs           string
	mapping, labels string
	seed            uint64
	threshold       float64
	oneToOne        bool
	strict, weights bool
}

func newResolveCommand() *cobra.Command {
	var flags resolveFlags
	cmd := &cobra.Command{
		Use:   "resolve --in records.csv [--in second.csv] --out clusters.csv",
		Short: "Find the records that describe the same person or thing",
		Long: `Resolve reads one CSV file and finds its duplicates, or reads two and finds
which records of the first are in the second. It writes one line for each
record: its id and the number of its cluster. Records with the same number are
the same person or thing.

Nothing has to be set up: what each column means is guessed from its name and
values and shown; how much each column says is learned from the file itself.
Columns that hold the answer (cluster, ent_id, truth) are never looked at. With
two files, records are compared only across the files.

A mapping file says what the columns are when the guess is wrong. It is YAML or
JSON, a name and a kind for each column; what is not in it is guessed:

  rec_id: record-id
  voornaam: given
  achternaam: family
  notes: ignore

The kinds are record-id, given, family, name, date, year, month, day, phone,
email, postcode, number, address, place, category, identifier, text, ignore.

Files may be in UTF-8, UTF-16 or Windows-1252, with commas, semicolons, tabs or
bars. At most 21 columns are compared; of more, those that tell records apart
least are left out and named, but those of a mapping file are left out last.

With --pairs the pairs that are or may be the same are written too, those first
of which it is least sure, with how each column agrees and what that says in bits:
a bit more doubles the odds. Correct its column match where you know better, and
give the file back with --labels.

A file of labels holds pairs that people judged: two columns of record ids and
one called match (true or false, or a score).`,
		Example: `  turnstone resolve --in people.csv --out clusters.csv
  turnstone resolve --in ours.csv --in theirs.csv --mapping columns.yaml --out clusters.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runResolve(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&flags.in, "in", nil, "CSV file of records with a header line; give it twice to link two files")
	f.StringVar(&flags.out, "out", "", "CSV file to write: record_id, cluster_id (and source, with two files); - for standard output")
	f.StringVar(&flags.pairs, "pairs", "", "CSV file to write: the pairs that are or may be the same, and why")
	f.StringVar(&flags.mapping, "mapping", "", "YAML or JSON file that says what the columns are")
	f.StringVar(&flags.labels, "labels", "", "CSV file of judged pairs to learn from")
	f.Uint64Var(&flags.seed, "seed", 1, "seed of the random sample; the same seed gives the same clusters")
	f.Float64Var(&flags.threshold, "threshold", 0.5, "least probability of a match, over 0 and under 1")
	f.BoolVar(&flags.oneToOne, "one-to-one", false, "with two files: at most one record of each in a cluster")
	f.BoolVar(&flags.strict, "strict", false, "stop at a broken line instead of reporting it")
	f.BoolVar(&flags.weights, "weights", false, "show what was learned about each column")
	for _, name := range []string{"in", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

func runResolve(cmd *cobra.Command, flags resolveFlags) error {
	notes := cmd.ErrOrStderr()
	if n := len(flags.in); n > 2 {
		return fault.Newf(fault.Invalid, "resolve takes one or two files, not %d", n)
	}
	if flags.threshold <= 0 || flags.threshold >= 1 {
		return fault.Newf(fault.Invalid, "--threshold %v: a probability over 0 and under 1 is needed", flags.threshold)
	}
	if flags.pairs != "" && flags.pairs == flags.out {
		return fault.New(fault.Invalid, "--pairs and --out name the same file")
	}
	set, err := readRecords(cmd.Context(), notes, flags)
	if err != nil {
		return err
	}
	bars := newStageBars(notes)
	options := resolve.Options{Seed: flags.seed, Threshold: flags.threshold, OneToOne: flags.oneToOne, Progress: bars.report}
	if flags.labels != "" {
		if options.Labels, err = set.readLabels(cmd.Context(), notes, flags); err != nil {
			return err
		}
	}
	if flags.pairs != "" {
		options.Pairs = min(doubted, flags.threshold)
	}
	result, err := resolve.Resolve(cmd.Context(), set.tables, set.mappings, options)
	bars.finish()
	if err != nil {
		return err
	}
	if len(result.Left) > 0 {
		fmt.Fprintf(notes, "not compared, for there are too many columns and these tell records apart least: %s\n", strings.Join(result.Left, ", "))
		fmt.Fprintln(notes, "  to compare one of them, name it in a mapping file")
	}
	if flags.weights {
		showWeights(notes, result)
	}
	fmt.Fprintf(notes, "%d records, %d clusters; %d pairs compared, %d over %.3f\n",
		len(result.Cluster), result.Clusters, result.Candidates, result.Matches, result.Threshold)
	if flags.pairs != "" {
		fmt.Fprintf(notes, "pairs that are or may be the same: %d, the most doubtful first\n", len(result.Pairs))
		err := writeComplete(cmd, flags.pairs, func(w io.Writer) error { return resolve.WritePairs(w, set.tables, set.ids, result) })
		if err != nil {
			return err
		}
	}
	return writeComplete(cmd, flags.out, func(w io.Writer) error {
		return resolve.WriteClusters(w, set.tables, set.ids, result.Cluster)
	})
}

// doubted is the probability from which a pair may be the same.
const doubted = 0.1

// recordSet is what resolve reads.
type recordSet struct {
	tables   []*resolve.Table
	mappings []resolve.Mapping
	ids      [][]string
}

func readRecords(ctx context.Context, notes io.Writer, flags resolveFlags) (*recordSet, error) {
	given := map[string]resolve.Kind{}
	if flags.mapping != "" {
		text, err := os.ReadFile(flags.mapping)
		if err != nil {
			return nil, fmt.Errorf("read mapping: %w", err)
		}
		if given, err = parseMapping(text); err != nil {
			return nil, fmt.Errorf("read mapping %s: %w", flags.mapping, err)
		}
	}
	set := &recordSet{}
	unused := map[string]bool{}
	for name := range given {
		unused[name] = true
	}
	for _, path := range flags.in {
		table, err := readTable(ctx, notes, path, flags.strict)
		if err != nil {
			return nil, err
		}
		mapping := resolve.Guess(table)
		for i := range mapping {
			if kind, ok := given[mapping[i].Name]; ok {
				mapping[i].Kind, mapping[i].Told = kind, true
				delete(unused, mapping[i].Name)
			}
		}
		fmt.Fprintf(notes, "%s: %d records\n  columns: %s\n", path, table.Rows(), mapping)
		ids, repeated := resolve.RecordIDs(table, mapping)
		if repeated > 0 {
			fmt.Fprintf(notes, "  %d records carry an id that an earlier record has; all are kept\n", repeated)
		}
		set.tables, set.mappings, set.ids = append(set.tables, table), append(set.mappings, mapping), append(set.ids, ids)
	}
	for name := range unused {
		return nil, fault.Newf(fault.Invalid, "the mapping names a column %q that no file has", name)
	}
	return set, nil
}

// readTable reads one file and reports its broken lines.
func readTable(ctx context.Context, notes io.Writer, path string, strict bool) (*resolve.Table, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	table, problems, err := resolve.ReadTable(ctx, file, filepath.Base(path))
	if err != nil {
		return nil, err
	}
	if strict && len(problems) > 0 {
		return nil, fault.Newf(fault.Invalid, "%s, %s", path, problems[0])
	}
	reportProblems(notes, path, problems)
	return table, nil
}

func reportProblems(notes io.Writer, path string, problems []resolve.Problem) {
	const shown = 20
	for _, p := range problems[:min(shown, len(problems))] {
		fmt.Fprintf(notes, "%s, %s\n", path, p)
	}
	if len(problems) > shown {
		fmt.Fprintf(notes, "%s: %d or more broken lines\n", path, len(problems))
	}
}

func (set *recordSet) readLabels(ctx context.Context, notes io.Writer, flags resolveFlags) ([]resolve.Label, error) {
	table, err := readTable(ctx, notes, flags.labels, flags.strict)
	if err != nil {
		return nil, err
	}
	labels, problems, err := resolve.ReadLabels(table, set.ids)
	if err != nil {
		return nil, err
	}
	reportProblems(notes, flags.labels, problems)
	fmt.Fprintf(notes, "%s: %d judged pairs\n", flags.labels, len(labels))
	return labels, nil
}

// parseMapping reads a mapping of column names to kinds. YAML includes JSON.
func parseMapping(text []byte) (map[string]resolve.Kind, error) {
	var names map[string]string
	if err := yaml.Unmarshal(text, &names); err != nil {
		return nil, fmt.Errorf("a mapping is a list of `column: kind`: %w", err)
	}
	kinds := make(map[string]resolve.Kind, len(names))
	for column, name := range names {
		kind, err := resolve.ParseKind(name)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", column, err)
		}
		kinds[column] = kind
	}
	return kinds, nil
}

func showWeights(w io.Writer, result *resolve.Result) {
	fmt.Fprintf(w, "one pair in %.0f matches; bits that each agreement says:\n", 1/result.Model.Prior)
	fmt.Fprintf(w, "  %-24s %8s %8s %8s %8s %8s %8s\n", "column", "differs", "partly", "similar", "near", "equal", "swapped")
	for _, r := range result.Model.Related {
		fmt.Fprintf(w, "  %s: %.2f related pairs for each match\n", r.Name, r.Share/result.Model.Prior)
	}
	for _, f := range result.Model.Fields {
		fmt.Fprintf(w, "  %-24s", f.Name)
		for _, bits := range f.Weights() {
			fmt.Fprintf(w, " %8.1f", bits)
		}
		fmt.Fprintln(w)
	}
}
