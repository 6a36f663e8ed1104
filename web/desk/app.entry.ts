// SPDX-License-Identifier: AGPL-3.0-or-later

// The desk's script: one file for all pages, so that one hash names all that
// ever touches an opened key.

import * as alerts from "./alerts";
import * as calls from "./calls";
import * as danger from "./danger";
import * as chase from "./chase";
import * as content from "./content";
import { maybe } from "./dom";
import * as inbox from "./inbox";
import * as invitation from "./invitation";
import * as items from "./items";
import * as keybar from "./keybar";
import * as keys from "./keys";
import * as login from "./login";
import * as me from "./me";
import { start } from "./navigate";
import { reasonOf } from "./net";
import * as reading from "./reading";
import { readTexts } from "./say";
import * as feedback from "./tell";
import { lock, onChange, stir } from "./vault";
import * as writing from "./writing";

/** pages names what each page needs, by its data-page. */
const pages: Record<string, (page: HTMLElement) => void> = {
  login: login.show, invitation: invitation.show, me: me.show, inbox: inbox.show, items: items.show,
  reading: reading.show, calls: calls.show, keys: keys.show, danger: danger.show, write: writing.show,
  tell: feedback.show, content: items.show, "content-edit": content.show,
};

function show(): void {
  readTexts();
  keybar.show();
  writing.end();
  content.end();
  const page = maybe(document, "main");
  if (page === null) return;
  alerts.at(page.dataset.programme ?? "");
  try {
    pages[page.dataset.page ?? ""]?.(page);
  } catch (error) {
    tell(page, reasonOf(error));
  }
}

function tell(page: HTMLElement, text: string): void {
  const told = maybe(page, "[data-told]");
  if (told === null) return;
  told.textContent = text;
  told.hidden = false;
}

onChange(keybar.changed);
for (const sign of ["keydown", "pointerdown", "scroll"]) addEventListener(sign, stir, { passive: true });
addEventListener("pagehide", lock);
document.addEventListener("keydown", (event) => inbox.key(event));
document.addEventListener("keydown", (event) => danger.key(event));
document.addEventListener("keydown", (event) => items.key(event));
document.addEventListener("keydown", (event) => chase.key(event));
alerts.watch();
content.start();
start(show);
show();
