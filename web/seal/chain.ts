// SPDX-License-Identifier: AGPL-3.0-or-later

// A chain verifies a report's conversation message by message, each one
// against those before. Only the newest can be withheld unnoticed.

import { hashHex, zeroHash } from "./bytes";
import { Content, Role } from "./content";
import { OutOfPlace } from "./fault";
import { Grant } from "./grant";
import { Header, Opened, openMessage, Place, sealMessage, Stored } from "./message";
import { memberByKey, Roster } from "./roster";

/** Signer says who signed a message, as far as the rosters tell. */
export interface Signer {
  role: Role;
  desk?: string;
  member?: string;
  /**
   * known is true for the reporter's own key and members in one of the rosters.
   * A message of an unknown signer must be shown as one that could not be checked.
   */
  known: boolean;
}

/** Line is an opened message and who said it. */
export interface Line extends Opened {
  signer: Signer;
}

/** Chain reads and continues one conversation. */
export class Chain {
  private next_ = 0;
  private epoch = 0;
  private head = zeroHash;
  private expected: string;
  private opener = "";
  private openerRole: Role = "reporter";

  /** rosters are verified ones, of the versions under which members wrote. */
  constructor(readonly grant: Grant, private readonly rosters: readonly Roster[]) {
    this.expected = grant.identity(0).recipientHash;
  }

  /** next opens the next message; after an error the chain is as it was before. */
  async next(m: Stored): Promise<Line> {
    if (m.seq !== this.next_) throw new OutOfPlace(`message ${m.seq} comes when ${this.next_} is next`);
    const opened = await openMessage(this.grant.identity(m.epoch), m.body);
    const h = opened.header;
    if (h.seq !== m.seq || h.epoch !== m.epoch || h.role !== m.role || opened.hash !== m.hash) throw new OutOfPlace("the server says other things about it than its header");
    if (h.programme !== this.grant.programme || h.report !== this.grant.report) throw new OutOfPlace("it is another report's");
    if (h.prev !== this.head) throw new OutOfPlace("it does not follow the message before");
    if (h.epoch !== this.epoch || h.recipient !== this.expected) throw new OutOfPlace("it is sealed to another epoch's key");
    this.checkType(h, opened.content);
    const signer = this.signer(h);
    this.accept(opened);
    return { ...opened, signer };
  }

  private checkType(h: Header, content: Content): void {
    const fits = h.seq === 0 ? h.type === "cover" : h.seq === 1 ? h.type === "report" : ["message", "key", "file"].includes(h.type);
    if (!fits) throw new OutOfPlace(`a ${h.type} can't be message ${h.seq}`);
    if (content.type === "file" && h.role !== "reporter") throw new OutOfPlace("only the reporter sends files");
    if (content.type !== "key") return;
    if (h.role !== "desk") throw new OutOfPlace("only the desk announces keys");
    if (content.key.epoch !== this.epoch + 1) throw new OutOfPlace("it announces another epoch than the next");
  }

  private signer(h: Header): Signer {
    const first = h.seq <= 1;
    const same = h.sender === this.opener;
    if (first && h.role === "desk") throw new OutOfPlace("a desk can't send a report");
    if (!first && h.role === "call") throw new OutOfPlace("a call taker only sends reports");
    if (h.seq === 1 && (h.role !== this.openerRole || !same)) throw new OutOfPlace("cover and report have different senders");
    if (!first && h.role === "reporter" && (this.openerRole !== "reporter" || !same)) throw new OutOfPlace("it is signed by somebody else than the report");
    if (h.role === "reporter") return { role: h.role, known: true };
    for (const roster of this.rosters) {
      const found = memberByKey(roster, h.sender);
      if (found !== undefined) return { role: h.role, desk: found.desk.id, member: found.member.id, known: true };
    }
    return { role: h.role, known: false };
  }

  private accept(m: Opened): void {
    if (m.header.seq === 0) [this.opener, this.openerRole] = [m.header.sender, m.header.role];
    this.next_ = m.header.seq + 1;
    this.head = m.hash;
    if (m.content.type === "key") {
      this.epoch = m.content.key.epoch;
      this.expected = hashHex(m.content.key.recipient);
    }
  }

  /** place is where the next message stands. */
  place(): Place {
    return { programme: this.grant.programme, report: this.grant.report, epoch: this.epoch, seq: this.next_, prev: this.head };
  }

  /** seal signs and seals the next message; the chain moves only when the server's copy is read. */
  async seal(content: Content, role: Role, seed: Uint8Array): Promise<Stored & { prev: string }> {
    const to = this.grant.identity(this.epoch);
    if (to.recipientHash !== this.expected) throw new OutOfPlace("the announced key is not the grant's");
    const place = this.place();
    return { ...(await sealMessage(place, content, role, seed, to.recipient)), prev: place.prev };
  }
}

/** openMessages reads a whole conversation in order. */
export async function openMessages(grant: Grant, stored: readonly Stored[], rosters: readonly Roster[]): Promise<{ chain: Chain; lines: Line[] }> {
  const chain = new Chain(grant, rosters);
  const lines: Line[] = [];
  for (const m of stored) lines.push(await chain.next(m));
  return { chain, lines };
}

/** Turn is a new epoch of a report: what its holder sends in one transaction. */
export interface Turn {
  key: Stored & { prev: string };
  grants: { to: string; epoch: number; body: Uint8Array }[];
}

/** Reader is somebody who may read from now on: a name for the server and a recipient. */
export interface Reader {
  to: string;
  recipient: string;
}

/**
 * newEpoch announces the next epoch and seals its grant to the readers: the
 * mailbox and recovery among them, and the desk unless the report is restricted.
 */
export async function newEpoch(chain: Chain, seed: Uint8Array, readers: readonly Reader[]): Promise<Turn> {
  const { epoch } = chain.place();
  if (epoch !== chain.grant.epoch) throw new OutOfPlace("the grant is of another epoch than the conversation");
  const grant = chain.grant.next();
  const key = await chain.seal({ type: "key", key: { epoch: grant.epoch, recipient: grant.identity(grant.epoch).recipient } }, "desk", seed);
  const grants = [];
  for (const r of readers) grants.push({ to: r.to, epoch: grant.epoch, body: await grant.seal(r.recipient) });
  return { key, grants };
}

/** restrict is newEpoch for named members only, beside the mailbox and recovery. */
export async function restrict(chain: Chain, seed: Uint8Array, roster: Roster, mailbox: string, members: readonly string[]): Promise<Turn> {
  const everybody = roster.desks.flatMap((d) => d.members);
  const readers: Reader[] = [{ to: "mailbox", recipient: mailbox }, { to: "recovery", recipient: roster.recovery }];
  for (const id of members) {
    const m = everybody.find((x) => x.id === id);
    if (m === undefined) throw new OutOfPlace("the roster has no such member");
    readers.push({ to: id, recipient: m.recipient });
  }
  return newEpoch(chain, seed, readers);
}
