// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { wav } from "./wav";

test("a file of samples says its length, and keeps them within its bounds", () => {
  const file = wav(new Float32Array([0, 0.5, -0.5, 2, -2]), 24000);
  const view = new DataView(file.buffer);
  const word = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  assert.deepEqual([word(0), word(8), word(12), word(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  assert.equal(view.getUint32(4, true), file.length - 8);
  assert.equal(view.getUint32(24, true), 24000);
  assert.equal(view.getUint32(40, true), 10);
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => view.getInt16(44 + 2 * i, true)), [0, 16384, -16383, 32767, -32767]);
});
