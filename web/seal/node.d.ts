// SPDX-License-Identifier: AGPL-3.0-or-later

// The few parts of Node that the tests use; nothing else in web/ runs there.

declare module "node:test" {
  export default function test(name: string, run: () => void | Promise<void>): Promise<void>;
}

declare module "node:assert/strict" {
  interface Assert {
    equal(a: unknown, b: unknown, message?: string): void;
    deepEqual(a: unknown, b: unknown, message?: string): void;
    ok(value: unknown, message?: string): asserts value;
    throws(run: () => unknown, want?: unknown, message?: string): void;
    rejects(promise: Promise<unknown> | (() => Promise<unknown>), want?: unknown, message?: string): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}

declare module "node:fs" {
  export function readFileSync(path: string): Uint8Array;
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function writeFileSync(path: string, text: string): void;
}

declare const process: { env: Record<string, string | undefined> };
