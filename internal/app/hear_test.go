// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"log/slog"

	"github.com/turnstone-project/turnstone/internal/store"
)

// News is who hears of the rooms' events.
func News(i *Installation) store.Dispatcher { return news{i, slog.New(slog.DiscardHandler)} }
