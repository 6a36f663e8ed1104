// SPDX-License-Identifier: AGPL-3.0-or-later

// Finding in a text what other reports may mention too, and writing each in
// the one form from which its blind token is made (docs/formats.md).

import { BlindKind } from "../seal/blind";

/** Selector is a value in its normalised form. */
export interface Selector {
  kind: BlindKind;
  value: string;
}

// Every repetition is bounded: a reporter's text is an attacker's too.
const patterns: [BlindKind, RegExp][] = [
  ["email", /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu],
  ["url", /\b(?:https?:\/\/|www\.)[^\s<>"']+/giu],
  ["wallet", /\b(?:bc1[a-z0-9]{25,62}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b/gu],
  ["iban", /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gu],
  ["phone", /(?:\+|\b00)\d[\d ()./-]{6,18}\d/gu],
  ["plate", /\b(?=[A-Z0-9 -]{0,9}\d)(?=[A-Z0-9 -]{0,9}[A-Z])[A-Z]{1,3}[ -]?(?:\d{1,2}[ -]?(?:\d{3}|[A-Z]{3})|\d{2,4}[ -]?[A-Z]{0,3})\b/gu],
];

/** findSelectors returns what a text mentions, each once, in the order of the patterns. */
export function findSelectors(text: string): Selector[] {
  const found = new Map<string, Selector>();
  let rest = text.normalize("NFKC");
  for (const [kind, pattern] of patterns) {
    rest = rest.replace(pattern, (hit) => {
      const value = normalise(kind, hit);
      if (value === undefined) return hit;
      found.set(`${kind} ${value}`, { kind, value });
      return " ".repeat(hit.length); // no digit of an account is a telephone too
    });
  }
  return [...found.values()];
}

/** plain drops marks that nobody sees and makes one dash of all; digits of other scripts become 0–9. */
function plain(text: string): string {
  return text.normalize("NFKC").replace(/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, "").replace(/[\u2010-\u2015\u2212]/gu, "-");
}

/** digits turns Arabic, Persian and Devanagari digits into 0–9. */
function digits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/gu, (d) => String((d.codePointAt(0)! & 0xf) - (d >= "\u0966" ? 6 : 0)));
}

/** rearmed undoes what people write so that an address can't be clicked. */
function rearmed(text: string): string {
  return text.replace(/^hxxp/i, "http").replace(/[[({](?:\.|dot)[\])}]/giu, ".").replace(/ ?[[({](?:@|at)[\])}] ?/giu, "@").replace("[:]", ":");
}

/**
 * normalise returns the one form of a value, undefined when it is not of that kind. engine/extract writes the same forms: both are
 * tested with engine/extract/testdata/vectors.json.
 */
export function normalise(kind: BlindKind, text: string): string | undefined {
  let t = plain(text).trim();
  if (kind === "phone" || kind === "iban") t = digits(t);
  if (kind === "email" || kind === "url") t = rearmed(t);
  switch (kind) {
    case "email": return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(t) ? t.toLowerCase() : undefined;
    case "url": return normaliseURL(t);
    case "wallet": return /^0x/i.test(t) || /^bc1/i.test(t) ? t.toLowerCase() : t === "" ? undefined : t;
    case "iban": return normaliseIBAN(t);
    case "phone": return normalisePhone(t);
    case "plate": {
      const plate = t.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
      return plate.length >= 4 && plate.length <= 10 && /\p{N}/u.test(plate) && /\p{L}/u.test(plate) ? plate : undefined;
    }
  }
}

function normalisePhone(text: string): string | undefined {
  const digits = text.replace(/^00/, "+").replace(/\(0\)/, "").replace(/[^\d+]/g, "");
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}

function normaliseURL(text: string): string | undefined {
  try {
    const url = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
    const path = url.pathname.replace(/[.,;:!?)]+$/u, "").replace(/\/$/, "");
    return url.hostname.includes(".") ? url.hostname.toLowerCase() + path + url.search : undefined;
  } catch {
    return undefined;
  }
}

/** normaliseIBAN checks the two check digits (ISO 13616: the number modulo 97 is 1). */
function normaliseIBAN(text: string): string | undefined {
  const iban = text.toUpperCase().replace(/\s/g, "");
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return undefined;
  let rest = 0;
  for (const c of iban.slice(4) + iban.slice(0, 4)) {
    const n = parseInt(c, 36);
    rest = (rest * (n > 9 ? 100 : 10) + n) % 97;
  }
  return rest === 1 ? iban : undefined;
}
