// SPDX-License-Identifier: AGPL-3.0-or-later

// Opens the original that Go sealed to two halves, and demands that neither
// half alone does.

import assert from "node:assert/strict";
import test from "node:test";
import { base64, unbase64 } from "./bytes";
import { joined, newHalves } from "./evidence";
import { fileShape, openFile, sealFile } from "./file";
import { Identity } from "./identity";
import { readFile } from "./vectors.fixture";

const v = readFile("evidence.json") as { theirs: string; recipient_hash: string; manifest: unknown; pieces: string[]; content: string };

await test("an original that Go sealed opens with both halves, and with neither alone", async () => {
  const file = fileShape(v.manifest, "file");
  const get = async (i: number): Promise<Uint8Array> => unbase64(v.pieces[i]!);
  const both = joined({ ours: file.half!, theirs: v.theirs });
  assert.equal(both.recipientHash, v.recipient_hash);
  const opened = await openFile(file, both, get);
  assert.equal(base64(new Uint8Array(await opened.arrayBuffer())), v.content);
  for (const half of [file.half!, v.theirs, joined({ ours: file.half!, theirs: newHalves().theirs })]) {
    const identity = typeof half === "string" ? new Identity(unbase64(half)) : half;
    await assert.rejects(openFile(file, identity, get));
  }
});

await test("only an original has half a key", () => {
  const file = fileShape(v.manifest, "file");
  assert.throws(() => fileShape({ ...file, cleaned: "cleaned" }, "file"), /half a key/);
  const { half: _, ...without } = file;
  assert.throws(() => fileShape(without, "file"), /half a key/);
  assert.throws(() => fileShape({ ...file, half: base64(new Uint8Array(31)) }, "file"));
  assert.throws(() => joined({ ours: file.half!, theirs: base64(new Uint8Array(31)) }));
});

await test("what this browser seals to two halves opens with them", async () => {
  const halves = newHalves();
  const pieces: Uint8Array[] = [];
  const hashes: string[] = [];
  for await (const piece of sealFile(new Blob(["as it was"]), joined(halves).recipient)) {
    pieces.push(piece.body);
    hashes.push(piece.hash);
  }
  const file = fileShape({ blob: "ab".repeat(16), length: 9, name: "1-original.txt", media: "", pieces: hashes, cleaned: "original", removed: [], half: halves.ours }, "file");
  const opened = await openFile(file, joined(halves), async (i) => pieces[i]!);
  assert.equal(await opened.text(), "as it was");
});
