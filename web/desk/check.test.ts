// SPDX-License-Identifier: AGPL-3.0-or-later

// The module that the worker runs, in Node: what it marks and names, counted
// as scripts count.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { run } from "../wasm/run";
import { Answer, Module, Question } from "./check";

const path = `${process.env["TURNSTONE_ROOT"] ?? ""}/internal/web/static/dist/check.wasm.gz`;

let module: Promise<Module> | undefined;
async function ask(question: Question): Promise<Answer[]> {
  module ??= run<Module>("check", async (imports) => {
    const stream = new Blob([Uint8Array.from(readFileSync(path))]).stream().pipeThrough(new DecompressionStream("gzip"));
    return (await WebAssembly.instantiate(await new Response(stream).arrayBuffer(), imports)).instance;
  });
  return JSON.parse((await module).check(JSON.stringify(question))) as Answer[];
}

const raw = [{ language: "en", body: "He keeps seven stolen engines in the shed behind the chapel." }];

test("marks count UTF-16 code units, whatever comes before", async () => {
  const body = "😀 é العربية: he keeps seven stolen engines.";
  const [answer] = await ask({ raw, texts: [{ language: "en", body }], confirmed: [], countries: [] });
  const copied = answer?.marks.find((m) => m.kind === "copied");
  assert.equal(body.slice(copied?.start, copied?.end), "he keeps seven stolen engines");
});

test("what a text names is proposed, in its country's way of writing too", async () => {
  const [answer] = await ask({ raw, texts: [{ language: "da", body: "Ring 20 12 34 56, eller skriv til Bo@Example.org." }], confirmed: [], countries: ["DK"] });
  assert.deepEqual(answer?.things.map((t) => [t.kind, t.value]), [["phone", "+4520123456"], ["email", "bo@example.org"]]);
});

test("each text has its answer, and no text breaks it", async () => {
  const answers = await ask({ raw, texts: [{ language: "", body: "" }, { language: "en", body: "\ud800 I saw" }, { language: "xx", body: "\u0000".repeat(1000) }], confirmed: [""], countries: ["ZZ"] });
  assert.equal(answers.length, 3);
  assert.deepEqual(answers[0], { marks: [], things: [] });
  assert.ok(answers[1]?.marks.some((m) => m.kind === "first-person"));
});
