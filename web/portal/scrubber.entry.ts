// SPDX-License-Identifier: AGPL-3.0-or-later

// The worker that cleans files: FileReaderSync, which the module needs, is
// only in workers, and the page stays alive meanwhile.

import { fetched } from "../wasm/run";
import { Answer } from "./scrub";
import { Module, startModule } from "./scrubmodule";

// What is used of a worker's globals; the page's types don't have them.
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };
const scope = globalThis as unknown as {
  onmessage: (e: MessageEvent<{ module?: string; integrity?: string; id?: number; file?: File }>) => void;
  postMessage(message: { id: number; answer?: Answer; error?: string }, transfer: Transferable[]): void;
};

let module: Promise<Module> | undefined;

async function clean(id: number, file: File): Promise<void> {
  const reader = new FileReaderSync();
  try {
    if (module === undefined) throw new Error("no module");
    const answer = (await module).plan({
      name: file.name,
      size: file.size,
      read: (offset, length) => new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + length))),
    });
    const bytes = (answer.parts ?? []).flatMap((p) => (p instanceof Uint8Array ? [p.buffer as ArrayBuffer] : []));
    scope.postMessage({ id, answer }, bytes);
  } catch {
    scope.postMessage({ id, error: "the file could not be read or cleaned" }, []);
  }
}

scope.onmessage = (e) => {
  if (e.data.module !== undefined) module = startModule(fetched(e.data.module, e.data.integrity ?? ""));
  if (e.data.id !== undefined && e.data.file !== undefined) void clean(e.data.id, e.data.file);
};
