// SPDX-License-Identifier: AGPL-3.0-or-later

// Hybrid age identities (ML-KEM-768 + X25519), made from 32-byte seeds.

import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";
import { bech32 } from "@scure/base";
import { hashHex, random } from "./bytes";

const identityPrefix = "age-secret-key-pq-";
const recipientSize = 1216;

/** Identity is a secret key; recipient is its public half, age1pq1…. */
export class Identity {
  readonly #seed: Uint8Array;
  readonly recipient: string;
  readonly recipientHash: string;

  constructor(seed: Uint8Array) {
    if (seed.length !== 32) throw new Error("identity: want a seed of 32 bytes");
    this.#seed = seed.slice();
    // encode instead of encodeFromBytes: age has no limit of 90 characters.
    this.recipient = bech32.encode("age1pq", bech32.toWords(MLKEM768X25519.getPublicKey(seed)), false);
    this.recipientHash = hashHex(this.recipient);
  }

  seed(): Uint8Array {
    return this.#seed.slice();
  }

  /** secret is AGE-SECRET-KEY-PQ-1…, for identity files. */
  secret(): string {
    return bech32.encodeFromBytes(identityPrefix, this.#seed).toUpperCase();
  }

  toJSON(): string {
    return "identity (hidden)";
  }
}

/** newIdentity returns an identity from a fresh random seed. */
export function newIdentity(): Identity {
  return new Identity(random(32));
}

/** parseIdentity reads AGE-SECRET-KEY-PQ-1…. */
export function parseIdentity(s: string): Identity {
  const { prefix, bytes } = bech32.decodeToBytes(s);
  if (prefix.toLowerCase() !== identityPrefix) throw new Error("identity: want AGE-SECRET-KEY-PQ-1…");
  return new Identity(bytes);
}

/** checkRecipient refuses what is not a hybrid recipient in its one spelling. */
export function checkRecipient(s: string): string {
  if (!s.startsWith("age1pq1") || s.toLowerCase() !== s) throw new Error("recipient: want age1pq1…");
  const { prefix, words } = bech32.decode(s as `${string}1${string}`, false);
  if (prefix !== "age1pq" || bech32.fromWords(words).length !== recipientSize) throw new Error("recipient: malformed");
  return s;
}
