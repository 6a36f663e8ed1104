// SPDX-License-Identifier: AGPL-3.0-or-later

// Passkeys as the second way to wrap a member's keys. A PRF result is a key: it
// never leaves the page, though PublicKeyCredential.toJSON() contains it.

import { hash, utf8 } from "./bytes";
import { derive } from "./derive";

/** prfInput is what the authenticator is asked to evaluate. */
export function prfInput(): Uint8Array {
  return hash(utf8("turnstone/v1/prf"));
}

/** wrapKeyFromPRF returns the wrapping key of a PRF result of 32 bytes. */
export function wrapKeyFromPRF(result: Uint8Array): Uint8Array {
  if (result.length !== 32) throw new Error("passkey: want a PRF result of 32 bytes");
  return derive(result, "prf");
}

/**
 * withoutPRF returns a credential's JSON without any PRF result, ready to be
 * sent: the whole of prf.results goes, wherever it is nested, and of the client's
 * extension results only what has a name that the server needs stays.
 */
export function withoutPRF(credential: Record<string, unknown>): Record<string, unknown> {
  const copy = strip(structuredClone(credential)) as Record<string, unknown>;
  const results = copy["clientExtensionResults"];
  if (typeof results === "object" && results !== null) {
    const { prf, credProps } = results as { prf?: { enabled?: unknown }; credProps?: unknown };
    copy["clientExtensionResults"] = {
      ...(credProps === undefined ? {} : { credProps }),
      ...(typeof prf?.enabled === "boolean" ? { prf: { enabled: prf.enabled } } : {}),
    };
  }
  return copy;
}

/** strip removes every "results" of every "prf". */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => {
    if (name === "prf" && typeof inner === "object" && inner !== null) {
      const { results: _results, ...rest } = inner as Record<string, unknown>;
      return [name, strip(rest)];
    }
    return [name, strip(inner)];
  }));
}
