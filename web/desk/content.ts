// SPDX-License-Identifier: AGPL-3.0-or-later

// Writing what the public reads: what was typed and not saved is not lost by
// a slip, and Ctrl+S saves.

import { maybe } from "./dom";
import { say } from "./say";

let open: HTMLFormElement | null = null;
let before = "";

/** show remembers what the page of a draft holds. */
export function show(page: HTMLElement): void {
  open = maybe(page, "form[data-unsaved]");
  before = open === null ? "" : written(open);
}

/** end forgets the draft of a page that is gone. */
export function end(): void {
  open = null;
}

function written(form: HTMLFormElement): string {
  const fields = new FormData(form);
  return String(fields.get("body")) + "\n" + String(fields.get("note"));
}

function unsaved(): boolean {
  return open !== null && open.isConnected && written(open) !== before;
}

/** start guards all pages from now on. */
export function start(): void {
  addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (link === null || !unsaved() || link.getAttribute("href")?.startsWith("#") === true) return;
    if (!confirm(say("content_leave"))) event.preventDefault();
    else end();
  }, { capture: true });
  document.addEventListener("submit", (event) => {
    if (event.target === open) end();
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (open === null || !open.isConnected || event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    open.querySelector<HTMLButtonElement>("button[value=save]")?.click();
  });
}
