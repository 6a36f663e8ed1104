// SPDX-License-Identifier: AGPL-3.0-or-later

// The reporter's side after the report: reading answers and replying.

import { base64, hex, unbase64 } from "./bytes";
import { Chain, Line, openMessages } from "./chain";
import { NotForThisKey, OutOfPlace } from "./fault";
import { Grant, openGrant } from "./grant";
import { Identity } from "./identity";
import { Stored } from "./message";
import { Receipt } from "./receipt";
import { Roster } from "./roster";
import { b64Of, count, hexOf, list, Of, oneOf, record, str } from "./shape";
import { Role } from "./content";

const mailboxShape = record({
  report: hexOf(16), desk: hexOf(16), state: str,
  messages: list(record({
    seq: count, epoch: count, role: oneOf<Role>("reporter", "desk", "call"), hash: hexOf(32), hour: count, body: b64Of(),
  })),
  grants: list(record({ epoch: count, body: b64Of() })),
});

/** MailboxAnswer is what the server answers to api/mailbox/open. */
export type MailboxAnswer = Of<typeof mailboxShape>;

/** Mailbox is an opened conversation. */
export interface Mailbox {
  report: string;
  desk: string;
  state: string;
  lines: (Line & { hour: number })[];
  chain: Chain;
}

/** loginBody is the body of api/mailbox/open and api/mailbox/delete. */
export function loginBody(receipt: Receipt): { login: string } {
  return { login: base64(receipt.login()) };
}

/** openMailbox verifies and opens the server's answer with the receipt. */
export async function openMailbox(receipt: Receipt, answer: unknown, rosters: readonly Roster[]): Promise<Mailbox> {
  const box = mailboxShape(answer, "mailbox");
  const programme = rosters[0]?.programme;
  if (programme === undefined) throw new Error("mailbox: no roster");
  const grant = await newestGrant(receipt.mailbox(), box, programme);
  const stored: Stored[] = box.messages.map((m) => ({ ...m, body: unbase64(m.body) }));
  const { chain, lines } = await openMessages(grant, stored, rosters);
  checkOwn(receipt, lines);
  return {
    report: box.report, desk: box.desk, state: box.state, chain,
    lines: lines.map((line, i) => ({ ...line, hour: box.messages[i]!.hour })),
  };
}

/** newestGrant opens the grant of the highest epoch. */
async function newestGrant(identity: Identity, box: MailboxAnswer, programme: string): Promise<Grant> {
  let best: Grant | undefined;
  for (const g of [...box.grants].sort((a, b) => b.epoch - a.epoch)) {
    const opened = await openGrant(identity, unbase64(g.body), programme, box.report);
    if (opened.epoch !== g.epoch) throw new OutOfPlace("the grant is of another epoch");
    best ??= opened;
  }
  if (best === undefined) throw new NotForThisKey("mailbox");
  return best;
}

/** checkOwn demands that the report is the one that this receipt's holder sent. */
function checkOwn(receipt: Receipt, lines: readonly Line[]): void {
  const report = lines[1];
  if (report === undefined || report.content.type !== "report") throw new OutOfPlace("the mailbox has no report");
  if (report.content.report.mailbox !== receipt.mailbox().recipient) throw new OutOfPlace("the report names another mailbox");
  if (report.header.role === "reporter" && hex(unbase64(report.header.sender)) !== hex(receipt.signingKey())) {
    throw new OutOfPlace("the report was signed by somebody else");
  }
}

/** Reply is the body of api/mailbox/append, without the login. */
export interface Reply {
  seq: number;
  epoch: number;
  prev: string;
  hash: string;
  body: string;
}

/** sealReply seals the reporter's next message. After a 409, open the mailbox and seal again. */
export async function sealReply(box: Mailbox, receipt: Receipt, text: string, language: string): Promise<Reply & { login: string }> {
  const m = await box.chain.seal({ type: "message", message: { text, language } }, "reporter", receipt.signingSeed());
  return { ...loginBody(receipt), seq: m.seq, epoch: m.epoch, prev: m.prev, hash: m.hash, body: base64(m.body) };
}
