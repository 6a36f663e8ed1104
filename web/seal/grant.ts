// SPDX-License-Identifier: AGPL-3.0-or-later

// A grant holds the seeds of a report's identities; who opens it reads the report.

import { base64, unbase64 } from "./bytes";
import { openBlocks, sealBlocks } from "./envelope";
import { OutOfPlace } from "./fault";
import { Identity, newIdentity } from "./identity";
import { b64Of, count, hexOf, list, oneOf, readExact, record, writeJSON } from "./shape";

const grantShape = record({
  v: oneOf(1), programme: hexOf(16), report: hexOf(16), epoch: count, seeds: list(b64Of(32)),
});

/** Grant opens the epochs 0…epoch of a report. */
export class Grant {
  private readonly identities: (Identity | undefined)[] = [];

  constructor(readonly programme: string, readonly report: string, private readonly seeds: readonly Uint8Array[]) {
    if (seeds.length === 0) throw new Error("grant: no seed");
  }

  get epoch(): number {
    return this.seeds.length - 1;
  }

  /** identity returns the report identity of an epoch. */
  identity(epoch: number): Identity {
    const seed = this.seeds[epoch];
    if (seed === undefined) throw new OutOfPlace(`the grant has no key of epoch ${epoch}`);
    return (this.identities[epoch] ??= new Identity(seed));
  }

  /** next returns a grant with one more epoch. */
  next(): Grant {
    return new Grant(this.programme, this.report, [...this.seeds, newIdentity().seed()]);
  }

  /** seal seals the grant to a desk, the recovery key, a mailbox or a member. */
  seal(recipient: string): Promise<Uint8Array> {
    const document = {
      v: 1, programme: this.programme, report: this.report, epoch: this.epoch, seeds: this.seeds.map(base64),
    };
    return sealBlocks(writeJSON(grantShape(document, "grant")), recipient);
  }

  toJSON(): string {
    return "grant (hidden)";
  }
}

/** newGrant returns the grant of a new report. */
export function newGrant(programme: string, report: string): Grant {
  return new Grant(programme, report, [newIdentity().seed()]);
}

/** openGrant opens a grant and demands that it is for this report. */
export async function openGrant(identity: Identity, body: Uint8Array, programme: string, report: string): Promise<Grant> {
  const g = readExact(await openBlocks("grant", body, identity), grantShape, "grant");
  if (g.seeds.length !== g.epoch + 1) throw new Error("grant: seeds are missing");
  if (g.programme !== programme || g.report !== report) throw new OutOfPlace("the grant is for another report");
  return new Grant(g.programme, g.report, g.seeds.map(unbase64));
}
