// SPDX-License-Identifier: AGPL-3.0-or-later

// The worker that shows what was read before when there is no network. It
// answers for pages that everybody may read and the files that they load;
// every other request goes its way as if there were no worker.

import { kept, most, readable } from "./offline";

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
  switch (readable(request.method, request.url, location.origin)) {
    case "page":
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
