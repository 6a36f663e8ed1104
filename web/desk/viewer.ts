// SPDX-License-Identifier: AGPL-3.0-or-later

// The reading room's side of the viewer: warns before what is hard to look at,
// hands one file to a frame that reaches nothing, and reminds of a break. How
// long somebody looks is known in this tab only.

import type { Shown, Told } from "../viewer/frame";
import { Strain } from "../viewer/strain";
import { make, maybe } from "./dom";
import { saidWith, say } from "./say";
import { stir } from "./vault";

/** What the page says: the categories that are hard to look at, and minutes until a break. */
function setting(name: "hard" | "break"): string {
  return maybe(document, "[data-reading]")?.dataset[name] ?? "";
}

const strain = new Strain(() => performance.now(), () => (Number(setting("break")) || 20) * 60_000);
let opened: Viewer | undefined; // one at a time
let reminding: ReturnType<typeof setTimeout> | undefined;

/** look starts or stops the time of looking, as things are, and looks again before long: the page may be another by then. */
function look(): void {
  clearTimeout(reminding);
  if (opened?.straining !== true || !opened.here || document.hidden) {
    strain.stop();
    return;
  }
  strain.start();
  if (strain.left() === 0) opened.remind();
  else reminding = setTimeout(look, Math.min(10_000, strain.left()));
}
document.addEventListener("visibilitychange", look);
addEventListener("message", (event: MessageEvent<unknown>) => opened?.hear(event.source, event.data as Told));

/** Viewer shows a file in a place of the page. */
export class Viewer {
  /** straining is that something hard is shown here. */
  straining = false;
  private frame: HTMLIFrameElement | undefined;
  private readonly reminder = make("div", { class: "dk-break", role: "status" });

  /** back puts the focus where it came from. */
  constructor(private readonly place: HTMLElement, private readonly back: () => void) {}

  /** here reports whether the place is on the page that is shown now. */
  get here(): boolean {
    return this.place.isConnected;
  }

  /** hard reports whether files of a category are hard to look at. */
  hard(category: string): boolean {
    return setting("hard").split(" ").includes(category);
  }

  /** warned asks before something hard is opened. */
  warned(about: string): Promise<boolean> {
    this.close();
    return new Promise((resolve) => {
      const answer = (text: string, yes: boolean): HTMLButtonElement => {
        const b = make("button", { type: "button", class: `govuk-button${yes ? " govuk-button--secondary" : ""}` }, text);
        b.addEventListener("click", () => {
          this.place.replaceChildren();
          if (!yes) this.back();
          resolve(yes);
        });
        return b;
      };
      const heading = make("h3", { class: "govuk-heading-s", tabindex: "-1" }, say("hard_title"));
      const box = make("section", { class: "ts-panel dk-hard", "aria-label": say("hard_title") }, heading,
        make("p", { class: "govuk-body" }, say("hard_about", { n: about })), make("p", { class: "govuk-body" }, say("hard_how")),
        make("p", { class: "dk-wrap" }, answer(say("hard_no"), false), answer(say("hard_yes"), true)));
      this.place.replaceChildren(box);
      heading.focus();
    });
  }

  /** show hands a file to a new frame. */
  show(file: Pick<Shown, "type" | "data" | "name" | "hard">, forged: string | undefined): Promise<void> {
    if (opened !== this) opened?.close();
    opened = this;
    const frame = make("iframe", { class: "dk-frame", sandbox: "allow-scripts", title: file.name, src: file.type.kind === "pages" ? "/viewer/pages" : "/viewer" });
    const close = make("button", { type: "button", class: "govuk-button govuk-button--secondary" }, say("file_close"));
    close.addEventListener("click", () => this.closed());
    const root = document.documentElement;
    const handed = new Promise<void>((resolve) => {
      frame.addEventListener("load", () => {
        const shown: Shown = { ...file, lang: root.lang, dir: getComputedStyle(root).direction, words: { ...saidWith("view_"), ...renamed(saidWith("found_")) } };
        frame.contentWindow?.postMessage(shown, "*", [file.data]); // its origin has no name
        resolve();
      }, { once: true });
    });
    this.frame = frame;
    this.straining = file.hard;
    this.reminder.replaceChildren();
    this.place.replaceChildren(this.reminder, ...(forged === undefined ? [] : [make("p", { class: "govuk-inset-text" }, forged)]), close, frame);
    frame.scrollIntoView({ block: "nearest" }); // a browser draws nothing that is out of sight
    look();
    return handed;
  }

  /** refuse says why a file is not shown. */
  refuse(why: string): void {
    this.close();
    this.place.replaceChildren(make("p", { class: "govuk-inset-text" }, why));
  }

  /** remind says that it is time for a break. Whoever wants to goes on. */
  remind(): void {
    const answer = (text: string, act: () => void): HTMLButtonElement => {
      const b = make("button", { type: "button", class: "govuk-button govuk-button--secondary" }, text);
      b.addEventListener("click", () => {
        strain.rested();
        this.reminder.replaceChildren();
        act();
      });
      return b;
    };
    this.reminder.replaceChildren(make("p", { class: "govuk-body" }, say("break_due")),
      make("p", { class: "dk-wrap" }, answer(say("break_take"), () => this.closed()), answer(say("break_go_on"), look)));
    this.reminder.scrollIntoView({ block: "nearest" });
  }

  /** hear takes what a frame says, if it is the one that is open here. */
  hear(from: MessageEventSource | null, told: Told): void {
    if (this.frame === undefined || from !== this.frame.contentWindow) return;
    switch (told) {
      case "shown":
        this.frame?.setAttribute("data-shown", "");
        this.frame?.focus();
        break;
      case "broken":
        this.refuse(say("file_broken"));
        break;
      case "too-large":
        this.refuse(say("file_too_large"));
        break;
      case "close":
        this.closed();
        break;
      case "stir":
        stir();
    }
  }

  private closed(): void {
    this.close();
    this.back();
  }

  private close(): void {
    this.frame = undefined;
    this.straining = false;
    this.place.replaceChildren();
    if (opened === this) opened = undefined;
    look();
  }
}

/** renamed gives the frame the words for what the cleaning finds, for what it did not. */
function renamed(found: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([kind, text]) => [`fact_${kind}`, text]));
}
