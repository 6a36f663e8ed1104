// SPDX-License-Identifier: AGPL-3.0-or-later

// What messages say.

import { count, hexOf, list, oneOf, Of, readStrict, record, recordWith, Shape, str, writeJSON } from "./shape";
import { File_, fileShape } from "./file";
import { checkRecipient } from "./identity";

export type Role = "reporter" | "desk" | "call";
export type Type = "cover" | "report" | "message" | "key" | "file";
export type Urgency = "danger" | "soon" | "none";

export const roles: readonly Role[] = ["reporter", "desk", "call"];

/** coverWords is how many characters (code points) of the report a cover shows. */
export const coverWords = 200;
const coverPlace = 80;
const coverBytes = 1200;

const recipient: Shape<string> = (v, where) => checkRecipient(str(v, where));

const cover = record({
  category: str, place: str, language: str,
  urgency: oneOf<Urgency>("danger", "soon", "none"),
  words: ((v, where) => {
    const s = str(v, where);
    if ([...s].length > coverWords) throw new Error(`${where}: more than ${coverWords} characters`);
    return s;
  }) as Shape<string>,
});

const answer = record({ id: str, label: str, value: str });

const report = recordWith(
  {
    mailbox: recipient, roster: hexOf(32), checkpoint: str, language: str, category: str,
    questionnaire: str, text: str, answers: list(answer),
  },
  { case: str },
);

const message = record({ text: str, language: str });

const key = record({ epoch: count, recipient });

/** Cover is what an unlocked inbox shows without opening the report. */
export type Cover = Of<typeof cover>;
/** Report is message 1. */
export type Report = Of<typeof report>;
/** Answer is one guided answer, with the question as the reporter read it. */
export type Answer = Of<typeof answer>;
/** Message is what is said after the report, by either side. */
export type Message = Of<typeof message>;
/** Key announces the recipient of the next epoch. */
export type Key = Of<typeof key>;

/** Content is a message's content with its type. */
export type Content =
  | { type: "cover"; cover: Cover }
  | { type: "report"; report: Report }
  | { type: "message"; message: Message }
  | { type: "key"; key: Key }
  | { type: "file"; file: File_ };

/** writeContent checks and writes content. A cover is cut to what fits. */
export function writeContent(content: Content): Uint8Array {
  switch (content.type) {
    case "cover": return writeJSON(cover(fit(content.cover), "cover"));
    case "report": return writeJSON(report(content.report, "report"));
    case "message": return writeJSON(message(content.message, "message"));
    case "key": return writeJSON(key(content.key, "key"));
    case "file": return writeJSON(fileShape(content.file, "file"));
  }
}

/** readContent reads the content of a message of the given type. */
export function readContent(type: Type, bytes: Uint8Array): Content {
  switch (type) {
    case "cover": return { type, cover: readStrict(bytes, cover, type) };
    case "report": return { type, report: readStrict(bytes, report, type) };
    case "message": return { type, message: readStrict(bytes, message, type) };
    case "key": return { type, key: readStrict(bytes, key, type) };
    case "file": return { type, file: readStrict(bytes, fileShape, type) };
  }
}

function fit(c: Cover): Cover {
  const words = firstCharacters(c.words, coverWords);
  const fitted = { ...c, place: firstCharacters(c.place, coverPlace).join(""), words: words.join("") };
  while (writeJSON(fitted).length > coverBytes) {
    if (words.length === 0) throw new Error("cover: too long");
    words.pop();
    fitted.words = words.join("");
  }
  return fitted;
}

/** firstCharacters returns the first n code points, control characters as spaces. */
function firstCharacters(s: string, n: number): string[] {
  return [...wellFormed(s).slice(0, 2 * n)].slice(0, n).map((c) => (/\p{Cc}/u.test(c) ? " " : c));
}

/** wellFormed replaces halves of characters: UTF-8 has no spelling for them. */
export function wellFormed(s: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(s));
}

