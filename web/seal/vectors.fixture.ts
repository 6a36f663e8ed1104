// SPDX-License-Identifier: AGPL-3.0-or-later

// The vectors that Go and the browser make for each other, read from the source tree.

import { readFileSync, writeFileSync } from "node:fs";
import { Cover, Report, Role } from "./content";
import { File_ } from "./file";
import { StretchParams } from "./member";
import { SignedRoster } from "./roster";
import { checkedList, WordList } from "./words";

const root = process.env["TURNSTONE_ROOT"] ?? ".";
const vectorFolder = `${root}/internal/seal/testdata/vectors`;

export function wordList(language: string): WordList {
  return checkedList(language, readFileSync(`${root}/internal/seal/words/${language}.txt`));
}

export function readVectors(maker: string): Vectors {
  return JSON.parse(readFileSync(`${vectorFolder}/${maker}.json`, "utf8")) as Vectors;
}

export function readFile(name: string): unknown {
  return JSON.parse(readFileSync(`${vectorFolder}/${name}`, "utf8"));
}

export function writeVectors(maker: string, v: Vectors): void {
  writeFileSync(`${vectorFolder}/${maker}.json`, JSON.stringify(v, undefined, 1) + "\n");
}

export interface StoredJSON { seq: number; epoch: number; role: Role; hash: string; body: string }

export interface ReceiptVector {
  bytes: string; numbers: number[]; words: Record<string, string[]>; login: string; mailbox: string;
  recipient: string; recipient_hash: string; sign: string; signer: string; report: string;
}

/** Vectors is the twin of Go's type of that name. */
export interface Vectors {
  made_by: string;
  receipts: ReceiptVector[];
  programme: { key: string; now: string; roster: SignedRoster; hash: string };
  submission: { body: string; receipt: string; desk: string; recovery: string; cover: Cover; report: Report };
  conversation: { grant: string; messages: StoredJSON[]; texts: string[] };
  desk_keys: { member: string; body: string; keys: { v: number; desk: string; epochs: { epoch: number; seed: string; index: string }[] } };
  member: {
    passphrase: string; salt: string; params: StretchParams; login: string; wrap: string; account: string; wrapped: string;
    keys: { v: number; seed: string; sign: string }; prf: string; prf_wrap: string;
  };
  file: { identity: string; manifest: File_; pieces: string[]; content: string };
  blind: { index: string; programme: string; kind: string; value: string; token: string }[];
}
