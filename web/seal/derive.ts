// SPDX-License-Identifier: AGPL-3.0-or-later

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "./bytes";

/** derive is K(label) of docs/formats.md: HKDF-SHA256 with Turnstone's salt, 32 bytes. */
export function derive(key: Uint8Array, label: string): Uint8Array {
  return hkdf(sha256, key, utf8("turnstone/v1"), utf8("turnstone/v1/" + label), 32);
}
