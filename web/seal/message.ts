// SPDX-License-Identifier: AGPL-3.0-or-later

// Sealed messages: an age file of header ‖ signature ‖ content ‖ zeros.

import { ed25519 } from "@noble/curves/ed25519.js";
import { base64, concat, hashHex, unbase64, utf8 } from "./bytes";
import { Content, readContent, Role, Type, writeContent } from "./content";
import { checkZeros, coverSize, decrypt, encrypt, envelopeSize, frame, messageSizes, unframe } from "./envelope";
import { BadSignature, OutOfPlace, TooLong } from "./fault";
import { Identity } from "./identity";
import { b64Of, count, hexOf, Of, oneOf, readExact, record, writeJSON } from "./shape";

const label = utf8("turnstone/message/v1\0");

const headerShape = record({
  v: oneOf(1), programme: hexOf(16), report: hexOf(16), epoch: count, recipient: hexOf(32),
  seq: count, prev: hexOf(32), sender: b64Of(32), role: oneOf<Role>("reporter", "desk", "call"),
  type: oneOf<Type>("cover", "report", "message", "key", "file"), length: count, sha256: hexOf(32),
});

/** Header says where a message belongs; the sender signs its exact bytes. */
export type Header = Of<typeof headerShape>;

/** Place is where a message stands in a report's conversation. */
export interface Place {
  programme: string;
  report: string;
  epoch: number;
  seq: number;
  prev: string;
}

/** Stored is a message as the server keeps it; what it says of the order only readers can check. */
export interface Stored {
  seq: number;
  epoch: number;
  role: Role;
  hash: string; // of the header
  body: Uint8Array;
}

/** Opened is a message whose signature verified; whether the sender may speak is the chain's to say. */
export interface Opened {
  header: Header;
  hash: string;
  content: Content;
}

/** sealMessage signs content with the Ed25519 seed and seals it to the report identity's recipient. */
export async function sealMessage(place: Place, content: Content, role: Role, seed: Uint8Array, recipient: string): Promise<Stored> {
  const text = writeContent(content);
  const header: Header = headerShape({
    v: 1, programme: place.programme, report: place.report, epoch: place.epoch, recipient: hashHex(recipient),
    seq: place.seq, prev: place.prev, sender: base64(ed25519.getPublicKey(seed)), role, type: content.type,
    length: text.length, sha256: hashHex(text),
  }, "header");
  const front = writeJSON(header);
  const signature = ed25519.sign(concat(label, front), seed);
  const used = 4 + front.length + signature.length + text.length;
  const body = await encrypt(frame(front, concat(signature, text), sizeFor(content.type, used)), recipient);
  return { seq: place.seq, epoch: place.epoch, role, hash: hashHex(front), body };
}

function sizeFor(type: Type, used: number): number {
  const sizes = type === "cover" ? [coverSize] : messageSizes;
  const size = sizes.find((s) => used <= s);
  if (size === undefined) throw new TooLong(used, sizes[sizes.length - 1]!);
  return size;
}

/** openMessage opens one message and checks everything that needs no neighbours. */
export async function openMessage(identity: Identity, body: Uint8Array): Promise<Opened> {
  const kind = body.length === envelopeSize(coverSize) ? "cover" : "message";
  const plain = await decrypt(kind, body, identity);
  const { front, rest } = unframe(plain);
  const header = readExact(front, headerShape, "header");
  const signature = rest.subarray(0, 64);
  if (signature.length !== 64 || !verify(signature, concat(label, front), unbase64(header.sender))) throw new BadSignature("message");
  if (header.recipient !== identity.recipientHash) throw new OutOfPlace("it was signed for another recipient");
  const text = rest.subarray(64, 64 + header.length);
  if (text.length !== header.length || hashHex(text) !== header.sha256) throw new Error("message: the content has another hash");
  const padding = rest.subarray(64 + header.length);
  checkZeros(padding);
  if (sizeFor(header.type, plain.length - padding.length) !== plain.length) throw new Error("message: it has another size than its content needs");
  return { header, hash: hashHex(front), content: readContent(header.type, text) };
}

/** verify is Ed25519 as RFC 8032 and Go have it; ZIP 215 would accept more. */
export function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
