// SPDX-License-Identifier: AGPL-3.0-or-later

// What readers refuse: changed bits, foreign recipients, what honest clients
// never send. The twin of Go's tests, which try more.

import assert from "node:assert/strict";
import test from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { base64, concat, hashHex, hex, newID, random, u32, unbase64, utf8, zeroHash } from "./bytes";
import { Chain, newEpoch, openMessages, restrict } from "./chain";
import { openDeskKeys } from "./deskkey";
import { checkEnvelope, envelopeSize, Kind } from "./envelope";
import { BadSignature, NotForThisKey, OutOfPlace, StrangeEnvelope, TooLong } from "./fault";
import { Grant, openGrant } from "./grant";
import { newIdentity } from "./identity";
import { openMailbox, sealReply } from "./mailbox";
import { newMemberKeys, minStretch, stretchPassphrase, unwrapMember, wrapMember } from "./member";
import { openMessage, Place, Stored } from "./message";
import { newReceipt } from "./receipt";
import { verifyPastRoster, verifyRoster } from "./roster";
import { writeJSON } from "./shape";
import { decodeSubmission, sealSubmission, Submission, Tip } from "./submission";
import { newWorld, signRoster, tipFor } from "./world.fixture";

const w = newWorld();
const tip = tipFor(w);
const sealed = await sealSubmission(tip);
const sent = decodeSubmission(sealed.body);
const desk = w.deskKeys.identity(1);
const grant = await openGrant(desk, sent.grants[0], w.programme, sent.report);
const identity = grant.identity(0);

function stored(s: Submission): Stored[] {
  return [
    { seq: 0, epoch: 0, role: "reporter", hash: s.cover, body: s.coverBody },
    { seq: 1, epoch: 0, role: "reporter", hash: s.first, body: s.firstBody },
  ];
}

async function refused(attempt: () => unknown): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch {
    return true;
  }
}

/** someBits tries to change a bit every so often, all of the header's first and last lines included. */
async function someBits(body: Uint8Array, step: number, open: (changed: Uint8Array) => unknown): Promise<void> {
  assert.ok(!(await refused(() => open(body))), "unchanged it is refused");
  for (let bit = 0; bit < 8 * body.length; bit += bit < 400 ? 1 : step) {
    const changed = body.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.ok(await refused(() => open(changed)), `bit ${bit} can be changed`);
  }
}

await test("no bit of a grant, message, package, roster or submission can be changed", async () => {
  await someBits(sent.grants[0], 97, (b) => openGrant(desk, b, w.programme, sent.report));
  await someBits(sent.coverBody, 131, (b) => openMessage(identity, b));
  await someBits(sent.firstBody, 397, (b) => openMessage(identity, b));
  const packed = await w.deskKeys.seal(w.member.identity.recipient);
  await someBits(packed, 131, (b) => openDeskKeys(w.member.identity, b, w.deskKeys.desk));
  await someBits(unbase64(w.signed.roster), 131, (b) => verifyRoster({ ...w.signed, roster: base64(b) }, w.key, w.now));
  await someBits(unbase64(w.signed.signature), 1, (b) => verifyRoster({ ...w.signed, signature: base64(b) }, w.key, w.now));
  await someBits(sealed.body, 97, (b) => decodeSubmission(b));
  const wrapped = await wrapMember(w.member, new Uint8Array(32), w.memberID);
  await someBits(wrapped, 3, (b) => unwrapMember(b, new Uint8Array(32), w.memberID));
});

await test("an envelope has one hybrid reader", async () => {
  const us = newIdentity().recipient;
  const classic = await identityToRecipient(await generateX25519Identity());
  const seal = async (...to: string[]): Promise<Uint8Array> => {
    const e = new Encrypter();
    for (const r of to) e.addRecipient(r);
    return e.encrypt(new Uint8Array(1024));
  };
  const honest = await seal(us);
  assert.equal(honest.length, envelopeSize(1024));
  checkEnvelope("grant", honest);
  for (const to of [[classic], [us, classic], [classic, us], [us, us], Array<string>(300).fill(us)]) {
    const body = await seal(...to);
    for (const kind of ["cover", "message", "grant", "package"] as Kind[]) {
      assert.throws(() => checkEnvelope(kind, body), StrangeEnvelope);
      for (let n = 1; n <= 1024; n++) assert.throws(() => checkEnvelope(kind, concat(body, new Uint8Array(n))), StrangeEnvelope);
    }
  }
  for (const broken of [new Uint8Array(0), honest.subarray(0, 1700), concat(honest, new Uint8Array(1)), utf8("age-encryption.org/v1\n")]) {
    assert.throws(() => checkEnvelope("grant", broken), StrangeEnvelope);
  }
  assert.throws(() => checkEnvelope("message", honest), StrangeEnvelope);
});

/** forge writes a message by hand, as somebody with every key could. */
async function forge(place: Place, change: (header: Record<string, unknown>) => void, edit: (plain: Uint8Array) => Uint8Array = (p) => p, text = '{"text":"hello","language":"en"}'): Promise<Stored> {
  const seed = sealed.receipt.signingSeed();
  const content = utf8(text);
  const header: Record<string, unknown> = {
    v: 1, programme: place.programme, report: place.report, epoch: place.epoch, recipient: identity.recipientHash, seq: place.seq, prev: place.prev,
    sender: base64(ed25519.getPublicKey(seed)), role: "reporter", type: "message", length: content.length, sha256: hashHex(content),
  };
  change(header);
  const front = writeJSON(header);
  const signature = ed25519.sign(concat(utf8("turnstone/message/v1\0"), front), seed);
  const plain = new Uint8Array(8192);
  plain.set(concat(u32(front.length), front, signature, content));
  const e = new Encrypter();
  e.addRecipient(identity.recipient);
  return { seq: place.seq, epoch: place.epoch, role: "reporter", hash: hashHex(front), body: await e.encrypt(edit(plain)) };
}

await test("readers refuse what honest clients never send", async () => {
  const { chain } = await openMessages(grant, stored(sent), [w.roster]);
  const place = chain.place();
  const set = (name: string, value: unknown) => (h: Record<string, unknown>): void => { h[name] = value; };
  const same = (): void => {};
  const tries: Record<string, Promise<Stored>> = {
    version: forge(place, set("v", 2)), programme: forge(place, set("programme", newID())), report: forge(place, set("report", newID())),
    epoch: forge(place, set("epoch", 1)), recipient: forge(place, set("recipient", zeroHash)), earlier: forge(place, set("seq", 1)),
    later: forge(place, set("seq", 3)), prev: forge(place, set("prev", zeroHash)), role: forge(place, set("role", "admin")),
    call: forge(place, set("role", "call")), "desk without its key": forge(place, set("role", "desk")), type: forge(place, set("type", "report")),
    length: forge(place, set("length", 3)), huge: forge(place, set("length", 1e15)), hash: forge(place, set("sha256", zeroHash)),
    sender: forge(place, set("sender", base64(random(32)))), "new field": forge(place, set("more", 1)),
    "missing field": forge(place, (h) => { delete h["prev"]; }), "another order": forge(place, (h) => { const v = h["v"]; delete h["v"]; h["v"] = v; }),
    padding: forge(place, same, (p) => { p[8191] = 1; return p; }), size: forge(place, same, (p) => concat(p, new Uint8Array(8192))),
    large: forge(place, same, (p) => concat(p, new Uint8Array(24576))),
    "unknown in content": forge(place, same, undefined, '{"text":"x","language":"en","more":1}'),
    "doubled in content": forge(place, same, undefined, '{"text":"x","text":"y","language":"en"}'),
    "null in content": forge(place, same, undefined, '{"text":null,"language":"en"}'),
    "capitals in content": forge(place, same, undefined, '{"Text":"x","language":"en"}'),
    "deep content": forge(place, same, undefined, `{"text":${"[".repeat(2000)}${"]".repeat(2000)},"language":"en"}`),
  };
  for (const [name, attempt] of Object.entries(tries)) {
    const m = await attempt;
    assert.ok(await refused(() => chain.next(m)), `${name}: accepted`);
    assert.deepEqual(chain.place(), place, `${name}: the chain moved`);
  }
  await chain.next(await forge(place, same)); // else the refusals prove nothing
});

await test("a chain reads only its own messages in their order", async () => {
  const other = decodeSubmission((await sealSubmission(tipFor(w))).body);
  const [cover, report] = stored(sent) as [Stored, Stored];
  const foreign = stored(other);
  for (const messages of [[report], [cover, cover], [cover, { ...foreign[1]! }], [{ ...report, seq: 0 }], [{ ...cover, role: "call" as const }], [{ ...cover, hash: zeroHash }], [{ ...cover, epoch: 1 }]]) {
    assert.ok(await refused(() => openMessages(grant, messages, [w.roster])));
  }
});

await test("a member can't speak as the reporter, and a stranger is named unknown", async () => {
  const { chain } = await openMessages(grant, stored(sent), [w.roster]);
  const content = { type: "message", message: { text: "I made it up", language: "en" } } as const;
  await assert.rejects(async () => chain.next(await chain.seal(content, "reporter", w.member.signingSeed)), OutOfPlace);
  const line = await chain.next(await chain.seal(content, "desk", newMemberKeys().signingSeed));
  assert.deepEqual(line.signer, { role: "desk", known: false });
});

await test("a restricted report opens for named members, mailbox and recovery only", async () => {
  const { chain } = await openMessages(grant, stored(sent), [w.roster]);
  const turn = await restrict(chain, w.member.signingSeed, w.roster, sealed.receipt.mailbox().recipient, [w.memberID]);
  assert.deepEqual(turn.grants.map((g) => g.to), ["mailbox", "recovery", w.memberID]);
  const keys = [sealed.receipt.mailbox(), w.recovery, w.member.identity];
  for (const [i, g] of turn.grants.entries()) {
    for (const [j, key] of keys.entries()) {
      const opened = openGrant(key, g.body, w.programme, sent.report);
      if (i === j) assert.equal((await opened).epoch, 1);
      else await assert.rejects(opened, NotForThisKey);
    }
    await assert.rejects(openGrant(desk, g.body, w.programme, sent.report), NotForThisKey);
  }
  await chain.next(turn.key);
  await assert.rejects(chain.seal({ type: "message", message: { text: "", language: "" } }, "desk", w.member.signingSeed), OutOfPlace);
  await assert.rejects(newEpoch(chain, w.member.signingSeed, []), OutOfPlace);
  await assert.rejects(restrict(new Chain(grant, []), w.member.signingSeed, w.roster, "", ["no such member"]), OutOfPlace);
});

await test("a mailbox opens with its receipt, and replies", async () => {
  const answer = {
    report: sent.report, desk: sent.desk, state: "new", grants: [{ epoch: 0, body: base64(sent.grants[2]) }],
    messages: stored(sent).map((m) => ({ seq: m.seq, epoch: m.epoch, role: m.role, hash: m.hash, hour: 497000, body: base64(m.body) })),
  };
  const box = await openMailbox(sealed.receipt, answer, [w.roster]);
  assert.equal(box.lines.length, 2);
  assert.equal(box.lines[1]!.hour, 497000);
  const reply = await sealReply(box, sealed.receipt, "Omkring fyrre 📦", "da");
  assert.equal(reply.prev, sent.first);
  const line = await box.chain.next({ seq: reply.seq, epoch: reply.epoch, role: "reporter", hash: reply.hash, body: unbase64(reply.body) });
  assert.deepEqual(line.content, { type: "message", message: { text: "Omkring fyrre 📦", language: "da" } });
  await assert.rejects(openMailbox(newReceipt(), answer, [w.roster]), NotForThisKey);
  await assert.rejects(openMailbox(sealed.receipt, { ...answer, more: 1 }, [w.roster]));
  await assert.rejects(openMailbox(sealed.receipt, { ...answer, messages: answer.messages.slice(0, 1) }, [w.roster]), OutOfPlace);
  await assert.rejects(openMailbox(sealed.receipt, { ...answer, grants: [] }, [w.roster]), NotForThisKey);
});

await test("a report that somebody else put in the mailbox is noticed", async () => {
  const mine = newReceipt();
  const theirs = newReceipt();
  const s = decodeSubmission((await sealSubmission({ ...tip, receipt: theirs })).body);
  const opened = await openGrant(desk, s.grants[0], w.programme, s.report);
  const answer = {
    report: s.report, desk: s.desk, state: "new", grants: [{ epoch: 0, body: base64(await opened.seal(mine.mailbox().recipient)) }],
    messages: stored(s).map((m) => ({ seq: m.seq, epoch: m.epoch, role: m.role, hash: m.hash, hour: 1, body: base64(m.body) })),
  };
  await assert.rejects(openMailbox(mine, answer, [w.roster]), OutOfPlace);
});

await test("rosters verify, or nothing is sealed", async () => {
  const stranger = random(32);
  const forged = signRoster(unbase64(w.signed.roster), stranger);
  assert.throws(() => verifyRoster(forged, w.key, w.now), BadSignature);
  assert.throws(() => verifyRoster({ ...forged, key: w.key }, w.key, w.now), BadSignature);
  assert.throws(() => verifyRoster(w.signed, w.key, new Date("2026-11-22T23:59:59Z")));
  assert.throws(() => verifyRoster(w.signed, w.key, new Date("2027-02-23T00:00:00Z")));
  assert.throws(() => verifyRoster(w.signed, w.key, w.now, 2), OutOfPlace);
  assert.equal(verifyPastRoster(w.signed, w.key).hash, w.roster.hash);
  const honest = new TextDecoder().decode(unbase64(w.signed.roster));
  for (const text of ["hello", "{}", `{"x":1,${honest.slice(1)}`, `{"v":1,${honest.slice(1)}`, honest.replace('"v":1', '"v":2'), honest.replace('"v":1', '"v":1.0'), honest.replace('"v":1', '"V":1'), honest.replace("T00:00:00Z", "T00:00:00+00:00"), `${honest}{}`]) {
    assert.throws(() => verifyRoster(signRoster(utf8(text), w.programmeSeed), w.key, w.now), undefined, text.slice(0, 40));
  }
  await assert.rejects(sealSubmission({ ...tip, desk: newID() }), OutOfPlace);
});

await test("texts of any length and kind are sealed, or it is said that they are too long", async () => {
  const write = async (text: string): Promise<Submission> => {
    const t: Tip = { ...tip, cover: { ...tip.cover, words: text, place: text }, report: { ...tip.report, text } };
    return decodeSubmission((await sealSubmission(t)).body);
  };
  for (const text of ["", "\0\u0001\n", "\ud800 half a character", "👩‍👩‍👧‍👦".repeat(300), "ﷺ".repeat(4000), "x".repeat(100000)]) {
    const s = await write(text);
    const { lines } = await openMessages(await openGrant(desk, s.grants[0], w.programme, s.report), stored(s), [w.roster]);
    const [cover, report] = lines.map((l) => l.content);
    assert.ok(cover?.type === "cover" && [...cover.cover.words].length <= 200);
    assert.ok(report?.type === "report");
    assert.equal(report.report.text, text.replace("\ud800", "\ufffd"));
    assert.equal(s.coverBody.length, envelopeSize(2048));
  }
  await assert.rejects(write("x".repeat(140000)), TooLong);
});

await test("a call taker signs for a caller", async () => {
  const s = decodeSubmission((await sealSubmission({ ...tip, caller: w.member.signingSeed, report: { ...tip.report, case: "2026-0417" } })).body);
  const messages = stored(s).map((m) => ({ ...m, role: "call" as const }));
  const { lines } = await openMessages(await openGrant(desk, s.grants[0], w.programme, s.report), messages, [w.roster]);
  assert.deepEqual(lines[1]!.signer, { role: "call", desk: w.deskKeys.desk, member: w.memberID, known: true });
});

await test("the server can't weaken or freeze the stretching", async () => {
  const salt = new Uint8Array(16);
  for (const p of [{ ...minStretch, memory: 1024 }, { ...minStretch, passes: 1 }, { ...minStretch, threads: 0 }, { ...minStretch, memory: 2 ** 30 }, { ...minStretch, passes: NaN }]) {
    await assert.rejects(stretchPassphrase("x", salt, p));
  }
  await assert.rejects(stretchPassphrase("x", new Uint8Array(8), minStretch));
});

await test("member keys open for their account only", async () => {
  const wrap = random(32);
  const wrapped = await wrapMember(w.member, wrap, w.memberID);
  const opened = await unwrapMember(wrapped, wrap, w.memberID);
  assert.equal(hex(opened.signingKey()), hex(w.member.signingKey()));
  await assert.rejects(unwrapMember(wrapped, wrap, newID()), NotForThisKey);
  await assert.rejects(unwrapMember(wrapped, random(32), w.memberID), NotForThisKey);
});

await test("forged desk keys do not match the roster", async () => {
  w.deskKeys.checkAgainst(w.roster.desks[0]!);
  assert.throws(() => w.deskKeys.checkAgainst({ ...w.roster.desks[0]!, recipient: newIdentity().recipient }), OutOfPlace);
  assert.throws(() => w.deskKeys.checkAgainst({ ...w.roster.desks[0]!, epoch: 2 }), OutOfPlace);
});

await test("secrets do not turn up in JSON", () => {
  for (const secret of [sealed.receipt, identity, grant, w.deskKeys, w.member]) assert.ok(/hidden/.test(JSON.stringify(secret)));
  assert.ok(grant instanceof Grant);
});
