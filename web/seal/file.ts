// SPDX-License-Identifier: AGPL-3.0-or-later

// Files: padded, sealed to the report identity as a stream, cut into pieces.
// The manifest, a signed message, names the pieces by their hashes. Neither
// direction holds more than some pieces in memory.

import { Decrypter, Encrypter } from "age-encryption";
import { hex } from "./bytes";
import { checkHead, envelopeSize } from "./envelope";
import { NotForThisKey, OutOfPlace, TooLong } from "./fault";
import { Identity } from "./identity";
import { b64Of, count, hexOf, list, Of, oneOf, recordWith, Shape, str } from "./shape";

/** pieceSize is the length of every piece of ciphertext but the last. */
export const pieceSize = 4 * 1024 * 1024;

/** maxFile is the most bytes that a file may have before it is padded. */
export const maxFile = 500 * 1024 * 1024;

const minFile = 8 * 1024;

/** paddedLength is Padmé (PETS 2019), and 8 KiB at least. */
export function paddedLength(n: number): number {
  if (n <= minFile) return minFile;
  const e = Math.floor(Math.log2(n)); // exact: n is far below 2^48
  const s = Math.floor(Math.log2(e)) + 1;
  const unit = 2 ** (e - s);
  return Math.ceil(n / unit) * unit;
}

/** sealedLength is the length of the ciphertext of n bytes. */
export function sealedLength(n: number): number {
  return envelopeSize(paddedLength(n));
}

/** pieceCount is the number of pieces of a file of n bytes. */
export function pieceCount(n: number): number {
  return Math.ceil(sealedLength(n) / pieceSize);
}

const name: Shape<string> = (v, where) => {
  const s = str(v, where);
  if ([...s].length > 200 || /[\p{Cc}/\\]/u.test(s)) throw new Error(`${where}: not a name`);
  return s;
};

const short = (most: number): Shape<string> => (v, where) => {
  const s = str(v, where);
  if (s.length > most) throw new Error(`${where}: too long`);
  return s;
};

const fields = recordWith({
  blob: hexOf(16), length: count, name, media: short(100), pieces: list(hexOf(32)),
  cleaned: oneOf<Cleaning>("cleaned", "partly", "unclean", "original"), removed: list(str),
}, { half: b64Of(32) });

/** Cleaning says what was done with a file before it was sealed. */
export type Cleaning = "cleaned" | "partly" | "unclean" | "original";

/** File is the manifest of a file. */
export type File_ = Of<typeof fields>;

/** fileShape checks a manifest. */
export const fileShape: Shape<File_> = (v, where) => {
  const f = fields(v, where);
  if (f.length > maxFile || f.pieces.length !== pieceCount(f.length) || f.removed.length > 64 || /^0*$/.test(f.blob)) {
    throw new Error(`${where}: its pieces do not fit its length`);
  }
  if ((f.half !== undefined) !== (f.cleaned === "original")) throw new Error(`${where}: an original has half a key, and nothing else has`);
  return f;
};

/** neutralName makes of what a device calls a file something that a manifest may hold. */
export function neutralName(given: string): string {
  return [...given.replace(/[\p{Cc}/\\]/gu, " ").trim()].slice(-120).join("");
}

/** Piece is one piece of ciphertext with its hash. */
export interface Piece {
  index: number;
  body: Uint8Array;
  hash: string;
}

/** sealFile seals source and yields its pieces in order, each with a memory of its own. */
export async function* sealFile(source: Blob, recipient: string): AsyncGenerator<Piece> {
  if (source.size > maxFile) throw new TooLong(source.size, maxFile);
  if (!recipient.startsWith("age1pq1")) throw new Error("seal: not a hybrid recipient");
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const whole = new Blob([source, new Uint8Array(paddedLength(source.size) - source.size)]);
  const sealed = (await encrypter.encrypt(whole.stream() as ReadableStream<Uint8Array>)).getReader();
  const total = sealedLength(source.size);
  let rest: Uint8Array = new Uint8Array(0);
  let sent = 0;
  for (let index = 0; sent < total; index++) {
    const body = new Uint8Array(Math.min(pieceSize, total - sent));
    let at = 0;
    while (at < body.length) {
      if (rest.length === 0) {
        const { value, done } = await sealed.read();
        if (done) throw new Error("seal: what was sealed is too short");
        rest = value;
      }
      const n = Math.min(rest.length, body.length - at);
      body.set(rest.subarray(0, n), at);
      rest = rest.subarray(n);
      at += n;
    }
    sent += body.length;
    yield { index, body, hash: await sha256(body) };
  }
  if (rest.length > 0 || !(await sealed.read()).done) throw new Error("seal: what was sealed is too long");
}

/** sha256 uses the browser's own, which is many times faster on megabytes. */
export async function sha256(body: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", body as BufferSource)));
}

/**
 * openFile returns the content of a file. get returns the pieces by index; a
 * piece that is not the one that the manifest names stops everything.
 */
export async function openFile(file: File_, identity: Identity, get: (index: number) => Promise<Uint8Array>): Promise<Blob> {
  const total = sealedLength(file.length);
  let next = 0;
  const pieces = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next === file.pieces.length) return controller.close();
      const body = await get(next);
      const want = Math.min(pieceSize, total - next * pieceSize);
      if (body.length !== want || (await sha256(body)) !== file.pieces[next]) throw new OutOfPlace(`piece ${next} is not the one that the manifest names`);
      if (next === 0) checkHead(body);
      next++;
      controller.enqueue(body);
    },
  }, { highWaterMark: 0 });
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.secret());
  const opened = await decrypter.decrypt(pieces).catch((error: unknown) => {
    throw error instanceof Error && error.message.startsWith("no identity matched") ? new NotForThisKey("open") : error;
  });
  return collect(opened, file.length);
}

/** collect takes the content, and demands that the padding after it is zero and as long as it must be. */
async function collect(opened: ReadableStream<Uint8Array>, length: number): Promise<Blob> {
  const parts: Blob[] = [];
  let at = 0;
  const reader = opened.getReader();
  for (let r = await reader.read(); !r.done; r = await reader.read()) {
    const keep = Math.min(r.value.length, Math.max(0, length - at));
    if (keep > 0) parts.push(new Blob([r.value.subarray(0, keep) as BlobPart]));
    if (r.value.subarray(keep).some((b) => b !== 0)) throw new Error("the padding is not zero");
    at += r.value.length;
  }
  if (at !== paddedLength(length)) throw new Error("it has another size than its content needs");
  return new Blob(parts);
}
