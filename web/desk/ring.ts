// SPDX-License-Identifier: AGPL-3.0-or-later

// What a member's browser knows of one programme: rosters that verify, and the
// keys of the member's desks. What it has seen of a programme it remembers, so
// that a server can't show it another key or an older list later.

import { unbase64 } from "../seal/bytes";
import { DeskKeys, openDeskKeys } from "../seal/deskkey";
import { NotForThisKey } from "../seal/fault";
import { Grant, openGrant } from "../seal/grant";
import { Roster, SignedRoster, verifyPastRoster, verifyRoster } from "../seal/roster";
import { getJSON } from "./net";
import { say } from "./say";
import { onChange, Unlocked, unlocked } from "./vault";

export interface RingMember {
  id: string;
  name: string;
  recipient: string;
  key: string;
  print: string;
  holds: boolean;
}

interface WireDesk {
  desk: string;
  package: string | null;
  epochs: { epoch: number; recipient: string }[];
  members: RingMember[];
}

interface WireRing {
  programme: string;
  programmeKey: string;
  rosters: SignedRoster[];
  checkpoint: string;
  desks: WireDesk[];
}

/** Ring is a programme's rosters and the member's desks with their keys. */
export interface Ring {
  programme: string;
  rosters: Roster[]; // newest first; read with them, never seal to the old ones
  checkpoint: string;
  desks: WireDesk[];
  keys: Map<string, DeskKeys>;
  /** alarms are the keys of texts: what this browser saw and must not trust. */
  alarms: string[];
  /** current returns the roster to seal to, or throws. */
  current(): Roster;
}

/** WireGrant is a grant as the server hands it out. */
export interface WireGrant {
  epoch: number;
  to: string;
  recipient: string;
  body: string;
}

/** keptFor is how long a ring is used again; rosters and keys change meanwhile. */
const keptFor = 60_000;

interface Kept {
  ring: Promise<Ring>;
  since: number;
}

let rings = new Map<string, Kept>();
onChange(() => (rings = new Map()));

/** ringOf returns a programme's ring while the keys are open. */
export function ringOf(slug: string): Promise<Ring> {
  const member = unlocked();
  if (member === undefined) return Promise.reject(new Error("locked"));
  const kept = rings.get(slug);
  if (kept !== undefined && performance.now() - kept.since < keptFor) return kept.ring;
  const ring = load(slug, member);
  rings.set(slug, { ring, since: performance.now() });
  ring.catch(() => rings.delete(slug));
  return ring;
}

/** forget makes the next use load anew. */
export function forget(slug: string): void {
  rings.delete(slug);
}

async function load(slug: string, member: Unlocked): Promise<Ring> {
  const wire = await getJSON<WireRing>(`/p/${slug}/keyring`);
  const alarms: string[] = [];
  const seen = remembered(wire.programme);
  const trusted = seen?.key ?? wire.programmeKey;
  if (trusted !== wire.programmeKey) alarms.push("alarm_key");
  // What is served can still be read, under an alarm; sealing stops.
  const rosters = wire.rosters.map((signed) => verifyPastRoster(signed, wire.programmeKey));
  const newest = rosters[0];
  if (seen !== undefined && (newest === undefined || newest.version < seen.version)) alarms.push("alarm_older");
  if (newest !== undefined && alarms.length === 0) remember(wire.programme, { key: trusted, version: newest.version });
  const keys = new Map<string, DeskKeys>();
  for (const desk of wire.desks) {
    if (desk.package === null) continue;
    const opened = await openDeskKeys(member.keys.identity, unbase64(desk.package), desk.desk);
    const shown = newest?.desks.find((d) => d.id === desk.desk);
    // A package is not signed: whoever doesn't know the desk's seed can't make
    // one that fits the roster.
    if (shown !== undefined) opened.checkAgainst(shown);
    keys.set(desk.desk, opened);
  }
  return {
    programme: wire.programme, rosters, checkpoint: wire.checkpoint, desks: wire.desks, keys, alarms,
    current: () => {
      if (alarms[0] !== undefined) throw new Error(say("alarm", { reason: say(alarms[0]) }));
      const signed = wire.rosters[0];
      if (signed === undefined) throw new Error("roster: there is none");
      return verifyRoster(signed, trusted, new Date(), seen?.version ?? 0);
    },
  };
}

interface Seen {
  key: string;
  version: number;
}

function remembered(programme: string): Seen | undefined {
  const text = localStorage.getItem(`turnstone.programme.${programme}`);
  return text === null ? undefined : (JSON.parse(text) as Seen);
}

function remember(programme: string, seen: Seen): void {
  localStorage.setItem(`turnstone.programme.${programme}`, JSON.stringify(seen));
}

/**
 * openOne opens the newest grant that this member can open: their own, or the
 * desk's by the epoch that it was sealed to. It returns undefined when the
 * report is sealed to others.
 */
export async function openOne(ring: Ring, member: Unlocked, desk: string, report: string, grants: WireGrant[]): Promise<Grant | undefined> {
  for (const g of [...grants].sort((a, b) => b.epoch - a.epoch)) {
    const body = unbase64(g.body);
    for (const identity of identitiesFor(ring, member, desk, g)) {
      try {
        return await openGrant(identity, body, ring.programme, report);
      } catch (error) {
        if (!(error instanceof NotForThisKey)) throw error;
      }
    }
  }
  return undefined;
}

function identitiesFor(ring: Ring, member: Unlocked, desk: string, g: WireGrant) {
  if (g.to === "member") return g.recipient === member.account ? [member.keys.identity] : [];
  const keys = ring.keys.get(g.recipient) ?? ring.keys.get(desk);
  if (keys === undefined) return [];
  return Array.from({ length: keys.epoch + 1 }, (_, back) => keys.identity(keys.epoch - back));
}
