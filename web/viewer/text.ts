// SPDX-License-Identifier: AGPL-3.0-or-later

// Text, as text: whatever marks it holds, nothing here makes markup of it.

import { element, Frame, View } from "./frame";

/** mostText is how much of a long text is shown. */
const mostText = 2_000_000;

/** showText shows a text. Signs that turn it around are made visible. */
export function showText(frame: Frame): View {
  const bytes = new Uint8Array(frame.shown.data).subarray(0, mostText);
  const text = decode(bytes).replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd").replace(/[^\P{Cc}\n\t]/gu, "");
  frame.stage.append(element("pre", { dir: "auto" }, text));
  if (frame.shown.data.byteLength > mostText) frame.status.textContent = frame.say("cut");
  return { facts: [] };
}

/** decode reads UTF-8, and what is not that as Windows did in Europe. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }); // a cut character at the end is none
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
