// SPDX-License-Identifier: AGPL-3.0-or-later

// A list of items or texts obeys the keyboard: j and k move, Enter opens, / goes to the
// words to search for.

import { all, maybe, typing } from "./dom";
import { visit } from "./navigate";

let rows: HTMLElement[] = [];
let at = -1;

/** show begins with the list that is on the page. */
export function show(page: HTMLElement): void {
  rows = all(page, "[data-row]");
  at = -1;
}

/** key obeys one key press while the list is shown. */
export function key(event: KeyboardEvent): void {
  if (typing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (maybe(document, "main[data-page=items], main[data-page=content]") === null) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Enter" && document.activeElement?.closest("a, button") === null) open();
  else if (event.key === "/") maybe<HTMLInputElement>(document, "#q")?.focus();
  else return;
  event.preventDefault();
}

function move(by: number): void {
  rows[at]?.classList.remove("dk-row--at");
  at = Math.min(rows.length - 1, Math.max(0, at + by));
  rows[at]?.classList.add("dk-row--at");
  rows[at]?.scrollIntoView({ block: "nearest" });
}

function open(): void {
  const row = rows[at];
  const link = row && maybe<HTMLAnchorElement>(row, "a.dk-row__link");
  if (link) void visit(link.href);
}
