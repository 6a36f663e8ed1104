// SPDX-License-Identifier: AGPL-3.0-or-later

// Proofs that the Go project's own implementation made.

import assert from "node:assert/strict";
import test from "node:test";
import { unbase64, utf8 } from "./bytes";
import { leafData, leafHash, verifyCheckpoint, verifyConsistency, verifyInclusion, verifyRosterLeaf } from "./keylog";
import { readFile } from "./vectors.fixture";

interface Proof { size: number; index: number; hashes: string[] }
const v = readFile("keylog.json") as {
  verifier: string; stranger: string; salts: string[]; payloads: string[]; checkpoints: string[]; inclusion: Proof[]; consistency: Proof[];
};
const heads = v.checkpoints.map((c) => verifyCheckpoint(c, v.verifier));
const head = (size: number) => heads[size - 1]!;

await test("checkpoints verify under their own key only", () => {
  heads.forEach((h, i) => assert.equal(h.size, i + 1));
  const good = v.checkpoints[4]!;
  assert.throws(() => verifyCheckpoint(good, v.stranger));
  for (const bad of ["", "hello", good.replace("\n5\n", "\n6\n"), good.replace("turnstone/", "turnston3/"), good.split("\n\n")[0]!, good.replace("\n\n", "\n")]) {
    assert.throws(() => verifyCheckpoint(bad, v.verifier), undefined, bad);
  }
  assert.throws(() => verifyCheckpoint(good, "name+00000000+AAAA"));
  const more = good + "\u2014 witness.example AAAAAAAA\n";
  assert.equal(verifyCheckpoint(more, v.verifier).size, 5);
});

await test("every leaf is proven in every tree, and in no other place", () => {
  for (const p of v.inclusion) {
    const leaf = leafHash(leafData("roster", unbase64(v.salts[p.index]!), utf8(v.payloads[p.index]!)));
    const hashes = p.hashes.map(unbase64);
    verifyInclusion(leaf, p.index, head(p.size), hashes);
    verifyRosterLeaf(utf8(v.payloads[p.index]!), { index: p.index, salt: v.salts[p.index]!, hashes: p.hashes }, head(p.size));
    for (let other = 0; other < p.size; other++) {
      if (other !== p.index) assert.throws(() => verifyInclusion(leaf, other, head(p.size), hashes));
    }
    assert.throws(() => verifyInclusion(leafHash(utf8("other")), p.index, head(p.size), hashes));
    assert.throws(() => verifyInclusion(leaf, p.index, head(p.size), [...hashes, new Uint8Array(32)]));
    if (hashes.length > 0) assert.throws(() => verifyInclusion(leaf, p.index, head(p.size), hashes.slice(1)));
    for (const index of [-1, 0.5, NaN, p.size]) assert.throws(() => verifyInclusion(leaf, index, head(p.size), hashes));
  }
});

await test("every tree continues the smaller ones, by its own proof only", () => {
  for (const p of v.consistency) {
    const hashes = p.hashes.map(unbase64);
    verifyConsistency(head(p.index), head(p.size), hashes);
    if (p.index === p.size) continue;
    assert.throws(() => verifyConsistency(head(p.size), head(p.index), hashes));
    assert.throws(() => verifyConsistency(head(p.index), head(p.size), [...hashes, new Uint8Array(32)]));
    assert.throws(() => verifyConsistency(head(p.index), head(p.size), hashes.slice(1)));
    assert.throws(() => verifyConsistency({ ...head(p.index), root: new Uint8Array(32) }, head(p.size), hashes));
    assert.throws(() => verifyConsistency(head(p.index), { ...head(p.size), root: new Uint8Array(32) }, hashes));
  }
  assert.throws(() => verifyConsistency(head(3), { ...head(3), root: new Uint8Array(32) }, []));
});
