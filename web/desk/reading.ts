// SPDX-License-Identifier: AGPL-3.0-or-later

// The reading room: opens one report in this browser, shows who said what,
// raises an alarm when something doesn't fit, and seals what the desk says.

import { base64, unbase64 } from "../seal/bytes";
import { Chain, Line, newEpoch, restrict, Turn } from "../seal/chain";
import { Report, Role } from "../seal/content";
import { verifyCheckpoint, verifyConsistency } from "../seal/keylog";
import { Stored } from "../seal/message";
import { all, find, make, maybe } from "./dom";
import { fileLine, filesOf, readyFiles } from "./files";
import { visit } from "./navigate";
import { getJSON, postForFile, postJSON, reasonOf, Refused } from "./net";
import { forget, openOne, Ring, ringOf, WireGrant } from "./ring";
import { hourText, known, say } from "./say";
import { Mention, showIndex } from "./mentions";
import { unlocked, Unlocked } from "./vault";
import { Text } from "./check";
import { beside } from "./writing";

interface WireOpened {
  report: string;
  desk: string;
  epoch: number;
  roster: string;
  version: number;
  state: string;
  first_read: string;
  restricted: boolean;
  envelopes: { seq: number; epoch: number; role: Role; hash: string; hour: number; body: string }[];
  grants: WireGrant[];
  mentions: Mention[];
}

/** Open is a report that was opened. */
export interface Open {
  ring: Ring;
  member: Unlocked;
  wire: WireOpened;
  chain: Chain;
  lines: Line[];
  report: Report;
  at: string; // address of the report
}

/** current is the report that is open on this page. */
let current: Open | undefined;

/** show prepares the reading page; with open keys it opens the report. */
export function show(page: HTMLElement): void {
  const box = maybe(page, "[data-reading]");
  if (box === null) return; // sealed to others
  const slug = page.dataset.programme ?? "";
  const at = `/p/${slug}/reports/${box.dataset.report}`;
  current = undefined;
  tabs(page);
  find(page, "[data-print]").addEventListener("click", () => print());
  const member = unlocked();
  if (member === undefined) return;
  find(box, "[data-conversation]").replaceChildren(make("p", { class: "govuk-body", role: "status" }, say("working")));
  open(member, slug, at, box)
    .then((opened) => {
      if (opened === undefined || !box.isConnected) return;
      current = opened;
      readyFiles(page);
      // Opening it for the first time changed its marks: show them, and let forms name what they saw.
      find(page, "[data-first-read]").textContent = opened.wire.first_read;
      const state = find(page, "[data-state] .govuk-tag");
      if (state.classList.contains("govuk-tag--blue")) state.className = "govuk-tag govuk-tag--green"; // no longer new
      state.textContent = opened.wire.state;
      for (const field of all<HTMLInputElement>(page, "input[name=version]")) field.value = String(opened.wire.version);
      if (opened.ring.alarms.length === 0) {
        answering(page, opened);
        restricting(page, opened);
      }
      exporting(page, opened);
      showIndex(page, opened);
      beside(page, textsOf(opened), opened.report.category);
    })
    .catch((error: unknown) => alarm(box, say("failed", { reason: reasonOf(error) })));
}

/** open opens a report in box, which has places for alarms and the conversation. */
export async function open(member: Unlocked, slug: string, at: string, box: HTMLElement): Promise<Open | undefined> {
  const wire = await postJSON<WireOpened>(`${at}/open`, {});
  let ring = await ringOf(slug);
  if (!ring.rosters.some((r) => r.hash === wire.roster)) {
    forget(slug); // published since
    ring = await ringOf(slug);
  }
  const grant = await openOne(ring, member, wire.desk, wire.report, wire.grants);
  const place = find(box, "[data-conversation]");
  if (grant === undefined) {
    place.replaceChildren(make("p", { class: "govuk-inset-text" }, say(ring.keys.has(wire.desk) ? "cover_closed" : "key.none")));
    return undefined;
  }
  for (const name of ring.alarms) alarm(box, say("alarm", { reason: say(name) }));
  const chain = new Chain(grant, ring.rosters);
  const lines: Line[] = [];
  place.replaceChildren();
  for (const e of wire.envelopes) {
    const stored: Stored = { seq: e.seq, epoch: e.epoch, role: e.role, hash: e.hash, body: unbase64(e.body) };
    try {
      const line = await chain.next(stored);
      lines.push(line);
      showLine(place, line, e.hour);
      if (!line.signer.known) alarm(box, say("alarm", { reason: say("alarm_sender") }));
    } catch (error) {
      alarm(box, `${say("alarm", { reason: say("alarm_chain") })} (${reasonOf(error)})`);
      return undefined;
    }
  }
  const files = filesOf(lines.flatMap((line) => (line.content.type === "file" ? [line.content.file] : [])));
  if (files !== undefined) place.prepend(files);
  const first = lines[1]?.content;
  if (first?.type !== "report") return undefined;
  const opened: Open = { ring, member, wire, chain, lines, report: first.report, at };
  await compare(opened, slug, box);
  return opened;
}

/** compare holds what the reporter saw against what this browser sees. */
async function compare(o: Open, slug: string, box: HTMLElement): Promise<void> {
  const roster = o.ring.rosters.find((r) => r.hash === o.report.roster);
  if (roster === undefined || o.wire.roster !== o.report.roster) {
    alarm(box, say("alarm", { reason: say("alarm_roster") }));
    return;
  }
  if (o.report.checkpoint === "") return;
  try {
    const older = verifyCheckpoint(o.report.checkpoint, roster.log);
    const wire = await getJSON<{ checkpoint: string; hashes: string[] }>(`/p/${slug}/consistency/${older.size}`);
    verifyConsistency(older, verifyCheckpoint(wire.checkpoint, roster.log), wire.hashes.map(unbase64));
  } catch (error) {
    if (error instanceof Refused && error.status === 0) throw error;
    alarm(box, say("alarm", { reason: say("alarm_checkpoint") }));
  }
}

function showLine(place: HTMLElement, line: Line, hour: number): void {
  const { content, signer } = line;
  if (content.type === "cover") return;
  if (content.type === "key") {
    place.append(make("p", { class: "dk-turn" }, say("key_message", { n: content.key.epoch })));
    return;
  }
  const who = signer.role === "desk" ? say("from_desk") : say(signer.role === "call" ? "from_call" : "from_reporter");
  const head = make("header", { class: "dk-message__head" }, make("b", {}, who), " ", make("time", {}, hourText(hour)));
  const article = make("article", { class: `dk-message dk-message--${signer.role}` }, head);
  if (content.type === "message") {
    article.append(paragraphs(content.message.text, content.message.language));
  } else if (content.type === "report") {
    article.append(...reportParts(content.report));
  } else {
    article.append(fileLine(content.file, line.header.epoch, () => current));
  }
  place.append(article);
}

function reportParts(report: Report): Node[] {
  const parts: Node[] = [];
  if (report.category !== "") parts.push(make("p", { class: "dk-message__about" }, known(`category.${report.category}`, report.category)));
  parts.push(paragraphs(report.text, report.language));
  if (report.case !== undefined && report.case !== "") parts.push(make("p", { class: "govuk-body" }, `${say("case")} `, make("b", { translate: "no" }, report.case)));
  if (report.answers.length > 0) {
    const list = make("dl", { class: "dk-answers" });
    for (const a of report.answers) list.append(make("dt", { dir: "auto" }, a.label), make("dd", { dir: "auto", lang: report.language }, a.value));
    parts.push(list);
  }
  return parts;
}

function paragraphs(text: string, lang: string): HTMLElement {
  return make("div", { class: "dk-text", dir: "auto", lang }, text);
}

/** alarm shows what must not be overlooked; several are listed. */
function alarm(box: HTMLElement, text: string): void {
  const place = find(box, "[data-alarm]");
  place.hidden = false;
  place.append(make("p", {}, text));
}

/** textsOf is what the reporter wrote, against which an item is held. */
function textsOf(o: Open): Text[] {
  return o.lines.flatMap(({ content, signer }) => {
    if (content.type === "report") {
      const { language } = content.report;
      return [{ language, body: content.report.text }, ...content.report.answers.map((a) => ({ language, body: a.value }))];
    }
    return content.type === "message" && signer.role !== "desk" ? [{ language: content.message.language, body: content.message.text }] : [];
  });
}

function answering(page: HTMLElement, o: Open): void {
  const form = find<HTMLFormElement>(page, "[data-answer]");
  const text = find<HTMLTextAreaElement>(form, "#answer");
  const ask = find<HTMLInputElement>(form, "#ask");
  const button = find<HTMLButtonElement>(form, "button");
  const progress = find(form, "[data-progress]");
  text.disabled = ask.disabled = button.disabled = false;
  const asked = maybe(page, "[data-question]");
  const theirs = asked === null ? "" : (find(asked, "[data-question-text]").textContent ?? "").trim();
  if (asked !== null) {
    text.value = theirs;
    ask.checked = true;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim() === "") {
      progress.textContent = say("empty");
      return;
    }
    if (asked !== null && text.value.trim() === theirs) {
      progress.textContent = say("rewrite_first");
      return;
    }
    button.disabled = true;
    progress.textContent = say("working");
    void answer(o, text.value, ask.checked).then(() => asked === null ? visit(o.at, { push: false }) : putQuestion(o, asked.dataset.question ?? "")).catch((error: unknown) => {
      progress.textContent = error instanceof Refused && error.status === 409 ? say("reload") : say("failed", { reason: reasonOf(error) });
      button.disabled = false;
    });
  });
}

/** Sealed is a message as it travels. */
export interface Sealed {
  seq: number;
  epoch: number;
  prev: string;
  hash: string;
  body: string;
}

/** sealed seals and signs what the desk says, as the next message of an open report. */
export async function sealed(o: Open, text: string): Promise<Sealed> {
  const m = await o.chain.seal({ type: "message", message: { text, language: o.report.language } }, "desk", o.member.keys.signingSeed);
  return { seq: m.seq, epoch: m.epoch, prev: m.prev, hash: m.hash, body: base64(m.body) };
}

async function answer(o: Open, text: string, ask: boolean): Promise<void> {
  await postJSON(`${o.at}/answer`, { ...await sealed(o, text), ask });
}

/** putQuestion notes that a partner's question was put, in the desk's own words, and goes back to the list. */
function putQuestion(o: Open, question: string): Promise<void> {
  const address = o.at.replace(/\/reports\/.*$/, `/questions/${question}/put`);
  return visit(address, { body: new URLSearchParams({ report: o.wire.report }) });
}

function restricting(page: HTMLElement, o: Open): void {
  const form = find<HTMLFormElement>(page, "[data-restrict]");
  const button = find<HTMLButtonElement>(form, "button");
  const reason = find<HTMLInputElement>(form, "#r-reason");
  const progress = find(form, "[data-progress]");
  button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const named = all<HTMLInputElement>(form, "input[name=named]").filter((field) => field.checked).map((field) => field.value);
    button.disabled = true;
    progress.textContent = say("working");
    void reseal(o, named, reason.value).then(() => visit(o.at, { push: false })).catch((error: unknown) => {
      progress.textContent = say("failed", { reason: reasonOf(error) });
      button.disabled = false;
    });
  });
}

/** reseal makes the next epoch, for the named members or for the whole desk. */
async function reseal(o: Open, named: string[], reason: string): Promise<void> {
  const roster = o.ring.current();
  const seed = o.member.keys.signingSeed;
  const turn = named.length > 0 ? await restrict(o.chain, seed, roster, o.report.mailbox, named) : await openAgain(o, seed);
  const grants = turn.grants.map((g) => {
    const [to, recipient] = g.to === "mailbox" || g.to === "recovery" ? [g.to, "0".repeat(32)] : [g.to === o.wire.desk ? "desk" : "member", g.to];
    return { epoch: g.epoch, to, recipient, body: base64(g.body) };
  });
  const { seq, epoch, prev, hash, body } = turn.key;
  await postJSON(`${o.at}/restrict`, { key: { seq, epoch, prev, hash, body: base64(body) }, epoch: epoch + 1, grants, named, reason });
}

function openAgain(o: Open, seed: Uint8Array): Promise<Turn> {
  const roster = o.ring.current();
  const desk = roster.desks.find((d) => d.id === o.wire.desk);
  if (desk === undefined) throw new Error("the roster has no such desk");
  return newEpoch(o.chain, seed, [
    { to: o.wire.desk, recipient: desk.recipient }, { to: "mailbox", recipient: o.report.mailbox }, { to: "recovery", recipient: roster.recovery },
  ]);
}

/** exporting saves the report with its files, still sealed, for a machine without network. */
function exporting(page: HTMLElement, o: Open): void {
  const button = find<HTMLButtonElement>(page, "[data-export]");
  button.disabled = false;
  button.addEventListener("click", () => {
    void postForFile(`${o.at}/export`).then((content) => {
      const url = URL.createObjectURL(content);
      make("a", { href: url, download: `report-${o.wire.report.slice(0, 8)}.${content.type === "application/zip" ? "zip" : "json"}` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }).catch((error: unknown) => alarm(find(page, "[data-reading]"), say("failed", { reason: reasonOf(error) })));
  });
}

/** tabs follow the pattern of the ARIA authoring practices; without script all panels stand below each other. */
function tabs(page: HTMLElement): void {
  const list = find(page, "[data-tablist]");
  const buttons = all<HTMLButtonElement>(list, "[role=tab]");
  list.hidden = false;
  const choose = (chosen: HTMLButtonElement): void => {
    for (const tab of buttons) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      find(page, `#${tab.getAttribute("aria-controls")}`).hidden = !on;
    }
    find(page, "[data-reading]").dataset["tab"] = chosen.id; // writing wants more room
  };
  buttons.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = buttons[(i + step + buttons.length) % buttons.length];
      if (step === 0 || next === undefined) return;
      choose(next);
      next.focus();
    });
  });
  choose(buttons.find((tab) => maybe(page, `#${tab.getAttribute("aria-controls")}[data-open]`) !== null) ?? buttons[0]!);
}
