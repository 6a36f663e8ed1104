// SPDX-License-Identifier: AGPL-3.0-or-later

// A member's own keys: wrapped on the server, opened only here.

import { ed25519 } from "@noble/curves/ed25519.js";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import { base64, concat, random, unbase64, utf8 } from "./bytes";
import { derive } from "./derive";
import { NotForThisKey } from "./fault";
import { Identity } from "./identity";
import { b64Of, oneOf, readExact, record, writeJSON } from "./shape";

/** StretchParams are the costs of Argon2id; memory in KiB. */
export interface StretchParams {
  memory: number;
  passes: number;
  threads: number;
}

/** minStretch is the least that this client accepts, whatever the server asks for. */
export const minStretch: Readonly<StretchParams> = { memory: 64 * 1024, passes: 3, threads: 1 };
const maxStretch: Readonly<StretchParams> = { memory: 1024 * 1024, passes: 16, threads: 4 };

/** Stretched are the two keys of a passphrase: login is sent, wrap never is. */
export interface Stretched {
  login: Uint8Array;
  wrap: Uint8Array;
}

/** stretchPassphrase takes seconds in a browser; progress runs from 0 to 1. */
export async function stretchPassphrase(passphrase: string, salt: Uint8Array, p: StretchParams, progress?: (done: number) => void): Promise<Stretched> {
  for (const cost of ["memory", "passes", "threads"] as const) {
    if (!(p[cost] >= minStretch[cost])) throw new Error("passphrase: the server asks for weaker costs than allowed");
    if (!(p[cost] <= maxStretch[cost])) throw new Error("passphrase: the server asks for higher costs than allowed");
  }
  if (salt.length !== 16) throw new Error("passphrase: want a salt of 16 bytes");
  const s = await argon2idAsync(utf8(passphrase.normalize("NFKD")), salt, {
    m: p.memory, t: p.passes, p: p.threads, dkLen: 32, maxmem: 2 ** 31, asyncTick: 50,
    ...(progress === undefined ? {} : { onProgress: progress }),
  });
  return { login: derive(s, "login"), wrap: derive(s, "wrap") };
}

const keysShape = record({ v: oneOf(1), seed: b64Of(32), sign: b64Of(32) });

/** MemberKeys are a member's secret keys. */
export class MemberKeys {
  readonly identity: Identity;

  constructor(seed: Uint8Array, readonly signingSeed: Uint8Array) {
    this.identity = new Identity(seed);
  }

  /** signingKey is the Ed25519 public key. */
  signingKey(): Uint8Array {
    return ed25519.getPublicKey(this.signingSeed);
  }

  toJSON(): string {
    return "member keys (hidden)";
  }
}

/** newMemberKeys returns fresh keys. */
export function newMemberKeys(): MemberKeys {
  return new MemberKeys(random(32), random(32));
}

/** wrapMember encrypts a member's keys for keeping on the server, bound to the account (hexadecimal id). */
export async function wrapMember(keys: MemberKeys, wrap: Uint8Array, account: string): Promise<Uint8Array> {
  const document = keysShape({ v: 1, seed: base64(keys.identity.seed()), sign: base64(keys.signingSeed) }, "member keys");
  const nonce = random(12);
  const sealed = await crypto.subtle.encrypt(gcm(nonce, account), await gcmKey(wrap), writeJSON(document) as BufferSource);
  return concat(nonce, new Uint8Array(sealed));
}

/** unwrapMember opens what wrapMember made; a wrong passphrase gives NotForThisKey. */
export async function unwrapMember(wrapped: Uint8Array, wrap: Uint8Array, account: string): Promise<MemberKeys> {
  let plain: ArrayBuffer;
  try {
    plain = await crypto.subtle.decrypt(gcm(wrapped.subarray(0, 12), account), await gcmKey(wrap), wrapped.subarray(12) as BufferSource);
  } catch {
    throw new NotForThisKey("member keys");
  }
  const k = readExact(new Uint8Array(plain), keysShape, "member keys");
  return new MemberKeys(unbase64(k.seed), unbase64(k.sign));
}

function gcm(nonce: Uint8Array, account: string): AesGcmParams {
  return { name: "AES-GCM", iv: nonce as BufferSource, additionalData: utf8("turnstone/member/v1\0" + account) as BufferSource };
}

function gcmKey(wrap: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", wrap as BufferSource, "AES-GCM", false, ["encrypt", "decrypt"]);
}
