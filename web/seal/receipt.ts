// SPDX-License-Identifier: AGPL-3.0-or-later

// A receipt is the reporter's 106 random bits, shown as ten words. All keys of
// the reporter derive from it.

import { ed25519 } from "@noble/curves/ed25519.js";
import { derive } from "./derive";
import { concat, hash, hex, random, utf8 } from "./bytes";
import { Identity } from "./identity";
import { readWords, WordCount, WordList } from "./words";

const size = 14;
const spare = 6; // zero bits at the end of the last byte
const wordCount = 10;
const wordBits = 11;

/** ReceiptCheck: ten known words, but one or more are wrong or out of order. */
export class ReceiptCheck extends Error {
  constructor() {
    super("one or more words are wrong or out of order");
  }
}

/** Receipt is a secret: whoever has it is the reporter. */
export class Receipt {
  readonly #bytes: Uint8Array;

  /** Reads 14 bytes, the last six bits zero. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== size || (bytes[size - 1]! & ((1 << spare) - 1)) !== 0) throw new Error("receipt: malformed");
    this.#bytes = bytes.slice();
  }

  bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  /** login names the mailbox to the server; it opens nothing. */
  login(): Uint8Array {
    return derive(this.#bytes, "login");
  }

  /** mailbox is the identity to which the reporter's own grant is sealed. */
  mailbox(): Identity {
    return new Identity(derive(this.#bytes, "mailbox"));
  }

  /** signingSeed is the seed of the reporter's Ed25519 key. */
  signingSeed(): Uint8Array {
    return derive(this.#bytes, "sign");
  }

  /** signingKey is the reporter's Ed25519 public key. */
  signingKey(): Uint8Array {
    return ed25519.getPublicKey(this.signingSeed());
  }

  /** reportID is the id of a report that is sent without script. */
  reportID(): string {
    return hex(derive(this.#bytes, "report").subarray(0, 16));
  }

  /** numbers are the ten numbers below 2,048 that the words stand for. */
  numbers(): number[] {
    const all = this.#bytes.slice();
    all[size - 1]! |= check(this.#bytes) << 2;
    return Array.from({ length: wordCount }, (_, i) => {
      let n = 0;
      for (let at = i * wordBits; at < (i + 1) * wordBits; at++) n = (n << 1) | ((all[at >> 3]! >> (7 - (at & 7))) & 1);
      return n;
    });
  }

  toJSON(): string {
    return "receipt (hidden)";
  }
}

function check(bytes: Uint8Array): number {
  return hash(concat(utf8("turnstone/receipt/v1\0"), bytes))[0]! >> 4;
}

/** newReceipt returns a fresh receipt from the browser's random source. */
export function newReceipt(): Receipt {
  const bytes = random(size);
  bytes[size - 1]! &= ~((1 << spare) - 1);
  return new Receipt(bytes);
}

/** receiptOf reads ten numbers; it throws ReceiptCheck when the check bits are wrong. */
export function receiptOf(numbers: number[]): Receipt {
  if (numbers.length !== wordCount || numbers.some((n) => n < 0 || n >= 1 << wordBits)) throw new Error("receipt: malformed");
  const bytes = new Uint8Array(size);
  numbers.forEach((n, i) => {
    for (let bit = 0; bit < wordBits; bit++) {
      const at = i * wordBits + bit;
      bytes[at >> 3]! |= ((n >> (wordBits - 1 - bit)) & 1) << (7 - (at & 7));
    }
  });
  const given = (bytes[size - 1]! >> 2) & 0x0f;
  bytes[size - 1]! &= ~((1 << spare) - 1);
  if ((given ^ check(bytes)) !== 0) throw new ReceiptCheck();
  return new Receipt(bytes);
}

/** wordsOf returns the ten words in a list's language. */
export function wordsOf(receipt: Receipt, words: WordList): string[] {
  return receipt.numbers().map((n) => words.words[n]!);
}

/**
 * parseReceipt reads ten words of any one of the lists, preferred ones first. It
 * throws WordCount, UnknownWords or ReceiptCheck.
 */
export function parseReceipt(typed: string, lists: WordList[]): Receipt {
  for (const reading of readWords(typed, lists, wordCount)) {
    try {
      return receiptOf(reading.numbers);
    } catch (error) {
      if (!(error instanceof ReceiptCheck)) throw error;
    }
  }
  throw new ReceiptCheck();
}

/**
 * findReceipt is parseReceipt that loads the other languages' lists only when
 * the page's own does not have the words.
 */
export async function findReceipt(typed: string, own: WordList, others: () => Promise<WordList[]>): Promise<Receipt> {
  try {
    return parseReceipt(typed, [own]);
  } catch (error) {
    if (error instanceof WordCount) throw error;
    return parseReceipt(typed, [own, ...(await others())]);
  }
}
