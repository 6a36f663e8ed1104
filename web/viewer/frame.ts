// SPDX-License-Identifier: AGPL-3.0-or-later

// What the reading room and the frame say to each other, and the frame's
// buttons, which are the same for every kind.

import type { Fact } from "./facts";
import type { Type } from "./kinds";

/** Shown is what the frame is handed: one file, and how to show it. */
export interface Shown {
  type: Type;
  data: ArrayBuffer;
  name: string;
  hard: boolean; // blurred and silent first
  lang: string;
  dir: string;
  words: Record<string, string>;
}

/** Told is all that the frame may say back; the reading room believes no more of it than this. */
export type Told = "shown" | "broken" | "too-large" | "close" | "stir";

/** View is a file as it is shown, with what it says about itself. */
export interface View {
  facts: Fact[];
}

/** TooLarge is a file that would ask too much of this machine. */
export class TooLarge extends Error {}

/** Frame is where a file is shown. */
export class Frame {
  readonly bar = element("div", { class: "bar", role: "toolbar" });
  readonly status = element("p", { class: "status", role: "status" });
  readonly stage = element("div", { class: "stage", tabindex: "0", role: "region" });
  private stirred = -Infinity;
  private readonly keys = new Map<string, () => void>();

  constructor(readonly shown: Shown) {
    this.bar.setAttribute("aria-label", this.say("tools"));
    this.stage.setAttribute("aria-label", shown.name === "" ? this.say("file") : shown.name);
    addEventListener("keydown", (event) => this.press(event), { capture: true });
    this.on("Escape", () => parent.postMessage("close" satisfies Told, "*"));
    for (const event of ["keydown", "pointerdown", "pointermove", "wheel"]) addEventListener(event, () => this.stir(), { capture: true, passive: true });
  }

  /** say returns a text with its places filled in. */
  say(key: string, values: Record<string, string | number> = {}): string {
    let text = this.shown.words[key] ?? key;
    for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, String(value));
    return text;
  }

  /** on runs act for a key, by its name or the character that it types. */
  on(key: string, act: () => void): void {
    this.keys.set(key, act);
  }

  /** button adds a button with its key. */
  button(text: string, act: () => void, key?: string): HTMLButtonElement {
    const b = element("button", { type: "button" }, this.say(text));
    b.addEventListener("click", act);
    if (key !== undefined) {
      b.setAttribute("aria-keyshortcuts", key === "+" ? "Plus" : key);
      b.title = key;
      this.on(key, () => b.isConnected && !b.disabled && b.click());
    }
    this.bar.append(b);
    return b;
  }

  /** toggle adds a button that stays pressed. */
  toggle(text: string, pressed: boolean, act: (on: boolean) => void, key?: string): HTMLButtonElement {
    const b = this.button(text, () => {
      const on = b.getAttribute("aria-pressed") !== "true";
      b.setAttribute("aria-pressed", String(on));
      act(on);
    }, key);
    b.setAttribute("aria-pressed", String(pressed));
    act(pressed);
    return b;
  }

  /** veil adds the toggles that take the sharpness and the colour from what is hard to look at. */
  veil(what: HTMLElement): void {
    this.toggle("blur", this.shown.hard, (on) => what.classList.toggle("blurred", on), "b");
    this.toggle("grey", this.shown.hard, (on) => what.classList.toggle("grey", on), "g");
  }

  /** stir says that somebody is here: the reading room does not hear what happens in a frame. */
  private stir(): void {
    const now = performance.now();
    if (now - this.stirred < 20_000) return;
    this.stirred = now;
    parent.postMessage("stir" satisfies Told, "*");
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    const typing = at instanceof HTMLInputElement || at instanceof HTMLSelectElement;
    if (typing && event.key !== "Escape") return;
    if (event.key === " " && at instanceof HTMLElement && at.closest("button, summary") !== null) return;
    const act = this.keys.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

/** element makes an element; strings are text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}
