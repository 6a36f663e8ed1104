// SPDX-License-Identifier: AGPL-3.0-or-later

// The same vectors as internal/programme's: the browser seals what the server
// would seal without script.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { collect, Filled, questionsOf } from "./answers";
import { Plan } from "./page";

interface Vector {
  name: string;
  category: string;
  given: Record<string, string[]>;
  answers: [string, string, string][];
  urgency: string;
}

const root = process.env["TURNSTONE_ROOT"] ?? "";
const read = (path: string): unknown => JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
const plan = read("internal/web/portal/testdata/plan.json") as Plan;

function filled(v: Vector, danger = false): Filled {
  return { category: v.category, desk: "", text: "", danger, given: new Map(Object.entries(v.given)) };
}

const vectors = read("internal/programme/testdata/answers.json") as Vector[];

for (const v of vectors) {
  await test(v.name, () => {
    const got = collect(plan, filled(v));
    assert.deepEqual(got.answers.map((a) => [a.id, a.label, a.value]), v.answers);
    assert.equal(got.urgency, v.urgency);
    assert.equal(collect(plan, filled(v, true)).urgency, "danger");
    for (const a of got.answers) assert.ok(questionsOf(plan, filled(v)).includes(a.step), `${a.step} can be changed on a screen that is shown`);
  });
}

await test("a question is asked only after the answers that call for it", () => {
  const of = (given: Record<string, string[]>): string[] => questionsOf(plan, filled({ category: "drugs", given, name: "", answers: [], urgency: "" }));
  assert.ok(!of({}).includes("when-exactly"));
  assert.ok(of({ when: ["past"] }).includes("when-exactly"));
  assert.ok(!of({ when: ["now"] }).includes("when-exactly"));
});
