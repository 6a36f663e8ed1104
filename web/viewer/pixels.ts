// SPDX-License-Identifier: AGPL-3.0-or-later

// How large a picture is, read from its first bytes: a picture of 60,000 ×
// 60,000 points is refused before a decoder makes room for it.

import type { Family } from "./kinds";

/** mostPixels is the largest picture that is decoded: 400 MB while it is. */
export const mostPixels = 100_000_000;

/** Size is a picture's. */
export interface Size {
  width: number;
  height: number;
}

/** pixels reads the size of a picture; undefined where it can't be found. */
export function pixels(family: Family, b: Uint8Array): Size | undefined {
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  try {
    switch (family) {
      case "png":
        return { width: v.getUint32(16), height: v.getUint32(20) };
      case "gif":
        return { width: v.getUint16(6, true), height: v.getUint16(8, true) };
      case "webp":
        return webp(v);
      case "jpeg":
        return jpeg(v);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends too early
    throw error;
  }
}

function webp(v: DataView): Size | undefined {
  const u24 = (at: number): number => v.getUint16(at, true) | (v.getUint8(at + 2) << 16);
  switch (v.getUint32(12)) {
    case 0x56503858: // VP8X
      return { width: u24(24) + 1, height: u24(27) + 1 };
    case 0x56503820: // VP8
      return { width: v.getUint16(26, true) & 0x3fff, height: v.getUint16(28, true) & 0x3fff };
    case 0x5650384c: { // VP8L
      const bits = v.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      return undefined;
  }
}

function jpeg(v: DataView): Size | undefined {
  for (let at = 2; ; ) {
    if (v.getUint8(at) !== 0xff) return undefined;
    const marker = v.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: v.getUint16(at + 7), height: v.getUint16(at + 5) };
    }
    at += 2 + v.getUint16(at + 2);
  }
}
