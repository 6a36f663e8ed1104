// SPDX-License-Identifier: AGPL-3.0-or-later

// The worker that shows what was read before when there is no network. It
// answers for pages that everybody may read and the files that they load;
// every other request goes its way as if there were no worker.
//
// Of the help directory one copy is kept, the same for everybody: nothing on
// the device says what a person asked there, or which service they looked at.

import { copyIn, inCopy, kept, listed, most, readable, rootOf } from "./offline";

interface Fetching extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

const here = globalThis as unknown as { skipWaiting(): Promise<void>; clients: { claim(): Promise<void> } };

addEventListener("install", (event) => (event as Waiting).waitUntil(here.skipWaiting()));
addEventListener("activate", (event) => (event as Waiting).waitUntil(here.clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const asked = inCopy(request.method, request.url, location.origin);
  if (asked !== undefined) {
    (event as Waiting).waitUntil(refresh(request.url));
    return (event as Fetching).respondWith(help(request, asked.copy, asked.place));
  }
  switch (readable(request.method, request.url, location.origin)) {
    case "page":
      (event as Waiting).waitUntil(refresh(request.url));
      return (event as Fetching).respondWith(newest(request));
    case "file":
      return (event as Fetching).respondWith(stored(request));
  }
});

async function keep(request: Request, answer: Response): Promise<void> {
  const cache = await caches.open(kept);
  await cache.put(request.url, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(old);
}

/** newest asks the network, and shows what was kept when that fails. */
async function newest(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) {
      if (answer.ok && !answer.redirected && answer.type === "basic") await keep(request, answer.clone());
      return answer;
    }
  } catch {
    // no network: what was kept is shown below
  }
  return (await (await caches.open(kept)).match(request.url)) ?? Response.error();
}

/** stored shows what was kept: a built file never changes under its name. */
async function stored(request: Request): Promise<Response> {
  const old = await (await caches.open(kept)).match(request.url);
  if (old !== undefined) return old;
  const answer = await fetch(request);
  if (answer.ok) await keep(request, answer.clone());
  return answer;
}

/** help asks the network and keeps nothing; when that fails it leads to the copy. */
async function help(request: Request, copy: string, place: string): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) return answer;
  } catch {
    // no network: the copy is shown below
  }
  const address = location.origin + copy;
  if (new URL(request.url).pathname !== copy || request.url.includes("?")) return Response.redirect(address + place);
  return (await (await caches.open(listed)).match(address)) ?? Response.error();
}

/**
 * refresh brings the copy of the directory up to date, at most once a day,
 * when any page is read: its day does not say that somebody looked for help.
 */
async function refresh(page: string): Promise<void> {
  const root = rootOf(page);
  if (root === undefined || !(await caches.has(listed))) return;
  const store = await caches.open(listed);
  const old = await store.match(copyIn(root));
  if (old === undefined || sameDay(old.headers.get("date"))) return;
  await store.add(copyIn(root)).catch(() => undefined); // no network: the old one stays
}

function sameDay(date: string | null): boolean {
  return date !== null && new Date(date).toDateString() === new Date().toDateString();
}
