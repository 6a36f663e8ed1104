// SPDX-License-Identifier: AGPL-3.0-or-later

// Files that a reporter adds to words that are already safe: each is cleaned,
// sealed and sent alone. One piece is in memory at a time, and stays there
// until the server has it: a lost connection costs nothing but time.

import { base64, concat, newID, u32, utf8 } from "../seal/bytes";
import { Cleaning, File_, maxFile, Piece, sealedLength, sealFile } from "../seal/file";
import { loginBody, Mailbox, openMailbox } from "../seal/mailbox";
import { Receipt } from "../seal/receipt";
import { Roster } from "../seal/roster";
import { button, byID, element, Plan, say, Trouble } from "./page";
import { cleaned, Fact, Refused, Scrubber } from "./scrub";
import { call, refused } from "./server";
import { VoiceBox } from "./voice";

/** mostFiles is how many files a report takes. */
const mostFiles = 20;

/** FileBox is the part of a page where files are added. */
export class FileBox {
  private readonly scrubber: Scrubber;
  private readonly list = byID("file-list");
  private queue: Promise<void> = Promise.resolve();
  private count = 0;

  constructor(private readonly plan: Plan, private readonly receipt: Receipt, private readonly roster: Roster, private readonly arrived: () => void) {
    this.scrubber = new Scrubber({ ...plan.scrub!, worker: trusted(plan.scrub!.worker) as unknown as string });
    const input = byID<HTMLInputElement>("file-input");
    input.addEventListener("change", () => {
      for (const file of input.files ?? []) this.add(file);
      input.value = "";
    });
    new VoiceBox(plan, (file) => this.add(file, true));
    byID("files").hidden = false;
  }

  /** add takes a file; one that this page made of samples alone has nothing in it to take out. */
  private add(file: File, ours = false): void {
    const row = new Row(this.plan, this.list, `${++this.count}`, file);
    if (this.count > mostFiles) return row.ended(say(this.plan, "script.file_too_many"));
    if (file.size > maxFile) return row.ended(say(this.plan, "script.file_too_large"));
    // one after the other: a slow line is not made slower, and order is kept
    this.queue = this.queue.then(() => this.handle(row, file, ours)).catch((error: unknown) => {
      row.ended(error instanceof Trouble ? error.message : say(this.plan, "script.file_failed"));
    });
  }

  private async handle(row: Row, file: File, ours: boolean): Promise<void> {
    const clean = await this.clean(row, file, ours);
    if (clean === undefined) return row.ended(say(this.plan, "script.file_left_out"));
    row.sending();
    const manifest = await this.send(row, clean);
    await this.commit(manifest);
    row.safe(clean.removed);
    this.arrived();
  }

  /** clean returns what may be sent, after the reporter has decided where there was something to decide. */
  private async clean(row: Row, file: File, ours: boolean): Promise<Clean | undefined> {
    row.status(say(this.plan, "script.file_cleaning"));
    try {
      const planned = await this.scrubber.plan(file);
      const kinds = (facts: Fact[]): string[] => facts.map((f) => f.kind);
      const out: Clean = { blob: cleaned(file, planned), cleaned: "cleaned", removed: kinds(planned.report.removed), media: planned.report.media, extension: planned.report.extension };
      if (planned.report.remains.length === 0) return out;
      const stays = kinds(planned.report.remains).map((k) => say(this.plan, `script.found_${k}`)).join("; ");
      return (await row.ask(`${say(this.plan, "script.file_remains")} ${stays}`)) ? { ...out, cleaned: "partly" } : undefined;
    } catch (error) {
      if (ours) return { blob: file, cleaned: "cleaned", removed: [], media: file.type, extension: extensionOf(file.name) };
      const why = error instanceof Refused ? say(this.plan, error.reason === "unknown-type" ? "script.file_unknown" : "script.file_refused") : say(this.plan, "script.file_no_cleaner");
      const as: Clean = { blob: file, cleaned: "unclean", removed: [], media: "application/octet-stream", extension: extensionOf(file.name) };
      return (await row.ask(why)) ? as : undefined;
    }
  }

  private async send(row: Row, clean: Clean): Promise<File_> {
    const blob = newID();
    const bytes = sealedLength(clean.blob.size);
    const box = await this.open();
    const hashes: string[] = [];
    let sent = 0;
    for await (const piece of sealFile(clean.blob, box.chain.grant.identity(box.chain.place().epoch).recipient)) {
      await this.sendPiece(row, blob, bytes, piece);
      hashes.push(piece.hash);
      sent += piece.body.length;
      row.progress(sent, bytes);
    }
    return {
      blob, length: clean.blob.size, name: `${row.name}${clean.extension === "" ? "" : `.${clean.extension}`}`, media: clean.media,
      pieces: hashes, cleaned: clean.cleaned, removed: clean.removed.slice(0, 64),
    };
  }

  /** sendPiece tries until the server has the piece, or says why it never will. */
  private async sendPiece(row: Row, blob: string, bytes: number, piece: Piece): Promise<void> {
    const head = utf8(JSON.stringify({ ...loginBody(this.receipt), blob, index: piece.index, bytes, sha256: piece.hash }));
    const body = concat(u32(head.length), head, piece.body);
    for (let wait = 1000; ; wait = Math.min(2 * wait, 30_000)) {
      await row.whilePaused();
      try {
        const answer = await call(this.plan, "files/piece", body);
        if (answer.status === 201) return row.connected();
        if (answer.status < 500 && answer.status !== 429) throw await refused(this.plan, answer);
      } catch (error) {
        if (error instanceof Trouble && error.message !== say(this.plan, "script.trouble_network")) throw error;
      }
      row.waiting();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** commit appends the manifest; somebody may have written meanwhile. */
  private async commit(file: File_): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      const box = await this.open();
      const m = await box.chain.seal({ type: "file", file }, "reporter", this.receipt.signingSeed());
      const answer = await call(this.plan, "mailbox/append", {
        ...loginBody(this.receipt), seq: m.seq, epoch: m.epoch, prev: m.prev, hash: m.hash, body: base64(m.body), file: file.blob,
      });
      if (answer.status === 201) return;
      if (answer.status !== 409) throw await refused(this.plan, answer);
    }
    throw new Trouble(say(this.plan, "script.file_failed"));
  }

  private async open(): Promise<Mailbox> {
    const answer = await call(this.plan, "mailbox/open", loginBody(this.receipt));
    if (!answer.ok) throw await refused(this.plan, answer);
    return openMailbox(this.receipt, await answer.json(), [this.roster]);
  }
}

interface Clean {
  blob: Blob;
  cleaned: Cleaning;
  removed: string[];
  media: string;
  extension: string;
}

function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** trusted lets the one worker through Trusted Types, and nothing else. */
function trusted(worker: string): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } }).trustedTypes;
  if (types === undefined) return worker;
  return types.createPolicy("scrub", {
    createScriptURL: (url: string): string => {
      if (url !== worker) throw new Error("not our worker");
      return url;
    },
  }).createScriptURL(worker);
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

  /** ask lets the reporter decide. */
  ask(text: string): Promise<boolean> {
    this.status(text);
    return new Promise((resolve) => {
      const decide = (yes: boolean) => (): void => {
        this.actions.replaceChildren();
        resolve(yes);
      };
      this.actions.replaceChildren(
        button("govuk-button govuk-button--secondary", say(this.plan, "script.file_leave_out"), decide(false)),
        button("govuk-button govuk-button--warning", say(this.plan, "script.file_anyway"), decide(true)),
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

  waiting(): void {
    this.status(say(this.plan, "script.file_waiting"));
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
