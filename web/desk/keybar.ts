// SPDX-License-Identifier: AGPL-3.0-or-later

// The state of the key in the header: locked or open, and the way between.

import { NotForThisKey } from "../seal/fault";
import { find, maybe } from "./dom";
import { visit } from "./navigate";
import { reasonOf } from "./net";
import { say } from "./say";
import { lock, unlock, unlocked } from "./vault";

/** show prepares the key's bar of the page. */
export function show(): void {
  const bar = maybe(document, "[data-key]");
  if (bar === null) return;
  const state = find(bar, "[data-key-state]");
  const button = find<HTMLButtonElement>(bar, "[data-key-lock]");
  const form = find<HTMLFormElement>(bar, "[data-key-form]");
  const open = unlocked() !== undefined;
  bar.hidden = false;
  bar.classList.toggle("dk-key--open", open);
  state.textContent = say(open ? "key.open" : "key.locked");
  button.hidden = !open;
  form.hidden = open;
  button.addEventListener("click", lock);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = find<HTMLInputElement>(form, "#key-passphrase");
    void unlock(field.value, (done) => (state.textContent = `${say("key.opening")} ${Math.round(done * 100)} %`))
      .catch((error: unknown) => {
        state.textContent = error instanceof NotForThisKey ? say("key.wrong") : reasonOf(error);
        field.select();
      });
  });
}

/** changed shows the present page anew, so that nothing opened stays on it. The log-in page goes on by itself. */
export function changed(): void {
  if (document.querySelector("main")?.dataset.page === "login") return;
  void visit(location.href, { push: false });
}
