// SPDX-License-Identifier: AGPL-3.0-or-later

// What the portal's scripts share: the plan that the page brings along, its
// texts, and building elements without ever parsing markup.

/** Condition decides whether a question is asked. */
export interface Condition {
  answer?: string;
  is?: string[];
  category?: string[];
}

/** Question is one question as the form shows it. */
export interface Question {
  ask: string;
  kind: "line" | "text" | "choice" | "many" | "group";
  when?: Condition[];
  options?: Record<string, { label: string; urgency?: string }>;
  inner?: Record<string, Question>;
}

/** Plan is what the server says about the form; nothing secret is in it. */
export interface Plan {
  base: string;
  lang: string;
  programme: string;
  key: string;
  exit: string;
  categories?: Record<string, { name: string; version: string; questions: string[] }>;
  questions?: Record<string, Question>;
  desks: Record<string, { name: string; reads: string }>;
  lists: Record<string, string>;
  scrub?: { worker: string; module: string; integrity: string }; // what cleans files; none where no files are taken
  texts: Record<string, string>;
}

/** readPlan reads the plan from its data block. */
export function readPlan(): Plan {
  return JSON.parse(byID("plan").textContent ?? "") as Plan;
}

/** byID returns an element that the page has. */
export function byID<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`page: no element ${id}`);
  return found as E;
}

/** say returns a text of the page's language. */
export function say(plan: Plan, key: string): string {
  return plan.texts[key] ?? key;
}

/** element makes an element with a class, and texts or elements inside. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...inside: (string | Node)[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  if (className !== "") e.className = className;
  e.append(...inside);
  return e;
}

/** button makes a button that never submits. */
export function button(className: string, text: string, press: () => void): HTMLButtonElement {
  const b = element("button", className, text);
  b.type = "button";
  b.addEventListener("click", press);
  return b;
}

/** Trouble is something that stops us, with the sentence for the person. */
export class Trouble extends Error {}

/** showTrouble says what stopped us. Nothing else is changed on the page. */
export function showTrouble(plan: Plan, error: unknown, fallback: string): void {
  byID("trouble-text").textContent = error instanceof Trouble ? error.message : say(plan, fallback);
  const box = byID("trouble");
  box.hidden = false;
  box.focus();
}

/** clearTrouble takes the message away. */
export function clearTrouble(): void {
  byID("trouble").hidden = true;
}

/** ready takes the waiting message away and shows what the script has prepared. */
export function ready(...forms: HTMLElement[]): void {
  byID("starting").hidden = true;
  for (const form of forms) form.classList.add("ts-ready");
}
