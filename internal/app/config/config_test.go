// SPDX-License-Identifier: AGPL-3.0-or-later

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "turnstone.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnEmptyFileWorks(t *testing.T) {
	c, err := config.Load(write(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	if c.Portal.Listen != "127.0.0.1:8080" || c.Desk.IdleTimeout != 30*time.Minute {
		t.Fatalf("defaults are lost: %+v", c)
	}
	if !filepath.IsAbs(c.Data) {
		t.Fatalf("data %q is not beside the file", c.Data)
	}
}

func TestFileOverridesDefaults(t *testing.T) {
	c, err := config.Load(write(t, "[desk]\nidle_timeout = \"5m\"\n[alerts]\nto = [\"a@b\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Desk.IdleTimeout != 5*time.Minute || len(c.Alerts.To) != 1 || c.Desk.Listen != "127.0.0.1:8081" {
		t.Fatalf("got %+v", c)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[portal]\nlisten_on = \"x\"", `unknown key "portal.listen_on"`},
		{"retain = 3", `unknown key "retain"`},
		{"[portal]\nlisten = \"8080\"", "host:port"},
		{"[desk]\norigin = \"https://10.0.0.1\"", "passkeys refuse"},
		{"[desk]\norigin = \"desk\"", "https://host"},
		{"[desk]\nidle_timeout = \"0s\"", "idle_timeout"},
		{"[intake]\nmax_concurrent = 0", "max_concurrent"},
		{"[alerts]\nsmtp = \"mail:25\"", "alerts.from"},
		{"not toml", "read configuration"},
	} {
		_, err := config.Load(write(t, c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: err = %v, want %q in it", c.text, err, c.want)
		}
	}
}
