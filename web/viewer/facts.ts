// SPDX-License-Identifier: AGPL-3.0-or-later

// What a file still says about who made it, where, when and with what: read
// from the notes that formats have for it, to be told in plain words. It knows
// the common places and no more, so that finding nothing proves nothing.

import type { Family } from "./kinds";

/** Fact is one note: its kind, as the cleaning calls it, and what it says. */
export interface Fact {
  kind: string;
  value: string;
}

const mostFacts = 40;
const mostText = 300;

/** factsOf reads a file's notes. A file that is damaged has fewer. */
export function factsOf(family: Family, bytes: Uint8Array): Fact[] {
  const found: Fact[] = [];
  const add = (kind: string, value: string): void => {
    const text = tidy(value);
    if (text !== "" && found.length < mostFacts && !found.some((f) => f.kind === kind && f.value === text)) found.push({ kind, value: text });
  };
  try {
    readers[family]?.(bytes, add);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it ends too early: what was found stands
  }
  return found;
}

type Add = (kind: string, value: string) => void;

const readers: Partial<Record<Family, (b: Uint8Array, add: Add) => void>> = { jpeg, png, webp, mp3, mp4, wav };

/** tidy makes of a note one line that turns no text around. */
export function tidy(value: string): string {
  return [...value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").replace(/\s+/g, " ").trim()].slice(0, mostText).join("");
}

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const latin = (b: Uint8Array): string => new TextDecoder("latin1").decode(b);
const utf8 = (b: Uint8Array): string => new TextDecoder().decode(b);

function jpeg(b: Uint8Array, add: Add): void {
  const v = view(b);
  for (let at = 2; v.getUint8(at) === 0xff; ) {
    const marker = v.getUint8(at + 1);
    if (marker === 0xda || marker === 0xd9) return;
    const length = v.getUint16(at + 2);
    const body = b.subarray(at + 4, at + 2 + length);
    if (marker === 0xfe) add("comment", utf8(body));
    if (marker === 0xe1 && latin(body.subarray(0, 6)) === "Exif\0\0") exif(body.subarray(6), add);
    if (marker === 0xe1 && latin(body.subarray(0, 28)) === "http://ns.adobe.com/xap/1.0/") add("metadata", "XMP");
    if (marker === 0xed) add("metadata", "IPTC");
    at += 2 + length;
  }
}

function png(b: Uint8Array, add: Add): void {
  const v = view(b);
  for (let at = 8; at + 8 <= b.length; ) {
    const length = v.getUint32(at);
    const kind = latin(b.subarray(at + 4, at + 8));
    const body = b.subarray(at + 8, at + 8 + length);
    if (kind === "eXIf") exif(body, add);
    if (kind === "tEXt" || kind === "iTXt" || kind === "zTXt") {
      const end = body.indexOf(0);
      const key = latin(body.subarray(0, Math.max(0, end)));
      add(pngKinds[key] ?? "metadata", kind === "tEXt" ? `${key}: ${latin(body.subarray(end + 1))}` : key);
    }
    if (kind === "tIME") add("date", `${v.getUint16(at + 8)}-${two(v.getUint8(at + 10))}-${two(v.getUint8(at + 11))}`);
    if (kind === "IEND") return;
    at += 12 + length;
  }
}

const pngKinds: Record<string, string> = {
  Author: "author", Copyright: "author", Software: "software", Source: "device", Comment: "comment", Title: "description", Description: "description", "Creation Time": "date",
};

function webp(b: Uint8Array, add: Add): void {
  const v = view(b);
  for (let at = 12; at + 8 <= b.length; ) {
    const kind = latin(b.subarray(at, at + 4));
    const length = v.getUint32(at + 4, true);
    if (kind === "EXIF") exif(b.subarray(at + 8, at + 8 + length), add);
    if (kind === "XMP ") add("metadata", "XMP");
    at += 8 + length + (length & 1);
  }
}

/** tags are those of EXIF's directories that tell of somebody. */
const tags: Record<number, string> = {
  0x010e: "description", 0x010f: "device", 0x0110: "device", 0x0131: "software", 0x0132: "date", 0x013b: "author", 0x013c: "device", 0x8298: "author",
  0x9003: "date", 0x9004: "date", 0x9286: "comment", 0xa430: "author", 0xa431: "camera-serial", 0xa434: "device", 0xa435: "camera-serial",
};

function exif(b: Uint8Array, add: Add): void {
  const v = view(b);
  const little = v.getUint16(0) === 0x4949;
  const u16 = (at: number): number => v.getUint16(at, little);
  const u32 = (at: number): number => v.getUint32(at, little);
  const size = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];
  const directory = (at: number, each: (tag: number, at: number, count: number, type: number) => void): void => {
    const entries = Math.min(u16(at), 200);
    for (let i = 0; i < entries; i++) {
      const entry = at + 2 + 12 * i;
      const [tag, type, count] = [u16(entry), u16(entry + 2), u32(entry + 4)];
      const length = (size[type] ?? 1) * count;
      each(tag, length <= 4 ? entry + 8 : u32(entry + 8), Math.min(count, 1000), type);
    }
  };
  const note = (tag: number, at: number, count: number, type: number): void => {
    const kind = tags[tag];
    if (kind === undefined || (type !== 2 && type !== 7)) return;
    const text = b.subarray(at, at + count);
    add(kind, tag === 0x9286 ? latin(text.subarray(8)) : utf8(text));
  };
  directory(u32(4), (tag, at, count, type) => {
    if (tag === 0x8769) directory(u32(at), note);
    else if (tag === 0x8825) add("gps", place(u32(at)));
    else note(tag, at, count, type);
  });

  function place(start: number): string {
    const ref: Record<number, string> = {};
    const degrees: Record<number, number> = {};
    directory(start, (tag, at, count) => {
      if (tag === 1 || tag === 3) ref[tag] = String.fromCharCode(v.getUint8(at));
      if ((tag === 2 || tag === 4) && count === 3) {
        const part = (n: number): number => u32(at + 8 * n) / (u32(at + 8 * n + 4) || 1);
        degrees[tag] = part(0) + part(1) / 60 + part(2) / 3600;
      }
    });
    const [lat, lon] = [degrees[2], degrees[4]];
    if (lat === undefined || lon === undefined) return "GPS";
    return `${(ref[1] === "S" ? -lat : lat).toFixed(5)}, ${(ref[3] === "W" ? -lon : lon).toFixed(5)}`;
  }
}

const frames: Record<string, string> = {
  TIT2: "description", TPE1: "author", TCOM: "author", TALB: "description", TDRC: "date", TYER: "date", TDEN: "date", TENC: "author", TSSE: "software", TOWN: "author", COMM: "comment", GEOB: "embedded-file", APIC: "embedded-image",
};

/** mp3 reads an ID3v2 tag. */
function mp3(b: Uint8Array, add: Add): void {
  if (latin(b.subarray(0, 3)) !== "ID3") return;
  const v = view(b);
  const seven = (at: number): number => (v.getUint8(at) << 21) | (v.getUint8(at + 1) << 14) | (v.getUint8(at + 2) << 7) | v.getUint8(at + 3);
  const end = Math.min(b.length, 10 + seven(6));
  for (let at = 10; at + 10 <= end; ) {
    const id = latin(b.subarray(at, at + 4));
    if (!/^[A-Z0-9]{4}$/.test(id)) return;
    const length = v.getUint8(3) >= 4 ? seven(at + 4) : v.getUint32(at + 4);
    const kind = frames[id];
    if (kind !== undefined) add(kind, id === "APIC" || id === "GEOB" ? id : id3Text(b.subarray(at + 10, at + 10 + length), id === "COMM"));
    at += 10 + length;
  }
}

function id3Text(b: Uint8Array, comment: boolean): string {
  const text = b.subarray(comment ? 4 : 1);
  return new TextDecoder(["latin1", "utf-16", "utf-16be", "utf-8"][b[0] ?? 0] ?? "latin1").decode(text);
}

const seconds1904 = 2_082_844_800;

/** mp4 reads when a film was made, and the notes that phones write. */
function mp4(b: Uint8Array, add: Add): void {
  const v = view(b);
  const boxes = (from: number, to: number, depth: number): void => {
    for (let at = from; at + 8 <= to; ) {
      let length = v.getUint32(at);
      const kind = latin(b.subarray(at + 4, at + 8));
      if (length === 1) length = Number(v.getBigUint64(at + 8));
      if (length === 0) length = to - at;
      if (length < 8 || at + length > to) return;
      const body = at + 8;
      if (depth < 6 && (kind === "moov" || kind === "udta" || kind === "trak")) boxes(body, at + length, depth + 1);
      if (kind === "mvhd") {
        const made = v.getUint8(body) === 0 ? v.getUint32(body + 4) : Number(v.getBigUint64(body + 4));
        if (made > seconds1904 && made < seconds1904 + 2 ** 32) add("date", new Date((made - seconds1904) * 1000).toISOString().slice(0, 16).replace("T", " "));
      }
      if (kind === "meta") add("metadata", "meta");
      const note = movie[kind];
      if (note !== undefined && length > 12) add(note, utf8(b.subarray(body + 4, at + length)));
      at += length;
    }
  };
  boxes(0, b.length, 0);
}

const movie: Record<string, string> = {
  "©xyz": "gps", loci: "gps", "©mak": "device", "©mod": "device", "©swr": "software", "©day": "date", "©ART": "author", "©aut": "author", "©nam": "description", "©cmt": "comment",
};

const riff: Record<string, string> = { IART: "author", ICMT: "comment", ICOP: "author", ICRD: "date", IENG: "author", INAM: "description", ISFT: "software", ISRC: "author", ITCH: "author" };

function wav(b: Uint8Array, add: Add): void {
  const v = view(b);
  for (let at = 12; at + 8 <= b.length; ) {
    const kind = latin(b.subarray(at, at + 4));
    const length = v.getUint32(at + 4, true);
    if (kind === "LIST" && latin(b.subarray(at + 8, at + 12)) === "INFO") {
      for (let in_ = at + 12; in_ + 8 <= Math.min(b.length, at + 8 + length); ) {
        const size = v.getUint32(in_ + 4, true);
        const note = riff[latin(b.subarray(in_, in_ + 4))];
        if (note !== undefined) add(note, utf8(b.subarray(in_ + 8, in_ + 8 + size)));
        in_ += 8 + size + (size & 1);
      }
    }
    if (kind === "bext") add("author", latin(b.subarray(at + 8 + 256, at + 8 + 288)));
    at += 8 + length + (length & 1);
  }
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
