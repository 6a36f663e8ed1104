// SPDX-License-Identifier: AGPL-3.0-or-later

// Running a Go module in a worker, or in a test: each sets its functions on an
// object of its own.

import "wasm-exec";

interface Runner {
  argv: string[];
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

declare const Go: new () => Runner;

/** Instantiates a module with what it imports. */
export type Instantiate = (imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>;

/** Where a worker and its module are, with the hash that pages demand. */
export interface Places {
  worker: string;
  module: string;
  integrity: string;
}

/** Starts a module and returns its functions. */
export async function run<T>(name: string, instantiate: Instantiate): Promise<T> {
  const go = new Go();
  const place = `turnstone-${name}`;
  go.argv = [name, place];
  const functions = {} as T;
  (globalThis as unknown as Record<string, T>)[place] = functions;
  void go.run(await instantiate(go.importObject));
  return functions;
}

/** Fetches a module from our own origin; the browser holds it against its hash. */
export function fetched(url: string, integrity: string): Instantiate {
  return async (imports) => {
    const response = await fetch(url, { integrity, credentials: "omit" });
    return (await WebAssembly.instantiateStreaming(response, imports)).instance;
  };
}
