// SPDX-License-Identifier: AGPL-3.0-or-later

// A WAV file of nothing but samples: no name, no date, no device, no program.

const head = 44;

/** wav returns one channel of samples as a file of 16 bits each. */
export function wav(samples: Float32Array, rate: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(head + 2 * samples.length);
  const view = new DataView(file.buffer);
  const word = (at: number, s: string): void => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // linear
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++) {
    const s = Math.max(-1, Math.min(1, samples[i]!));
    view.setInt16(head + 2 * i, Math.round(s * 32767), true);
  }
  return file;
}
