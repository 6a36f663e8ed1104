// SPDX-License-Identifier: AGPL-3.0-or-later

// A desk's key in its holders' browsers: giving it to a colleague whose
// fingerprint was compared, and renewing it.

import { base64, hashHex } from "../seal/bytes";
import { DeskKeys, newDeskKeys } from "../seal/deskkey";
import { all, find } from "./dom";
import { visit } from "./navigate";
import { postJSON, reasonOf } from "./net";
import { forget, Ring, RingMember, ringOf } from "./ring";
import { say } from "./say";
import { unlocked, Unlocked } from "./vault";

/** show prepares the page; with open keys its buttons work. */
export function show(page: HTMLElement): void {
  const member = unlocked();
  if (member === undefined) return;
  const slug = page.dataset.programme ?? "";
  forget(slug); // the page may show somebody who came since
  for (const card of all(page, "[data-desk]")) {
    for (const button of all<HTMLButtonElement>(card, "[data-unlocked]")) button.disabled = false;
    const progress = find(card, ":scope > [data-progress]");
    for (const form of all<HTMLFormElement>(card, "[data-give], [data-renew]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        progress.textContent = say("working");
        const act = form.hasAttribute("data-give") ? give(slug, card, form) : renew(slug, card, member);
        void act.then((next) => {
          forget(slug);
          return visit(next, { push: false });
        }).catch((error: unknown) => (progress.textContent = say("failed", { reason: reasonOf(error) })));
      });
    }
  }
}

/** print is what people compare; it is computed here, not believed. */
function print(recipient: string): string {
  return hashHex(recipient).slice(0, 15);
}

async function give(slug: string, card: HTMLElement, form: HTMLFormElement): Promise<string> {
  const desk = card.dataset.desk ?? "";
  const ring = await ringOf(slug);
  const keys = ring.keys.get(desk);
  const to = membersOf(ring, desk).find((m) => m.id === form.dataset.member);
  if (keys === undefined || to === undefined) throw new Error(say("key.none"));
  const typed = find<HTMLInputElement>(form, "input").value.toLowerCase().replace(/[^0-9a-f]/g, "");
  if (typed !== print(to.recipient)) throw new Error(say("print_wrong"));
  const sealed = base64(await keys.seal(to.recipient));
  return (await postJSON<{ next: string }>(`/p/${slug}/desks/${desk}/give`, { member: to.id, package: sealed })).next;
}

/**
 * renew makes the next epoch for those who hold the key now; who waits for it
 * is given it afterwards, by fingerprint. A holder whose key is another one
 * than the signed roster shows gets nothing, and nobody else does either.
 */
async function renew(slug: string, card: HTMLElement, member: Unlocked): Promise<string> {
  const desk = card.dataset.desk ?? "";
  const ring = await ringOf(slug);
  const old = ring.keys.get(desk);
  if (old === undefined && card.dataset.epoch !== "-1") throw new Error(say("key.none"));
  const keys: DeskKeys = old === undefined ? newDeskKeys(desk) : old.next();
  const packages: Record<string, string> = { [member.account]: base64(await keys.seal(member.keys.identity.recipient)) };
  for (const m of membersOf(ring, desk)) {
    if (m.id === member.account || !m.holds) continue;
    checkInRoster(ring, m);
    packages[m.id] = base64(await keys.seal(m.recipient));
  }
  const recipient = keys.identity(keys.epoch).recipient;
  return (await postJSON<{ next: string }>(`/p/${slug}/desks/${desk}/renew`, { epoch: keys.epoch, recipient, packages })).next;
}

function membersOf(ring: Ring, desk: string): RingMember[] {
  return ring.desks.find((d) => d.desk === desk)?.members ?? [];
}

function checkInRoster(ring: Ring, m: RingMember): void {
  for (const d of ring.rosters[0]?.desks ?? []) {
    const shown = d.members.find((x) => x.id === m.id);
    if (shown !== undefined && shown.recipient !== m.recipient) throw new Error(`${m.name}: ${say("print_wrong")}`);
  }
}
