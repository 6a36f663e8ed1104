// SPDX-License-Identifier: AGPL-3.0-or-later

// What is found in a text and in which form: two people who write the same
// thing in two ways must get the same blind token.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { BlindKind } from "../seal/blind";
import { findSelectors, normalise } from "./selectors";

const same: [BlindKind, string, string][] = [
  ["phone", "+44 7700 900123", "+447700900123"],
  ["phone", "0044 (0)7700-900123", "+447700900123"],
  ["phone", "+45 20 12 34 56", "+4520123456"],
  ["email", " Anna.Smith@Example.ORG ", "anna.smith@example.org"],
  ["plate", "ab12 cde", "AB12CDE"],
  ["plate", "AB 12.345", "AB12345"],
  ["iban", "GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"],
  ["iban", "dk5000400440116243", "DK5000400440116243"],
  ["url", "HTTP://Shop.Example.com/", "shop.example.com"],
  ["url", "https://shop.example.com", "shop.example.com"],
  ["url", "www.example.com/a?b=1", "www.example.com/a?b=1"],
  ["wallet", "0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886e0f7030069857d2e4169ee7"],
];

for (const [kind, text, want] of same) {
  test(`${kind} ${text}`, () => assert.equal(normalise(kind, text), want));
}

const none: [BlindKind, string][] = [
  ["phone", "7700 900123"], // without its country it could be anybody's
  ["phone", "+44"],
  ["email", "anna at example"],
  ["plate", "HELLO"],
  ["iban", "GB29 NWBK 6016 1331 9268 18"], // wrong check digits
  ["url", "not a url"],
  ["wallet", ""],
];

for (const [kind, text] of none) {
  test(`no ${kind}: ${text}`, () => assert.equal(normalise(kind, text), undefined));
}

test("a text's selectors are found once each, and no account is a telephone too", () => {
  const text = `Call +44 7700 900123 or +447700900123. Pay to GB29 NWBK 6016 1331 9268 19, or to
    bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq. The van is AB12 CDE. See https://shop.example.com/deal and write to a@b.example.`;
  const found = findSelectors(text).map((s) => `${s.kind} ${s.value}`).sort();
  assert.deepEqual(found, [
    "email a@b.example", "iban GB29NWBK60161331926819", "phone +447700900123", "plate AB12CDE", "url shop.example.com/deal",
    "wallet bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
  ]);
});

test("ordinary words hold nothing", () => {
  assert.deepEqual(findSelectors("They come on Tuesday at 6 and leave at 10. There are 4 of them, in a grey van."), []);
  assert.deepEqual(findSelectors("De kommer altid tirsdag lidt før fem. يأتون كل ثلاثاء"), []);
});

test("a long text is searched in a moment", () => {
  const started = performance.now();
  findSelectors("a1".repeat(50_000) + " " + "GB29 ".repeat(5_000) + "+4 ".repeat(5_000));
  assert.ok(performance.now() - started < 2_000, "a pattern backtracks");
});

// What engine/extract finds right of the wall is written as what is indexed left of it.
for (const v of JSON.parse(readFileSync(`${process.env.TURNSTONE_ROOT}/engine/extract/testdata/vectors.json`, "utf8")) as { kind: BlindKind; text: string; value: string }[]) {
  test(`shared: ${v.kind} ${v.text}`, () => assert.equal(normalise(v.kind, v.text) ?? "", v.value));
}
