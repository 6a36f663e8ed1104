// SPDX-License-Identifier: AGPL-3.0-or-later

package demo

import (
	"context"
	"time"

	"github.com/turnstone-project/turnstone/internal/intel/danger"
)

// risk fills the directory of responders and tells of one alarm of a video
// platform that ended well. The alarms of the demo's reports start when it
// runs.
func (t *telling) risk(ctx context.Context, today time.Time) error {
	boss, rita := t.members[admin.Handle].Subject, t.members["rita"].Subject
	for _, r := range []danger.Responder{
		{Place: "Hull", Name: "Humberside crisis team", Phone: "01482 496 0100", Hours: "day and night"},
		{Place: "Leeds", Name: "City negotiators", Phone: "0113 496 0199", Hours: "day and night"},
		{Place: "Esbjerg", Name: "Psykiatrisk akutteam", Phone: "75 00 01 12", Hours: "08–22"},
	} {
		r.Programme = t.programme.ID
		if err := t.Danger.AddResponder(ctx, boss, r); err != nil {
			return err
		}
	}
	desk, err := t.deskID("line")
	if err != nil {
		return err
	}
	at := today.AddDate(0, 0, -30).Truncate(24 * time.Hour).Add(21*time.Hour + 14*time.Minute)
	t.clock.set(at)
	alarm, err := t.Danger.Open(ctx, danger.OfSource(t.programme.ID, desk, "video-platform", danger.Alert{ID: "live-20418", Text: "Says goodbye in a live video, pills on the table.", Place: "Leeds"}, []byte("demo"), at))
	if err != nil {
		return err
	}
	responders, err := t.Danger.Responders(ctx, rita, t.programme.ID)
	if err != nil {
		return err
	}
	t.clock.set(at.Add(3 * time.Minute))
	if err := t.Danger.Acknowledge(ctx, rita, t.programme.ID, alarm.ID); err != nil {
		return err
	}
	t.clock.set(at.Add(9 * time.Minute))
	if err := t.Danger.HandOver(ctx, rita, t.programme.ID, alarm.ID, responders[len(responders)-1].ID, "Young woman, live video, pills. The platform gives the address to the police now."); err != nil {
		return err
	}
	t.clock.set(at.Add(64 * time.Minute))
	return t.Danger.Close(ctx, rita, t.programme.ID, alarm.ID, "taken-to-care", "The negotiators called back: she is in hospital, awake.")
}
