// SPDX-License-Identifier: AGPL-3.0-or-later

// The script of the page on which a person decides whether what they read is
// kept on this device. It is the only page that may start the worker, and each
// part of the site has a worker of its own, which can't see beyond that part.

import { armExit } from "./leave";
import { copyIn, kept, listed, parts } from "./offline";

/** trusted lets the scripts of the workers through Trusted Types, and nothing else. */
function trusted(root: string): (part: string) => string {
  const address = (part: string): string => `${root}/${part}/offline.js`;
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): unknown } } }).trustedTypes;
  if (types === undefined) return address;
  const policy = types.createPolicy("offline", {
    createScriptURL: (url: string): string => {
      if (parts.some((part) => url === address(part))) return url;
      throw new TypeError("this is no worker of ours");
    },
  });
  return (part) => policy.createScriptURL(address(part)) as string;
}

async function keep(root: string, there: string[], script: (part: string) => string): Promise<void> {
  for (const part of there) await navigator.serviceWorker.register(script(part), { scope: `${root}/${part}` });
  if (there.includes("help")) await (await caches.open(listed)).add(copyIn(root));
  const cache = await caches.open(kept);
  await cache.addAll(there.filter((part) => part !== "help").map((part) => `${root}/${part}`));
  const built = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].map((link) => link.href);
  await cache.addAll(built);
}

async function forget(): Promise<void> {
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  await caches.delete(kept);
  await caches.delete(listed);
}

armExit();
const box = document.getElementById("offline");
const root = box?.dataset.root;
if (box !== null && root !== undefined && "serviceWorker" in navigator && "caches" in globalThis) {
  box.hidden = false;
  document.getElementById("offline-never")!.hidden = true;
  const said = document.getElementById("offline-said")!;
  const act = (id: string, work: () => Promise<void>): void => {
    document.getElementById(id)!.addEventListener("click", () => {
      said.textContent = "";
      work().then(
        () => { said.textContent = box.dataset[id === "offline-keep" ? "kept" : "gone"] ?? ""; },
        () => { said.textContent = box.dataset.failed ?? ""; },
      );
    });
  };
  const script = trusted(root);
  const there = parts.filter((part) => (box.dataset.parts ?? "").split(" ").includes(part));
  act("offline-keep", () => keep(root, there, script));
  act("offline-forget", forget);
}
