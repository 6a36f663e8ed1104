// SPDX-License-Identifier: AGPL-3.0-or-later

// What may be kept on a device: the pages that everybody may read, and the
// built files that they load. The form and the mailbox are in none of these
// parts, and no worker is ever asked about them.

/** kept is the name of the store. */
export const kept = "turnstone-advice";

/** parts are the parts of the site that can be kept; each has its own worker. */
export const parts = ["advice", "crimes", "training", "connected"];

/** most is how many pages and files are kept; the oldest go first. */
export const most = 400;

const page = new RegExp(`^(/p/[a-z0-9-]+)?/[a-zA-Z-]+/(${parts.join("|")})(/[a-z-]+)?$`);
const built = /^\/static\/[a-z0-9.-]+\.[0-9a-f]{16}\.(css|js|svg|woff2)$/;

/** readable says what a request is for: a page, a built file, or nothing of ours. */
export function readable(method: string, address: string, origin: string): "page" | "file" | undefined {
  const url = new URL(address);
  if (method !== "GET" || url.origin !== origin || url.search !== "") return undefined;
  if (page.test(url.pathname)) return "page";
  return built.test(url.pathname) ? "file" : undefined;
}
