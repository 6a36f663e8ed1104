// SPDX-License-Identifier: AGPL-3.0-or-later

// The module of engine/scrub, once it runs.

import "wasm-exec";
import { Answer } from "./scrub";

/** A file as the module reads it: read answers at once. */
export interface Source {
  name: string;
  size: number;
  read: (offset: number, length: number) => Uint8Array;
}

export interface Module {
  plan(file: Source): Answer;
}

interface Runner {
  argv: string[];
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

declare const Go: new () => Runner;

/** Starts the module: instantiate is given what it imports. */
export async function startModule(instantiate: (imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>): Promise<Module> {
  const go = new Go();
  go.argv = ["scrub", "turnstoneScrub"];
  const module = {} as Module;
  (globalThis as unknown as { turnstoneScrub: Module }).turnstoneScrub = module;
  void go.run(await instantiate(go.importObject));
  return module;
}
