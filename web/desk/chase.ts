// SPDX-License-Identifier: AGPL-3.0-or-later

// The chase list by keyboard: j and k move, c records that a partner was asked
// again, Enter opens.

import { all, maybe, typing } from "./dom";

/** key obeys a key when the page is the chase list. */
export function key(event: KeyboardEvent): void {
  if (typing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  const list = maybe(document, "[data-chase]");
  if (list === null) return;
  const rows = all(list, "[data-row]");
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    const next = rows[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)];
    if (next !== undefined) maybe(next, "a")?.focus();
  } else if (event.key === "c" && at >= 0) {
    maybe<HTMLButtonElement>(rows[at]!, "[data-chased]")?.click();
  } else return;
  event.preventDefault();
}
