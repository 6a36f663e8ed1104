// SPDX-License-Identifier: AGPL-3.0-or-later

// Logging in: the passphrase is stretched here; one of the two values made
// from it goes to the server, the other opens the keys at once.

import { base64 } from "../seal/bytes";
import { StretchParams } from "../seal/member";
import { find } from "./dom";
import { visit } from "./navigate";
import { postJSON, reasonOf } from "./net";
import { say } from "./say";
import { lock, stretch, unlockWith } from "./vault";

/** show prepares the log-in page. */
export function show(page: HTMLElement): void {
  lock();
  const form = find<HTMLFormElement>(page, "[data-login]");
  const button = find<HTMLButtonElement>(form, "[data-enable]");
  const progress = find(form, "[data-progress]");
  const handle = find<HTMLInputElement>(form, "#handle");
  const passphrase = find<HTMLInputElement>(form, "#passphrase");
  button.disabled = false;
  handle.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    void logIn(handle.value, passphrase.value, form.dataset.next ?? "/", (text) => (progress.textContent = text))
      .then((next) => visit(next))
      .catch((error: unknown) => {
        progress.textContent = reasonOf(error);
        button.disabled = false;
        passphrase.select();
      });
  });
}

async function logIn(handle: string, passphrase: string, next: string, tell: (text: string) => void): Promise<string> {
  tell(say("key.opening"));
  const wire = await postJSON<StretchParams & { salt: string }>("/log-in/stretch", { handle });
  const { login, wrap } = await stretch(passphrase, wire, (done) => tell(`${say("key.opening")} ${Math.round(done * 100)} %`));
  const answer = await postJSON<{ next: string }>("/log-in", { handle, login: base64(login), label: label(), next });
  await unlockWith(wrap);
  return answer.next;
}

/** label names this browser so that its owner knows the session again. */
function label(): string {
  const agent = navigator.userAgent;
  const browser = /Firefox\//.test(agent) ? "Firefox" : /Edg\//.test(agent) ? "Edge" : /Chrome\//.test(agent) ? "Chromium" : /Safari\//.test(agent) ? "Safari" : "";
  const system = /Windows/.test(agent) ? "Windows" : /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Mac OS/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return [browser, system].filter((part) => part !== "").join(", ");
}
