// SPDX-License-Identifier: AGPL-3.0-or-later

package demo

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed list.jsonl
var list []byte

// Lists writes the demo's list of made-up people and things into the data
// directory, and returns what its configuration names.
func Lists(data string) ([]string, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("write the demo's list: %w", err)
	}
	path := filepath.Join(data, "made-up.jsonl")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		return nil, fmt.Errorf("write the demo's list: %w", err)
	}
	return []string{path}, nil
}
