// SPDX-License-Identifier: AGPL-3.0-or-later

// Cleaning of files in the browser: engine/scrub as WebAssembly, in a worker
// of its own (scrubber.entry.ts), loaded when a file is chosen. The file
// itself stays where it is: the answer says of which slices of it, and of
// which other bytes, the cleaned one consists.

import type { Places } from "../wasm/run";

/** One kind of thing that was found; see docs/files.md for the list. */
export interface Fact {
  kind: string;
  count: number;
}

/** What a file is and what was found in it. No value is ever in it. */
export interface Report {
  type: string; // what the content is: jpeg, pdf, …; unknown
  media: string;
  extension: string; // the usual one of that type, without a dot
  claimed: string; // what the name says
  removed: Fact[];
  remains: Fact[]; // could not be taken out: the reporter decides
  warnings: Fact[]; // what the name pretends
}

/** A run of the cleaned file: bytes, or [offset, length] in the chosen one. */
export type Part = Uint8Array | [number, number];

/** Why a file can't be called clean; see docs/files.md for the reasons. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    readonly detail: string,
    readonly report: Report,
  ) {
    super(`not cleaned: ${reason}${detail === "" ? "" : ` (${detail})`}`);
    this.name = "Refused";
  }
}

export interface Planned {
  parts: Part[];
  report: Report;
}

/** What the module returns. */
export interface Answer {
  report: string;
  parts?: Part[];
  refused?: string;
  detail?: string;
}

/** Reads an answer of the module. */
export function planned(answer: Answer): Planned {
  const report = JSON.parse(answer.report) as Report;
  if (answer.parts === undefined) throw new Refused(answer.refused ?? "internal", answer.detail ?? "", report);
  return { parts: answer.parts, report };
}

/** Assembles the cleaned file from a plan; the browser reads the slices when it needs them. */
export function cleaned(file: Blob, plan: Planned): Blob {
  const parts = plan.parts.map((p) => (p instanceof Uint8Array ? (p as Uint8Array<ArrayBuffer>) : file.slice(p[0], p[0] + p[1])));
  return new Blob(parts, { type: plan.report.media });
}

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (why: Error) => void;
}

/** Cleans files, one after the other, in a worker that starts with the first. */
export class Scrubber {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  constructor(private readonly places: Places) {}

  /** Says of which parts the cleaned file consists. Throws Refused when it can't be called clean. */
  async plan(file: File): Promise<Planned> {
    const worker = this.start();
    const id = this.next++;
    const answer = new Promise<Answer>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    worker.postMessage({ id, file });
    return planned(await answer);
  }

  /** Ends the worker and frees its memory. */
  close(): void {
    this.fail(new Error("cleaning was stopped"));
  }

  private start(): Worker {
    if (this.worker !== undefined) return this.worker;
    const worker = new Worker(this.places.worker, { type: "module", name: "scrub" });
    worker.onmessage = (e: MessageEvent<{ id: number; answer?: Answer; error?: string }>) => {
      const w = this.waiting.get(e.data.id);
      this.waiting.delete(e.data.id);
      if (e.data.answer !== undefined) w?.resolve(e.data.answer);
      else w?.reject(new Error(e.data.error ?? "cleaning failed"));
    };
    worker.onerror = () => this.fail(new Error("the cleaning programme stopped"));
    worker.postMessage({ module: this.places.module, integrity: this.places.integrity });
    this.worker = worker;
    return worker;
  }

  // A worker that died answers nobody: the next file starts a new one.
  private fail(why: Error): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const w of this.waiting.values()) w.reject(why);
    this.waiting.clear();
  }
}
