// SPDX-License-Identifier: AGPL-3.0-or-later

// The form: pages through the questions, seals the answers, sends them. It
// sends nothing before it is sealed, saves nothing, and when anything is not as
// it must be it stops and says so.

import { TooLong } from "../seal/fault";
import { wordsOf } from "../seal/receipt";
import { Sealed, sealSubmission } from "../seal/submission";
import { WordList } from "../seal/words";
import { collect, Filled, readFilled } from "./answers";
import { Carried, carried } from "./carry";
import { takeFiles } from "./filebox";
import { armExit } from "./leave";
import { button, byID, clearTrouble, element, readPlan, ready, say, showTrouble, Trouble } from "./page";
import { call, fetchRoster, refused, Sealable, wordList } from "./server";
import { Steps } from "./steps";

const plan = readPlan();
const form = byID<HTMLFormElement>("report");
const warn = (event: BeforeUnloadEvent): void => {
  if (byID<HTMLTextAreaElement>("text").value.trim() !== "") event.preventDefault();
};

armExit(() => removeEventListener("beforeunload", warn));
start().catch((error: unknown) => {
  byID("starting").hidden = true;
  showTrouble(plan, error, "script.trouble_seal");
});

async function start(): Promise<void> {
  const [at, words, before] = await Promise.all([fetchRoster(plan), wordList(plan, plan.lang), carried(plan)]);
  current = at;
  if (before !== undefined) {
    byID("starting").hidden = true;
    showSent(wordsOf(before.receipt, words), words.language, before.desk);
    byID("files").prepend(element("p", "govuk-body ts-panel", say(plan, "script.file_reloaded")));
    return addFiles(before, at);
  }
  form.reset();
  choose();
  const steps = new Steps(plan, form, (step) => prepare(step, steps), leave);
  byID("send").addEventListener("click", () => void send(words));
  addEventListener("beforeunload", warn);
  history.replaceState("now", "", location.pathname);
  steps.show("now", false);
  ready(form);
}

/** choose takes the kind of crime from the address's fragment, which a browser
    sends to nobody: a page about a crime leads here with it. */
function choose(): void {
  const chosen = document.getElementById(location.hash.slice(1));
  if (chosen instanceof HTMLInputElement && chosen.name === "category") chosen.checked = true;
}

/** prepare fills in what depends on earlier answers. */
function prepare(step: string, steps: Steps): void {
  clearTrouble();
  const filled = readFilled(form);
  for (const notice of form.querySelectorAll<HTMLElement>("[data-notice]")) notice.hidden = notice.dataset["notice"] !== filled.category;
  if (step !== "check") return;
  summarise(filled, steps);
  // Sealing starts while the reader checks; what can't be sealed is said on sending.
  sealed(filled).catch(() => (last = undefined));
}

/** leave refuses to go on without the one answer that is needed. */
function leave(step: string): boolean {
  if (step !== "words") return true;
  const text = byID<HTMLTextAreaElement>("text");
  const group = text.closest(".govuk-form-group");
  document.getElementById("text-error")?.remove();
  const missing = text.value.trim() === "";
  group?.classList.toggle("govuk-form-group--error", missing);
  text.setAttribute("aria-describedby", missing ? "text-error text-hint" : "text-hint");
  if (!missing) return true;
  const message = element("p", "govuk-error-message", say(plan, "form.text_missing"));
  message.id = "text-error";
  message.setAttribute("role", "alert");
  text.before(message);
  text.focus();
  return false;
}

/** summarise shows exactly what will be sealed. */
function summarise(f: Filled, steps: Steps): void {
  const list = element("dl", "govuk-summary-list");
  const row = (label: string, value: string, step: string): void => {
    const words = element("dd", "govuk-summary-list__value", element("bdi", "ts-said", value));
    const change = button("ts-link", say(plan, "script.change"), () => steps.go(step));
    change.append(element("span", "govuk-visually-hidden", ` ${label}`));
    list.append(element("div", "govuk-summary-list__row", element("dt", "govuk-summary-list__key", label), words, element("dd", "govuk-summary-list__actions", change)));
  };
  row(say(plan, "script.about"), plan.categories?.[f.category]?.name ?? "", "about");
  row(say(plan, "script.who"), plan.desks[f.desk]?.name ?? "", "desk");
  row(byID("report").querySelector('label[for="text"]')?.textContent ?? "", f.text, "words");
  for (const a of collect(plan, f).answers) row(a.label, a.value, a.step);
  row(say(plan, "script.danger"), say(plan, f.danger ? "script.yes" : "script.no"), "danger");
  byID("summary").replaceChildren(list);
}

/** The roster that the page was opened with: nothing is asked of the server while somebody writes. */
let current: Sealable | undefined;

/** What was sealed last, to send the very same bytes again after a silence. */
let last: { text: string; sealed: Promise<Sealed> } | undefined;

async function rosterNow(): Promise<Sealable> {
  current ??= await fetchRoster(plan);
  return current;
}

/** again forgets what was sealed and the roster that it was sealed to. */
function again(): void {
  last = current = undefined;
}

/** sealed seals the form as it stands, once for the same answers. */
function sealed(f: Filled): Promise<Sealed> {
  const text = JSON.stringify([f.category, f.desk, f.text, f.danger, [...f.given]]);
  if (last?.text !== text) last = { text, sealed: rosterNow().then((at) => seal(f, at)) };
  return last.sealed;
}

async function seal(f: Filled, at: Sealable): Promise<Sealed> {
  const { answers, urgency, place } = collect(plan, f);
  const category = plan.categories?.[f.category];
  try {
    return await sealSubmission({
      roster: at.roster, desk: f.desk, danger: f.danger,
      cover: { category: f.category, place, language: plan.lang, urgency, words: f.text },
      report: {
        checkpoint: at.checkpoint, language: plan.lang, category: f.category, questionnaire: category?.version ?? "",
        text: f.text, answers: answers.map(({ id, label, value }) => ({ id, label, value })),
      },
    });
  } catch (error) {
    throw new Trouble(say(plan, error instanceof TooLong ? "script.trouble_long" : "script.trouble_seal"));
  }
}

/** freshly returns what was sealed before, and seals again where that had failed. */
async function freshly(f: Filled): Promise<Sealed> {
  try {
    return await sealed(f);
  } catch {
    again();
    return sealed(f);
  }
}

async function send(words: WordList): Promise<void> {
  const press = byID<HTMLButtonElement>("send");
  const label = press.textContent;
  press.disabled = true;
  press.textContent = say(plan, "script.sending");
  clearTrouble();
  try {
    const filled = readFilled(form);
    let report = await freshly(filled);
    let answer = await call(plan, "submit", report.body);
    if (answer.status === 410) {
      // the list of keys changed after we sealed: seal again, to the new one
      again();
      report = await sealed(filled);
      answer = await call(plan, "submit", report.body);
    }
    if (answer.status !== 201) throw await refused(plan, answer);
    const at = await rosterNow();
    showSent(wordsOf(report.receipt, words), words.language, filled.desk);
    addFiles({ receipt: report.receipt, desk: filled.desk }, at);
  } catch (error) {
    showTrouble(plan, error, "script.trouble_seal");
  } finally {
    press.disabled = false;
    press.textContent = label;
  }
}

function addFiles(to: Carried, at: Sealable): void {
  void takeFiles(plan, to, at.roster, () => undefined);
}

/** showSent puts the words where the form was; the form and what was sealed are gone. */
function showSent(words: string[], language: string, desk: string): void {
  removeEventListener("beforeunload", warn);
  last = undefined;
  const list = byID("words");
  list.lang = language;
  list.replaceChildren(...words.map((w) => element("li", "", w)));
  byID("sent-reads").textContent = plan.desks[desk]?.reads ?? "";
  form.reset();
  form.remove();
  byID("back").remove();
  byID("sent").hidden = false;
  history.replaceState(null, "");
  scrollTo(0, 0);
  byID("sent-title").focus({ preventScroll: true });
}
