// SPDX-License-Identifier: AGPL-3.0-or-later

// The worker in which texts are checked: it has a policy of its own under
// which alone WebAssembly may start, and the page stays quick meanwhile. It
// holds what the reporter wrote as long as it lives, and sends nothing.

import { fetched, run } from "../wasm/run";
import { Answer, Module, Question } from "./check";

const scope = globalThis as unknown as {
  onmessage: (e: MessageEvent<{ module?: string; integrity?: string; raw?: Question["raw"]; id?: number; question?: Omit<Question, "raw"> }>) => void;
  postMessage(message: { id: number; answers?: Answer[]; error?: string }): void;
};

let module: Promise<Module> | undefined;
let raw: Question["raw"] = [];

async function answer(id: number, question: Omit<Question, "raw">): Promise<void> {
  try {
    if (module === undefined) throw new Error("no module");
    const said = (await module).check(JSON.stringify({ ...question, raw }));
    scope.postMessage({ id, answers: JSON.parse(said) as Answer[] });
  } catch {
    scope.postMessage({ id, error: "the texts could not be checked" });
  }
}

scope.onmessage = (e) => {
  if (e.data.module !== undefined) {
    module = run<Module>("check", fetched(e.data.module, e.data.integrity ?? ""));
    raw = e.data.raw ?? [];
  }
  if (e.data.id !== undefined && e.data.question !== undefined) void answer(e.data.id, e.data.question);
};
