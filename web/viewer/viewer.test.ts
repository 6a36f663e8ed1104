// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { factsOf, tidy } from "./facts";
import { claimed, Family, seen, typeOf } from "./kinds";
import { pixels } from "./pixels";
import { Strain } from "./strain";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === "string" ? [...p].map((c) => c.charCodeAt(0)) : p)));
const u16 = (n: number): number[] => [n >> 8, n & 255];
const u32 = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const little = (n: number): number[] => u32(n).reverse();

test("what a file says that it is", () => {
  assert.equal(claimed("image/jpeg", "x")?.kind, "image");
  assert.equal(claimed("video/quicktime", "x")?.media, "video/mp4");
  assert.equal(claimed("audio/webm;codecs=opus", "x")?.kind, "audio");
  assert.equal(claimed("application/octet-stream", "a.b.MP3")?.family, "mp3");
  assert.equal(claimed("", "note.txt")?.kind, "text");
  for (const [media, name] of [["image/svg+xml", "x.jpg"], ["text/html", "x.txt"], ["application/octet-stream", "x.exe"], ["", "x"], ["image/heic", "x.heic"], ["application/javascript", "a.txt"], ["", "constructor"], ["__proto__", ""]] as const) {
    assert.equal(claimed(media, name), undefined, `${media} ${name}`);
  }
});

test("what its bytes say", () => {
  const cases: [Family | undefined, Uint8Array][] = [
    ["jpeg", bytes([0xff, 0xd8, 0xff, 0xe0])], ["png", bytes("\x89PNG\r\n\x1a\n")], ["gif", bytes("GIF89a")], ["webp", bytes("RIFF0000WEBP")], ["wav", bytes("RIFF0000WAVE")],
    ["pdf", bytes("%PDF-1.7")], ["mp4", bytes([0, 0, 0, 24], "ftypisom")], ["webm", bytes([0x1a, 0x45, 0xdf, 0xa3])], ["ogg", bytes("OggS")], ["flac", bytes("fLaC")],
    ["mp3", bytes("ID3")], ["mp3", bytes([0xff, 0xfb, 0x90])], ["text", bytes("<html><script>")], ["text", bytes("<svg onload=alert(1)>")],
    [undefined, bytes([0, 0, 0, 24], "ftypheic")], [undefined, bytes("MZ\x90\x00")], [undefined, bytes("PK\x03\x04")], [undefined, bytes("")], [undefined, bytes(" %PDF-\x00")],
  ];
  for (const [want, b] of cases) assert.equal(seen(b), want, JSON.stringify(String.fromCharCode(...b)));
  assert.equal(typeOf(claimed("audio/mp4", ""), "mp4").kind, "audio");
  assert.equal(typeOf(claimed("image/jpeg", ""), "pdf").kind, "pages");
});

test("how large a picture is", () => {
  assert.deepEqual(pixels("png", bytes("\x89PNG\r\n\x1a\n", u32(13), "IHDR", u32(60000), u32(60000))), { width: 60000, height: 60000 });
  assert.deepEqual(pixels("gif", bytes("GIF89a", [64, 1, 200, 0])), { width: 320, height: 200 });
  assert.deepEqual(pixels("jpeg", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8], u16(200), u16(320))), { width: 320, height: 200 });
  assert.deepEqual(pixels("webp", bytes("RIFF0000WEBPVP8X", [0, 0, 0, 0, 0, 0, 0, 0], [0x3f, 1, 0], [0xc7, 0, 0])), { width: 320, height: 200 });
  assert.equal(pixels("jpeg", bytes([0xff, 0xd8, 0xff])), undefined);
  assert.equal(pixels("png", bytes("")), undefined);
});

/** tiff writes an EXIF block, little endian: a directory, with those that it points to. */
function tiff(): Uint8Array {
  const entry = (tag: number, type: number, count: number, value: number[]): number[] => [...u16(tag).reverse(), ...u16(type).reverse(), ...little(count), ...value];
  const text = (s: string): number[] => [...s].map((c) => c.charCodeAt(0));
  // 8 header, IFD0 of 3 at 8 (2+36+4=42) -> 50, GPS of 4 at 50 (2+48+4) -> 104, lat 104, lon 128, model 152
  return Uint8Array.from([
    ...text("II*\0"), ...little(8),
    3, 0, ...entry(0x0110, 2, 9, little(152)), ...entry(0x0132, 2, 4, text("1999")), ...entry(0x8825, 4, 1, little(50)), ...little(0),
    4, 0, ...entry(1, 2, 2, text("N\0\0\0")), ...entry(2, 5, 3, little(104)), ...entry(3, 2, 2, text("W\0\0\0")), ...entry(4, 5, 3, little(128)), ...little(0),
    ...[55, 1, 40, 1, 30, 1].flatMap(little), ...[12, 1, 30, 1, 0, 1].flatMap(little),
    ...text("Quokka 7\0"),
  ]);
}

const withExif = (): Uint8Array => {
  const exif = [...bytes("Exif\0\0"), ...tiff()];
  return bytes([0xff, 0xd8, 0xff, 0xe1], u16(exif.length + 2), exif, [0xff, 0xfe], u16(2 + 7), "by Anna", [0xff, 0xda]);
};

test("what a picture still says", () => {
  assert.deepEqual(factsOf("jpeg", withExif()), [
    { kind: "device", value: "Quokka 7" }, { kind: "date", value: "1999" }, { kind: "gps", value: "55.67500, -12.50000" }, { kind: "comment", value: "by Anna" },
  ]);
  const png = bytes("\x89PNG\r\n\x1a\n", u32(16), "tEXtAuthor\0Bo Hansen", u32(0), u32(tiff().length), "eXIf", [...tiff()], u32(0), u32(0), "IEND");
  assert.deepEqual(factsOf("png", png).map((f) => f.kind), ["author", "device", "date", "gps"]);
  assert.deepEqual(factsOf("jpeg", bytes([0xff, 0xd8, 0xff, 0xda])), []);
});

test("what a recording still says", () => {
  const frame = (id: string, text: string): number[] => [...bytes(id, u32(text.length + 1), [0, 0], [3], text)];
  const tag = [...frame("TPE1", "Anna"), ...frame("TENC", "her phone")];
  assert.deepEqual(factsOf("mp3", bytes("ID3", [3, 0, 0], [0, 0, 0, tag.length], tag)), [{ kind: "author", value: "Anna" }, { kind: "author", value: "her phone" }]);
  const box = (kind: string, ...body: (string | number[])[]): number[] => {
    const b = [...bytes(...body)];
    return [...u32(b.length + 8), ...bytes(kind), ...b];
  };
  const film = Uint8Array.from([...box("ftyp", "isom"), ...box("moov", box("mvhd", [0, 0, 0, 0], u32(2_082_844_800 + 86_400)), box("udta", box("\xa9xyz", [0, 18, 0, 0], "+55.6761+012.5683/")))]);
  assert.deepEqual(factsOf("mp4", film), [{ kind: "date", value: "1970-01-02 00:00" }, { kind: "gps", value: "+55.6761+012.5683/" }]);
  const wave = bytes("RIFF0000WAVELIST", little(12 + 4), "INFOIART", little(4), "Anna");
  assert.deepEqual(factsOf("wav", wave), [{ kind: "author", value: "Anna" }]);
});

test("a note turns no text around and stays one line", () => {
  assert.equal(tidy("a\n\u202eb\u0000c   d\u2066"), "a b c d");
  assert.equal(tidy("x".repeat(5000)).length, 300);
});

test("a damaged file has fewer notes, and nothing hangs or throws", () => {
  let seed = 7;
  const random = (n: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
  const families: Family[] = ["jpeg", "png", "gif", "webp", "pdf", "mp4", "webm", "ogg", "mp3", "wav", "flac", "text"];
  const start = performance.now();
  for (let i = 0; i < 20_000; i++) {
    const base = i % 2 === 0 ? withExif() : Uint8Array.from({ length: random(200) }, () => random(256));
    for (let n = random(6); n > 0 && base.length > 0; n--) base[random(base.length)] = random(256);
    const cut = base.subarray(0, random(base.length + 1));
    const family = families[i % families.length]!;
    assert.ok(factsOf(family, cut).length <= 40);
    pixels(family, cut);
    seen(cut);
  }
  assert.ok(performance.now() - start < 20_000);
});

test("a break is due after looking, not after waiting", () => {
  let now = 0;
  const s = new Strain(() => now, () => 20);
  s.start();
  now += 15;
  s.start();
  s.stop();
  now += 1000; // the page was hidden
  assert.equal(s.left(), 5);
  s.start();
  now += 6;
  assert.equal(s.left(), 0);
  s.rested();
  assert.equal(s.left(), 20);
  assert.ok(s.looking);
});
