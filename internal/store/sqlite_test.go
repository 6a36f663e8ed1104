// SPDX-License-Identifier: AGPL-3.0-or-later

package store_test

import (
	"testing"

	"github.com/turnstone-project/turnstone/internal/store/storetest"
)

func TestSQLiteConforms(t *testing.T) { storetest.Run(t, storetest.SQLite) }
