// SPDX-License-Identifier: AGPL-3.0-or-later

// Notifications of this browser: that something waits, never what.

import { getJSON } from "./net";
import { say } from "./say";

const every = 15_000;
const wish = "turnstone.notify";

interface Waiting {
  ringing: number;
  new: number;
  danger: number;
  replied: number;
}

let last: Waiting | undefined;
let slug = "";

/** allow asks the browser for leave to notify, or stops. */
export function allow(wanted: boolean): void {
  if (!wanted) {
    localStorage.removeItem(wish);
    return;
  }
  localStorage.setItem(wish, "yes");
  if ("Notification" in window) void Notification.requestPermission();
}

/** watch looks again and again whether something new waits in a programme. */
export function watch(): void {
  setInterval(() => void look().catch(() => undefined), every); // the next look tries again
}

/** at says which programme is shown. */
export function at(programme: string): void {
  if (programme === slug) return;
  slug = programme;
  last = undefined;
}

async function look(): Promise<void> {
  if (slug === "") return;
  const asked = slug;
  const now = await getJSON<Waiting>(`/p/${asked}/waiting`);
  if (asked !== slug) return;
  ring(now.ringing);
  const before = last;
  last = now;
  if (localStorage.getItem(wish) === null || !("Notification" in window) || Notification.permission !== "granted") return;
  if (before === undefined) return;
  if (now.danger > before.danger || now.ringing > before.ringing) new Notification(say("danger"), { tag: "turnstone" });
  else if (now.new > before.new || now.replied > before.replied) new Notification(say("new"), { tag: "turnstone" });
}

/** ring shows or hides the banner about lives at risk, which the page of alarms itself doesn't need. */
function ring(ringing: number): void {
  const page = document.querySelector<HTMLElement>("main");
  const banner = document.querySelector<HTMLElement>("[data-ring]");
  if (page === null || banner === null || page.dataset.page === "danger") return;
  banner.hidden = ringing === 0;
}
