// SPDX-License-Identifier: AGPL-3.0-or-later

// What the script says, in the page's language: the server sends the texts
// with each page.

let texts: Record<string, string> = {};

/** readTexts takes over the texts of the page that is shown now. */
export function readTexts(): void {
  const element = document.getElementById("words");
  if (element?.textContent) texts = JSON.parse(element.textContent) as Record<string, string>;
}

/** say returns a text with its places filled in. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  let text = texts[key] ?? key;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, String(value));
  return text;
}

/** known returns a text that may be missing, for names that data brings. */
export function known(key: string, otherwise: string): string {
  return texts[key] ?? otherwise;
}

/** saidWith returns all texts whose keys begin with a word, without it. */
export function saidWith(prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => key.startsWith(prefix)).map(([key, text]) => [key.slice(prefix.length), text]));
}

/** hourText writes an hour since 1970, the finest time of a reporter, in the reader's zone. */
export function hourText(hour: number): string {
  const from = new Date(hour * 3_600_000);
  return from.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}
