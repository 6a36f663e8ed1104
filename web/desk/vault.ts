// SPDX-License-Identifier: AGPL-3.0-or-later

// The opened keys. They live in this module's memory and nowhere else: not in
// storage, which outlives the person at the desk, and not in a worker, which
// may outlive the page. Going from page to page keeps the document (see
// navigate.ts), so that memory is enough; loading the site anew locks it.

import { base64, unbase64 } from "../seal/bytes";
import { MemberKeys, stretchPassphrase, StretchParams, Stretched, unwrapMember } from "../seal/member";
import { getJSON } from "./net";

/** idleLock is how long nobody may touch the page before it locks itself. */
export const idleLock = 10 * 60_000;

interface WireStretch extends StretchParams {
  salt: string;
}

interface WireKeys {
  account: string;
  stretch: WireStretch;
  wrapped: string;
  recipient: string;
  key: string;
}

/** Unlocked is a member whose keys are open. */
export interface Unlocked {
  account: string;
  keys: MemberKeys;
}

type Listener = () => void;

let open: Unlocked | undefined;
const listeners = new Set<Listener>();
let idle: ReturnType<typeof setTimeout> | undefined;

/** unlocked returns the open keys, or undefined. */
export function unlocked(): Unlocked | undefined {
  return open;
}

/** onChange calls back when keys are opened or locked. */
export function onChange(listener: Listener): void {
  listeners.add(listener);
}

/** stretch stretches a passphrase with an account's salt. */
export function stretch(passphrase: string, w: WireStretch, progress?: (done: number) => void): Promise<Stretched> {
  return stretchPassphrase(tidy(passphrase), unbase64(w.salt), { memory: w.memory, passes: w.passes, threads: w.threads }, progress);
}

/** tidy makes one spelling of six words: lower case, single spaces. */
export function tidy(passphrase: string): string {
  return passphrase.trim().toLowerCase().split(/\s+/u).join(" ");
}

/** unlock opens the member's keys with their passphrase. */
export async function unlock(passphrase: string, progress?: (done: number) => void): Promise<void> {
  const wire = await getJSON<WireKeys>("/me/keys");
  const { wrap } = await stretch(passphrase, wire.stretch, progress);
  await openWith(wire, wrap);
}

/** unlockWith opens them with a wrapping key that a log-in has just made. */
export async function unlockWith(wrap: Uint8Array): Promise<void> {
  await openWith(await getJSON<WireKeys>("/me/keys"), wrap);
}

async function openWith(wire: WireKeys, wrap: Uint8Array): Promise<void> {
  const keys = await unwrapMember(unbase64(wire.wrapped), wrap, wire.account);
  // A server that shows colleagues another key than the member's own would
  // read what they seal to this member.
  if (keys.identity.recipient !== wire.recipient || base64(keys.signingKey()) !== wire.key) {
    throw new Error("the server shows other public keys for you than your own");
  }
  open = { account: wire.account, keys };
  stir();
  tell();
}

/** lock forgets the keys. */
export function lock(): void {
  if (open === undefined) return;
  open = undefined;
  clearTimeout(idle);
  tell();
}

/** stir notes that somebody is at the desk. */
export function stir(): void {
  if (open === undefined) return;
  clearTimeout(idle);
  idle = setTimeout(lock, idleLock);
}

function tell(): void {
  for (const listener of listeners) listener();
}
