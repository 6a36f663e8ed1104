// SPDX-License-Identifier: AGPL-3.0-or-later

// Shapes read JSON that somebody else wrote. A shape checks a value and returns
// it again with the fields in the shape's order; readExact then demands the
// bytes that writing it gives, readStrict allows other white space and escapes.

import { text, unbase64, utf8 } from "./bytes";

/** Shape checks a parsed value and returns it typed; where names it in errors. */
export type Shape<T> = (value: unknown, where: string) => T;

/** Of is the type that a shape returns. */
export type Of<S> = S extends Shape<infer T> ? T : never;

const maxDepth = 8;

function fail(where: string, want: string): never {
  throw new Error(`${where}: want ${want}`);
}

export const str: Shape<string> = (v, where) => (typeof v === "string" ? v : fail(where, "a string"));

export const bool: Shape<boolean> = (v, where) => (typeof v === "boolean" ? v : fail(where, "true or false"));

/** count is a whole number from 0. */
export const count: Shape<number> = (v, where) =>
  typeof v === "number" && Number.isSafeInteger(v) && v >= 0 && !Object.is(v, -0) ? v : fail(where, "a whole number");

/** hexOf is lower-case hexadecimal of n bytes. */
export function hexOf(n: number): Shape<string> {
  const pattern = new RegExp(`^[0-9a-f]{${2 * n}}$`);
  return (v, where) => (typeof v === "string" && pattern.test(v) ? v : fail(where, `${2 * n} hexadecimal digits`));
}

/** b64Of is canonical base64, of n bytes where n is given. */
export function b64Of(n?: number): Shape<string> {
  return (v, where) => {
    const s = str(v, where);
    const bytes = unbase64(s);
    if (n !== undefined && bytes.length !== n) fail(where, `${n} bytes`);
    return s;
  };
}

/** oneOf is one of the given values. */
export function oneOf<T extends string | number>(...allowed: T[]): Shape<T> {
  return (v, where) => allowed.find((a) => a === v) ?? fail(where, allowed.join(" or "));
}

export function list<T>(item: Shape<T>): Shape<T[]> {
  return (v, where) => (Array.isArray(v) ? v.map((x, i) => item(x, `${where}[${i}]`)) : fail(where, "a list"));
}

/** names maps any strings to T, in the order given: languages to texts. */
export function names<T>(item: Shape<T>): Shape<Record<string, T>> {
  return (v, where) => {
    const out: Record<string, T> = Object.create(null);
    for (const [k, x] of Object.entries(plain(v, where))) out[k] = item(x, `${where}.${k}`);
    return out;
  };
}

type Fields = Record<string, Shape<unknown>>;
type Record_<F extends Fields> = { -readonly [K in keyof F]: Of<F[K]> };

/** record has exactly these fields. */
export function record<F extends Fields>(fields: F): Shape<Record_<F>> {
  return recordWith(fields, {}) as Shape<Record_<F>>;
}

/** recordWith has exactly these fields and, after them, any of the optional ones. */
export function recordWith<F extends Fields, O extends Fields>(fields: F, optional: O): Shape<Record_<F> & Partial<Record_<O>>> {
  return (v, where) => {
    const given = plain(v, where);
    const out: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries(fields)) {
      if (!Object.hasOwn(given, name)) fail(where, `the field ${name}`);
      out[name] = shape(given[name], `${where}.${name}`);
    }
    for (const [name, shape] of Object.entries(optional)) {
      if (Object.hasOwn(given, name)) out[name] = shape(given[name], `${where}.${name}`);
    }
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(out, name)) fail(where, `no field ${JSON.stringify(name.slice(0, 40))}`);
    }
    return out as Record_<F> & Partial<Record_<O>>;
  };
}

function plain(v: unknown, where: string): Record<string, unknown> {
  if (typeof v !== "object" || v === null || Array.isArray(v)) fail(where, "an object");
  return v as Record<string, unknown>;
}

/** readExact reads JSON that is spelt as this client would spell it. */
export function readExact<T>(bytes: Uint8Array, shape: Shape<T>, where: string): T {
  const given = text(bytes);
  const value = shape(JSON.parse(given), where);
  if (JSON.stringify(value) !== given) throw new Error(`${where}: the JSON is not in its exact form`);
  return value;
}

/** readStrict reads JSON in any white space and escapes, without null or doubled fields. */
export function readStrict<T>(bytes: Uint8Array, shape: Shape<T>, where: string): T {
  const given = text(bytes);
  const parsed: unknown = JSON.parse(given);
  const tokens = tokensOf(given);
  // JSON.parse keeps the last of doubled fields: written again, tokens are missing.
  if (tokens.length !== tokensOf(JSON.stringify(parsed)).length) throw new Error(`${where}: a field is given twice`);
  let depth = 0;
  for (const token of tokens) {
    if (token === "null") throw new Error(`${where}: null`);
    if (/^-?\d/.test(token) && !/^(0|[1-9]\d*)$/.test(token)) throw new Error(`${where}: a number is not spelt as a whole one`);
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    if (depth > maxDepth) throw new Error(`${where}: it nests deeper than ${maxDepth}`);
  }
  return shape(parsed, where);
}

function tokensOf(json: string): string[] {
  return json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
}

/** writeJSON returns the bytes of JSON.stringify. */
export function writeJSON(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}
