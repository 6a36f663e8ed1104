// SPDX-License-Identifier: AGPL-3.0-or-later

// What carry.ts leaves in the tab, for those who only take it away: every page
// of ours does on leaving, and few have the library that carrying needs.

/** name is under which it lies there. */
export const name = "turnstone";

/** forget leaves nothing in the tab. */
export function forget(): void {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // a browser that keeps nothing has nothing to forget
  }
}
