// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/app/secret"
)

func TestPepperIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret", "pepper")
	first, err := secret.OpenPepper(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := secret.OpenPepper(path)
	if err != nil || second != first {
		t.Fatalf("the pepper changed (%v): every mailbox would be lost", err)
	}
	if first.Hash("login", []byte("x")) == first.Hash("blind", []byte("x")) {
		t.Fatal("tokens of two kinds collide")
	}
}

func TestSecretsOpenToOthersAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pepper")
	if err := os.WriteFile(path, make([]byte, 32), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.OpenPepper(path); err == nil || !strings.Contains(err.Error(), "600") {
		t.Fatalf("err = %v", err)
	}
}

func TestMakeNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := secret.Make(path, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := secret.Make(path, []byte("b")); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("err = %v", err)
	}
}

func TestATruncatedPepperIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pepper")
	if err := os.WriteFile(path, make([]byte, 31), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.OpenPepper(path); err == nil {
		t.Fatal("accepted")
	}
}
