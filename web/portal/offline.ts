// SPDX-License-Identifier: AGPL-3.0-or-later

// What may be kept on a device: the pages that everybody may read, the built
// files that they load, and one copy of the help directory, the same for
// everybody. The form and the mailbox are in none of these parts, and no worker
// is ever asked about them.

/** kept is the name of the store. */
export const kept = "turnstone-advice";

/** listed is the name of the store that holds copies of the help directory, and nothing else. */
export const listed = "turnstone-help";

/** parts are the parts of the site that can be kept; each has its own worker. */
export const parts = ["advice", "crimes", "training", "connected", "help"];

/** most is how many pages and files are kept; the oldest go first. */
export const most = 400;

const page = /^((?:\/p\/[a-z0-9-]+)?\/[a-zA-Z-]+)\/(?:advice|crimes|training|connected)(?:\/[a-z-]+)?$/;
const help = /^((?:\/p\/[a-z0-9-]+)?\/[a-zA-Z-]+)\/help(?:\/(?:pack|copy)|\/service\/([0-9a-f-]{36}))?$/;
const built = /^\/static\/[a-z0-9.-]+\.[0-9a-f]{16}\.(css|js|svg|woff2)$/;

/** readable says what a request is for: a page, a built file, or nothing of ours. */
export function readable(method: string, address: string, origin: string): "page" | "file" | undefined {
  const url = new URL(address);
  if (method !== "GET" || url.origin !== origin || url.search !== "") return undefined;
  if (page.test(url.pathname)) return "page";
  return built.test(url.pathname) ? "file" : undefined;
}

/** copyIn returns the address of the copy of the help directory below a root. */
export function copyIn(root: string): string {
  return `${root}/help/copy`;
}

/**
 * inCopy says where in the copy of the directory the answer to a request for
 * help stands: whatever was asked, the copy; for a service, its place in it.
 */
export function inCopy(method: string, address: string, origin: string): { copy: string; place: string } | undefined {
  const url = new URL(address);
  const found = help.exec(url.pathname);
  if (method !== "GET" || url.origin !== origin || found === null) return undefined;
  return { copy: copyIn(found[1] ?? ""), place: found[2] === undefined ? "" : `#s-${found[2]}` };
}

/** rootOf returns the root below which a page stands, nothing for what is no page. */
export function rootOf(address: string): string | undefined {
  const path = new URL(address).pathname;
  return (page.exec(path) ?? help.exec(path))?.[1];
}
