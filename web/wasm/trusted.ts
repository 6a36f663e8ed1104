// SPDX-License-Identifier: AGPL-3.0-or-later

// Starting a worker from a page. It stands alone: a page that starts workers
// has no use for what runs in them.

/** trusted lets one worker through Trusted Types, and nothing else. */
export function trusted(policy: string, worker: string): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } }).trustedTypes;
  if (types === undefined) return worker;
  return types.createPolicy(policy, {
    createScriptURL: (url: string): string => {
      if (url !== worker) throw new Error("not our worker");
      return url;
    },
  }).createScriptURL(worker);
}
