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

func TestAPatternKeepsWhatTheSentenceWasMadeOf(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.1: refused")
	for _, c := range []struct {
		err                     error
		public, pattern, logged string
		args                    int
	}{
		{fault.New(fault.Invalid, "100% of it."), "100% of it.", "100% of it.", "100% of it.", -1},
		{fault.Wrap(fault.Invalid, "It broke.", secret), "It broke.", "It broke.", secret.Error(), -1},
		{fault.Newf(fault.Invalid, "Write %s in %d.", fault.Phrase("the reason"), 7), "Write the reason in 7.", "Write %s in %d.", "Write the reason in 7.", 2},
		{fault.Newf(fault.Invalid, "No arguments, 100%%."), "No arguments, 100%.", "No arguments, 100%%.", "No arguments, 100%.", 0},
		{fault.Wrapf(fault.Invalid, secret, "Not yet: %s", secret), "Not yet: " + fault.PublicOf(secret), "Not yet: %s", secret.Error(), 1},
		{fault.New(fault.Internal, ""), fault.PublicOf(secret), fault.PublicOf(secret), "", -1},
	} {
		pattern, args := fault.PatternOf(fmt.Errorf("do: %w", c.err))
		n := len(args)
		if args == nil {
			n = -1
		}
		if fault.PublicOf(c.err) != c.public || pattern != c.pattern || n != c.args || c.err.Error() != c.logged {
			t.Errorf("%q: pattern %q, %d arguments, logged %q", fault.PublicOf(c.err), pattern, n, c.err.Error())
		}
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
