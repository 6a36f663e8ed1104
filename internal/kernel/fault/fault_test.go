// SPDX-License-Identifier: AGPL-3.0-or-later

package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/kernel/fault"
)

func TestPublicNeverShowsTheInnerMessage(t *testing.T) {
	inner := errors.New("dial tcp 10.0.0.1: refused")
	wrapped := fmt.Errorf("read grant: %w", fault.Wrap(fault.NotFound, "There is no such report.", inner))
	if got := fault.PublicOf(wrapped); got != "There is no such report." {
		t.Fatalf("PublicOf = %q", got)
	}
	if got := fault.PublicOf(inner); strings.Contains(got, "10.0.0.1") {
		t.Fatalf("PublicOf leaks: %q", got)
	}
	if !errors.Is(wrapped, inner) {
		t.Fatal("the inner error is lost to the log")
	}
}

func TestKindOf(t *testing.T) {
	if k := fault.KindOf(fmt.Errorf("x: %w", fault.New(fault.Conflict, "c"))); k != fault.Conflict {
		t.Fatalf("KindOf = %v", k)
	}
	if k := fault.KindOf(errors.New("plain")); k != fault.Internal {
		t.Fatalf("KindOf(plain) = %v", k)
	}
}
