// SPDX-License-Identifier: AGPL-3.0-or-later

// How long a reporter waits: verifies a roster and seals a report as a page
// would, first cold, then warm. tools/sealspeed opens it in Chromium.

import { openMailbox } from "./mailbox";
import { SignedRoster, verifyRoster } from "./roster";
import { decodeSubmission, sealSubmission, Tip } from "./submission";
import { base64 } from "./bytes";
import { newReceipt } from "./receipt";

interface Programme { key: string; now: string; roster: SignedRoster }

async function measure(): Promise<Record<string, number>> {
  const answer = await fetch("/vectors/go.json");
  const { programme } = (await answer.json()) as { programme: Programme };
  const seal = async (): Promise<{ tip: Tip; body: Uint8Array; took: number }> => {
    const start = performance.now();
    const roster = verifyRoster(programme.roster, programme.key, new Date(programme.now));
    const text = "Der står en hvid varevogn bag lageret hver tirsdag nat. ".repeat(20);
    const tip: Tip = {
      roster, desk: roster.desks[0]!.id, danger: false, receipt: newReceipt(),
      cover: { category: "smuggling", place: "Padborg", language: "da", urgency: "soon", words: text },
      report: { checkpoint: "", language: "da", category: "smuggling", questionnaire: "1", text, answers: [] },
    };
    const { body } = await sealSubmission(tip);
    return { tip, body, took: performance.now() - start };
  };
  const cold = await seal();
  const warm: number[] = [];
  for (let i = 0; i < 20; i++) warm.push((await seal()).took);
  const s = decodeSubmission(cold.body);
  const start = performance.now();
  await openMailbox(cold.tip.receipt!, {
    report: s.report, desk: s.desk, state: "new", grants: [{ epoch: 0, body: base64(s.grants[2]) }],
    messages: [
      { seq: 0, epoch: 0, role: "reporter", hash: s.cover, hour: 1, body: base64(s.coverBody) },
      { seq: 1, epoch: 0, role: "reporter", hash: s.first, hour: 1, body: base64(s.firstBody) },
    ],
  }, [cold.tip.roster]);
  const open = performance.now() - start;
  warm.sort((a, b) => a - b);
  return { cold: cold.took, warm: warm[10]!, worst: warm[19]!, open, bytes: cold.body.length };
}

Object.assign(globalThis, { measured: measure() });
