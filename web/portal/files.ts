// SPDX-License-Identifier: AGPL-3.0-or-later

// Files that a reporter adds to words that are already safe: each is cleaned,
// sealed and sent alone. One piece is in memory at a time, and stays there
// until the server has it: a lost connection costs nothing but time.
//
// This is loaded when words are safe or a mailbox is open (filebox.ts), and
// brings nothing that seals: it uses what the page has.

import { base64, newID, readU32, u32, utf8 } from "../seal/bytes";
import type { Halves } from "../seal/evidence";
import type { Cleaning, File_, Piece } from "../seal/file";
import type { Mailbox } from "../seal/mailbox";
import type { Receipt } from "../seal/receipt";
import { list, record, str } from "../seal/shape";
import { trusted } from "../wasm/trusted";
import type { Carrier } from "./carry";
import type { Tools } from "./filebox";
import { button, byID, element, Plan, say } from "./page";
import { cleaned, Fact, Refused, Scrubber } from "./scrub";
import { VoiceBox } from "./voice";

/** mostFiles is how many files a report takes. */
const mostFiles = 20;

/** mostThere is how many bytes a file may have that the server cleans. */
const mostThere = 100 * 1024 * 1024;

/** FileBox is the part of a page where files are added. */
export class FileBox {
  private readonly scrubber: Scrubber;
  private readonly list = byID("file-list");
  private queue: Promise<void> = Promise.resolve();
  private count = 0;

  private readonly receipt: Receipt;

  constructor(private readonly plan: Plan, private readonly tools: Tools, carrier: Carrier, private readonly arrived: () => void) {
    this.receipt = carrier.carried.receipt;
    this.scrubber = new Scrubber({ ...plan.scrub!, worker: trusted("scrub", plan.scrub!.worker) });
    const input = byID<HTMLInputElement>("file-input");
    input.addEventListener("change", () => {
      for (const file of input.files ?? []) this.add(file);
      input.value = "";
      void carrier.disarm().catch(() => undefined);
    });
    input.addEventListener("click", () => void carrier.arm().catch(() => undefined));
    input.addEventListener("cancel", () => void carrier.disarm().catch(() => undefined));
    new VoiceBox(plan, (file) => this.add(file, true));
    byID("files").hidden = false;
  }

  /** add takes a file; one that this page made of samples alone has nothing in it to take out. */
  private add(file: File, ours = false): void {
    const row = new Row(this.plan, this.list, `${++this.count}`, file);
    if (this.count > mostFiles) return row.ended(say(this.plan, "script.file_too_many"));
    if (file.size > this.tools.maxFile) return row.ended(say(this.plan, "script.file_too_large"));
    // one after the other: a slow line is not made slower, and order is kept
    this.queue = this.queue.then(() => this.handle(row, file, ours)).catch((error: unknown) => {
      row.ended(error instanceof this.tools.Trouble ? error.message : say(this.plan, "script.file_failed"));
    });
  }

  private async handle(row: Row, file: File, ours: boolean): Promise<void> {
    const clean = await this.clean(row, file, ours);
    if (clean === undefined) return row.ended(say(this.plan, "script.file_left_out"));
    await this.deliver(row, clean);
    row.safe(clean.removed);
    this.arrived();
    if (clean.removed.length > 0) row.offerOriginal(() => this.keepOriginal(row, file));
  }

  private async deliver(row: Row, clean: Clean): Promise<void> {
    row.sending();
    // the report may get a new key meanwhile: then the file is sealed again, to that
    for (let tries = 0; !(await this.commit(await this.send(row, clean))); tries++) {
      if (tries === 3) throw new this.tools.Trouble(say(this.plan, "script.file_failed"));
    }
  }

  /** keepOriginal sends the file as it was too, to a key of which nobody has both halves. */
  private keepOriginal(row: Row, file: File): void {
    this.queue = this.queue.then(async () => {
      await this.deliver(row, { ...asIs(file), cleaned: "original", halves: this.tools.newHalves() });
      row.keptOriginal(say(this.plan, "script.original_safe"));
      this.arrived();
    }).catch(() => row.keptOriginal(say(this.plan, "script.original_failed")));
  }

  /** clean returns what may be sent, after the reporter has decided where there was something to decide. */
  private async clean(row: Row, file: File, ours: boolean): Promise<Clean | undefined> {
    row.status(say(this.plan, "script.file_cleaning"));
    let found: Found;
    try {
      const planned = await this.scrubber.plan(file);
      found = { ...planned.report, removed: kinds(planned.report.removed), remains: kinds(planned.report.remains), blob: cleaned(file, planned) };
    } catch (error) {
      if (ours) return { blob: file, cleaned: "cleaned", removed: [], media: file.type, extension: extensionOf(file.name) };
      if (error instanceof Refused) return this.unclean(row, file, error.reason);
      const there = file.size <= mostThere ? "script.file_server_cleans" : undefined;
      const choice = await row.ask(say(this.plan, there === undefined ? "script.file_no_cleaner" : "script.file_no_cleaner_here"), there);
      if (choice !== "other") return choice === "yes" ? asIs(file) : undefined;
      row.status(say(this.plan, "script.file_server_cleaning"));
      const answered = await this.cleanThere(file);
      if (typeof answered === "string") return this.unclean(row, file, answered);
      found = answered;
    }
    const { blob, removed, media, extension } = found;
    if (found.remains.length === 0) return { blob, cleaned: "cleaned", removed, media, extension };
    const stays = found.remains.map((k) => say(this.plan, `script.found_${k}`)).join("; ");
    return (await row.ask(`${say(this.plan, "script.file_remains")} ${stays}`)) === "yes" ? { blob, cleaned: "partly", removed, media, extension } : undefined;
  }

  /** unclean lets the reporter decide about a file that can't be called clean. */
  private async unclean(row: Row, file: File, reason: string): Promise<Clean | undefined> {
    const why = say(this.plan, reason === "unknown-type" ? "script.file_unknown" : "script.file_refused");
    return (await row.ask(why)) === "yes" ? asIs(file) : undefined;
  }

  /** cleanThere has the server clean a file, which sees it; it returns a reason where that refuses. */
  private async cleanThere(file: File): Promise<Found | string> {
    const head = utf8(JSON.stringify({ ...this.tools.loginBody(this.receipt), extension: extensionOf(file.name) }));
    const answer = await this.tools.call(this.plan, "files/clean", new Blob([u32(head.length), head, file] as BlobPart[]));
    if (!answer.ok) throw await this.tools.refused(this.plan, answer);
    const whole = await answer.blob();
    const start = 4 + readU32(new Uint8Array(await whole.slice(0, 4).arrayBuffer()));
    const told = answerShape(JSON.parse(await whole.slice(4, start).text()), "cleaned");
    return told.refused !== "" ? told.refused : { ...told, blob: whole.slice(start) };
  }

  private async send(row: Row, clean: Clean): Promise<Sent> {
    const blob = newID();
    const bytes = this.tools.sealedLength(clean.blob.size);
    const box = await this.open();
    const epoch = box.chain.place().epoch;
    const hashes: string[] = [];
    let sent = 0;
    const { halves } = clean;
    const to = halves === undefined ? box.chain.grant.identity(epoch) : this.tools.joined(halves);
    for await (const piece of this.tools.sealFile(clean.blob, to.recipient)) {
      await this.sendPiece(row, blob, bytes, piece);
      hashes.push(piece.hash);
      sent += piece.body.length;
      row.progress(sent, bytes);
    }
    const name = halves === undefined ? row.name : `${row.name}-original`;
    const file = {
      blob, length: clean.blob.size, name: `${name}${clean.extension === "" ? "" : `.${clean.extension}`}`, media: clean.media,
      pieces: hashes, cleaned: clean.cleaned, removed: clean.removed.slice(0, 64),
      ...(halves === undefined ? {} : { half: halves.ours }),
    };
    return { file, epoch, half: halves?.theirs };
  }

  /** sendPiece tries until the server has the piece, or says why it never will. */
  private async sendPiece(row: Row, blob: string, bytes: number, piece: Piece): Promise<void> {
    const head = utf8(JSON.stringify({ ...this.tools.loginBody(this.receipt), blob, index: piece.index, bytes, sha256: piece.hash }));
    const body = new Blob([u32(head.length), head, piece.body] as BlobPart[]);
    for (let wait = 1000; ; wait = Math.min(2 * wait, 30_000)) {
      let why = "script.file_waiting";
      await row.whilePaused();
      try {
        const answer = await this.tools.call(this.plan, "files/piece", body);
        if (answer.status === 201) return row.connected();
        if (answer.status < 500 && answer.status !== 429) throw await this.tools.refused(this.plan, answer);
        why = "script.file_busy";
      } catch (error) {
        if (error instanceof this.tools.Trouble && error.message !== say(this.plan, "script.trouble_network")) throw error;
      }
      row.status(say(this.plan, why));
      await pause(wait);
    }
  }

  /** commit appends the manifest; somebody may have written meanwhile. It returns false when the report has another key by now. */
  private async commit({ file, epoch, half }: Sent): Promise<boolean> {
    for (let tries = 0; tries < 5; tries++) {
      const box = await this.open();
      if (box.chain.place().epoch !== epoch) return false;
      const m = await box.chain.seal({ type: "file", file }, "reporter", this.receipt.signingSeed());
      const answer = await this.tools.call(this.plan, "mailbox/append", {
        ...this.tools.loginBody(this.receipt), seq: m.seq, epoch: m.epoch, prev: m.prev, hash: m.hash, body: base64(m.body), file: file.blob, half,
      });
      if (answer.status === 201) return true;
      if (answer.status !== 409) throw await this.tools.refused(this.plan, answer);
    }
    throw new this.tools.Trouble(say(this.plan, "script.file_failed"));
  }

  private async open(): Promise<Mailbox> {
    const answer = await this.tools.call(this.plan, "mailbox/open", this.tools.loginBody(this.receipt));
    if (!answer.ok) throw await this.tools.refused(this.plan, answer);
    return this.tools.openMailbox(this.receipt, await answer.json());
  }
}

/** Sent is the manifest of a file whose pieces are there, and the epoch to whose key they were sealed. */
interface Sent {
  file: File_;
  epoch: number;
  half: string | undefined; // of an original: the server's half of its key
}

/** Found is a cleaned file and what cleaning met. */
interface Found {
  blob: Blob;
  removed: string[];
  remains: string[];
  media: string;
  extension: string;
}

const answerShape = record({ refused: str, removed: list(str), remains: list(str), media: str, extension: str });

function kinds(facts: Fact[]): string[] {
  return facts.map((f) => f.kind);
}

function asIs(file: File): Clean {
  return { blob: file, cleaned: "unclean", removed: [], media: "application/octet-stream", extension: extensionOf(file.name) };
}

interface Clean {
  blob: Blob;
  cleaned: Cleaning;
  removed: string[];
  media: string;
  extension: string;
  halves?: Halves; // of an original
}

/** pause waits, and no longer than until the browser has a connection again. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Row is one file on the page. Its name on the page is its own; what is sent is a number. */
class Row {
  private readonly said = element("p", "govuk-body");
  private readonly bar = element("progress", "ts-file__bar");
  private readonly actions = element("div", "govuk-button-group");
  private readonly item: HTMLElement;
  private paused: Promise<void> | undefined;
  private go: () => void = () => undefined;

  constructor(private readonly plan: Plan, list: HTMLElement, readonly name: string, file: File) {
    const title = element("p", "govuk-body ts-file__name", element("bdi", "", file.name), ` (${size(file.size, plan.lang)})`);
    this.said.setAttribute("role", "status");
    this.bar.hidden = true;
    this.bar.setAttribute("aria-label", file.name);
    this.item = element("li", "ts-panel ts-file", title, this.said, this.bar, this.actions);
    list.append(this.item);
  }

  status(text: string): void {
    this.said.textContent = text;
  }

  ended(text: string): void {
    this.status(text);
    this.bar.hidden = true;
    this.actions.replaceChildren();
    this.item.dataset["state"] = "ended";
  }

  safe(removed: string[]): void {
    this.ended(say(this.plan, "script.file_safe"));
    this.item.dataset["state"] = "safe";
    if (removed.length === 0) return;
    const found = element("ul", "govuk-list govuk-list--bullet", ...removed.map((k) => element("li", "", say(this.plan, `script.found_${k}`))));
    this.said.after(element("p", "govuk-body", say(this.plan, "script.file_removed")), found);
  }

  /** offerOriginal asks whether the untouched file shall be kept too: never without a tick and a press. */
  offerOriginal(keep: () => void): void {
    const id = `original-${this.name}`;
    const tick = element("input", "govuk-checkboxes__input");
    tick.id = id;
    tick.type = "checkbox";
    tick.autocomplete = "off";
    tick.setAttribute("aria-describedby", `${id}-hint`);
    const label = element("label", "govuk-label govuk-checkboxes__label", say(this.plan, "script.original_keep"));
    label.htmlFor = id;
    const hint = element("div", "govuk-hint govuk-checkboxes__hint", say(this.plan, "script.original_hint"));
    hint.id = `${id}-hint`;
    const send = button("govuk-button govuk-button--secondary", say(this.plan, "script.original_send"), () => {
      this.item.dataset["original"] = "";
      choice.remove();
      keep();
    });
    send.hidden = true;
    tick.addEventListener("change", () => (send.hidden = !tick.checked));
    const boxes = element("div", "govuk-checkboxes govuk-form-group", element("div", "govuk-checkboxes__item", tick, label, hint));
    const choice = element("div", "", boxes, send);
    this.item.append(choice);
  }

  /** keptOriginal says what became of the original; the cleaned file is safe either way. */
  keptOriginal(text: string): void {
    this.ended(text);
    this.item.dataset["state"] = "safe";
    this.item.dataset["original"] = "ended";
  }

  /** ask lets the reporter decide; other is what can be done beside sending it all the same. */
  ask(text: string, other?: string): Promise<"yes" | "no" | "other"> {
    this.status(text);
    return new Promise((resolve) => {
      const choice = (kind: string, key: string, what: "yes" | "no" | "other"): HTMLButtonElement =>
        button(`govuk-button govuk-button--${kind}`, say(this.plan, key), () => {
          this.actions.replaceChildren();
          resolve(what);
        });
      this.actions.replaceChildren(
        choice("secondary", "script.file_leave_out", "no"),
        ...(other === undefined ? [] : [choice("secondary", other, "other")]),
        choice("warning", "script.file_anyway", "yes"),
      );
    });
  }

  sending(): void {
    this.status(say(this.plan, "script.file_sending"));
    this.bar.hidden = false;
    this.bar.max = 1;
    this.bar.value = 0;
    const pause = button("govuk-button govuk-button--secondary", say(this.plan, "script.file_pause"), () => {
      if (this.paused === undefined) {
        this.paused = new Promise((resolve) => (this.go = resolve));
        pause.textContent = say(this.plan, "script.file_resume");
        return;
      }
      this.paused = undefined;
      this.go();
      pause.textContent = say(this.plan, "script.file_pause");
    });
    this.actions.replaceChildren(pause);
  }

  async whilePaused(): Promise<void> {
    await this.paused;
  }

  connected(): void {
    this.status(say(this.plan, "script.file_sending"));
  }

  progress(done: number, all: number): void {
    this.bar.value = done / all;
  }
}

function size(bytes: number, lang: string): string {
  const [n, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), "kilobyte"] : [Math.round(bytes / 1e5) / 10, "megabyte"];
  return new Intl.NumberFormat(lang === "en" ? "en-GB" : lang, { style: "unit", unit, unitDisplay: "short" }).format(n);
}
