// SPDX-License-Identifier: AGPL-3.0-or-later

// Blind tokens: equal values have equal tokens, and only the index key's
// holders can say of what.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "./bytes";

export type BlindKind = "phone" | "email" | "plate" | "iban" | "url" | "wallet";

export const blindKinds: readonly BlindKind[] = ["phone", "email", "plate", "iban", "url", "wallet"];

/** blindToken returns the token of a normalised value. */
export function blindToken(index: Uint8Array, programme: string, kind: BlindKind, value: string): Uint8Array {
  if (index.length !== 32 || !blindKinds.includes(kind) || value === "") throw new Error("blind token: malformed");
  return hmac(sha256, index, utf8(`${programme}\0${kind}\0${value}`));
}
