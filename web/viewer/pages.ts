// SPDX-License-Identifier: AGPL-3.0-or-later

// A document, one page at a time on a canvas. Its scripts, forms, links and
// attachments are named and never run, followed or opened.

import { Fact, tidy } from "./facts";
import { element, Frame, View } from "./frame";
import { Document_, openDocument, Page, TextItem } from "./pdf";

/** mostDrawn bounds the canvas of a page. */
const mostDrawn = 16_000_000;

/** showPages shows a document's first page and the ways to the others. */
export async function showPages(frame: Frame): Promise<View> {
  const book = await openDocument(new Uint8Array(frame.shown.data));
  const reader = new Reader(frame, book);
  await reader.go(1);
  return { facts: [{ kind: "pages", value: String(book.numPages) }, ...(await notes(frame, book))] };
}

/** notes are what a document says about itself, and what it holds besides pages. */
async function notes(frame: Frame, book: Document_): Promise<Fact[]> {
  const facts: Fact[] = [];
  const kinds: Record<string, string> = { Author: "author", Creator: "software", Producer: "software", CreationDate: "date", ModDate: "date", Title: "description", Subject: "description", Keywords: "description" };
  const { info, metadata } = await book.getMetadata();
  for (const [key, kind] of Object.entries(kinds)) {
    const value = info[key];
    if (typeof value === "string" && tidy(value) !== "") facts.push({ kind, value: tidy(value) });
  }
  if (metadata) facts.push({ kind: "metadata", value: "XMP" });
  if (await book.hasJSActions()) facts.push({ kind: "script", value: frame.say("not_run") });
  if (await book.getAttachments()) facts.push({ kind: "embedded-file", value: frame.say("not_opened") });
  return facts;
}

class Reader {
  private number = 0;
  private zoom = 1;
  private quarter = 0;
  private drawing: { cancel(): void } | undefined;
  private turn = 0; // of drawing: what was asked for last counts
  private readonly sheet = element("div", { class: "sheet" });
  private readonly canvas = element("canvas", { role: "img" });
  private readonly marks = element("canvas", { class: "marks", "aria-hidden": "true" });
  private readonly text = element("p", { class: "pagetext", dir: "auto" });
  private readonly field = element("input", { type: "text", inputmode: "numeric", id: "page", size: "4" });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private readonly query = element("input", { type: "search", id: "query" });
  private searching = 0;

  constructor(private readonly frame: Frame, private readonly book: Document_) {
    this.previous = frame.button("previous", () => void this.go(this.number - 1), "PageUp");
    this.next = frame.button("next", () => void this.go(this.number + 1), "PageDown");
    this.field.addEventListener("change", () => void this.go(Number.parseInt(this.field.value, 10) || this.number));
    frame.bar.append(element("span", {}, element("label", { for: "page" }, frame.say("page")), " ", this.field, " ", frame.say("of", { n: book.numPages })));
    frame.button("larger", () => void this.enlarge(1.4), "+");
    frame.on("=", () => void this.enlarge(1.4));
    frame.button("smaller", () => void this.enlarge(1 / 1.4), "-");
    frame.button("turn", () => ((this.quarter = (this.quarter + 90) % 360), void this.draw()), "r");
    frame.on("Home", () => void this.go(1));
    frame.on("End", () => void this.go(book.numPages));
    frame.veil(this.sheet);
    // No form: the frame may submit none.
    const find = element("button", { type: "button" }, frame.say("find"));
    find.addEventListener("click", () => void this.search());
    this.query.addEventListener("keydown", (event) => {
      if (event.key === "Enter") void this.search();
    });
    const search = element("div", { role: "search", class: "search" }, element("label", { for: "query" }, frame.say("search")), this.query, find);
    frame.on("/", () => this.query.focus());
    frame.bar.append(search);
    this.sheet.append(this.canvas, this.marks);
    frame.stage.append(this.sheet);
    frame.stage.after(element("details", {}, element("summary", {}, frame.say("page_text")), this.text));
    addEventListener("resize", () => void this.draw());
  }

  /** go shows a page, and says what there is to say of it. */
  async go(number: number, said?: string): Promise<void> {
    this.number = Math.min(this.book.numPages, Math.max(1, number));
    this.previous.disabled = this.number === 1;
    this.next.disabled = this.number === this.book.numPages;
    this.field.value = String(this.number);
    this.frame.status.textContent = said ?? this.frame.say("page_is", { n: this.number, m: this.book.numPages });
    this.frame.stage.scrollTop = 0;
    await this.draw();
  }

  private async enlarge(by: number): Promise<void> {
    this.zoom = Math.min(8, Math.max(0.25, this.zoom * by));
    await this.draw();
  }

  /** draw draws the current page; what was being drawn is given up. */
  private async draw(): Promise<void> {
    const turn = ++this.turn;
    this.drawing?.cancel();
    const page = await this.book.getPage(this.number);
    if (turn !== this.turn) return;
    const rotation = (page.rotate + this.quarter) % 360;
    const plain = page.getViewport({ scale: 1, rotation });
    const width = Math.max(200, this.frame.stage.clientWidth - 2) * this.zoom;
    const sharp = Math.min((width / plain.width) * devicePixelRatio, Math.sqrt(mostDrawn / (plain.width * plain.height)));
    const viewport = page.getViewport({ scale: sharp, rotation });
    const canvas = this.canvas;
    canvas.width = this.marks.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = this.marks.height = Math.max(1, Math.floor(viewport.height));
    this.sheet.style.inlineSize = `${Math.floor(width)}px`;
    canvas.setAttribute("aria-label", this.frame.say("page_is", { n: this.number, m: this.book.numPages }));
    const task = page.render({ canvas, viewport });
    this.drawing = task;
    try {
      await task.promise;
    } catch (error) {
      if (turn === this.turn) throw error;
      return; // given up for another page
    }
    const runs = (await page.getTextContent()).items;
    if (turn !== this.turn) return;
    this.text.textContent = runs.map((r) => (r.str ?? "") + (r.hasEOL === true ? "\n" : "")).join("") || this.frame.say("no_text");
    this.mark(page, runs, sharp, rotation);
    page.cleanup();
  }

  /** mark paints over the places where the page has what was searched. */
  private mark(page: Page, runs: TextItem[], scale: number, rotation: number): void {
    const context = this.marks.getContext("2d");
    if (context === null || this.sought() === "") return;
    const viewport = page.getViewport({ scale, rotation });
    context.fillStyle = "rgba(255, 221, 0, .5)";
    for (const run of found(runs, this.sought()).runs) {
      const [, , , , x = 0, y = 0] = run.transform ?? [];
      const [x1 = 0, y1 = 0] = viewport.convertToViewportPoint(x, y);
      const [x2 = 0, y2 = 0] = viewport.convertToViewportPoint(x + (run.width ?? 0), y + (run.height ?? 0));
      context.fillRect(Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1));
    }
  }

  private sought(): string {
    return fold(this.query.value);
  }

  /** search looks for the words on the following pages, round to this one. */
  private async search(): Promise<void> {
    const sought = this.sought();
    const search = ++this.searching;
    if (sought === "") return;
    for (let i = 1; i <= this.book.numPages; i++) {
      const number = ((this.number - 1 + i) % this.book.numPages) + 1;
      const page = await this.book.getPage(number);
      const { count } = found((await page.getTextContent()).items, sought);
      page.cleanup();
      if (search !== this.searching) return; // asked anew
      if (count > 0) {
        await this.go(number, this.frame.say("found", { n: count, m: number }));
        return;
      }
      if (i % 20 === 0) this.frame.status.textContent = this.frame.say("searching", { n: i, m: this.book.numPages });
    }
    this.frame.status.textContent = this.frame.say("not_found");
    await this.draw(); // takes the marks away
  }
}

/** fold makes forms of a letter alike. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** found returns how often the words are on a page and the runs that they touch. */
export function found(runs: TextItem[], sought: string): { count: number; runs: TextItem[] } {
  let all = "";
  const ends: number[] = [];
  for (const r of runs) {
    all += (r.str ?? "").normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
    if (r.hasEOL === true && !all.endsWith(" ")) all += " ";
    ends.push(all.length);
  }
  const touched = new Set<TextItem>();
  let count = 0;
  for (let at = all.indexOf(sought); at >= 0 && sought !== ""; at = all.indexOf(sought, at + sought.length)) {
    count++;
    for (let i = ends.findIndex((end) => end > at); i >= 0 && i < runs.length && (ends[i - 1] ?? 0) < at + sought.length; i++) touched.add(runs[i]!);
  }
  return { count, runs: [...touched] };
}
