// SPDX-License-Identifier: AGPL-3.0-or-later

// Bytes and their spellings. Each spelling is read in its one form only: lower
// case for hexadecimal, canonical padding for base64, valid UTF-8.

import { sha256 } from "@noble/hashes/sha2.js";

/** hash returns the SHA-256 of b. */
export function hash(b: Uint8Array): Uint8Array {
  return sha256(b);
}

/** hashHex returns the SHA-256 of bytes, or of a string's UTF-8, in hexadecimal. */
export function hashHex(b: Uint8Array | string): string {
  return hex(sha256(typeof b === "string" ? utf8(b) : b));
}

/** zeroHash stands for "none before". */
export const zeroHash = "0".repeat(64);

/** random returns n bytes of the browser's random source. */
export function random(n: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(n));
}

/** newID returns 128 random bits in hexadecimal. */
export function newID(): string {
  return hex(random(16));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** text decodes UTF-8 and refuses what is not. */
export function text(b: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** equal compares in a time that depends on the lengths only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let i = 0; i < a.length; i++) different |= a[i]! ^ b[i]!;
  return different === 0;
}

export function hex(b: Uint8Array): string {
  let out = "";
  for (const byte of b) out += byte.toString(16).padStart(2, "0");
  return out;
}

export function unhex(s: string): Uint8Array {
  if (s.length % 2 !== 0 || !/^[0-9a-f]*$/.test(s)) throw new Error("not lower-case hexadecimal");
  return Uint8Array.from({ length: s.length / 2 }, (_, i) => parseInt(s.slice(2 * i, 2 * i + 2), 16));
}

export function base64(b: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < b.length; i += 0x2000) binary += String.fromCharCode(...b.subarray(i, i + 0x2000));
  return btoa(binary);
}

/** unbase64 reads standard base64 with padding, and nothing that is spelt otherwise. */
export function unbase64(s: string): Uint8Array {
  if (s.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(s)) throw new Error("not base64");
  const binary = atob(s);
  if (btoa(binary) !== s) throw new Error("not canonical base64");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** u32 returns n as four bytes, big-endian. */
export function u32(n: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n);
  return out;
}

/** readU32 reads four big-endian bytes at the start of b. */
export function readU32(b: Uint8Array): number {
  if (b.length < 4) throw new Error("cut off");
  return new DataView(b.buffer, b.byteOffset).getUint32(0);
}
