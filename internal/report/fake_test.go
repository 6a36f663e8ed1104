// SPDX-License-Identifier: AGPL-3.0-or-later

package report_test

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/report"
)

// memory is a store in memory that implements every interface of the room, its
// slots and its transactions. It keeps what a change wrote even when the
// change fails: rolling back is tested with the real store.
type memory struct {
	reports map[id.ID]*kept
	counts  map[report.Channel]map[report.Reason]int
	ended   []report.Ended
	acts    []report.Act
	entries []tx.Entry
	events  []tx.Event
	slots   map[int64]byte
	next    int64
}

type kept struct {
	report.Report
	login     report.Hash
	envelopes []report.Envelope
	grants    []report.Grant
	tokens    []report.Hash
}

func newMemory() *memory {
	return &memory{reports: map[id.ID]*kept{}, counts: map[report.Channel]map[report.Reason]int{}, slots: map[int64]byte{}}
}

func (m *memory) Do(ctx context.Context, change func(context.Context, *tx.Recorder) error) error {
	var rec tx.Recorder
	if err := change(ctx, &rec); err != nil {
		return err
	}
	m.entries = append(m.entries, rec.Entries()...)
	m.events = append(m.events, rec.Events()...)
	return nil
}

func (m *memory) get(programme, rep id.ID) (*kept, error) {
	k, ok := m.reports[rep]
	if !ok || k.Programme != programme {
		return nil, fault.New(fault.NotFound, "none")
	}
	return k, nil
}

func (m *memory) Insert(_ context.Context, a report.Arrival) error {
	for _, k := range m.reports {
		if k.ID == a.Report.ID || k.login == a.Login {
			return fault.New(fault.Conflict, "there")
		}
	}
	m.reports[a.Report.ID] = &kept{Report: a.Report, login: a.Login, envelopes: a.Envelopes, grants: a.Grants}
	return nil
}

func (m *memory) Digest(_ context.Context, programme, rep id.ID) (report.Hash, error) {
	k, err := m.get(programme, rep)
	if err != nil {
		return report.Hash{}, err
	}
	return k.Digest, nil
}

func (m *memory) ByLogin(_ context.Context, programme id.ID, login report.Hash) (report.Report, error) {
	for _, k := range m.reports {
		if k.Programme == programme && k.login == login {
			return k.Report, nil
		}
	}
	return report.Report{}, fault.New(fault.NotFound, "none")
}

func (m *memory) Envelopes(_ context.Context, programme, rep id.ID) ([]report.Envelope, error) {
	k, err := m.get(programme, rep)
	if err != nil {
		return nil, err
	}
	return slices.Clone(k.envelopes), nil
}

func (m *memory) Grants(_ context.Context, programme, rep id.ID, to string) ([]report.Grant, error) {
	k, err := m.get(programme, rep)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(k.grants), func(g report.Grant) bool { return g.To != to }), nil
}

func (m *memory) Append(_ context.Context, programme, rep id.ID, prev report.Hash, e report.Envelope) error {
	k, err := m.get(programme, rep)
	if err != nil {
		return err
	}
	if k.Head.Hash != prev || e.Seq != k.Head.Seq+1 {
		return fault.New(fault.Conflict, "the head moved")
	}
	k.envelopes = append(k.envelopes, e)
	k.Head = report.Head{Seq: e.Seq, Hash: e.Hash}
	return nil
}

func (m *memory) Delete(_ context.Context, programme, rep id.ID) error {
	if _, err := m.get(programme, rep); err != nil {
		return err
	}
	delete(m.reports, rep)
	return nil
}

func (m *memory) Report(_ context.Context, programme, rep id.ID) (report.Report, error) {
	k, err := m.get(programme, rep)
	if err != nil {
		return report.Report{}, err
	}
	return k.Report, nil
}

func (m *memory) List(_ context.Context, programme id.ID, f report.Filter) ([]report.Report, bool, error) {
	var out []report.Report
	for _, k := range m.reports {
		if k.Programme == programme && slices.Contains(f.Desks, k.Desk) {
			out = append(out, k.Report)
		}
	}
	return out, false, nil
}

func (m *memory) Covers(_ context.Context, programme id.ID, reports []id.ID) ([]report.Cover, error) {
	var out []report.Cover
	for _, rep := range reports {
		if k, err := m.get(programme, rep); err == nil {
			out = append(out, report.Cover{Report: rep, Slot: k.Slot, Envelope: k.envelopes[0], Grants: slices.Clone(k.grants)})
		}
	}
	return out, nil
}

func (m *memory) Tally(context.Context, id.ID, []id.ID, id.ID) (report.Tally, error) {
	return report.Tally{report.QueueOpen: len(m.reports)}, nil
}

func (m *memory) SaveMarks(_ context.Context, programme, rep id.ID, marks report.Marks) error {
	k, err := m.get(programme, rep)
	if err != nil {
		return err
	}
	if marks.Version != k.Marks.Version+1 {
		return fault.New(fault.Conflict, "changed")
	}
	k.Marks = marks
	return nil
}

func (m *memory) Reseal(_ context.Context, programme, rep id.ID, epoch int, grants []report.Grant) error {
	k, err := m.get(programme, rep)
	if err != nil {
		return err
	}
	k.Epoch, k.grants = epoch, grants
	return nil
}

func (m *memory) SaveTokens(_ context.Context, programme, rep id.ID, tokens []report.Hash) error {
	k, err := m.get(programme, rep)
	if err != nil {
		return err
	}
	k.tokens = tokens
	return nil
}

func (m *memory) Mentions(_ context.Context, programme, rep id.ID, _ int) ([]id.ID, error) {
	k, err := m.get(programme, rep)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for other, o := range m.reports {
		if other != rep && o.Programme == programme && slices.ContainsFunc(o.tokens, func(h report.Hash) bool { return slices.Contains(k.tokens, h) }) {
			out = append(out, other)
		}
	}
	return out, nil
}

func (m *memory) Count(_ context.Context, _, _ id.ID, _ int, ch report.Channel, reason report.Reason) error {
	if m.counts[ch] == nil {
		m.counts[ch] = map[report.Reason]int{}
	}
	m.counts[ch][reason]++
	return nil
}

func (m *memory) AddEnded(_ context.Context, _ id.ID, e report.Ended) error {
	m.ended = append(m.ended, e)
	return nil
}

func (m *memory) Ended(_ context.Context, _ id.ID, f report.EndedFilter) ([]report.Ended, bool, error) {
	return slices.DeleteFunc(slices.Clone(m.ended), func(e report.Ended) bool { return !slices.Contains(f.Desks, e.Desk) }), false, nil
}

func (m *memory) Times(context.Context, id.ID, func(report.Report) error) error { return nil }

func (m *memory) Counts(context.Context, id.ID, []id.ID, int, int) (map[report.Channel]map[report.Reason]int, error) {
	return m.counts, nil
}

func (m *memory) SaveHold(_ context.Context, programme, rep id.ID, hold bool) error {
	k, err := m.get(programme, rep)
	if err == nil {
		k.Hold = hold
	}
	return err
}

func (m *memory) AddAct(_ context.Context, _ id.ID, a report.Act) error {
	m.acts = append(m.acts, a)
	return nil
}

func (m *memory) Acts(_ context.Context, _, rep id.ID) ([]report.Act, error) {
	return slices.DeleteFunc(slices.Clone(m.acts), func(a report.Act) bool { return a.Report != rep }), nil
}

func (m *memory) ArrivalsOf(_ context.Context, programme id.ID, hour int64) ([]id.ID, error) {
	var out []id.ID
	for rep, k := range m.reports {
		if k.Programme == programme && k.Arrived == clock.Hour(hour) {
			out = append(out, rep)
		}
	}
	slices.SortFunc(out, func(a, b id.ID) int { return bytes.Compare(a[:], b[:]) })
	return out, nil
}

// The slots wrap by adding the slot's key to the first byte: enough to see
// that what comes out went in, and that an erased slot opens nothing.

func (m *memory) Take() (int64, error) {
	m.next++
	m.slots[m.next] = byte(m.next)
	return m.next, nil
}

func (m *memory) Wrap(slot int64, plain []byte) ([]byte, error) {
	return append([]byte{m.slots[slot]}, plain...), nil
}

func (m *memory) Unwrap(slot int64, wrapped []byte) ([]byte, error) {
	key, ok := m.slots[slot]
	if !ok {
		return nil, fault.New(fault.NotFound, "the slot was erased")
	}
	if wrapped[0] != key {
		return nil, errors.New("wrapped under another slot")
	}
	return bytes.Clone(wrapped[1:]), nil
}

func (m *memory) Erase(slot int64) error {
	delete(m.slots, slot)
	return nil
}
