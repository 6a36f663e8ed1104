// SPDX-License-Identifier: AGPL-3.0-or-later

package reportstore_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/report"
	"github.com/turnstone-project/turnstone/internal/store/reportstore"
)

func TestGrantsComeBackAsTheyWere(t *testing.T) {
	for _, grants := range [][]report.Grant{
		nil,
		{{To: report.ToDesk, Recipient: id.New(), Body: []byte("sealed")}},
		{{To: report.ToRecovery, Epoch: 3, Body: nil}, {To: report.ToMailbox, Epoch: 3, Body: []byte{0}}, {To: report.ToMember, Recipient: id.New(), Body: make([]byte, 5000)}},
	} {
		got, err := reportstore.UnpackGrants(reportstore.PackGrants(grants))
		if diff := cmp.Diff(grants, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func TestCutGrantsAreRefused(t *testing.T) {
	whole := reportstore.PackGrants([]report.Grant{{To: report.ToDesk, Body: []byte("sealed")}})
	for n := 1; n < len(whole); n++ {
		if _, err := reportstore.UnpackGrants(whole[:n]); err == nil {
			t.Errorf("the first %d bytes of %d were read", n, len(whole))
		}
	}
}

func FuzzUnpackGrants(f *testing.F) {
	f.Add(reportstore.PackGrants([]report.Grant{{To: report.ToMember, Epoch: 1, Body: []byte("sealed")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		grants, err := reportstore.UnpackGrants(b)
		if err == nil && !bytes.Equal(reportstore.PackGrants(grants), b) {
			t.Fatal("a second spelling of one list")
		}
	})
}
