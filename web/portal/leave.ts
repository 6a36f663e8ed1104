// SPDX-License-Identifier: AGPL-3.0-or-later

// Leaving at once: the page is emptied before the other site is asked for, so
// that a slow network shows nothing of ours meanwhile.

import { forget } from "./tab";

const presses = 3;
const within = 3000; // milliseconds

/** armExit arms the red button and the three presses of Shift. */
export function armExit(before: () => void = () => {}): void {
  const link = document.getElementById("exit");
  if (!(link instanceof HTMLAnchorElement)) return;
  const leave = (): void => {
    before();
    forget();
    const to = link.href;
    document.title = "…";
    document.body.replaceChildren();
    location.replace(to);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let times: number[] = [];
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift") {
      times = [];
      return;
    }
    times = [...times.filter((t) => event.timeStamp - t < within), event.timeStamp];
    if (times.length >= presses) leave();
  });
  // A page that the browser kept and brings back is emptied and loaded anew.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const hint = document.getElementById("exit-hint");
  if (hint !== null) hint.hidden = false;
}
