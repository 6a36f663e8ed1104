// SPDX-License-Identifier: AGPL-3.0-or-later

// The key log's proofs: checkpoints (C2SP signed notes), inclusion and
// consistency (RFC 6962, sections 2.1.1 and 2.1.2).

import { concat, equal, hash, hashHex, unbase64, utf8 } from "./bytes";
import { verify } from "./message";
import { writeJSON } from "./shape";

/** Checkpoint is a verified head of the log. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

/** verifyCheckpoint reads a signed note and demands a signature by the verifier key (name+hash+base64). */
export function verifyCheckpoint(note: string, verifierKey: string): Checkpoint {
  const [name = "", keyHash = "", ...rest] = verifierKey.split("+");
  const encoded = rest.join("+");
  const key = unbase64(encoded);
  if (key.length !== 33 || key[0] !== 1) throw new Error("checkpoint: the verifier key is not Ed25519");
  if (hashHex(concat(utf8(name + "\n"), key)).slice(0, 8) !== keyHash) throw new Error("checkpoint: the verifier key's hash is wrong");
  const split = note.lastIndexOf("\n\n");
  if (split < 0) throw new Error("checkpoint: it is not a signed note");
  const body = note.slice(0, split + 1);
  const lines = note.slice(split + 2).split("\n").filter((l) => l !== "");
  if (!lines.some((line) => signedBy(line, name, keyHash, body, key.subarray(1)))) throw new Error("checkpoint: no signature of the log verifies");
  const [origin = "", size = "", root = ""] = body.split("\n");
  if (origin !== name || !/^(0|[1-9]\d{0,14})$/.test(size)) throw new Error("checkpoint: malformed");
  const rootHash = unbase64(root);
  if (rootHash.length !== 32) throw new Error("checkpoint: malformed");
  return { origin, size: Number(size), root: rootHash };
}

function signedBy(line: string, name: string, keyHash: string, body: string, key: Uint8Array): boolean {
  const start = `\u2014 ${name} `;
  if (!line.startsWith(start)) return false;
  const signature = unbase64(line.slice(start.length));
  if (signature.length !== 68) return false;
  const hint = Array.from(signature.subarray(0, 4), (b) => b.toString(16).padStart(2, "0")).join("");
  return hint === keyHash && verify(signature.subarray(4), utf8(body), key);
}

/** leafData is a log entry that commits to a payload with a salt. */
export function leafData(kind: string, salt: Uint8Array, payload: Uint8Array): Uint8Array {
  return writeJSON({ v: 1, kind, commit: hashHex(concat(salt, payload)) });
}

/** leafHash is the hash of an entry in the tree. */
export function leafHash(data: Uint8Array): Uint8Array {
  return hash(concat(Uint8Array.of(0), data));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(concat(Uint8Array.of(1), left, right));
}

/** verifyInclusion demands that the leaf is at index in the tree of the checkpoint. */
export function verifyInclusion(leaf: Uint8Array, index: number, checkpoint: Checkpoint, proof: readonly Uint8Array[]): void {
  if (!Number.isSafeInteger(index) || index < 0 || index >= checkpoint.size) throw new Error("log: the index is not in the tree");
  let [at, last, root] = [index, checkpoint.size - 1, leaf];
  for (const sibling of proof) {
    if (sibling.length !== 32 || last === 0) throw new Error("log: the proof has another length");
    if (at % 2 === 1 || at === last) {
      root = nodeHash(sibling, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      root = nodeHash(root, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0 || !equal(root, checkpoint.root)) throw new Error("log: the entry is not in the tree");
}

/** verifyConsistency demands that the newer tree continues the older one. */
export function verifyConsistency(older: Checkpoint, newer: Checkpoint, proof: readonly Uint8Array[]): void {
  const wrong = (): never => { throw new Error("log: the newer tree does not continue the older one"); };
  if (older.origin !== newer.origin || older.size > newer.size) wrong();
  if (older.size === 0 || older.size === newer.size) {
    if (proof.length !== 0 || (older.size > 0 && !equal(older.root, newer.root))) wrong();
    return;
  }
  const path = [...proof];
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  const start = at === 0 ? older.root : path.shift() ?? wrong();
  let [oldRoot, newRoot] = [start, start];
  for (const sibling of path) {
    if (last === 0) wrong();
    if (at % 2 === 1 || at === last) {
      [oldRoot, newRoot] = [nodeHash(sibling, oldRoot), nodeHash(sibling, newRoot)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newRoot = nodeHash(newRoot, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0 || !equal(oldRoot, older.root) || !equal(newRoot, newer.root)) wrong();
}

function half(n: number): number {
  return Math.floor(n / 2);
}

/** Proof is an inclusion proof as the server sends it. */
export interface Proof {
  index: number;
  salt: string; // base64
  hashes: string[]; // base64
}

/** verifyRosterLeaf demands that the roster's bytes are in the log of the checkpoint. */
export function verifyRosterLeaf(roster: Uint8Array, proof: Proof, checkpoint: Checkpoint): void {
  const leaf = leafHash(leafData("roster", unbase64(proof.salt), roster));
  verifyInclusion(leaf, proof.index, checkpoint, proof.hashes.map(unbase64));
}
