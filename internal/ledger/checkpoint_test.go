// SPDX-License-Identifier: AGPL-3.0-or-later

package ledger_test

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/turnstone-project/turnstone/internal/kernel/clock"
	"github.com/turnstone-project/turnstone/internal/ledger"
)

func FuzzParseCheckpoint(f *testing.F) {
	f.Add("turnstone/x\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")
	f.Add("turnstone/x\n-1\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ledger.ParseCheckpoint(s)
		if err == nil && c.Text() != s {
			t.Fatalf("%q has a second spelling %q", s, c.Text())
		}
	})
}

func TestParseCheckpointRefuses(t *testing.T) {
	const good = "turnstone/x\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	if c, err := ledger.ParseCheckpoint(good); err != nil || c.Size != 7 || c.Origin != "turnstone/x" {
		t.Fatalf("%+v, %v", c, err)
	}
	for name, bad := range map[string]string{
		"nothing": "", "no end of line": good[:len(good)-1], "an extension": good + "more\n", "no origin": good[len("turnstone/x"):],
		"a zero before": strings.Replace(good, "7", "07", 1), "a sign": strings.Replace(good, "7", "-7", 1), "a short hash": strings.Replace(good, "CsUY", "", 1),
	} {
		_, err := ledger.ParseCheckpoint(bad)
		wantErr(t, name, err)
	}
}

func TestOpenCheckpointWantsTheLogsOwnSignature(t *testing.T) {
	w, other := newWorld(t, "turnstone/one"), newWorld(t, "turnstone/two")
	w.grow(t, 2)
	signed, _ := w.checkpoint(t)
	_, _, err := ledger.OpenCheckpoint(signed, other.key)
	wantErr(t, "another log's key", err)
	_, _, err = ledger.OpenCheckpoint([]byte(strings.Replace(string(signed), "\n2\n", "\n3\n", 1)), w.key)
	wantErr(t, "a changed size", err)

	// Another key of the same name signs: the name alone is not enough.
	impostor := newWorld(t, "turnstone/one")
	forged, _ := impostor.checkpoint(t)
	_, _, err = ledger.OpenCheckpoint(forged, w.key)
	wantErr(t, "an impostor's checkpoint", err)

	// The log's key signs a checkpoint of another origin.
	text := ledger.Checkpoint{Origin: "turnstone/two"}.Text()
	foreign, err := note.Sign(&note.Note{Text: text}, w.signer)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = ledger.OpenCheckpoint(foreign, w.key)
	wantErr(t, "a foreign origin", err)

	// A witness alone signs.
	onlyWitness, err := note.Sign(&note.Note{Text: text}, other.signer)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = ledger.OpenCheckpoint(onlyWitness, w.key, other.key)
	wantErr(t, "a checkpoint that the log has not signed", err)
}

func TestWitness(t *testing.T) {
	w := newWorld(t, "turnstone/one")
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	vkey := ledger.WitnessKey("witness.example/w1", public)
	verifier, err := ledger.NewWitness(vkey)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	witness := ledger.NewWitnessSigner("witness.example/w1", private, clock.Fixed(at))

	w.grow(t, 3)
	signed, _ := w.checkpoint(t)
	cosigned, first, err := witness.Cosign(signed, w.key, ledger.Checkpoint{}, ledger.Consistency{})
	if err != nil {
		t.Fatal(err)
	}
	c, names, err := ledger.OpenCheckpoint(cosigned, w.key, verifier)
	if err != nil || c.Size != 3 || !slices.Equal(names, []string{"witness.example/w1"}) {
		t.Fatalf("%+v, %v, %v", c, names, err)
	}
	if err := w.Keep(t.Context(), cosigned); err != nil {
		t.Fatal(err)
	}

	w.grow(t, 4)
	signed, _ = w.checkpoint(t)
	proof, err := w.ProveConsistency(t.Context(), 3, 7)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := witness.Cosign(signed, w.key, first, proof); err != nil {
		t.Fatal(err)
	}
	_, _, err = witness.Cosign(signed, w.key, first, ledger.Consistency{Earlier: 3, Later: 7})
	wantErr(t, "no proof", err)
	fork := newWorld(t, "turnstone/one")
	fork.grow(t, 7)
	other, _ := fork.checkpoint(t)
	_, _, err = witness.Cosign(other, fork.key, first, proof)
	wantErr(t, "a fork", err)

	// A cosignature with its time moved is none.
	moved := *ledger.NewWitnessSigner("witness.example/w1", private, clock.Fixed(at.Add(time.Hour)))
	again, _, err := moved.Cosign(signed, w.key, ledger.Checkpoint{}, ledger.Consistency{})
	if err != nil || string(again) == string(cosigned) {
		t.Fatalf("the time is not signed: %v", err)
	}
}

func TestWitnessKeysAreChecked(t *testing.T) {
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := ledger.WitnessKey("w", public)
	w := newWorld(t, "turnstone/one")
	for name, bad := range map[string]string{
		"nothing": "", "no key": "w+00000000", "another name": "v" + good[1:], "a log's key": w.vkey, "cut": good[:len(good)-4], "a space": " " + good,
	} {
		_, err := ledger.NewWitness(bad)
		wantErr(t, name, err)
	}
	v, err := ledger.NewWitness(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 8, 64, 71, 73} {
		if v.Verify([]byte("text"), make([]byte, n)) {
			t.Errorf("a signature of %d bytes was accepted", n)
		}
	}
}
