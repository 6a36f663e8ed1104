// SPDX-License-Identifier: AGPL-3.0-or-later

// The key of an original that is kept as evidence, in two halves: its seed is
// one XOR the other. Ours stands in the manifest, which the desk alone can
// open; theirs is with the server, which gives it to two people together.

import { base64, random, unbase64 } from "./bytes";
import { Identity } from "./identity";

/** Halves are both halves, in base64. */
export interface Halves {
  ours: string;
  theirs: string;
}

/** newHalves returns fresh halves. */
export function newHalves(): Halves {
  return { ours: base64(random(32)), theirs: base64(random(32)) };
}

/** joined is the identity that both halves together are. */
export function joined({ ours, theirs }: Halves): Identity {
  const [a, b] = [unbase64(ours), unbase64(theirs)];
  if (a.length !== 32 || b.length !== 32) throw new Error("evidence: want two halves of 32 bytes");
  return new Identity(a.map((byte, i) => byte ^ b[i]!));
}
