// SPDX-License-Identifier: AGPL-3.0-or-later

// The field for ten words: completes the word that is being typed, and marks a
// word that is in no list, with those near to it. Nothing that is typed here is
// sent or kept.

import { split, WordList } from "../seal/words";
import { button, byID, element, Plan, say } from "./page";

const word = /[\p{L}\p{M}\u200c\u200d]+$/u;

/** WordField is the field with what is shown below it. */
export class WordField {
  private lists: WordList[];

  constructor(
    private readonly plan: Plan,
    private readonly field: HTMLTextAreaElement,
    own: WordList,
    private readonly others: () => Promise<WordList[]>,
  ) {
    this.lists = [own];
    field.addEventListener("input", () => void this.changed());
  }

  typed(): string {
    return this.field.value;
  }

  clear(): void {
    this.field.value = "";
    byID("complete").replaceChildren();
    byID("wrong").replaceChildren();
  }

  /** wrong says why the words open nothing. */
  wrong(message: string): void {
    const p = element("p", "govuk-error-message", message);
    p.id = "words-problem";
    p.setAttribute("role", "alert");
    byID("words-error").replaceChildren(p);
    this.field.setAttribute("aria-describedby", "words-problem words-hint");
    this.mark(true);
    this.field.focus();
  }

  private async changed(): Promise<void> {
    byID("words-error").replaceChildren();
    this.offer();
    this.mark(false);
    if (this.lists.length > 1 || this.unknown(false).length === 0) return;
    // perhaps they are words of another language
    this.lists = [...this.lists, ...(await this.others())];
    this.offer();
    this.mark(false);
  }

  private beforeCaret(): string {
    return this.field.value.slice(0, this.field.selectionStart);
  }

  /** offer lists the words that start with what is being typed. */
  private offer(): void {
    const start = word.exec(this.beforeCaret())?.[0] ?? "";
    const box = byID("complete");
    const found = start.length < 2 ? [] : this.bestList().complete(start).filter((w) => w !== start);
    box.replaceChildren(...found.map((w) => element("li", "", button("ts-chip", w, () => this.insert(start, w)))));
    box.hidden = found.length === 0;
  }

  private insert(start: string, whole: string): void {
    const caret = this.field.selectionStart;
    const value = this.field.value;
    const rest = value.slice(caret).replace(/^\s+/, "");
    const head = `${value.slice(0, caret - start.length)}${whole} `;
    this.field.value = head + rest;
    this.field.setSelectionRange(head.length, head.length);
    this.field.focus();
    void this.changed();
  }

  /** bestList is the list that knows most of the words. */
  private bestList(): WordList {
    const words = split(this.field.value);
    let best = this.lists[0]!;
    let most = -1;
    for (const list of this.lists) {
      const known = words.filter((w) => list.find(w) !== undefined).length;
      if (known > most) [best, most] = [list, known];
    }
    return best;
  }

  /** unknown returns the words that are not in the list; the one being typed only when whole. */
  private unknown(whole: boolean): string[] {
    const list = this.bestList();
    const typing = whole ? "" : (word.exec(this.beforeCaret())?.[0] ?? "");
    return split(this.field.value).filter((w) => w !== typing && list.find(w) === undefined);
  }

  private mark(whole: boolean): void {
    const list = this.bestList();
    byID("wrong").replaceChildren(...this.unknown(whole).map((w) => {
      const near = list.near(w);
      const line = element("p", "govuk-body ts-wrong", element("mark", "", w), " ", say(this.plan, near.length > 0 ? "mailbox.near" : "mailbox.not_near"));
      for (const n of near) line.append(" ", button("ts-chip", n, () => this.replace(w, n)));
      return line;
    }));
  }

  private replace(wrong: string, right: string): void {
    this.field.value = this.field.value.replace(wrong, right);
    this.field.focus();
    void this.changed();
  }
}
