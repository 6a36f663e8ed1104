// SPDX-License-Identifier: AGPL-3.0-or-later

// Talking to the desk's server, and only to it.

import { say } from "./say";

/** Refused is an answer that says no; its message is a sentence for the person. */
export class Refused extends Error {
  constructor(readonly status: number, sentence: string) {
    super(sentence);
  }
}

/** getJSON asks for a document. */
export function getJSON<T>(path: string): Promise<T> {
  return answerOf<T>(path, { method: "GET" });
}

/** postJSON sends a document and returns the answer's. */
export function postJSON<T>(path: string, body: unknown): Promise<T> {
  return answerOf<T>(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** postForm sends what a form would. */
export function postForm<T>(path: string, fields: Record<string, string>): Promise<T> {
  return answerOf<T>(path, { method: "POST", body: new URLSearchParams(fields) });
}

/** postFields sends a form as it is, fields of one name several times. */
export function postFields<T>(path: string, fields: URLSearchParams): Promise<T> {
  return answerOf<T>(path, { method: "POST", body: fields });
}

/** postBytes sends bytes. */
export function postBytes<T>(path: string, body: Uint8Array): Promise<T> {
  return answerOf<T>(path, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: body as BodyInit });
}

/** postForFile asks for a file, which the browser keeps outside of memory when it is large. */
export async function postForFile(path: string): Promise<Blob> {
  const response = await ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  return response.blob().catch(() => {
    throw new Refused(0, say("offline")); // it broke off
  });
}

async function answerOf<T>(path: string, init: RequestInit): Promise<T> {
  const response = await ask(path, init);
  if (response.status === 204) return undefined as T;
  return JSON.parse(await response.text()) as T;
}

/** ask returns an answer that does not refuse. */
async function ask(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { Accept: "application/json", ...init.headers }, redirect: "error" });
  } catch {
    throw new Refused(0, say("offline"));
  }
  if (!response.ok) throw new Refused(response.status, sentence(await response.text()));
  return response;
}

function sentence(text: string): string {
  try {
    const said = (JSON.parse(text) as { error?: unknown }).error;
    if (typeof said === "string") return said;
  } catch {
    // Not one of our answers: say only that it failed.
  }
  return say("failed", { reason: "" });
}

/** reasonOf words any error for the person. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
