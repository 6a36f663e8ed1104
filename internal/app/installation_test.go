// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/doctor"
	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// founded returns an installation with the demo's programme and nobody's
// reports, and the programme's id.
func founded(t testing.TB) (*app.Installation, id.ID) {
	t.Helper()
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	i, err := app.OpenOrMake(t.Context(), c, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	p, err := app.ReadProgramme("demo/programme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := i.Found(t.Context(), app.Founding{Programme: p, Offline: t.TempDir(), Handle: "anna", Keepers: 3, Threshold: 2})
	if err != nil {
		t.Fatal(err)
	}
	return i, f.Programme.ID
}

func TestOpenWithoutInitSaysSo(t *testing.T) {
	c := config.Default()
	c.Data = t.TempDir()
	if _, err := app.Open(t.Context(), c, clock.System{}); err == nil || !strings.Contains(err.Error(), "turnstone init") {
		t.Fatalf("err = %v", err)
	}
}

func TestFoundingLeavesNoOfflineKeyBehind(t *testing.T) {
	i, p := founded(t)
	err := filepath.WalkDir(i.Config.Data, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %o", path, info.Mode().Perm())
		}
		if strings.Contains(path, "programme.key") || strings.Contains(path, "recovery") {
			t.Errorf("%s lies on the server", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	published, ok := i.Programmes.Roster(p)
	if !ok || len(published.Roster.Desks) != 3 {
		t.Fatalf("the first roster names %d desks", len(published.Roster.Desks))
	}
	for _, f := range doctor.Examine(t.Context(), i) {
		if f.Grade == doctor.Unsafe && !strings.Contains(f.What, "swap") && !strings.Contains(f.What, "free for reports") {
			t.Errorf("a fresh installation is unsafe: %s", f.What)
		}
	}
}

func TestDoctorFindsWhatIsUnsafe(t *testing.T) {
	i, _ := founded(t)
	i.Config.Portal.Listen, i.Config.Desk.Origin, i.Config.Ops.Listen = "0.0.0.0:80", "http://desk.example.org", "0.0.0.0:9090"
	if err := os.Chmod(filepath.Join(i.Config.Data, "secret", "pepper"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(i.Config.Data, "programme.key"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range doctor.Examine(t.Context(), i) {
		if f.Grade == doctor.Unsafe {
			all.WriteString(f.What + "\n" + f.Do + "\n")
		}
	}
	for _, want := range []string{"portal listens on 0.0.0.0:80", "desk.example.org", "0.0.0.0:9090", "pepper", "programme.key"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not found unsafe in:\n%s", want, all.String())
		}
	}
}
