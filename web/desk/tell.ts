// SPDX-License-Identifier: AGPL-3.0-or-later

// To tell the reporter: opens the report to learn its language and its newest
// message, and seals what the reporter is told as the reading room does.

import { find, maybe } from "./dom";
import { visit } from "./navigate";
import { postJSON, reasonOf, Refused } from "./net";
import { Open, open, sealed } from "./reading";
import { say } from "./say";
import { unlocked } from "./vault";

/** show prepares the page; with open keys the message can be edited and sent. */
export function show(page: HTMLElement): void {
  const box = maybe(page, "[data-tell]");
  const member = unlocked();
  if (box === null || member === undefined) return;
  const slug = page.dataset.programme ?? "";
  const progress = find(box, "[data-progress]");
  progress.textContent = say("working");
  open(member, slug, `/p/${slug}/reports/${box.dataset.report}`, box)
    .then((opened) => {
      if (!box.isConnected) return;
      progress.textContent = "";
      if (opened !== undefined && opened.ring.alarms.length === 0) telling(box, opened, progress);
    })
    .catch((error: unknown) => { progress.textContent = say("failed", { reason: reasonOf(error) }); });
}

function telling(box: HTMLElement, o: Open, progress: HTMLElement): void {
  const form = find<HTMLFormElement>(box, "[data-tell-form]");
  const text = find<HTMLTextAreaElement>(form, "textarea");
  const button = find<HTMLButtonElement>(form, "button");
  const drafts = JSON.parse(find(form, "[data-drafts]").textContent ?? "{}") as Record<string, string>;
  const draft = drafts[o.report.language.split("-")[0] ?? ""];
  if (draft !== undefined) {
    text.value = draft;
    text.lang = o.report.language;
  }
  text.disabled = button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim() === "") {
      progress.textContent = say("empty");
      return;
    }
    button.disabled = true;
    progress.textContent = say("working");
    void sealed(o, text.value)
      .then((message) => postJSON<{ next: string }>(box.dataset.tell ?? "", message))
      .then((answer) => visit(answer.next))
      .catch((error: unknown) => {
        progress.textContent = error instanceof Refused && error.status === 409 ? say("reload") : say("failed", { reason: reasonOf(error) });
        button.disabled = false;
      });
  });
}
