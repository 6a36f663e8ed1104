// SPDX-License-Identifier: AGPL-3.0-or-later

// Opens what Go and the browser code sealed. With TURNSTONE_UPDATE=1 it makes
// testdata/vectors/browser.json anew.

import assert from "node:assert/strict";
import test from "node:test";
import { base64, hex, newID, unbase64, unhex } from "./bytes";
import { blindKinds, blindToken, BlindKind } from "./blind";
import { Chain, newEpoch, openMessages } from "./chain";
import { openDeskKeys } from "./deskkey";
import { readVectors, ReceiptVector, StoredJSON, Vectors, wordList, writeVectors } from "./vectors.fixture";
import { newWorld, tipFor, World } from "./world.fixture";
import { fileShape, openFile, sealFile } from "./file";
import { openGrant } from "./grant";
import { Identity, newIdentity } from "./identity";
import { loginBody, openMailbox } from "./mailbox";
import { minStretch, stretchPassphrase, unwrapMember, wrapMember } from "./member";
import { Stored } from "./message";
import { wrapKeyFromPRF } from "./passkey";
import { Receipt, wordsOf } from "./receipt";
import { rosterBytes, verifyRoster } from "./roster";
import { decodeSubmission, sealSubmission } from "./submission";
import { listHashes } from "./words";

if (process.env["TURNSTONE_UPDATE"] === "1") await make();

for (const maker of ["go", "browser"]) {
  const v = readVectors(maker);
  const roster = verifyRoster(v.programme.roster, v.programme.key, new Date(v.programme.now), 1);

  await test(`${maker}: receipts`, () => {
    assert.ok(v.receipts.length >= 4);
    for (const want of v.receipts) assert.deepEqual(describe(want.bytes), want);
  });

  await test(`${maker}: submission`, async () => {
    assert.equal(roster.hash, v.programme.hash);
    const s = decodeSubmission(unbase64(v.submission.body));
    assert.equal(s.roster, roster.hash);
    assert.equal(s.login, loginBody(new Receipt(unhex(v.submission.receipt))).login);
    for (const [seed, body] of [[v.submission.desk, s.grants[0]], [v.submission.recovery, s.grants[1]]] as const) {
      const grant = await openGrant(new Identity(unbase64(seed)), body, s.programme, s.report);
      const { lines } = await openMessages(grant, [
        { seq: 0, epoch: 0, role: "reporter", hash: s.cover, body: s.coverBody },
        { seq: 1, epoch: 0, role: "reporter", hash: s.first, body: s.firstBody },
      ], [roster]);
      assert.deepEqual(lines[0]!.content, { type: "cover", cover: v.submission.cover });
      assert.deepEqual(lines[1]!.content, { type: "report", report: v.submission.report });
    }
  });

  await test(`${maker}: conversation`, async () => {
    const s = decodeSubmission(unbase64(v.submission.body));
    const receipt = new Receipt(unhex(v.submission.receipt));
    const box = await openMailbox(receipt, {
      report: s.report, desk: s.desk, state: "new",
      messages: v.conversation.messages.map((m) => ({ seq: m.seq, epoch: m.epoch, role: m.role, hash: m.hash, hour: 1, body: m.body })),
      grants: [{ epoch: 1, body: v.conversation.grant }],
    }, [roster]);
    const texts = box.lines.map((l) => (l.content.type === "message" ? l.content.message.text : ""));
    assert.deepEqual(texts, v.conversation.texts);
    assert.ok(box.lines.length >= 6 && box.lines.every((l) => l.signer.known));
    assert.equal(box.chain.place().epoch, 1);
  });

  await test(`${maker}: desk keys`, async () => {
    const { keys } = v.desk_keys;
    const opened = await openDeskKeys(new Identity(unbase64(v.desk_keys.member)), unbase64(v.desk_keys.body), keys.desk);
    opened.checkAgainst(roster.desks[0]!);
    keys.epochs.forEach((e, n) => {
      assert.equal(base64(opened.identity(n).seed()), e.seed);
      assert.equal(base64(opened.index(n)), e.index);
    });
    assert.equal(opened.epoch, keys.epochs.length - 1);
  });

  await test(`${maker}: member keys`, async () => {
    const m = v.member;
    const s = await stretchPassphrase(m.passphrase, unbase64(m.salt), m.params);
    assert.equal(hex(s.login), m.login);
    assert.equal(hex(s.wrap), m.wrap);
    const keys = await unwrapMember(unbase64(m.wrapped), s.wrap, m.account);
    assert.equal(base64(keys.identity.seed()), m.keys.seed);
    assert.equal(base64(keys.signingSeed), m.keys.sign);
    assert.equal(hex(wrapKeyFromPRF(unbase64(m.prf))), m.prf_wrap);
  });

  await test(`${maker}: file`, async () => {
    const { manifest, pieces, content, identity } = v.file;
    const opened = await openFile(fileShape(manifest, "file"), new Identity(unbase64(identity)), async (i) => unbase64(pieces[i]!));
    assert.equal(base64(new Uint8Array(await opened.arrayBuffer())), content);
  });

  await test(`${maker}: blind tokens`, () => {
    assert.equal(v.blind.length, blindKinds.length);
    for (const b of v.blind) assert.equal(hex(blindToken(unbase64(b.index), b.programme, b.kind as BlindKind, b.value)), b.token);
  });
}

function describe(bytes: string): ReceiptVector {
  const r = new Receipt(unhex(bytes));
  const mailbox = r.mailbox();
  return {
    bytes, numbers: r.numbers(),
    words: Object.fromEntries(Object.keys(listHashes).sort().map((language) => [language, wordsOf(r, wordList(language))])),
    login: hex(r.login()), mailbox: hex(mailbox.seed()), recipient: mailbox.recipient, recipient_hash: mailbox.recipientHash,
    sign: hex(r.signingSeed()), signer: hex(r.signingKey()), report: r.reportID(),
  };
}

async function make(): Promise<void> {
  const w = newWorld();
  writeVectors("browser", {
    made_by: "browser",
    receipts: ["0123456789abcdef0123456789c0", "fedcba98765432100123456789c0", "deadbeefdeadbeefdeadbeefde80", "00000000000000000000000000c0"].map(describe),
    programme: { key: w.key, now: w.now.toISOString(), roster: w.signed, hash: w.roster.hash },
    ...(await makeConversation(w)),
    desk_keys: await makeDeskKeys(w),
    member: await makeMember(w),
    file: await makeFile(),
    blind: blindKinds.map((kind) => {
      const index = w.deskKeys.index(1);
      const value = `søgeværdi ${kind}`;
      return { index: base64(index), programme: w.programme, kind, value, token: hex(blindToken(index, w.programme, kind, value)) };
    }),
  });
  assert.ok(rosterBytes(w.signed).length > 1000);
}

async function makeConversation(w: World): Promise<Pick<Vectors, "submission" | "conversation">> {
  const tip = tipFor(w);
  tip.report.text += "\nلا أريد أن أقول من أنا. \u2028 <&> \"quoted\" \\ \t 🐦";
  tip.cover.words = tip.report.text;
  const sealed = await sealSubmission(tip);
  const s = decodeSubmission(sealed.body);
  const identity = w.deskKeys.identity(1);
  const stored: Stored[] = [
    { seq: 0, epoch: 0, role: "reporter", hash: s.cover, body: s.coverBody },
    { seq: 1, epoch: 0, role: "reporter", hash: s.first, body: s.firstBody },
  ];
  const grant = await openGrant(identity, s.grants[0], s.programme, s.report);
  let { chain, lines } = await openMessages(grant, stored, [w.roster]);
  const texts = ["", ""];
  const say = async (text: string, role: "desk" | "reporter"): Promise<void> => {
    const seed = role === "desk" ? w.member.signingSeed : sealed.receipt.signingSeed();
    const m = await chain.seal({ type: "message", message: { text, language: "da" } }, role, seed);
    await chain.next(m);
    stored.push(m);
    texts.push(text);
  };
  await say("Hvor mange kasser?", "desk");
  const turn = await newEpoch(chain, w.member.signingSeed, [{ to: "mailbox", recipient: sealed.receipt.mailbox().recipient }]);
  stored.push(turn.key);
  texts.push("");
  const next = await openGrant(sealed.receipt.mailbox(), turn.grants[0]!.body, s.programme, s.report);
  chain = new Chain(next, [w.roster]);
  for (const m of stored) await chain.next(m);
  await say("Omkring fyrre. <b>", "reporter");
  await say("Tak", "desk");
  const [cover, report] = lines.map((l) => l.content);
  assert.ok(cover?.type === "cover" && report?.type === "report");
  return {
    submission: {
      body: base64(sealed.body), receipt: hex(sealed.receipt.bytes()), desk: base64(identity.seed()), recovery: base64(w.recovery.seed()),
      cover: cover.cover, report: report.report,
    },
    conversation: { grant: base64(turn.grants[0]!.body), messages: stored.map(toJSON), texts },
  };
}

function toJSON(m: Stored): StoredJSON {
  return { seq: m.seq, epoch: m.epoch, role: m.role, hash: m.hash, body: base64(m.body) };
}

async function makeFile(): Promise<Vectors["file"]> {
  const identity = newIdentity();
  const content = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);
  const pieces = [];
  for await (const p of sealFile(new Blob([content]), identity.recipient)) pieces.push(p);
  return {
    identity: base64(identity.seed()), pieces: pieces.map((p) => base64(p.body)), content: base64(content),
    manifest: {
      blob: newID(), length: content.length, name: "billede <1>.jpg", media: "image/jpeg", pieces: pieces.map((p) => p.hash),
      cleaned: "cleaned", removed: ["gps"],
    },
  };
}

async function makeDeskKeys(w: World): Promise<Vectors["desk_keys"]> {
  const epochs = [0, 1].map((epoch) => ({ epoch, seed: base64(w.deskKeys.identity(epoch).seed()), index: base64(w.deskKeys.index(epoch)) }));
  return {
    member: base64(w.member.identity.seed()), body: base64(await w.deskKeys.seal(w.member.identity.recipient)),
    keys: { v: 1, desk: w.deskKeys.desk, epochs },
  };
}

async function makeMember(w: World): Promise<Vectors["member"]> {
  const passphrase = "fugl på Ærø ﬁskede شاطئ";
  const salt = new Uint8Array(16).fill(3);
  const s = await stretchPassphrase(passphrase, salt, minStretch);
  const account = newID();
  const prf = new Uint8Array(32).fill(5);
  return {
    passphrase, salt: base64(salt), params: minStretch, login: hex(s.login), wrap: hex(s.wrap), account,
    wrapped: base64(await wrapMember(w.member, s.wrap, account)),
    keys: { v: 1, seed: base64(w.member.identity.seed()), sign: base64(w.member.signingSeed) },
    prf: base64(prf), prf_wrap: hex(wrapKeyFromPRF(prf)),
  };
}
