// SPDX-License-Identifier: AGPL-3.0-or-later

package storetest

import (
	"context"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/programme"
	"github.com/turnstone-project/turnstone/internal/store/programmestore"
)

func testProgrammes(t *testing.T, open Factory) {
	h := Build(t, open)
	s := programmestore.New(h.DB)
	save := func(write func(ctx context.Context) error) error {
		return h.Runner.Do(t.Context(), func(ctx context.Context, _ *tx.Recorder) error { return write(ctx) })
	}
	var want []programme.Programme
	for _, slug := range []string{"north", "south", "west"} {
		p := programme.Programme{
			ID: id.New(), Slug: slug, Name: programme.Text{"da": "Nordlinjen", "ar": "خط الشمال"}, Languages: []string{"da", "ar"},
			Countries: []programme.Country{{Code: "DK", Emergency: []programme.Emergency{{Number: "112"}}}},
			Desks:     []programme.Desk{{ID: id.New(), Slug: "line", Hours: programme.Hours{Zone: "Europe/Copenhagen", Windows: []programme.Window{{Day: 1, Start: 480, End: 960}}}}},
			Key:       RandomBytes(32),
		}
		must(t, save(func(ctx context.Context) error { return s.Save(ctx, p) }))
		want = append(want, p)
	}
	want[0].Slug = "far-north"
	must(t, save(func(ctx context.Context) error { return s.Save(ctx, want[0]) }))
	got, err := s.Programmes(t.Context())
	must(t, err)
	wantSame(t, "programmes, as they were founded", got, want)

	var rosters []programme.Roster
	for version := range 3 {
		r := programme.Roster{Programme: want[0].ID, Version: version + 1, Bytes: RandomBytes(9000), Signature: RandomBytes(64), Entry: id.New()}
		must(t, save(func(ctx context.Context) error { return s.SaveRoster(ctx, r) }))
		rosters = append([]programme.Roster{r}, rosters...)
	}
	wantKind(t, "a version twice", save(func(ctx context.Context) error { return s.SaveRoster(ctx, rosters[1]) }), fault.Conflict)
	newest, err := s.Rosters(t.Context(), want[0].ID, 2)
	must(t, err)
	wantSame(t, "the newest rosters", newest, rosters[:2])
	none, err := s.Rosters(t.Context(), want[1].ID, 2)
	must(t, err)
	if len(none) != 0 {
		t.Errorf("another programme has %d rosters", len(none))
	}
}
