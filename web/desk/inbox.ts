// SPDX-License-Identifier: AGPL-3.0-or-later

// The inbox: opens the covers of the rows shown, sorts and filters by them, and
// obeys the keyboard. Filters about what is sealed stand behind the # of the
// address, which browsers never send.

import { unbase64 } from "../seal/bytes";
import { Cover, Role, Urgency } from "../seal/content";
import { openMessage } from "../seal/message";
import { all, find, make, maybe, typing } from "./dom";
import { visit } from "./navigate";
import { postForm, postJSON, reasonOf } from "./net";
import { openOne, Ring, ringOf, WireGrant } from "./ring";
import { known, say } from "./say";
import { unlocked, Unlocked } from "./vault";

interface WireCover {
  report: string;
  envelope: { seq: number; epoch: number; role: Role; hash: string; body: string };
  grants: WireGrant[];
}

const undoFor = 5_000;
const urgencies: Urgency[] = ["danger", "soon", "none"];

/** Inbox is the page while it is shown. */
class Inbox {
  readonly rows: HTMLElement[];
  private readonly covers = new Map<string, Cover>();
  private at = -1;
  private pending: { row: HTMLElement; timer: ReturnType<typeof setTimeout>; send: () => Promise<void> } | undefined;

  constructor(readonly page: HTMLElement, readonly slug: string) {
    this.rows = all(page, "[data-report]");
  }

  /** open asks for the covers of all rows, which the ledger notes, and opens them. */
  async open(member: Unlocked): Promise<void> {
    const ring = await ringOf(this.slug);
    const { covers } = await postJSON<{ covers: WireCover[] }>(`/p/${this.slug}/covers`, { reports: this.rows.map((row) => row.dataset.report) });
    const byReport = new Map(covers.map((c) => [c.report, c]));
    for (const row of this.rows) await this.openRow(ring, member, row, byReport.get(row.dataset.report ?? ""));
    this.offerFilters();
    this.readAddress();
    this.apply();
  }

  private async openRow(ring: Ring, member: Unlocked, row: HTMLElement, wire: WireCover | undefined): Promise<void> {
    const words = find(row, "[data-cover]");
    try {
      const grant = wire && (await openOne(ring, member, row.dataset.desk ?? "", wire.report, wire.grants));
      if (wire === undefined || grant === undefined) {
        words.textContent = say("cover_closed");
        return;
      }
      const opened = await openMessage(grant.identity(wire.envelope.epoch), unbase64(wire.envelope.body));
      if (opened.hash !== wire.envelope.hash || opened.header.report !== wire.report || opened.content.type !== "cover") throw new Error("cover");
      this.show(row, opened.content.cover);
    } catch {
      words.textContent = say("cover_broken");
      words.classList.add("dk-broken");
    }
  }

  private show(row: HTMLElement, cover: Cover): void {
    this.covers.set(row.dataset.report ?? "", cover);
    const words = find(row, "[data-cover]");
    words.textContent = cover.words;
    words.lang = cover.language;
    words.dir = "auto";
    const facts = [known(`category.${cover.category}`, cover.category), cover.place, cover.language].filter((f) => f !== "");
    find(row, "[data-cover-facts]").replaceChildren(...facts.map((f) => make("b", { dir: "auto" }, f)));
    if (cover.urgency === "danger") row.classList.add("dk-row--danger");
    row.classList.add("dk-row--open");
  }

  private offerFilters(): void {
    const box = find(this.page, "[data-sealed-filters]");
    box.hidden = false;
    const offer = (id: string, values: string[], name: (value: string) => string): void => {
      const select = find<HTMLSelectElement>(box, id);
      for (const value of [...new Set(values)].filter((v) => v !== "").sort()) select.append(make("option", { value }, name(value)));
    };
    const covers = [...this.covers.values()];
    offer("#f-category", covers.map((c) => c.category), (v) => known(`category.${v}`, v));
    offer("#f-language", covers.map((c) => c.language), (v) => v);
    for (const field of all<HTMLInputElement>(box, "input, select")) {
      field.addEventListener("input", () => {
        this.writeAddress();
        this.apply();
      });
    }
  }

  private fields(): Record<string, HTMLInputElement | HTMLSelectElement> {
    return Object.fromEntries(["text", "category", "language", "sort"].map((name) => [name, find<HTMLInputElement>(this.page, `#f-${name}`)]));
  }

  private readAddress(): void {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const [name, field] of Object.entries(this.fields())) field.value = wanted.get(name) ?? "";
  }

  private writeAddress(): void {
    const wanted = new URLSearchParams();
    for (const [name, field] of Object.entries(this.fields())) if (field.value !== "") wanted.set(name, field.value);
    history.replaceState(null, "", `${location.pathname}${location.search}${wanted.size > 0 ? `#${wanted}` : ""}`);
  }

  private apply(): void {
    const { text, category, language, sort } = Object.fromEntries(Object.entries(this.fields()).map(([n, f]) => [n, f.value.toLowerCase()]));
    let fits = 0;
    for (const row of this.rows) {
      const c = this.covers.get(row.dataset.report ?? "");
      const hit = (!text || (c !== undefined && `${c.words} ${c.place}`.toLowerCase().includes(text)))
        && (!category || c?.category === category) && (!language || c?.language.toLowerCase() === language);
      row.hidden = !hit;
      if (hit) fits++;
    }
    const none = maybe(this.page, "[data-none]");
    if (none !== null) none.hidden = fits > 0;
    this.sort(sort ?? "");
  }

  private sort(by: string): void {
    const key = (row: HTMLElement): string => {
      const c = this.covers.get(row.dataset.report ?? "");
      if (by === "" || c === undefined) return "";
      return by === "urgency" ? String(urgencies.indexOf(c.urgency)) : by === "category" ? c.category : c.place || "\uffff";
    };
    const sorted = [...this.rows].sort((a, b) => key(a).localeCompare(key(b)) || this.rows.indexOf(a) - this.rows.indexOf(b));
    maybe(this.page, "[data-rows]")?.append(...sorted);
  }

  private shown(): HTMLElement[] {
    return all(this.page, "[data-report]").filter((row) => !row.hidden);
  }

  move(by: number): void {
    const rows = this.shown();
    if (rows.length === 0) return;
    this.at = Math.max(0, Math.min(rows.length - 1, this.at + by));
    for (const row of rows) row.classList.remove("dk-row--at");
    const row = rows[this.at]!;
    row.classList.add("dk-row--at");
    find(row, ".dk-row__link").focus();
  }

  private selected(): HTMLElement | undefined {
    const focused = document.activeElement?.closest<HTMLElement>("[data-report]");
    return focused ?? this.shown()[this.at];
  }

  enter(): void {
    const row = this.selected();
    if (row !== undefined) void visit(find<HTMLAnchorElement>(row, ".dk-row__link").href);
  }

  /** close ends a contact with a reason, after a moment in which it can be taken back. */
  close(key: string): void {
    const row = this.selected();
    const reason = maybe(this.page, `[data-reasons] [data-key="${key}"]`);
    if (row === undefined || reason === null) return;
    this.flush();
    row.classList.add("dk-row--closing");
    this.tell(say("closed", { reason: reason.textContent ?? "" }));
    const send = async (): Promise<void> => {
      try {
        await postForm(`/p/${this.slug}/reports/${row.dataset.report}/mark`, { version: row.dataset.version ?? "", close: reason.dataset.reason ?? "" });
        row.remove();
      } catch (error) {
        row.classList.remove("dk-row--closing");
        this.tell(say("failed", { reason: reasonOf(error) }));
      }
    };
    this.pending = { row, send, timer: setTimeout(() => this.flush(), undoFor) };
    this.move(1);
  }

  undo(): void {
    if (this.pending === undefined) return;
    clearTimeout(this.pending.timer);
    this.pending.row.classList.remove("dk-row--closing");
    this.pending = undefined;
    this.tell(say("undone"));
  }

  /** flush sends what waits to be taken back. */
  flush(): void {
    if (this.pending === undefined) return;
    clearTimeout(this.pending.timer);
    const { send } = this.pending;
    this.pending = undefined;
    void send();
  }

  tell(text: string): void {
    const told = find(this.page, "[data-told]");
    told.textContent = text;
    told.hidden = false;
  }
}

let present: Inbox | undefined;

/** show prepares the inbox; with open keys it opens the covers. */
export function show(page: HTMLElement): void {
  present?.flush();
  const inbox = (present = new Inbox(page, page.dataset.programme ?? ""));
  maybe<HTMLButtonElement>(page, "[data-close]")?.addEventListener("click", () => find<HTMLDialogElement>(page, "[data-help]").close());
  const member = unlocked();
  if (member === undefined || inbox.rows.length === 0) return;
  inbox.open(member).catch((error: unknown) => inbox.tell(say("failed", { reason: reasonOf(error) })));
}

/** key obeys a key press while the inbox is shown. */
export function key(event: KeyboardEvent): void {
  const inbox = present;
  if (inbox === undefined || !inbox.page.isConnected || typing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  const help = find<HTMLDialogElement>(inbox.page, "[data-help]");
  if (help.open) return;
  if (event.key === "j") inbox.move(1);
  else if (event.key === "k") inbox.move(-1);
  else if (event.key === "Enter" && document.activeElement?.closest("a, button") === null) inbox.enter();
  else if (event.key === "?") help.showModal();
  else if (event.key === "u") inbox.undo();
  else if (/^[1-7]$/.test(event.key)) inbox.close(event.key);
  else return;
  event.preventDefault();
}

addEventListener("pagehide", () => present?.flush());
