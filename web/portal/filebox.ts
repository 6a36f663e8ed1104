// SPDX-License-Identifier: AGPL-3.0-or-later

// Where files are added: their script is loaded when the words are safe, or a
// mailbox was opened, and not before. Whoever watches the line has seen by then
// that something was sent or opened, and learns nothing new from it. The page
// names the script with its hash in a template, which browsers neither load nor
// run; a copy of it in the page is both, and is held against the hash.

import { joined, newHalves } from "../seal/evidence";
import { maxFile, sealedLength, sealFile } from "../seal/file";
import { loginBody, Mailbox, openMailbox } from "../seal/mailbox";
import { Receipt } from "../seal/receipt";
import { Roster } from "../seal/roster";
import { Carried, Carrier } from "./carry";
import { here, Start } from "./laterhere";
import { byID, element, Plan, say, Trouble } from "./page";
import { call, refused } from "./server";

/** Tools are what the later script uses of the page, which has the library that seals. */
export interface Tools {
  call: typeof call;
  refused: typeof refused;
  Trouble: typeof Trouble;
  loginBody: typeof loginBody;
  openMailbox: (receipt: Receipt, answer: unknown) => Promise<Mailbox>;
  maxFile: number;
  sealedLength: typeof sealedLength;
  sealFile: typeof sealFile;
  newHalves: typeof newHalves;
  joined: typeof joined;
}

/** takeFiles shows where files are added, where the place takes any; arrived is called after each that is there. */
export async function takeFiles(plan: Plan, carried: Carried, roster: Roster, arrived: () => void): Promise<void> {
  if (plan.scrub === undefined) return;
  const tools: Tools = {
    call, refused, Trouble, loginBody, openMailbox: (receipt, answer) => openMailbox(receipt, answer, [roster]),
    maxFile, sealedLength, sealFile, newHalves, joined,
  };
  (await later(plan))(plan, tools, new Carrier(plan, carried), arrived);
}

/** later loads the script, and tries again for as long as there is no line. */
async function later(plan: Plan): Promise<Start> {
  const waiting = element("p", "govuk-body", say(plan, "script.file_waiting"));
  waiting.setAttribute("role", "status");
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30_000)) {
    const start = await load();
    waiting.remove();
    if (start !== undefined) return start;
    byID("files").before(waiting);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** load loads the script once; undefined when it can't be had, or isn't the one that the page names. */
function load(): Promise<Start | undefined> {
  return new Promise((resolve) => {
    const script = byID<HTMLTemplateElement>("later").content.querySelector("script")!.cloneNode(true) as HTMLScriptElement;
    document.addEventListener(here, (event) => resolve((event as CustomEvent<Start>).detail), { once: true });
    script.addEventListener("load", () => resolve(undefined)); // it has said by now that it is there
    script.addEventListener("error", () => resolve(undefined));
    document.head.append(script);
  });
}
