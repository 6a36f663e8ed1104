// SPDX-License-Identifier: AGPL-3.0-or-later

// The page of lives at risk: clocks that run, and one key that acknowledges.

import { all, maybe } from "./dom";

let ticking: number | undefined;

/** show starts the clocks of the page. */
export function show(page: HTMLElement): void {
  clearInterval(ticking);
  const run = (): void => {
    const clocks = page.isConnected ? all(page, "[data-since]") : [];
    if (clocks.length === 0) clearInterval(ticking);
    for (const c of clocks) c.textContent = passed(Date.now() / 1000 - Number(c.dataset.since));
  };
  ticking = setInterval(run, 1000);
  run();
}

/** passed writes seconds as h:mm:ss. */
function passed(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** key acknowledges the first alarm that rings. */
export function key(event: KeyboardEvent): void {
  const page = maybe(document, "main[data-page='danger']");
  if (page === null || event.key !== "a" || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select") !== null) return;
  const first = maybe<HTMLButtonElement>(page, "[data-ack]");
  if (first === null) return;
  event.preventDefault();
  first.click();
}
