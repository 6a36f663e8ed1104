// SPDX-License-Identifier: Apache-2.0

// Package scrub takes out of a file what says who made it, where, when and
// with which device, and keeps what a person came to see or hear. It keeps a
// list of what each format needs, and drops everything else: what it doesn't
// know doesn't stay.
//
// It works by planning: MakePlan reads the parts of a file that hold
// structure and returns an ordered list of byte ranges of the source and
// literal bytes. A film of 500 MiB never enters memory, and a browser can
// assemble the cleaned file from slices of the chosen one.
//
// It must never call a file clean that it could not read to its end, decode
// pixels or samples, open another file, or put a value that it found into a
// report or an error. All functions are safe for concurrent use as long as
// the source is; nothing is shared between calls.
package scrub

import (
	"io"
	"strings"
)

// Options is what a caller knows beside the bytes.
type Options struct {
	// Name is the file's name; only its extension is used, to say when the
	// content is something else.
	Name string
}

// Scrub writes the cleaned form of the size bytes of src to dst. When the
// error is a *Refusal, nothing was written and the file is not clean.
func Scrub(dst io.Writer, src io.ReaderAt, size int64, opt Options) (Report, error) {
	plan, report, err := MakePlan(src, size, opt)
	if err != nil {
		return report, err
	}
	_, err = plan.Write(dst, src)
	return report, err
}

// MakePlan says of which parts the cleaned form of src consists, and what is
// left out. The error is a *Refusal where the file is at fault.
func MakePlan(src io.ReaderAt, size int64, opt Options) (plan *Plan, report Report, err error) {
	var j *job
	defer func() {
		if broken := recover(); broken != nil {
			// A mistake of ours in reading a stranger's bytes must not become a
			// file that is called clean, nor take the page down.
			t := TypeUnknown
			if j != nil {
				t = j.typ
			}
			plan, report, err = nil, Report{Type: t}, &Refusal{Reason: ReasonInternal, Type: t}
		}
	}()
	j = &job{src: newSource(src, size), plan: &Plan{}, facts: &facts{}, budget: newBudget(size)}
	err = j.run(opt.Name)
	report = j.facts.report(j.typ, opt.Name)
	if err != nil {
		return nil, report, typed(err, j.typ)
	}
	return j.plan, report, nil
}

// job is the cleaning of one file, or of one file within another.
type job struct {
	src    *source
	plan   *Plan
	facts  *facts
	budget *budget
	typ    Type
	depth  int
}

const maxDepth = 5 // a photo in a document in an archive is three

// run detects the type and cleans.
func (j *job) run(name string) error {
	if j.src.size == 0 {
		return refuse(ReasonEmpty, "")
	}
	if j.depth > maxDepth {
		return refuse(ReasonDepth, "")
	}
	t, err := sniff(j.src)
	if err != nil {
		return err
	}
	j.typ = t
	clean, ok := cleaner(t)
	if !ok {
		return refuse(ReasonUnknownType, "")
	}
	j.claims(name)
	return clean(j)
}

// nested cleans what lies at src within this job's file and returns its plan.
// The facts are added to the whole file's.
func (j *job) nested(src *source, name string) (*Plan, Type, error) {
	inner := &job{src: src, plan: &Plan{}, facts: j.facts, budget: j.budget, depth: j.depth + 1}
	if err := inner.run(name); err != nil {
		return nil, inner.typ, err
	}
	return inner.plan, inner.typ, nil
}

// claims compares the name with what the file is.
func (j *job) claims(name string) {
	exts := extensions(name)
	if len(exts) == 0 {
		return
	}
	last := exts[len(exts)-1]
	if claimed := typeOfExtension(last); claimed != j.typ {
		j.facts.warn(KindForgedType)
	}
	for _, ext := range exts[:len(exts)-1] {
		if runnable(ext) || (typeOfExtension(ext) != TypeUnknown && ext != last) {
			j.facts.warn(KindDoubleExtension)
			return
		}
	}
	if runnable(last) {
		j.facts.warn(KindDoubleExtension)
	}
}

// extensions returns the last two parts of a name behind dots, in lower case.
func extensions(name string) []string {
	if i := strings.LastIndexAny(name, "/\\"); i >= 0 {
		name = name[i+1:]
	}
	parts := strings.Split(strings.ToLower(strings.TrimRight(name, " .")), ".")[1:]
	if len(parts) > 2 {
		parts = parts[len(parts)-2:]
	}
	return parts
}
