// SPDX-License-Identifier: AGPL-3.0-or-later

package intelstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// Numbered returns the id of the item that people call by that number;
// fault.NotFound. Whether somebody may know it is for the room to decide.
func (s *Store) Numbered(ctx context.Context, programme id.ID, number string) (id.ID, error) {
	var item id.ID
	err := s.db.Reader(ctx).Row(ctx, `SELECT id FROM intel_item WHERE programme = ? AND number = ?`, []any{programme, number}, &item)
	if errors.Is(err, sql.ErrNoRows) {
		return item, fault.Wrap(fault.NotFound, "There is no such item.", err)
	}
	if err != nil {
		return item, fmt.Errorf("find item: %w", err)
	}
	return item, nil
}
