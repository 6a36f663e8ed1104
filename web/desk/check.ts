// SPDX-License-Identifier: AGPL-3.0-or-later

// The leak check and the finding of selectors, as WebAssembly in a worker
// (checker.entry.ts). What the reporter wrote goes into the worker's memory
// and ends with it.

import type { Places } from "../wasm/run";
import { trusted } from "../wasm/trusted";

/** Text is a text and its language. */
export interface Text {
  language: string;
  body: string;
}

/** Question is what the module is asked. */
export interface Question {
  raw: Text[];
  texts: Text[];
  confirmed: string[]; // selectors as the texts show them: a number that is quoted is no copied phrase
  countries: string[];
}

/** Mark is a place in a text that could give its source away. */
export interface Mark {
  kind: string;
  reason: string;
  severity: "high" | "medium";
  start: number; // in UTF-16 code units
  end: number;
}

/** Thing is what a text names, proposed to a person. */
export interface Thing {
  kind: string;
  value: string;
  shown: string;
}

/** Answer is what is said of one text. */
export interface Answer {
  marks: Mark[];
  things: Thing[];
}

/** Module is the programme, once it runs. */
export interface Module {
  check(question: string): string;
}

interface Waiting {
  resolve: (answers: Answer[]) => void;
  reject: (why: Error) => void;
}

let ours: string | undefined;

/** Checker asks the worker; it ends with close. */
export class Checker {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  constructor(places: Places, raw: Text[]) {
    ours ??= trusted("check", places.worker);
    this.worker = new Worker(ours, { type: "module", name: "check" });
    this.worker.onmessage = (e: MessageEvent<{ id: number; answers?: Answer[]; error?: string }>) => {
      const w = this.waiting.get(e.data.id);
      this.waiting.delete(e.data.id);
      if (e.data.answers !== undefined) w?.resolve(e.data.answers);
      else w?.reject(new Error(e.data.error ?? ""));
    };
    this.worker.onerror = () => this.close();
    this.worker.postMessage({ module: places.module, integrity: places.integrity, raw });
  }

  /** ask returns an answer for each text, in their order. */
  ask(question: Omit<Question, "raw">): Promise<Answer[]> {
    const id = this.next++;
    const answers = new Promise<Answer[]>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.worker.postMessage({ id, question });
    return answers;
  }

  /** close ends the worker, and with it what it knew. */
  close(): void {
    this.worker.terminate();
    for (const w of this.waiting.values()) w.reject(new Error("closed"));
    this.waiting.clear();
  }
}
