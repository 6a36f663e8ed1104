// SPDX-License-Identifier: AGPL-3.0-or-later

// The module that the worker runs, in Node: what it plans, what it refuses,
// and how long a phone's photo takes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { cleaned, planned, Refused } from "./scrub";
import { Module, startModule } from "./scrubmodule";

const root = process.env["TURNSTONE_ROOT"] ?? "";
const path = `${root}/internal/web/static/dist/scrub.wasm.gz`;

/** The built module; undefined where `make assets` was not run. */
function built(): Uint8Array | undefined {
  try {
    return Uint8Array.from(readFileSync(path));
  } catch {
    console.log("skipped: scrub.wasm.gz was not built, run make assets");
    return undefined;
  }
}
const zipped = built();

let module: Promise<Module> | undefined;
function start(): Promise<Module> {
  module ??= startModule(async (imports) => {
    const stream = new Blob([zipped as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    return (await WebAssembly.instantiate(await new Response(stream).arrayBuffer(), imports)).instance;
  });
  return module;
}

/** Runs a test where the module is there. */
async function check(name: string, run: () => Promise<void>): Promise<void> {
  if (zipped !== undefined) await test(name, run);
}

async function planOf(bytes: Uint8Array, name: string): Promise<ReturnType<typeof planned>> {
  const answer = (await start()).plan({ name, size: bytes.length, read: (o, n) => bytes.slice(o, o + n) });
  return planned(answer);
}

const segment = (marker: number, text: string): number[] => [0xff, marker, 0, text.length + 2, ...new TextEncoder().encode(text)];

/** A grey picture of one block, as a camera would frame it; scan bytes are given. */
function jpeg(scan: Uint8Array): Uint8Array {
  return join([
    Uint8Array.from([0xff, 0xd8, ...segment(0xfe, "PLANTEDSECRET"), 0xff, 0xc0, 0, 11, 8, 0x0b, 0xb8, 0x0f, 0xa0, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]),
    scan,
    Uint8Array.from([0xff, 0xd9]),
  ]);
}

function join(list: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(list.reduce((n, b) => n + b.length, 0));
  let at = 0;
  for (const b of list) {
    out.set(b, at);
    at += b.length;
  }
  return out;
}

await check("a plan names slices of the file and what was removed", async () => {
  const file = jpeg(new Uint8Array(1000).fill(7));
  const plan = await planOf(file, "photo.png");
  assert.deepEqual(plan.report.removed, [{ kind: "comment", count: 1 }]);
  assert.deepEqual(plan.report.warnings, [{ kind: "forged-type", count: 1 }]);
  assert.equal(plan.report.media, "image/jpeg");
  assert.ok(plan.parts.some((p) => !(p instanceof Uint8Array)), "a slice");
  const blob = cleaned(new Blob([file as Uint8Array<ArrayBuffer>]), plan);
  const out = new Uint8Array(await blob.arrayBuffer());
  assert.ok(!new TextDecoder("latin1").decode(out).includes("PLANTEDSECRET"));
  assert.equal(out.length, file.length - 17);
});

await check("what can't be cleaned is refused with a reason", async () => {
  await assert.rejects(planOf(new Uint8Array(0), "a.jpg"), (e: unknown) => e instanceof Refused && e.reason === "empty");
  await assert.rejects(planOf(jpeg(new Uint8Array(9)).slice(0, 50), "a.jpg"), (e: unknown) => e instanceof Refused && e.reason === "truncated");
  const module = await start();
  const broken = module.plan({ name: "a.jpg", size: 10, read: () => null as unknown as Uint8Array });
  assert.equal(broken.refused, "read");
});

await check("a photo of 12 megapixels takes less than 300 ms", async () => {
  const scan = new Uint8Array(6 << 20).map((_, i) => (i * 2654435761) >>> 24).map((b) => (b === 0xff ? 0xfe : b));
  for (let i = 100; i < scan.length; i += 256) scan.set([0xff, 0], i);
  const photo = jpeg(scan);
  await planOf(photo, "photo.jpg");
  const began = performance.now();
  await planOf(photo, "photo.jpg");
  const took = performance.now() - began;
  console.log(`12-megapixel JPEG, ${(photo.length / 1048576).toFixed(1)} MiB: ${took.toFixed(0)} ms`);
  assert.ok(took < 300, `${took} ms`);
});

await check("the module has at most 1.5 MB on the wire", async () => {
  const bytes = (zipped as Uint8Array).length;
  console.log(`scrub.wasm.gz: ${bytes} bytes`);
  assert.ok(bytes <= 1_500_000, `${bytes} bytes`);
});

await check("a text leaves without the letters that nobody sees", async () => {
  const plan = await planOf(new TextEncoder().encode("Meet \u200bat the mill.\r\n"), "note.txt");
  assert.deepEqual(plan.report.removed, [{ kind: "invisible-characters", count: 1 }, { kind: "settings", count: 1 }]);
  assert.equal(await cleaned(new Blob([]), plan).text(), "Meet at the mill.\n");
});
