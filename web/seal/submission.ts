// SPDX-License-Identifier: AGPL-3.0-or-later

// A report as it is sent: what the server must know and five age files that it
// can't open.

import { base64, concat, equal, hash, newID, u32, utf8, zeroHash } from "./bytes";
import { Cover, Report, wellFormed } from "./content";
import { checkEnvelope, Kind, unframe } from "./envelope";
import { newGrant } from "./grant";
import { Place, sealMessage } from "./message";
import { newReceipt, Receipt } from "./receipt";
import { deskOf, Roster } from "./roster";
import { b64Of, bool, count, hexOf, list, Of, readExact, record, writeJSON } from "./shape";

/** maxSubmission is the most bytes that the server takes. */
export const maxSubmission = 256 * 1024;

const headShape = record({
  programme: hexOf(16), desk: hexOf(16), report: hexOf(16), roster: hexOf(32), danger: bool,
  login: b64Of(32), cover: hexOf(32), first: hexOf(32), parts: list(count),
});

/** Head is the part of a submission that the server reads. */
export type Head = Of<typeof headShape>;

/** Tip is what a client knows before it seals. */
export interface Tip {
  roster: Roster; // verified and valid now
  desk: string;
  danger: boolean; // shown to the server
  cover: Cover;
  report: Omit<Report, "mailbox" | "roster">;
  receipt?: Receipt; // a fresh one where none is given
  caller?: Uint8Array; // signing seed of the call taker who writes for a caller
}

/** Sealed is a submission ready to be sent. Keep the body to repeat the very same POST. */
export interface Sealed {
  body: Uint8Array;
  report: string;
  receipt: Receipt;
}

/** sealSubmission seals a tip to its desk, to recovery and to its mailbox. */
export async function sealSubmission(tip: Tip): Promise<Sealed> {
  const desk = deskOf(tip.roster, tip.desk);
  const receipt = tip.receipt ?? newReceipt();
  const mailbox = receipt.mailbox().recipient;
  const { programme, recovery, hash: roster } = tip.roster;
  const report = newID();
  const grant = newGrant(programme, report);
  const grants = [await grant.seal(desk.recipient), await grant.seal(recovery), await grant.seal(mailbox)];
  const to = grant.identity(0).recipient;
  const [role, seed] = tip.caller === undefined ? (["reporter", receipt.signingSeed()] as const) : (["call", tip.caller] as const);
  const place: Place = { programme, report, epoch: 0, seq: 0, prev: zeroHash };
  const cover = await sealMessage(place, { type: "cover", cover: tip.cover }, role, seed, to);
  const content = { mailbox, roster, ...cleanReport(tip.report) };
  const first = await sealMessage({ ...place, seq: 1, prev: cover.hash }, { type: "report", report: content }, role, seed, to);
  const body = encodeSubmission(
    { programme, desk: desk.id, report, roster, danger: tip.danger, login: base64(receipt.login()), cover: cover.hash, first: first.hash },
    [...grants, cover.body, first.body],
  );
  return { body, report, receipt };
}

/** cleanReport replaces halves of characters, which a text field can hold and UTF-8 can't. */
function cleanReport(r: Tip["report"]): Tip["report"] {
  return JSON.parse(wellFormed(JSON.stringify(r).replace(/\\ud[89a-f][0-9a-f]{2}/gi, "\ufffd"))) as Tip["report"];
}

/** encodeSubmission writes "TSN1" ‖ u32 n ‖ head ‖ parts ‖ SHA-256 of all that. */
export function encodeSubmission(head: Omit<Head, "parts">, parts: Uint8Array[]): Uint8Array {
  const text = writeJSON(headShape({ ...head, parts: parts.map((p) => p.length) }, "submission"));
  const whole = concat(utf8("TSN1"), u32(text.length), text, ...parts);
  if (whole.length + 32 > maxSubmission) throw new Error("submission: too long");
  return concat(whole, hash(whole));
}

/** Submission is a submission that was read again: for tests and tools. */
export interface Submission extends Head {
  grants: [Uint8Array, Uint8Array, Uint8Array];
  coverBody: Uint8Array;
  firstBody: Uint8Array;
}

/** decodeSubmission reads the exact bytes of a submission and checks its envelopes. */
export function decodeSubmission(body: Uint8Array): Submission {
  const whole = body.subarray(0, body.length - 32);
  if (body.length > maxSubmission || body.length < 32 || !equal(hash(whole), body.subarray(body.length - 32))) throw new Error("submission: its checksum is wrong");
  if (!equal(whole.subarray(0, 4), utf8("TSN1"))) throw new Error("submission: it does not start with TSN1");
  const { front, rest } = unframe(whole.subarray(4));
  const head = readExact(front, headShape, "submission");
  const kinds: Kind[] = ["grant", "grant", "grant", "cover", "message"];
  let at = 0;
  const bodies = head.parts.map((n) => rest.slice(at, (at += n)));
  if (bodies.length !== kinds.length || at !== rest.length) throw new Error("submission: its parts do not fit");
  bodies.forEach((b, i) => checkEnvelope(kinds[i]!, b));
  return { ...head, grants: [bodies[0]!, bodies[1]!, bodies[2]!], coverBody: bodies[3]!, firstBody: bodies[4]! };
}
