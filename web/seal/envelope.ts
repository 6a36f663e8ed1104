// SPDX-License-Identifier: AGPL-3.0-or-later

// Age files to exactly one hybrid recipient. age-encryption opens files with
// mixed recipients and hundreds of stanzas, so that check is ours.

import { Decrypter, Encrypter } from "age-encryption";
import { concat, equal, readU32, u32, utf8 } from "./bytes";
import { NotForThisKey, StrangeEnvelope } from "./fault";
import { Identity } from "./identity";

/** Kind says which sizes an age file may have. */
export type Kind = "cover" | "message" | "grant" | "package";

/** coverSize is the length of every cover's plaintext. */
export const coverSize = 2048;

/** messageSizes are the lengths of other messages' plaintexts. */
export const messageSizes: readonly number[] = [8192, 32768, 131072];

/** blockSize is the unit of grants and desk key packages. */
export const blockSize = 1024;

/** maxBlocks bounds grants and packages. */
export const maxBlocks = 64;

const start = utf8("age-encryption.org/v1\n-> mlkem768x25519 ");
const macStart = utf8("--- ");
const shareLength = unpadded(1088 + 32);
const bodyLength = unpadded(32);
const macLength = unpadded(32);
const headerSize = start.length + shareLength + 1 + bodyLength + 1 + macStart.length + macLength + 1;
const newline = 10;

function unpadded(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** envelopeSize is the length of an age file with a plaintext of n bytes. */
export function envelopeSize(n: number): number {
  return headerSize + 16 + n + 16 * Math.max(1, Math.ceil(n / 65536));
}

/** checkEnvelope throws StrangeEnvelope unless the age file has one hybrid recipient and an allowed size. */
export function checkEnvelope(kind: Kind, body: Uint8Array): void {
  if (!allowedSize(kind, body.length)) throw new StrangeEnvelope(`${body.length} bytes`);
  checkHead(body);
}

/** checkHead throws StrangeEnvelope unless the age file begins with one hybrid stanza. */
export function checkHead(body: Uint8Array): void {
  let at = 0;
  const literal = (want: Uint8Array): void => {
    if (!equal(body.subarray(at, at + want.length), want)) throw new StrangeEnvelope("not one hybrid stanza");
    at += want.length;
  };
  const line = (length: number): void => {
    if (body[at + length] !== newline || !canonical(body.subarray(at, at + length))) throw new StrangeEnvelope("a line has another form");
    at += length + 1;
  };
  literal(start);
  line(shareLength);
  line(bodyLength);
  literal(macStart);
  line(macLength);
}

function allowedSize(kind: Kind, n: number): boolean {
  if (kind === "cover") return n === envelopeSize(coverSize);
  if (kind === "message") return messageSizes.some((size) => n === envelopeSize(size));
  for (let blocks = 1; blocks <= maxBlocks; blocks++) {
    if (n === envelopeSize(blocks * blockSize)) return true;
  }
  return false;
}

/** canonical accepts unpadded base64 whose spare bits are zero. */
function canonical(line: Uint8Array): boolean {
  const s = String.fromCharCode(...line);
  if (!/^[A-Za-z0-9+/]*$/.test(s)) return false;
  try {
    return btoa(atob(s)).replace(/=+$/, "") === s;
  } catch {
    return false;
  }
}

/** encrypt seals plain to one recipient. */
export async function encrypt(plain: Uint8Array, recipient: string): Promise<Uint8Array> {
  if (!recipient.startsWith("age1pq1")) throw new Error("seal: not a hybrid recipient");
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const body = await encrypter.encrypt(plain);
  if (body.length !== envelopeSize(plain.length)) throw new StrangeEnvelope("what was sealed has another size");
  return body;
}

/** decrypt opens an age file after the envelope check. */
export async function decrypt(kind: Kind, body: Uint8Array, identity: Identity): Promise<Uint8Array> {
  checkEnvelope(kind, body);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.secret());
  try {
    return await decrypter.decrypt(body);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("no identity matched")) throw new NotForThisKey("open");
    throw new Error("open: it was changed");
  }
}

/** frame writes u32 n ‖ front ‖ rest ‖ zeros up to size. */
export function frame(front: Uint8Array, rest: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  out.set(concat(u32(front.length), front, rest));
  return out;
}

/** unframe returns the counted front and what follows it. */
export function unframe(plain: Uint8Array): { front: Uint8Array; rest: Uint8Array } {
  const n = readU32(plain);
  if (n > plain.length - 4) throw new Error("its length does not fit");
  return { front: plain.subarray(4, 4 + n), rest: plain.subarray(4 + n) };
}

/** checkZeros refuses padding that is not zero. */
export function checkZeros(padding: Uint8Array): void {
  let all = 0;
  for (const b of padding) all |= b;
  if (all !== 0) throw new Error("the padding is not zero");
}

/** sealBlocks seals a document in whole blocks. */
export async function sealBlocks(document: Uint8Array, recipient: string): Promise<Uint8Array> {
  const blocks = Math.ceil((4 + document.length) / blockSize);
  if (blocks > maxBlocks) throw new Error("seal: too many keys");
  return encrypt(frame(document, new Uint8Array(0), blocks * blockSize), recipient);
}

/** openBlocks opens what sealBlocks sealed. */
export async function openBlocks(kind: "grant" | "package", body: Uint8Array, identity: Identity): Promise<Uint8Array> {
  const { front, rest } = unframe(await decrypt(kind, body, identity));
  checkZeros(rest);
  if (rest.length >= blockSize) throw new Error("it is larger than its content needs");
  return front;
}
