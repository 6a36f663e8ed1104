// SPDX-License-Identifier: AGPL-3.0-or-later

package browsertest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/turnstone-project/turnstone/internal/app"
	"github.com/turnstone-project/turnstone/internal/app/config"
	"github.com/turnstone-project/turnstone/internal/app/demo"
)

// filled is a demo that is told once and then copied for each test: telling a
// month takes longer than most tests. Each has a copy of its own, which it opens
// as a server opens its data after it was restarted.
type filled struct {
	mu   sync.Mutex
	dir  string // of everything
	day  string // that the demo's month ends on
	data string
}

var theDemo filled

func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(theDemo.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// copyTo makes a data directory with the demo of today: one that was told before
// midnight is told anew after it.
func (f *filled) copyTo(ctx context.Context, data string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if today := time.Now().UTC().Format(time.DateOnly); f.day != today {
		if err := f.tell(ctx, today); err != nil {
			return err
		}
	}
	if err := os.CopyFS(data, os.DirFS(f.data)); err != nil {
		return err
	}
	return private(data)
}

// private gives a copied directory and what is in it the modes that a data
// directory must have.
func private(data string) error {
	return filepath.WalkDir(data, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
}

// tell fills an installation and closes it.
func (f *filled) tell(ctx context.Context, today string) error {
	if f.dir == "" {
		var err error
		if f.dir, err = os.MkdirTemp("", "turnstone-demo-"); err != nil {
			return err
		}
	}
	c := config.Default()
	c.Data = filepath.Join(f.dir, today)
	clock := &clock{}
	var err error
	if c.Matching.Lists, err = demo.Lists(c.Data); err != nil {
		return err
	}
	i, err := app.OpenOrMake(ctx, c, clock)
	if err != nil {
		return err
	}
	if err := demo.Fill(ctx, i, &clock.Clock, filepath.Join(f.dir, today+"-offline")); err != nil {
		return err
	}
	if err := i.Close(); err != nil {
		return err
	}
	f.day, f.data = today, c.Data
	return nil
}
