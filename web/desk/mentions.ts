// SPDX-License-Identifier: AGPL-3.0-or-later

// The blind index: the member confirms what a report mentions, this browser
// makes tokens of it, and the server says which other reports have the same.

import { base64, random } from "../seal/bytes";
import { BlindKind, blindToken } from "../seal/blind";
import { find, make } from "./dom";
import { postJSON, reasonOf } from "./net";
import type { Open } from "./reading";
import { say } from "./say";
import { findSelectors, normalise, Selector } from "./selectors";

/** Mention is another report that mentions the same. */
export interface Mention {
  report: string;
  short: string;
}

/** step is what the number of tokens is padded to, so that it tells little. */
const step = 16;

/** showIndex lists what was found in the reporter's words, to be confirmed. */
export function showIndex(page: HTMLElement, o: Open): void {
  const form = find<HTMLFormElement>(page, "[data-index]");
  const list = find(form, "[data-selectors]");
  const progress = find(form, "[data-progress]");
  const chosen: { selector: Selector; box: HTMLInputElement }[] = [];
  list.replaceChildren();
  const add = (selector: Selector): void => {
    if (chosen.some((c) => c.selector.kind === selector.kind && c.selector.value === selector.value)) return;
    const id = `s-${chosen.length}`;
    const box = make("input", { class: "govuk-checkboxes__input", type: "checkbox", id, checked: "" });
    chosen.push({ selector, box });
    list.append(make("div", { class: "govuk-checkboxes__item" }, box,
      make("label", { class: "govuk-label govuk-checkboxes__label", for: id }, `${kindName(form, selector.kind)}: `, make("span", { translate: "no", dir: "ltr" }, selector.value))));
  };
  findSelectors(saidByReporter(o)).forEach(add);
  if (chosen.length === 0) progress.textContent = say("no_selectors");
  showMentions(page, o, o.wire.mentions);
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  find(form, "[data-add]").addEventListener("click", () => {
    const kind = find<HTMLSelectElement>(form, "#s-kind").value as BlindKind;
    const field = find<HTMLInputElement>(form, "#s-value");
    const value = normalise(kind, field.value);
    field.setAttribute("aria-invalid", String(value === undefined));
    if (value === undefined) return;
    add({ kind, value });
    field.value = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    progress.textContent = say("working");
    void index(o, chosen.filter((c) => c.box.checked).map((c) => c.selector)).then((found) => {
      progress.textContent = found.length === 0 ? say("no_mentions") : "";
      showMentions(page, o, found);
    }).catch((error: unknown) => (progress.textContent = say("failed", { reason: reasonOf(error) })));
  });
}

function kindName(form: HTMLElement, kind: BlindKind): string {
  return find<HTMLOptionElement>(form, `#s-kind option[value="${kind}"]`).textContent ?? kind;
}

function saidByReporter(o: Open): string {
  const texts = o.lines.map(({ content, signer }) => {
    if (content.type === "report") return [content.report.text, ...content.report.answers.map((a) => a.value)].join("\n");
    return content.type === "message" && signer.role !== "desk" ? content.message.text : "";
  });
  return texts.join("\n");
}

/** index makes tokens with the index keys of all epochs, so that older reports are found too. */
async function index(o: Open, selectors: Selector[]): Promise<Mention[]> {
  const keys = o.ring.keys.get(o.wire.desk);
  if (keys === undefined) throw new Error(say("key.none"));
  const tokens: string[] = [];
  for (let epoch = 0; epoch <= keys.epoch; epoch++) {
    for (const s of selectors) tokens.push(base64(blindToken(keys.index(epoch), o.ring.programme, s.kind, s.value)));
  }
  while (tokens.length === 0 || tokens.length % step !== 0) tokens.push(base64(random(32)));
  return (await postJSON<{ mentions: Mention[] }>(`${o.at}/index`, { tokens })).mentions;
}

function showMentions(page: HTMLElement, o: Open, found: Mention[]): void {
  const place = find(page, "[data-mentions]");
  place.hidden = found.length === 0;
  const links = found.map((m) => make("li", {}, make("a", { class: "govuk-link", href: o.at.replace(o.wire.report, m.report) }, m.short)));
  place.replaceChildren(make("p", {}, say("mentions", { n: found.length })), make("ul", { class: "dk-inline-list" }, ...links));
}
