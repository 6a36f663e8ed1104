// SPDX-License-Identifier: AGPL-3.0-or-later

// The module of engine/scrub, once it runs.

import { Instantiate, run } from "../wasm/run";
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

/** Starts the module. */
export function startModule(instantiate: Instantiate): Promise<Module> {
  return run<Module>("scrub", instantiate);
}
