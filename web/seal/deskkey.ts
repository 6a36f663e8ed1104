// SPDX-License-Identifier: AGPL-3.0-or-later

// Desk key packages: the secret keys of a desk of all epochs, sealed to one member.

import { base64, random, unbase64 } from "./bytes";
import { openBlocks, sealBlocks } from "./envelope";
import { OutOfPlace } from "./fault";
import { Identity } from "./identity";
import { RosterDesk } from "./roster";
import { b64Of, count, hexOf, list, oneOf, readExact, record, writeJSON } from "./shape";

const packageShape = record({
  v: oneOf(1), desk: hexOf(16), epochs: list(record({ epoch: count, seed: b64Of(32), index: b64Of(32) })),
});

interface Epoch {
  seed: Uint8Array;
  index: Uint8Array;
}

/** DeskKeys are a desk's identities and blind index keys, by epoch. */
export class DeskKeys {
  private readonly identities: (Identity | undefined)[] = [];

  constructor(readonly desk: string, private readonly epochs: readonly Epoch[]) {
    if (epochs.length === 0) throw new Error("desk keys: no epoch");
  }

  get epoch(): number {
    return this.epochs.length - 1;
  }

  identity(epoch: number): Identity {
    const e = this.epochs[epoch];
    if (e === undefined) throw new OutOfPlace(`there is no desk key of epoch ${epoch}`);
    return (this.identities[epoch] ??= new Identity(e.seed));
  }

  /** index returns the blind index key of an epoch. */
  index(epoch: number): Uint8Array {
    const e = this.epochs[epoch];
    if (e === undefined) throw new OutOfPlace(`there is no index key of epoch ${epoch}`);
    return e.index.slice();
  }

  /** next returns the keys with one more epoch. */
  next(): DeskKeys {
    return new DeskKeys(this.desk, [...this.epochs, freshEpoch()]);
  }

  /** checkAgainst throws unless these are the keys that the roster shows for the desk. */
  checkAgainst(desk: RosterDesk): void {
    if (desk.id !== this.desk) throw new OutOfPlace("the desk keys are another desk's");
    if (this.identity(desk.epoch).recipient !== desk.recipient) throw new OutOfPlace("the roster shows another desk key");
  }

  /** seal makes the package of one member. */
  seal(recipient: string): Promise<Uint8Array> {
    const epochs = this.epochs.map((e, epoch) => ({ epoch, seed: base64(e.seed), index: base64(e.index) }));
    return sealBlocks(writeJSON(packageShape({ v: 1, desk: this.desk, epochs }, "desk keys")), recipient);
  }

  toJSON(): string {
    return "desk keys (hidden)";
  }
}

function freshEpoch(): Epoch {
  return { seed: random(32), index: random(32) };
}

/** newDeskKeys returns the keys of a new desk, at epoch 0. */
export function newDeskKeys(desk: string): DeskKeys {
  return new DeskKeys(desk, [freshEpoch()]);
}

/** openDeskKeys opens a member's package of this desk. */
export async function openDeskKeys(identity: Identity, body: Uint8Array, desk: string): Promise<DeskKeys> {
  const p = readExact(await openBlocks("package", body, identity), packageShape, "desk keys");
  if (p.desk !== desk) throw new OutOfPlace("the desk keys are another desk's");
  if (p.epochs.some((e, n) => e.epoch !== n)) throw new Error("desk keys: the epochs are out of order");
  return new DeskKeys(desk, p.epochs.map((e) => ({ seed: unbase64(e.seed), index: unbase64(e.index) })));
}
