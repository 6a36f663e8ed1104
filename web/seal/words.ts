// SPDX-License-Identifier: AGPL-3.0-or-later

// Word lists, and reading what people type of them: the twin of
// internal/seal/words. A list is loaded when it is needed and must have the hash
// that this script was built with.

import { hashHex, utf8 } from "./bytes";

const count = 2048;
const prefix = 4;
const maxText = 1024;

/** listHashes are the SHA-256 of each list's file; a published list never changes. */
export const listHashes: Readonly<Record<string, string>> = {
  ar: "0a335bbb0ce0a77ce1c4d7ba42100bc432c89ed02965b8ab3a0e9462020c23c4",
  da: "20141accefa9703aee2bfbbbbaa5667ceca804aca651804f25cb850a08976cdc",
  en: "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
};

const spellings: Readonly<Record<string, string>> = {
  æ: "ae", ø: "oe", å: "aa", ä: "ae", ö: "oe",
  é: "e", è: "e", ê: "e", á: "a", à: "a", ó: "o", ü: "u",
  أ: "ا", إ: "ا", آ: "ا", ٱ: "ا", ى: "ي", ئ: "ي", ی: "ي", ؤ: "و", ة: "ه", ک: "ك", ء: "",
};

/** fold returns the form in which words are compared. */
export function fold(s: string): string {
  let out = "";
  for (const c of s.normalize("NFKC").toLowerCase()) {
    const same = spellings[c];
    if (same !== undefined) out += same;
    else if (/\p{L}/u.test(c) && c !== "ـ") out += c;
  }
  return out;
}

/** split cuts a text into words at everything that is neither a letter nor a mark on one. */
export function split(typed: string): string[] {
  return typed.split(/[^\p{L}\p{M}\u200c\u200d]+/u).filter((w) => w !== "");
}

/** WordList is the words of one language in their fixed order. */
export class WordList {
  readonly words: readonly string[];
  private readonly folded: string[] = [];
  private readonly exact = new Map<string, number>();
  private readonly starts = new Map<string, number>();

  constructor(readonly language: string, file: string) {
    this.words = file.replace(/\n$/, "").split("\n");
    if (this.words.length !== count) throw new Error(`word list ${language}: ${this.words.length} words`);
    this.words.forEach((word, n) => {
      const folded = fold(word);
      this.folded.push(folded);
      this.exact.set(folded, n);
      this.starts.set(first(folded), n);
    });
  }

  /** find returns the number of a typed word, whole or from its first four letters on. */
  find(typed: string): number | undefined {
    const folded = fold(typed);
    const whole = this.exact.get(folded);
    if (whole !== undefined) return whole;
    if ([...folded].length < prefix) return undefined;
    const n = this.starts.get(first(folded));
    return n !== undefined && this.folded[n]!.startsWith(folded) ? n : undefined;
  }

  /** complete returns up to `most` words that start with what was typed, for completion. */
  complete(typed: string, most = 5): string[] {
    const folded = fold(typed);
    if (folded === "") return [];
    const found: string[] = [];
    for (let n = 0; n < count && found.length < most; n++) {
      if (this.folded[n]!.startsWith(folded)) found.push(this.words[n]!);
    }
    return found;
  }

  /** near returns up to three words that look like what was typed, best first. */
  near(typed: string): string[] {
    const folded = [...fold(typed)];
    if (folded.length === 0 || folded.length > 32) return [];
    const found: { n: number; far: number }[] = [];
    this.folded.forEach((word, n) => {
      let far = distance(folded, [...word]);
      if (first(folded.join("")) === first(word)) far = 0;
      if (far <= 3 && far < folded.length) found.push({ n, far });
    });
    found.sort((a, b) => a.far - b.far || a.n - b.n);
    return found.slice(0, 3).map((f) => this.words[f.n]!);
  }
}

function first(folded: string): string {
  return [...folded].slice(0, prefix).join("");
}

/** distance is the optimal string alignment distance. */
function distance(a: string[], b: string[]): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** Unknown is a typed word that is in no list that fits. */
export interface Unknown {
  index: number;
  word: string;
  near: string[];
}

/** WordCount: there are too few or too many words. */
export class WordCount extends Error {
  constructor(readonly got: number, readonly want: number) {
    super(`there are ${got} words, want ${want}`);
  }
}

/** UnknownWords names the words that are not in the list that fits best. */
export class UnknownWords extends Error {
  constructor(readonly language: string, readonly words: Unknown[]) {
    super(`${words.length} words are not in the list of ${language}`);
  }
}

/** Reading is one way to read a text: all its words are in one list. */
export interface Reading {
  language: string;
  numbers: number[];
}

/** readWords reads `want` words; lists are given in the order of preference. */
export function readWords(typed: string, lists: WordList[], want: number): Reading[] {
  const words = split(typed);
  if (words.length !== want || typed.length > maxText) throw new WordCount(words.length, want);
  const readings: Reading[] = [];
  let best = lists[0];
  let bestKnown = -1;
  for (const list of lists) {
    const numbers = words.map((w) => list.find(w)).filter((n) => n !== undefined);
    if (numbers.length === want) readings.push({ language: list.language, numbers });
    if (numbers.length > bestKnown) [best, bestKnown] = [list, numbers.length];
  }
  if (readings.length > 0 || best === undefined) return readings;
  const fits = best;
  const unknown = words.map((word, index) => ({ index, word }))
    .filter(({ word }) => fits.find(word) === undefined)
    .map(({ index, word }) => ({ index, word, near: fits.near(word) }));
  throw new UnknownWords(fits.language, unknown);
}

/** loadList fetches a list and refuses one that is not what this script was built with. */
export async function loadList(language: string, url: string): Promise<WordList> {
  const answer = await fetch(url, { credentials: "omit" });
  if (!answer.ok) throw new Error(`word list ${language}: ${answer.status}`);
  return checkedList(language, utf8(unfolded(await answer.text())));
}

/** unfolded undoes how lists are sent: a digit says how many letters a word has of the word before. */
export function unfolded(folded: string): string {
  let before = "";
  return folded.replace(/(\d)(\D*)/g, (_, same: string, rest: string) => {
    before = before.slice(0, Number(same)) + rest;
    return `${before}\n`;
  });
}

/** checkedList reads a list's file whose hash is as expected. */
export function checkedList(language: string, bytes: Uint8Array): WordList {
  if (hashHex(bytes) !== listHashes[language]) throw new Error(`word list ${language}: it is not the one that this page was built with`);
  return new WordList(language, new TextDecoder().decode(bytes));
}
