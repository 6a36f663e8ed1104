// SPDX-License-Identifier: AGPL-3.0-or-later

// A programme for the tests, with one desk, one member and a recovery key.

import { ed25519 } from "@noble/curves/ed25519.js";
import { base64, concat, newID, random, utf8, zeroHash } from "./bytes";
import { DeskKeys, newDeskKeys } from "./deskkey";
import { Identity, newIdentity } from "./identity";
import { MemberKeys, newMemberKeys } from "./member";
import { Roster, SignedRoster, verifyRoster } from "./roster";
import { writeJSON } from "./shape";
import { Tip } from "./submission";
import { newReceipt } from "./receipt";

export interface World {
  programme: string;
  programmeSeed: Uint8Array;
  key: string;
  now: Date;
  deskKeys: DeskKeys;
  recovery: Identity;
  memberID: string;
  member: MemberKeys;
  signed: SignedRoster;
  roster: Roster;
}

export function newWorld(): World {
  const programmeSeed = random(32);
  const key = base64(ed25519.getPublicKey(programmeSeed));
  const programme = newID();
  const now = new Date("2026-11-23T12:00:00Z");
  const deskKeys = newDeskKeys(newID()).next();
  const recovery = newIdentity();
  const member = newMemberKeys();
  const memberID = newID();
  const document = {
    v: 1, programme, slug: "nord", name: { en: "North", da: "Nord" }, version: 1, previous: zeroHash,
    valid_from: "2026-11-23T00:00:00Z", valid_until: "2027-02-23T00:00:00Z", recovery: recovery.recipient, log: "turnstone/test+00000000+AAAA",
    desks: [{
      id: deskKeys.desk, slug: "customs", name: { en: "Customs <desk>" }, organisation: { en: "Customs" }, police: false, epoch: 1,
      recipient: deskKeys.identity(1).recipient,
      members: [{ id: memberID, key: base64(member.signingKey()), recipient: member.identity.recipient }],
    }],
  };
  const signed = signRoster(writeJSON(document), programmeSeed);
  return { programme, programmeSeed, key, now, deskKeys, recovery, memberID, member, signed, roster: verifyRoster(signed, key, now) };
}

/** signRoster signs any bytes as a roster: only offline tools do so in earnest. */
export function signRoster(bytes: Uint8Array, seed: Uint8Array): SignedRoster {
  const signature = ed25519.sign(concat(utf8("turnstone/roster/v1\0"), bytes), seed);
  return { roster: base64(bytes), key: base64(ed25519.getPublicKey(seed)), signature: base64(signature) };
}

/** tipFor is an honest report in Danish. */
export function tipFor(w: World): Tip {
  const text = "Der står en hvid varevogn bag lageret hver tirsdag nat. De læsser kasser uden mærker.";
  return {
    roster: w.roster, desk: w.deskKeys.desk, danger: false, receipt: newReceipt(),
    cover: { category: "smuggling", place: "Padborg", language: "da", urgency: "soon", words: text },
    report: {
      checkpoint: "", language: "da", category: "smuggling", questionnaire: "1", text,
      answers: [{ id: "where", label: "Hvor sker det?", value: "Padborg" }],
    },
  };
}

