// SPDX-License-Identifier: AGPL-3.0-or-later

// What takes the place of noble's scrypt (tools/bundle). The age library can
// seal to a password and brings it along; we never do, and open nothing that
// was (envelope.ts).

export function scrypt(): never {
  throw new Error("seal: sealed to a password");
}
