// SPDX-License-Identifier: AGPL-3.0-or-later

// Originals that are kept as evidence. Half of the key stands in the signed
// manifest, the server has the other: it gives it to two members together,
// one who asks and one who agrees. An original is saved, and never shown.

import { joined } from "../seal/evidence";
import { File_, openFile } from "../seal/file";
import { all, make } from "./dom";
import { getJSON, postJSON, reasonOf } from "./net";
import type { Open } from "./reading";
import { say } from "./say";

interface WireOriginal {
  blob: string;
  may: "ask" | "wait" | "agree" | "save" | "nothing";
  asked_by: string;
  asked_at: string;
  reason: string;
  agreed_by: string;
  agreed_at: string;
  until: string;
}

/** ready tells an original's line that its report is open. */
const ready = "original-ready";

/** originalLine is an original in the conversation. o is called when the report is open. */
export function originalLine(file: File_, o: () => Open | undefined): HTMLElement {
  const place = make("div", {});
  const status = make("p", { class: "dk-hint", role: "status" });
  const box = make("div", { class: "dk-file", "data-original": file.blob, id: `file-${file.blob}`, tabindex: "-1" },
    make("p", { class: "govuk-body" }, make("b", { dir: "auto" }, file.name), ` · ${say("evidence_kept")}`),
    make("p", { class: "dk-hint" }, say("evidence_hint")), place, status);
  box.addEventListener(ready, () => {
    const open = o();
    if (open !== undefined) new Evidence(file, open, place, status).run(async () => undefined);
  });
  return box;
}

/** readyOriginals lets the originals of a page be asked for, once the report is open. */
export function readyOriginals(page: HTMLElement): void {
  for (const box of all(page, "[data-original]")) box.dispatchEvent(new Event(ready));
}

/** Evidence is what two people do with one original. */
class Evidence {
  private readonly at: string;

  constructor(private readonly file: File_, private readonly o: Open, private readonly place: HTMLElement, private readonly status: HTMLElement) {
    this.at = `${o.at}/originals`;
  }

  /** run does a step, and shows where the two people are then. */
  run(step: () => Promise<void>): void {
    this.status.textContent = say("working");
    step()
      .then(() => this.draw())
      .then(() => (this.status.textContent = ""))
      .catch((error: unknown) => (this.status.textContent = say("failed", { reason: reasonOf(error) })));
  }

  private async draw(): Promise<void> {
    const { originals } = await getJSON<{ originals: WireOriginal[] }>(this.at);
    const w = originals.find((x) => x.blob === this.file.blob);
    this.place.replaceChildren(...(w === undefined ? [hint(say("evidence_lost"))] : [...told(w), ...this.next(w)]));
  }

  private next(w: WireOriginal): HTMLElement[] {
    const { until } = w;
    switch (w.may) {
      case "ask": return [this.asking()];
      case "wait": return [hint(say("evidence_wait", { until }))];
      case "agree": return [hint(say("evidence_wait", { until })), this.press("evidence_agree", () => this.post("agree", {}))];
      case "save": return [hint(say("evidence_until", { until })), this.press("evidence_save", () => this.save()), hint(say("evidence_warning"))];
      case "nothing": return [hint(say("evidence_nothing", { until }))];
    }
  }

  private asking(): HTMLElement {
    const id = `reason-${this.file.blob}`;
    const reason = make("input", { class: "govuk-input", id, name: "reason", maxlength: "1000", required: "", autocomplete: "off", dir: "auto" });
    const form = make("form", {}, make("label", { class: "govuk-label", for: id }, say("evidence_reason")), reason,
      make("p", { class: "dk-actions" }, make("button", { class: "govuk-button govuk-button--secondary" }, say("evidence_ask"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run(() => this.post("ask", { reason: reason.value }));
    });
    return form;
  }

  private press(text: string, step: () => Promise<void>): HTMLElement {
    const button = make("button", { type: "button", class: "govuk-button govuk-button--secondary" }, say(text));
    button.addEventListener("click", () => {
      button.disabled = true;
      this.run(() => step().finally(() => (button.disabled = false)));
    });
    return make("p", { class: "dk-actions" }, button);
  }

  private post<T>(what: string, body: unknown): Promise<T> {
    return postJSON<T>(`${this.at}/${this.file.blob}/${what}`, body);
  }

  private async save(): Promise<void> {
    const { half } = await this.post<{ half: string }>("half", {});
    const identity = joined({ ours: this.file.half ?? "", theirs: half });
    const content = await openFile(this.file, identity, async (index) => {
      const answer = await fetch(`${this.o.at}/files/${this.file.blob}/${index}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(`${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    });
    const url = URL.createObjectURL(content.slice(0, content.size, "application/octet-stream"));
    make("a", { href: url, download: this.file.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

/** told is who asked and who agreed. */
function told(w: WireOriginal): HTMLElement[] {
  const lines: HTMLElement[] = [];
  if (w.asked_by !== "" || w.asked_at !== "") lines.push(make("p", { class: "govuk-body" }, say("evidence_asked", { who: w.asked_by, when: w.asked_at }), " ", make("q", { dir: "auto" }, w.reason)));
  if (w.agreed_at !== "") lines.push(make("p", { class: "govuk-body" }, say("evidence_agreed", { who: w.agreed_by, when: w.agreed_at })));
  return lines;
}

function hint(text: string): HTMLElement {
  return make("p", { class: "dk-hint" }, text);
}
