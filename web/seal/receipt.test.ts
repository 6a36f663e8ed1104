// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { hex, unhex } from "./bytes";
import { findReceipt, newReceipt, parseReceipt, Receipt, ReceiptCheck, receiptOf, wordsOf } from "./receipt";
import { wordList } from "./vectors.fixture";
import { checkedList, fold, listHashes, readWords, UnknownWords, WordCount } from "./words";

const lists = Object.keys(listHashes).map(wordList);
const english = wordList("en");

await test("a receipt reads the same from every language", () => {
  for (let i = 0; i < 50; i++) {
    const r = newReceipt();
    for (const list of lists) {
      const words = wordsOf(r, list);
      assert.equal(hex(parseReceipt(words.join(" "), lists).bytes()), hex(r.bytes()));
      assert.equal(hex(parseReceipt(words.map((w) => w.slice(0, 1).toUpperCase() + w.slice(1)).join(", "), lists).bytes()), hex(r.bytes()));
    }
    assert.equal(hex(receiptOf(r.numbers()).bytes()), hex(r.bytes()));
  }
});

await test("the other languages' lists are loaded only when they are needed", async () => {
  const r = newReceipt();
  let loaded = 0;
  const others = async () => { loaded++; return lists; };
  await findReceipt(wordsOf(r, english).join(" "), english, others);
  assert.equal(loaded, 0);
  const found = await findReceipt(wordsOf(r, wordList("ar")).join(" "), english, others);
  assert.equal(loaded, 1);
  assert.equal(hex(found.bytes()), hex(r.bytes()));
  await assert.rejects(findReceipt("able about", english, others), WordCount);
  assert.equal(loaded, 1);
});

await test("unknown words are marked, with near ones", () => {
  try {
    readWords("able abuot xyzzyq", lists, 3);
    assert.ok(false);
  } catch (error) {
    assert.ok(error instanceof UnknownWords);
    assert.equal(error.language, "en");
    assert.deepEqual(error.words.map((w) => [w.index, w.word]), [[1, "abuot"], [2, "xyzzyq"]]);
    assert.ok(error.words[0]!.near.includes("about"));
  }
});

await test("wrong words are noticed fifteen times of sixteen", () => {
  let missed = 0;
  let tried = 0;
  for (let i = 0; i < 60; i++) {
    const numbers = newReceipt().numbers();
    for (let at = 0; at < numbers.length; at++) {
      const wrong = numbers.slice();
      wrong[at] = (wrong[at]! + 1 + i) % 2048;
      tried++;
      try {
        receiptOf(wrong);
        missed++;
      } catch (error) {
        assert.ok(error instanceof ReceiptCheck);
      }
    }
  }
  assert.ok(missed < tried / 8, `${missed} of ${tried}`);
});

await test("what is no receipt is refused", () => {
  for (const bad of ["", "00".repeat(13), "00".repeat(15), "00".repeat(13) + "01"]) assert.throws(() => new Receipt(unhex(bad)));
  for (const numbers of [[], Array<number>(9).fill(0), Array<number>(10).fill(2048), Array<number>(10).fill(-1)]) assert.throws(() => receiptOf(numbers));
});

await test("words are found as people type them", () => {
  for (const typed of ["ABANDON", "aban", " abando", "ａｂａｎｄｏｎ"]) assert.equal(english.words[english.find(typed)!], "abandon");
  for (const typed of ["", "aba", "abandoned", "123"]) assert.equal(english.find(typed), undefined);
  assert.equal(fold("Ærøskøbing"), "aeroeskoebing");
  assert.equal(fold("أَقْلام"), fold("اقلام"));
  assert.deepEqual(english.complete("aban"), ["abandon"]);
  assert.deepEqual(english.complete(""), []);
});

await test("a word list that is not the one built with is refused", () => {
  const bytes = new TextEncoder().encode(english.words.join("\n") + "\n");
  checkedList("en", bytes);
  bytes[0]! ^= 1;
  assert.throws(() => checkedList("en", bytes));
  assert.throws(() => checkedList("xx", bytes));
});
