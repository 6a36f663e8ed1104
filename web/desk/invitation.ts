// SPDX-License-Identifier: AGPL-3.0-or-later

// Accepting an invitation: the passphrase is drawn and the keys are made here.
// The server gets the public halves and the rest wrapped.

import { base64, random } from "../seal/bytes";
import { newMemberKeys, wrapMember } from "../seal/member";
import { find } from "./dom";
import { visit } from "./navigate";
import { postJSON, reasonOf } from "./net";
import { newPassphrase } from "./passphrase";
import { say } from "./say";
import { stretch, tidy } from "./vault";

/** show prepares the invitation's page. */
export function show(page: HTMLElement): void {
  const box = find(page, "[data-invitation]");
  const form = find<HTMLFormElement>(page, "[data-accept]");
  const shown = find(page, "[data-words]");
  const again = find<HTMLButtonElement>(page, "[data-again]");
  const button = find<HTMLButtonElement>(form, "[data-enable]");
  const typed = find<HTMLInputElement>(form, "#typed");
  const progress = find(form, "[data-progress]");
  let passphrase = "";
  const draw = async (): Promise<void> => {
    passphrase = await newPassphrase(box.dataset.wordlist ?? "");
    shown.textContent = passphrase;
    again.disabled = button.disabled = false;
  };
  const failed = (error: unknown): void => {
    progress.textContent = reasonOf(error);
    button.disabled = false;
  };
  again.addEventListener("click", () => void draw().catch(failed));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (tidy(typed.value) !== passphrase) {
      failed(new Error(say("need_words")));
      typed.focus();
      return;
    }
    button.disabled = true;
    progress.textContent = say("key.opening");
    void accept(box, passphrase).then((next) => visit(next)).catch(failed);
  });
  void draw().catch(failed);
}

async function accept(box: HTMLElement, passphrase: string): Promise<string> {
  const account = box.dataset.account ?? "";
  const salt = base64(random(16));
  const cost = { memory: Number(box.dataset.memory), passes: Number(box.dataset.passes), threads: Number(box.dataset.lanes) };
  const { login, wrap } = await stretch(passphrase, { salt, ...cost });
  const keys = newMemberKeys();
  const answer = await postJSON<{ next: string }>(location.pathname, {
    account, salt, login: base64(login), wrapped: base64(await wrapMember(keys, wrap, account)),
    recipient: keys.identity.recipient, key: base64(keys.signingKey()),
  });
  return answer.next;
}
