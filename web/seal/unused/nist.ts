// SPDX-License-Identifier: AGPL-3.0-or-later

// What takes the place of noble's NIST curves (tools/bundle). The age library
// can seal to them and brings them along; we seal to hybrid keys with X25519
// and to nothing else (envelope.ts refuses other recipients before the library
// sees them), so a tenth of the script was code that never ran. The lengths
// are true, because the library looks at them when it is loaded; whatever
// computes stops.

function never(): never {
  throw new Error("seal: a curve that we don't seal to");
}

function curve(size: number): object {
  return {
    lengths: { secretKey: size, publicKey: size + 1, publicKeyUncompressed: 2 * size + 1, publicKeyHasPrefix: true, signature: 2 * size, seed: size + size / 2 },
    Point: { Fn: { fromBytes: never, toBytes: never, create: never, isValidNot0: never }, fromBytes: never },
    utils: { randomSecretKey: never },
    keygen: never, getPublicKey: never, getSharedSecret: never, sign: never, verify: never,
  };
}

export const p256 = curve(32);
export const p384 = curve(48);
