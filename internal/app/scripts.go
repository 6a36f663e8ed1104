// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/kernel/tx"
	"github.com/turnstone-project/turnstone/internal/ledger"
	"github.com/turnstone-project/turnstone/internal/web/static"
)

// kindScript is the ledger's kind of a release of the sites' scripts.
const kindScript = "script"

// LogScripts writes the SHA-256 of every script that the sites serve to the
// log, once for each release: whoever was served another one can prove it.
func (i *Installation) LogScripts(ctx context.Context, assets *static.Set) error {
	sums := map[string]string{}
	for _, f := range assets.Files() {
		if strings.HasSuffix(f.Name, ".js") {
			sums[f.Name] = f.SHA256
		}
	}
	payload, err := json.Marshal(sums) // maps are written in the order of their keys
	if err != nil {
		return fmt.Errorf("write scripts to the log: %w", err)
	}
	rows, err := i.Ledger.Find(ctx, ledger.Query{Programme: id.ID{}, Kind: kindScript, Limit: 1})
	if err != nil {
		return fmt.Errorf("look for the last release of scripts: %w", err)
	}
	if len(rows) > 0 && string(rows[0].Payload) == string(payload) {
		return nil
	}
	return i.Tx.Do(ctx, func(_ context.Context, rec *tx.Recorder) error {
		rec.Entry(tx.Entry{Kind: kindScript, Payload: payload})
		return nil
	})
}
