// SPDX-License-Identifier: AGPL-3.0-or-later

// Call taking with the keyboard alone: free text first, sealed here, and ten
// words that are read out to the caller.

import { Urgency } from "../seal/content";
import { sealSubmission } from "../seal/submission";
import { wordsOf } from "../seal/receipt";
import { loadList } from "../seal/words";
import { find, make } from "./dom";
import { visit } from "./navigate";
import { postBytes, reasonOf } from "./net";
import { forget, ringOf } from "./ring";
import { say } from "./say";
import { unlocked } from "./vault";

/** show prepares the page. */
export function show(page: HTMLElement): void {
  const form = find<HTMLFormElement>(page, "[data-call]");
  const button = find<HTMLButtonElement>(form, "[data-enable]");
  const progress = find(form, "[data-progress]");
  const slug = page.dataset.programme ?? "";
  button.disabled = unlocked() === undefined;
  if (button.disabled) progress.textContent = say("key.locked");
  find<HTMLTextAreaElement>(form, "#call-text").focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    progress.textContent = say("working");
    void file(form, slug).then((receipt) => {
      progress.textContent = "";
      showReceipt(page, form, receipt);
    }).catch((error: unknown) => {
      progress.textContent = say("failed", { reason: reasonOf(error) });
      button.disabled = false;
    });
  });
  const next = (): void => void visit(location.pathname, { push: false });
  find(page, "[data-next-call]").addEventListener("click", next);
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter" && !button.disabled) form.requestSubmit();
    else if (event.key === "Escape" && !find(page, "[data-receipt]").hidden) next();
    else if (event.altKey && /^[1-7]$/.test(event.key)) find<HTMLFormElement>(page, "[data-wrap]").querySelectorAll("button")[Number(event.key) - 1]?.click();
    else return;
    event.preventDefault();
  });
}

interface Told {
  words: string[];
  lang: string;
  case: string;
}

async function file(form: HTMLFormElement, slug: string): Promise<Told> {
  const member = unlocked();
  if (member === undefined) throw new Error(say("key.locked"));
  const value = (id: string): string => find<HTMLInputElement>(form, id).value.trim();
  const text = value("#call-text");
  if (text === "") throw new Error(say("empty"));
  forget(slug); // seal to the roster of now, not of when the shift began
  const ring = await ringOf(slug);
  const roster = ring.current();
  const danger = find<HTMLInputElement>(form, "#call-danger").checked;
  const [language, place, category] = [value("#call-language"), value("#call-place"), value("#call-category")];
  const number = value("#call-case") || value("#call-new-case");
  const urgency: Urgency = danger ? "danger" : "none";
  const answers = place === "" ? [] : [{ id: "where", label: form.querySelector("label[for=call-place]")?.textContent ?? "", value: place }];
  const sealed = await sealSubmission({
    roster, desk: value("#call-desk"), danger, caller: member.keys.signingSeed,
    cover: { category, place, language, urgency, words: text },
    report: { checkpoint: ring.checkpoint, language, category, questionnaire: "", text, answers, case: number },
  });
  await postBytes(`/p/${slug}/calls`, sealed.body);
  const url = find<HTMLSelectElement>(form, "#call-language").selectedOptions[0]?.dataset.wordlist ?? "";
  const lang = /words-([a-z]+)\./.exec(url)?.[1] ?? "en";
  return { words: wordsOf(sealed.receipt, await loadList(lang, url)), lang, case: number };
}

function showReceipt(page: HTMLElement, form: HTMLFormElement, told: Told): void {
  form.hidden = true;
  const place = find(page, "[data-receipt]");
  place.hidden = false;
  find(place, "[data-receipt-words]").replaceChildren(...told.words.map((word) => make("li", { lang: told.lang }, word)));
  find(place, "[data-receipt-case]").textContent = told.case;
  find(place, "h2").focus();
}
