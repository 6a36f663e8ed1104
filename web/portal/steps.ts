// SPDX-License-Identifier: AGPL-3.0-or-later

// Paging through the one document of the form: one question a screen. The
// steps lie in the browser's history without addresses of their own, so that
// the phone's back button goes back one question and nothing of them is kept.

import { questionsOf, readFilled } from "./answers";
import { button, byID, Plan, say } from "./page";

const first = "now";

/** Steps shows one step at a time. */
export class Steps {
  private readonly sections = new Map<string, HTMLElement>();
  private current = first;

  /** prepare is called before a step is shown; leave may refuse to go on. */
  constructor(
    private readonly plan: Plan,
    private readonly form: HTMLFormElement,
    private readonly prepare: (step: string) => void,
    private readonly leave: (step: string) => boolean,
  ) {
    for (const s of form.querySelectorAll<HTMLElement>("[data-step]")) this.sections.set(s.dataset["step"] ?? "", s);
    this.flatten();
    for (const s of this.sections.values()) this.rounds(s);
    byID("next").addEventListener("click", () => this.next());
    byID("skip").addEventListener("click", () => this.go("danger"));
    byID("back").addEventListener("click", (event) => {
      if (this.current === first) return; // an ordinary link to the start page
      event.preventDefault();
      history.back();
    });
    addEventListener("popstate", (event) => {
      const state: unknown = event.state;
      this.show(typeof state === "string" && this.sections.has(state) ? state : first);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault();
      if (this.current !== "check") this.next();
    });
  }

  /** flatten takes the questions of categories out of what folds them away without script. */
  private flatten(): void {
    const danger = this.sections.get("danger");
    for (const [, section] of this.sections) {
      if (section.closest("details.ts-category") !== null) danger?.before(section);
    }
    for (const d of this.form.querySelectorAll("details.ts-category")) d.remove();
    for (const hint of this.form.querySelectorAll(".ts-only-if")) hint.remove();
  }

  /** rounds shows the first round of a group and a button for the next. */
  private rounds(section: HTMLElement): void {
    const rounds = [...section.querySelectorAll<HTMLElement>("[data-round]")];
    if (rounds.length < 2) return;
    for (const fold of section.querySelectorAll("details")) {
      fold.before(...fold.querySelectorAll("[data-round]"));
      fold.remove();
    }
    rounds.slice(1).forEach((r) => (r.hidden = true));
    const more = button("govuk-button govuk-button--secondary", say(this.plan, "script.round_add"), () => {
      const next = rounds.find((r) => r.hidden);
      if (next === undefined) return;
      next.hidden = false;
      next.querySelector("input")?.focus();
      more.hidden = rounds.every((r) => !r.hidden);
    });
    rounds[rounds.length - 1]?.after(more);
  }

  /** order lists the steps that are taken with the present answers. */
  order(): string[] {
    const questions = questionsOf(this.plan, readFilled(this.form)).filter((id) => this.sections.has(id));
    return [first, "about", "desk", "words", ...questions, "danger", "check"];
  }

  private next(): void {
    if (!this.leave(this.current)) return;
    const order = this.order();
    const at = order.indexOf(this.current);
    this.go(order[Math.min(at + 1, order.length - 1)] ?? first);
  }

  /** go shows a step and remembers the way back. */
  go(step: string): void {
    history.pushState(step, "");
    this.show(step);
  }

  /** show shows a step and puts the reader at its heading. */
  show(step: string, focus = true): void {
    this.current = step;
    this.prepare(step);
    for (const [name, section] of this.sections) section.hidden = name !== step;
    byID("next").hidden = step === "check";
    byID("send").hidden = step !== "check";
    byID("skip").hidden = [first, "about", "desk", "words", "danger", "check"].includes(step);
    byID("report-title").className = step === first ? "govuk-heading-xl" : "ts-caption";
    if (!focus) return;
    scrollTo(0, 0);
    this.sections.get(step)?.querySelector<HTMLElement>("h2[tabindex], fieldset[tabindex]")?.focus({ preventScroll: true });
  }
}
