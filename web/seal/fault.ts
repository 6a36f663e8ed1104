// SPDX-License-Identifier: AGPL-3.0-or-later

// The errors that callers tell apart; everything else is a malformed input.

/** NotForThisKey: an age file is not sealed to the identity that tried, or a passphrase is wrong. */
export class NotForThisKey extends Error {
  constructor(what: string) {
    super(`${what}: it is not sealed to this key`);
  }
}

/** StrangeEnvelope: the envelope check refuses an age file. */
export class StrangeEnvelope extends Error {
  constructor(why: string) {
    super(`strange envelope: ${why}`);
  }
}

/** BadSignature: a signature does not verify. */
export class BadSignature extends Error {
  constructor(what: string) {
    super(`${what}: the signature does not verify`);
  }
}

/** OutOfPlace: it verifies in itself but is not where it was found. */
export class OutOfPlace extends Error {
  constructor(why: string) {
    super(`it does not belong here: ${why}`);
  }
}

/** TooLong: a text does not fit into a message. */
export class TooLong extends Error {
  constructor(readonly bytes: number, readonly most: number) {
    super(`too long for a sealed message: ${bytes} bytes, at most ${most} fit`);
  }
}
