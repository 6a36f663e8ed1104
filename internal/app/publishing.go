// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/turnstone-project/turnstone/internal/app/secret"
)

// publishingFile holds the seed of the key that signs figures for the public.
const publishingFile = "secret/publishing.key"

// publishingKey reads the installation's key for publications, making it the
// first time. Of two processes that make it at once, both use the first one's.
func (i *Installation) publishingKey() (ed25519.PrivateKey, error) {
	path := filepath.Join(i.Config.Data, publishingFile)
	seed, err := secret.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, fresh, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, fmt.Errorf("make the key of publications: %w", err)
		}
		if err := secret.Make(path, fresh.Seed()); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		seed, err = secret.Read(path)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("read the key of publications: %s has %d bytes, want %d", publishingFile, len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
