// SPDX-License-Identifier: AGPL-3.0-or-later

// Six generated words: 66 bits, which a person can write down and type.

import { random } from "../seal/bytes";
import { loadList } from "../seal/words";

const words = 6;

/** newPassphrase draws six words of the English list. */
export async function newPassphrase(listURL: string): Promise<string> {
  const list = await loadList("en", listURL);
  const drawn = random(2 * words);
  // 65,536 is a multiple of 2,048, so no word is likelier than another.
  return Array.from({ length: words }, (_, i) => list.words[((drawn[2 * i]! << 8) | drawn[2 * i + 1]!) % list.words.length]!).join(" ");
}
