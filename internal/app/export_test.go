// SPDX-License-Identifier: AGPL-3.0-or-later

package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/seal"
	"github.com/turnstone-project/turnstone/internal/seal/archive"
)

// TestExportsCarryFiles exports a report with a whole file, half a file and a
// file of which the disk lost a piece.
func TestExportsCarryFiles(t *testing.T) {
	i, p := founded(t)
	r := newTeller(t, i, p)
	content := random(seal.PieceSize + 300_000)
	whole, half, hurt := r.seal(content), r.seal(random(100)), r.seal(random(seal.PieceSize))
	for _, s := range []sealedFile{whole, hurt} {
		r.check(r.put(s, 0))
		r.check(r.put(s, 1))
		r.check(r.commit(s))
	}
	r.check(r.put(half, 0))
	blob := hurt.file.Blob.String()
	found, err := filepath.Glob(filepath.Join(i.Config.Data, "*", blob[:2], blob, "1"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the piece on the disk: %v, %v", found, err)
	}
	r.check(os.Remove(found[0]))

	_, identity, box := r.chain()
	desk := authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: box.Report.Desk}}}
	o, err := i.Desk.Export(t.Context(), desk, p, box.Report.ID)
	r.check(err)
	if len(o.Files) != 2 {
		t.Fatalf("%d files, want those whose manifest came", len(o.Files))
	}
	var byDesk, byRecovery bytes.Buffer
	missing, err := archive.Write(&byDesk, []byte("{}"), o.Files)
	r.check(err)
	again, err := i.ExportForRecovery(t.Context(), "", box.Report.ID.String(), &byRecovery)
	r.check(err)
	for name, m := range map[string][]archive.Missing{"desk": missing, "recovery": again} {
		if len(m) != 1 || m[0].Blob != hurt.file.Blob || m[0].Piece != 1 {
			t.Errorf("%s: missing are %v", name, m)
		}
	}
	for name, b := range map[string]*bytes.Buffer{"desk": &byDesk, "recovery": &byRecovery} {
		a, err := archive.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
		r.check(err)
		var out bytes.Buffer
		r.check(a.Check(whole.file, nil))
		r.check(a.Extract(&out, whole.file, identity))
		if !bytes.Equal(out.Bytes(), content) {
			t.Errorf("%s: the file is another", name)
		}
		if err := a.Check(hurt.file, nil); err == nil || !strings.Contains(err.Error(), "piece 2 of 2: it is missing") {
			t.Errorf("%s: the hurt file: %v", name, err)
		}
	}
	if _, err := i.Desk.Export(t.Context(), authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Reviewer, Programme: p, Desk: id.New()}}}, p, box.Report.ID); err == nil {
		t.Error("another desk exports it")
	}
}
