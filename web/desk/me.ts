// SPDX-License-Identifier: AGPL-3.0-or-later

// One's own page: a new passphrase for the same keys, and whether this browser
// may notify.

import { base64, random, unbase64 } from "../seal/bytes";
import { minStretch, StretchParams, unwrapMember, wrapMember } from "../seal/member";
import { allow } from "./alerts";
import { find, make } from "./dom";
import { visit } from "./navigate";
import { getJSON, postJSON, reasonOf } from "./net";
import { newPassphrase } from "./passphrase";
import { say } from "./say";
import { stretch, tidy, unlocked } from "./vault";

/** show prepares the page. */
export function show(page: HTMLElement): void {
  const browser = find<HTMLInputElement>(page, "#browser");
  browser.form?.addEventListener("submit", () => allow(browser.checked));
  savingIdentity(find<HTMLButtonElement>(page, "[data-identity]"));
  const form = find<HTMLFormElement>(page, "[data-rewrap]");
  const button = find<HTMLButtonElement>(form, "[data-enable]");
  const present = find<HTMLInputElement>(form, "#present");
  const words = find(form, "[data-words]");
  const typed = find<HTMLInputElement>(form, "#typed");
  const progress = find(form, "[data-progress]");
  let passphrase = "";
  button.disabled = false;
  const failed = (error: unknown): void => {
    progress.textContent = reasonOf(error);
    button.disabled = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (passphrase === "") {
      void newPassphrase(form.dataset.wordlist ?? "").then((drawn) => {
        passphrase = words.textContent = drawn;
        words.hidden = find(form, "[data-typed]").hidden = false;
        typed.focus();
      }).catch(failed);
      return;
    }
    if (tidy(typed.value) !== passphrase) {
      failed(new Error(say("need_words")));
      return;
    }
    button.disabled = true;
    progress.textContent = say("key.opening");
    void rewrap(present.value, passphrase).then((next) => visit(next)).catch(failed);
  });
}

/** savingIdentity writes the member's identity to a file, for reading exports on a machine without network. */
function savingIdentity(button: HTMLButtonElement): void {
  const member = unlocked();
  button.disabled = member === undefined;
  if (member === undefined) return;
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([member.keys.identity.secret() + "\n"], { type: "text/plain" }));
    make("a", { href: url, download: "turnstone-identity.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

async function rewrap(present: string, next: string): Promise<string> {
  const wire = await getJSON<{ account: string; stretch: StretchParams & { salt: string }; wrapped: string }>("/me/keys");
  const old = await stretch(present, wire.stretch);
  const keys = await unwrapMember(unbase64(wire.wrapped), old.wrap, wire.account);
  const salt = base64(random(16));
  const fresh = await stretch(next, { salt, ...minStretch });
  const answer = await postJSON<{ next: string }>("/me/passphrase", {
    old: base64(old.login), salt, login: base64(fresh.login), wrapped: base64(await wrapMember(keys, fresh.wrap, wire.account)),
  });
  return answer.next;
}
