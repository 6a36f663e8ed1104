// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"unicode"

	"github.com/turnstone-project/turnstone/engine/ftm"
	"github.com/turnstone-project/turnstone/engine/match"
)

// Sources says where the labelled data lie. An empty path leaves its table
// out.
type Sources struct {
	// Data is the folder of data of others: names, pairs, lists, screening.
	Data string
	// Own is the folder of our own labelled data: tips, cultures, pairs not seen.
	Own string
	// Every takes only each n-th innocent person, for a quick look; 0 and 1
	// take all.
	Every int
}

// Whole returns an error that names the folder without which tables would be
// left out.
func (s Sources) Whole() error {
	switch {
	case s.Data == "":
		return errors.New("the folder of the data of others is not set (TURNSTONE_TESTDATA, or --data)")
	case s.Own == "":
		return errors.New("the folder of our own labelled data is not found (--own)")
	}
	return nil
}

// Report writes the tables of the benchmark in Markdown, telling progress what
// it is about to do.
func Report(ctx context.Context, out io.Writer, src Sources, progress func(string)) error {
	steps := []struct {
		name   string
		folder string
		write  func(context.Context, io.Writer, Sources) error
	}{
		{"pairs of names", src.Data, reportNames},
		{"pairs of entities", src.Data, reportEntities},
		{"pairs not seen before", src.Own, reportUnseen},
		{"what tips say", src.Own, reportTips},
		{"cultures", src.Own, reportCultures},
		{"innocent people", src.Data, reportScreening},
		{"speed", src.Data, reportSpeed},
	}
	for _, s := range steps {
		if s.folder == "" {
			continue
		}
		progress(s.name)
		if err := s.write(ctx, out, src); err != nil {
			return fmt.Errorf("measure %s: %w", s.name, err)
		}
	}
	return nil
}

func withFile[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	file, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer func() { _ = file.Close() }() // only read
	return read(file)
}

const countsHeader = "| pairs | number | precision | recall | F1 | F1 of the different | Matthews |\n|---|---:|---:|---:|---:|---:|---:|\n"

// countsRow writes a dash for what the pairs can't say: of one pair that is
// different and called so there is no recall.
func countsRow(out io.Writer, name string, c Counts) {
	same, different := c.TP+c.FN, c.TN+c.FP
	cell := func(value float64, known bool) string {
		if !known {
			return "–"
		}
		return fmt.Sprintf("%.3f", value)
	}
	fmt.Fprintf(out, "| %s | %d | %s | %s | %s | %s | %s |\n", name, c.Total(), cell(c.Precision(), c.TP+c.FP > 0), cell(c.Recall(), same > 0),
		cell(c.F1(), same+c.FP > 0), cell(c.NegativeF1(), different+c.FN > 0), cell(c.Matthews(), same > 0 && different > 0))
}

func reportNames(_ context.Context, out io.Writer, src Sources) error {
	pairs, err := withFile(filepath.Join(src.Data, "names", "cases.csv"), ReadNamePairs)
	if err != nil {
		return err
	}
	scored := ScoreNames(pairs)
	groups := map[string][]Scored{}
	scripts := map[string][]Scored{}
	for i, p := range pairs {
		half := "tuning half"
		if p.Report() {
			half = "reporting half"
		}
		groups["all"] = append(groups["all"], scored[i])
		groups[half] = append(groups[half], scored[i])
		if script := foreignScript(p.Left + p.Right); script != "" {
			groups["non-Latin"] = append(groups["non-Latin"], scored[i])
			scripts[script] = append(scripts[script], scored[i])
		} else {
			scripts["Latin"] = append(scripts["Latin"], scored[i])
		}
	}
	fmt.Fprintf(out, "### Pairs of names\n\n`names/cases.csv`, at the engine's own threshold of %.1f. The weights are learned on the tuning half.\n\n%s", match.Threshold, countsHeader)
	for _, name := range []string{"reporting half", "tuning half", "all", "non-Latin"} {
		countsRow(out, name, Decide(groups[name], match.Threshold))
	}
	fmt.Fprint(out, "\nBy script:\n\n"+countsHeader)
	for _, name := range sortedByName(scripts) {
		countsRow(out, name, Decide(scripts[name], match.Threshold))
	}
	fmt.Fprintln(out)
	writeReliability(out, "reporting half", groups["reporting half"])
	return nil
}

func sortedByName[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// foreignScript names the first script of a text that isn't Latin, "" for
// none.
func foreignScript(text string) string {
	for _, r := range text {
		if !unicode.IsLetter(r) || unicode.Is(unicode.Latin, r) {
			continue
		}
		for _, name := range []string{
			"Cyrillic", "Arabic", "Han", "Hangul", "Hiragana", "Katakana", "Greek", "Hebrew", "Devanagari", "Bengali", "Armenian", "Georgian", "Ethiopic", "Khmer", "Thai",
		} {
			if unicode.Is(unicode.Scripts[name], r) {
				return name
			}
		}
		return "other"
	}
	return ""
}

func writeReliability(out io.Writer, name string, pairs []Scored) {
	bins := Reliability(pairs)
	fmt.Fprintf(out, "Reliability, %s (calibration error %.3f):\n\n| score | pairs | mean score | share that is the same |\n|---|---:|---:|---:|\n", name, CalibrationError(bins))
	for _, b := range bins {
		if b.Pairs > 0 {
			fmt.Fprintf(out, "| %.1f–%.1f | %d | %.3f | %.3f |\n", b.From, b.To, b.Pairs, b.Mean, b.Same)
		}
	}
	fmt.Fprintln(out)
}

func reportEntities(_ context.Context, out io.Writer, src Sources) error {
	pairs, err := withFile(filepath.Join(src.Data, "pairs", "pairs.jsonl"), ReadEntityPairs)
	if err != nil {
		return err
	}
	scored := ScoreEntities(pairs)
	groups := map[string][]Scored{}
	for i := range pairs {
		family := "persons"
		if match.SortOf(pairs[i].Left.Schema) != match.Person {
			family = "organisations and others"
		}
		groups["all"] = append(groups["all"], scored[i])
		groups[family] = append(groups[family], scored[i])
	}
	fmt.Fprint(out, "### Pairs of entities\n\n`pairs/pairs.jsonl` (OpenSanctions Pairs, CC BY-NC 4.0), only measured: nothing is learned from it.\n\n"+countsHeader)
	for _, name := range []string{"all", "persons", "organisations and others"} {
		countsRow(out, name, Decide(groups[name], match.Threshold))
	}
	fmt.Fprintln(out)
	writeReliability(out, "all", scored)
	return nil
}

func reportTips(_ context.Context, out io.Writer, src Sources) error {
	pairs, err := withFile(filepath.Join(src.Own, "tips", "tips.jsonl"), ReadTipPairs)
	if err != nil {
		return err
	}
	langs, kinds := map[string][]Scored{}, map[string][]Scored{}
	var all []Scored
	for i := range pairs {
		p := &pairs[i]
		if !p.Report() {
			continue
		}
		a, b := match.PrepareEntity(&p.Left), match.PrepareEntity(&p.Right)
		s := Scored{match.Score(&a, &b), p.Same}
		all = append(all, s)
		langs[p.Lang] = append(langs[p.Lang], s)
		kinds[p.Kind] = append(kinds[p.Kind], s)
	}
	fmt.Fprintf(out, "### What tips say\n\nThe reporting half of our %d invented pairs.\n\n%s", len(pairs), countsHeader)
	countsRow(out, "all", Decide(all, match.Threshold))
	for _, groups := range []map[string][]Scored{langs, kinds} {
		for _, name := range sortedByName(groups) {
			countsRow(out, name, Decide(groups[name], match.Threshold))
		}
	}
	fmt.Fprintln(out)
	writeReliability(out, "tips", all)
	return nil
}

func reportCultures(_ context.Context, out io.Writer, src Sources) error {
	pairs, err := withFile(filepath.Join(src.Own, "cultures", "names.csv"), func(in io.Reader) ([]NamePair, error) { return CulturePairs(in, 1) })
	if err != nil {
		return err
	}
	scored := ScoreNames(pairs)
	groups := map[string][]Scored{}
	for i, p := range pairs {
		groups[p.Group] = append(groups[p.Group], scored[i])
	}
	fmt.Fprint(out, "### Whom it treats worse\n\nPairs made of names of each culture in its own script: the same name with a slip or turned around, and other\nnames of the same culture with one part in common. Missed are the same called different, false alarms the\ndifferent called the same.\n\n| culture | pairs | missed | false alarms |\n|---|---:|---:|---:|\n")
	for _, name := range sortedByName(groups) {
		c := Decide(groups[name], match.Threshold)
		fmt.Fprintf(out, "| %s | %d | %.1f %% | %.1f %% |\n", name, c.Total(), 100*(1-c.Recall()), 100*ratio(c.FP, c.FP+c.TN))
	}
	fmt.Fprintln(out)
	return nil
}

func reportScreening(ctx context.Context, out io.Writer, src Sources) error {
	list, err := withFile(filepath.Join(src.Data, "lists", "UN_consolidated.xml"), ReadUN)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e ftm.Entity) bool { return e.Schema != "Person" })
	treated, err := withFile(filepath.Join(src.Data, "screening", "positives_un_treated.csv"), ReadPersons)
	if err != nil {
		return err
	}
	var innocent []ftm.Entity
	for _, name := range []string{"negatives_global.csv", "negatives_us.csv"} {
		persons, err := withFile(filepath.Join(src.Data, "screening", name), ReadPersons)
		if err != nil {
			return err
		}
		for i := range persons {
			if i%max(1, src.Every) == 0 {
				innocent = append(innocent, persons[i])
			}
		}
	}
	found, err := Best(ctx, treated, list)
	if err != nil {
		return err
	}
	alarms, err := Best(ctx, innocent, list)
	if err != nil {
		return err
	}
	threshold := ThresholdFor(found, 0.99)
	fmt.Fprintf(out, "### Innocent people\n\n%d altered persons of the UN list and %d people on no list, searched for among the %d persons of the list.\n\n| threshold | listed persons found | alerts on innocents |\n|---|---:|---:|\n", len(treated), len(innocent), len(list))
	for _, row := range []struct {
		name string
		at   float64
	}{{fmt.Sprintf("%.3f (99 %% found)", threshold), threshold}, {fmt.Sprintf("%.1f (the engine's own)", match.Threshold), match.Threshold}} {
		fmt.Fprintf(out, "| %s | %.2f %% | %.3f %% |\n", row.name, 100*ShareAbove(found, row.at), 100*ShareAbove(alarms, row.at))
	}
	fmt.Fprintln(out)
	return nil
}
