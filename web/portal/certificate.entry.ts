// SPDX-License-Identifier: AGPL-3.0-or-later

// The script of a certificate: the name that a person types is put on the page
// here and is never sent.

import { armExit } from "./leave";

armExit();
const typed = document.getElementById("name-typed");
const name = document.getElementById("name");
const shown = document.getElementById("name-shown");
if (typed !== null && shown !== null && name instanceof HTMLInputElement) {
  typed.hidden = false;
  name.addEventListener("input", () => {
    const bdi = document.createElement("bdi");
    bdi.textContent = name.value.trim() === "" ? "\u00a0" : name.value;
    shown.replaceChildren(bdi);
  });
  document.getElementById("print")?.addEventListener("click", () => print());
}
