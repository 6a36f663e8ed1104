// SPDX-License-Identifier: AGPL-3.0-or-later

// Rosters: who may be sealed to. Clients seal only to a roster that verifies.

import { concat, hashHex, unbase64, utf8 } from "./bytes";
import { BadSignature, OutOfPlace } from "./fault";
import { checkRecipient } from "./identity";
import { verify } from "./message";
import { b64Of, bool, count, hexOf, list, names, Of, oneOf, readStrict, record, Shape, str } from "./shape";

const label = utf8("turnstone/roster/v1\0");

const recipient: Shape<string> = (v, where) => checkRecipient(str(v, where));

const time: Shape<string> = (v, where) => {
  const s = str(v, where);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(s) || Number.isNaN(Date.parse(s))) throw new Error(`${where}: want a time in UTC`);
  return s;
};

const member = record({ id: hexOf(16), key: b64Of(32), recipient });

const desk = record({
  id: hexOf(16), slug: str, name: names(str), organisation: names(str), police: bool, epoch: count, recipient, members: list(member),
});

const rosterShape = record({
  v: oneOf(1), programme: hexOf(16), slug: str, name: names(str), version: count, previous: hexOf(32),
  valid_from: time, valid_until: time, recovery: recipient, log: str, desks: list(desk),
});

export type RosterMember = Of<typeof member>;
export type RosterDesk = Of<typeof desk>;

/** Roster is a verified roster and the hash of the bytes that were signed. */
export type Roster = Of<typeof rosterShape> & { readonly hash: string };

/** SignedRoster is a roster as it is served; nothing in it counts before verifyRoster. */
export interface SignedRoster {
  roster: string; // base64
  key: string; // base64
  signature: string; // base64
}

/**
 * verifyRoster returns the roster when the trusted programme key (base64) signed
 * it, it is valid at now, and its version is not below the highest seen before.
 */
export function verifyRoster(signed: SignedRoster, trusted: string, now: Date, lowest = 0): Roster {
  const roster = verifyPastRoster(signed, trusted);
  if (now.getTime() < Date.parse(roster.valid_from) || now.getTime() >= Date.parse(roster.valid_until)) {
    throw new Error(`roster: it is valid from ${roster.valid_from} until ${roster.valid_until}`);
  }
  if (roster.version < lowest) throw new OutOfPlace("the roster is older than one that was seen before");
  return roster;
}

/** verifyPastRoster is verifyRoster for reading what was signed under an old roster; never seal to it. */
export function verifyPastRoster(signed: SignedRoster, trusted: string): Roster {
  if (signed.key !== trusted) throw new BadSignature("roster of another programme key");
  const bytes = unbase64(signed.roster);
  if (!verify(unbase64(signed.signature), concat(label, bytes), unbase64(trusted))) throw new BadSignature("roster");
  const roster = readStrict(bytes, rosterShape, "roster");
  if (roster.version < 1 || Date.parse(roster.valid_from) >= Date.parse(roster.valid_until)) throw new Error("roster: its version or time makes no sense");
  if (new Set(roster.desks.map((d) => d.id)).size !== roster.desks.length) throw new Error("roster: a desk is given twice");
  return { ...roster, hash: hashHex(bytes) };
}

/** deskOf returns a desk of the roster. */
export function deskOf(roster: Roster, id: string): RosterDesk {
  const found = roster.desks.find((d) => d.id === id);
  if (found === undefined) throw new OutOfPlace("the roster has no such desk");
  return found;
}

/** memberByKey finds who signs with an Ed25519 key (base64). */
export function memberByKey(roster: Roster, key: string): { desk: RosterDesk; member: RosterMember } | undefined {
  for (const d of roster.desks) {
    const m = d.members.find((x) => x.key === key);
    if (m !== undefined) return { desk: d, member: m };
  }
  return undefined;
}

/** rosterBytes returns the signed bytes, which are the payload of the roster's leaf in the key log. */
export function rosterBytes(signed: SignedRoster): Uint8Array {
  return unbase64(signed.roster);
}
