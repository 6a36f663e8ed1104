// SPDX-License-Identifier: AGPL-3.0-or-later

// What is asked of our server, and the roster that everything is sealed to. A
// roster that does not verify stops us; there is no second way.

import { base64, unbase64, utf8, zeroHash } from "../seal/bytes";
import { Checkpoint, Proof, verifyCheckpoint, verifyConsistency, verifyRosterLeaf } from "../seal/keylog";
import { Roster, rosterBytes, SignedRoster, verifyPastRoster, verifyRoster } from "../seal/roster";
import { loadList, WordList } from "../seal/words";
import { Plan, say, Trouble } from "./page";

/** Sealable is a verified roster and the checkpoint that it was proven under. */
export interface Sealable {
  roster: Roster;
  checkpoint: string;
}

interface RosterAnswer {
  text: string; // what was signed
  key: string;
  signature: string;
  checkpoint: string;
  proof?: Proof;
}

/** call asks our own server; the network's silence is told apart from a refusal. */
export async function call(plan: Plan, path: string, body?: Uint8Array | Blob | object): Promise<Response> {
  const sealed = body instanceof Uint8Array || body instanceof Blob;
  try {
    return await fetch(`${plan.base}/api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? null : sealed ? new Blob([body as BlobPart]) : JSON.stringify(body),
      headers: body === undefined ? {} : { "Content-Type": sealed ? "application/octet-stream" : "application/json" },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  } catch {
    throw new Trouble(say(plan, "script.trouble_network"));
  }
}

/** refused makes of an answer that is not what we hoped for a sentence. */
export async function refused(plan: Plan, answer: Response): Promise<Trouble> {
  let why = "";
  try {
    why = ((await answer.json()) as { error?: string }).error ?? "";
  } catch {
    // no sentence came with it: the status has to do
  }
  return new Trouble(`${say(plan, "script.trouble_server")} ${why === "" ? answer.status : why}`);
}

let highest = 0; // the newest roster that this page has seen

/** fetchRoster returns the roster when it is signed by the programme's key, valid now, and in the key log. */
export async function fetchRoster(plan: Plan): Promise<Sealable> {
  const answer = await call(plan, "roster/text");
  if (!answer.ok) throw await refused(plan, answer);
  try {
    const got = (await answer.json()) as RosterAnswer;
    const signed: SignedRoster = { roster: base64(utf8(got.text)), key: got.key, signature: got.signature };
    const roster = verifyRoster(signed, plan.key, new Date(), highest);
    if (roster.programme !== plan.programme) throw new Error("roster: of another programme");
    if (roster.log !== "") {
      if (got.proof === undefined) throw new Error("roster: no proof that it is in the log");
      verifyRosterLeaf(rosterBytes(signed), got.proof, verifyCheckpoint(got.checkpoint, roster.log));
    }
    highest = roster.version;
    return { roster, checkpoint: got.checkpoint };
  } catch {
    throw new Trouble(say(plan, "script.trouble_roster"));
  }
}

/** continues demands of the log a proof that it continues an earlier checkpoint. */
export async function continues(plan: Plan, before: Checkpoint, log: string): Promise<void> {
  const answer = await call(plan, "log", { size: before.size });
  if (!answer.ok) throw new Error("log: no proof that it continues what was seen");
  const proof = (await answer.json()) as { checkpoint: string; hashes: string[] };
  verifyConsistency(before, verifyCheckpoint(proof.checkpoint, log), proof.hashes.map(unbase64));
}

/** fetchBefore returns the roster before another, for checking who answered; undefined where there is none that verifies. */
export async function fetchBefore(plan: Plan, roster: Roster): Promise<Roster | undefined> {
  if (roster.previous === zeroHash) return undefined;
  const answer = await call(plan, `roster/${roster.previous}`);
  if (!answer.ok) return undefined;
  const before = verifyPastRoster((await answer.json()) as SignedRoster, plan.key);
  return before.hash === roster.previous && before.programme === plan.programme ? before : undefined;
}

/** wordList loads the list of a language, English where there is none. */
export function wordList(plan: Plan, lang: string): Promise<WordList> {
  const language = plan.lists[lang] === undefined ? "en" : lang;
  return loadList(language, plan.lists[language] ?? "");
}

/** otherLists loads the lists of all languages but one. */
export function otherLists(plan: Plan, but: string): Promise<WordList[]> {
  return Promise.all(Object.keys(plan.lists).filter((l) => l !== but).map((l) => wordList(plan, l)));
}
