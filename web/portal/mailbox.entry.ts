// SPDX-License-Identifier: AGPL-3.0-or-later

// The mailbox: the words never leave the browser. A token that is derived from
// them fetches the sealed conversation, which is opened here.

import { TooLong } from "../seal/fault";
import { loginBody, Mailbox, openMailbox, sealReply } from "../seal/mailbox";
import { findReceipt, Receipt, ReceiptCheck } from "../seal/receipt";
import { verifyCheckpoint } from "../seal/keylog";
import { UnknownWords, WordCount, WordList } from "../seal/words";
import { Carried, carried } from "./carry";
import { takeFiles } from "./filebox";
import { armExit } from "./leave";
import { byID, clearTrouble, element, readPlan, ready, say, showTrouble, Trouble } from "./page";
import { call, continues, fetchBefore, fetchRoster, otherLists, refused, Sealable, wordList } from "./server";
import { WordField } from "./wordfield";

const plan = readPlan();

armExit();
start().catch((error: unknown) => {
  byID("starting").hidden = true;
  showTrouble(plan, error, "script.trouble_seal");
});

async function start(): Promise<void> {
  const [at, own, before] = await Promise.all([fetchRoster(plan), wordList(plan, plan.lang), carried(plan)]);
  let loading: Promise<WordList[]> | undefined;
  const others = (): Promise<WordList[]> => (loading ??= otherLists(plan, own.language));
  const field = new WordField(plan, byID("words"), own, others);
  const open = (): void => void busy(byID<HTMLButtonElement>("open-button"), "script.opening", () => openWith(field, own, others, at));
  byID("open-button").addEventListener("click", open);
  ready(byID("open"), byID("reply"));
  if (before !== undefined) await again(before, at, field);
}

/** again opens the conversation that this page showed before the phone threw it away. */
async function again(before: Carried, at: Sealable, field: WordField): Promise<void> {
  const answer = await call(plan, "mailbox/open", loginBody(before.receipt));
  if (!answer.ok) return; // deleted meanwhile, say: the field for the words is there
  await show(before.receipt, await answer.json(), at, field);
  byID("files").prepend(element("p", "govuk-body ts-panel", say(plan, "script.file_reloaded")));
}

/** busy runs something that takes a moment and shows what goes wrong. */
async function busy(press: HTMLButtonElement, doing: string, run: () => Promise<void>): Promise<void> {
  const label = press.textContent;
  press.disabled = true;
  press.textContent = say(plan, doing);
  clearTrouble();
  try {
    await run();
  } catch (error) {
    showTrouble(plan, error, "script.trouble_envelope");
  } finally {
    press.disabled = false;
    press.textContent = label;
  }
}

async function openWith(field: WordField, own: WordList, others: () => Promise<WordList[]>, at: Sealable): Promise<void> {
  let receipt: Receipt;
  try {
    receipt = await findReceipt(field.typed(), own, others);
  } catch (error) {
    field.wrong(wrongWords(error));
    return;
  }
  const answer = await call(plan, "mailbox/open", loginBody(receipt));
  if (answer.status === 404) {
    field.wrong(say(plan, "mailbox.no_report"));
    return;
  }
  if (!answer.ok) throw await refused(plan, answer);
  await show(receipt, await answer.json(), at, field);
}

/** show shows a conversation in the place of the field for the words, which keeps none of them. */
async function show(receipt: Receipt, answer: unknown, at: Sealable, field: WordField): Promise<void> {
  const box = await openChecked(receipt, answer, at);
  await compareLogs(box, at);
  field.clear();
  byID("open").remove();
  new Conversation(receipt, at, box.desk).show(box);
}

const mostRosters = 100;

/** openChecked goes back through the rosters until each answer's signer is in one: people leave a desk, what they wrote stays. */
async function openChecked(receipt: Receipt, answer: unknown, at: Sealable): Promise<Mailbox> {
  const rosters = [at.roster];
  let box = await openMailbox(receipt, answer, rosters);
  while (rosters.length < mostRosters && box.lines.some((line) => !line.signer.known)) {
    const before = await fetchBefore(plan, rosters[rosters.length - 1]!).catch(() => undefined);
    if (before === undefined) break; // the answer is then shown as one that could not be checked
    rosters.push(before);
    box = await openMailbox(receipt, answer, rosters);
  }
  return box;
}

/** compareLogs demands a proof that the log continues what was seen of it when the report was written. */
async function compareLogs(box: Mailbox, at: Sealable): Promise<void> {
  const report = box.lines[1]?.content;
  if (report?.type !== "report" || report.report.checkpoint === "" || at.roster.log === "") return;
  // the programme's signed roster may have named another log meanwhile
  if (!report.report.checkpoint.startsWith(`${at.roster.log.split("+")[0]}\n`)) return;
  try {
    const before = verifyCheckpoint(report.report.checkpoint, at.roster.log);
    await continues(plan, before, at.roster.log);
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble(say(plan, "script.trouble_split"));
  }
}

function wrongWords(error: unknown): string {
  if (error instanceof WordCount) return say(plan, "mailbox.count").replace("{n}", String(error.got));
  if (error instanceof UnknownWords) return say(plan, "mailbox.unknown_words");
  if (error instanceof ReceiptCheck) return say(plan, "mailbox.check");
  throw error;
}

/** Conversation is an opened mailbox on the page. */
class Conversation {
  constructor(private readonly receipt: Receipt, private readonly at: Sealable, desk: string) {
    byID("conversation").hidden = false;
    byID("reply-button").addEventListener("click", () => void busy(byID("reply-button"), "script.sending", () => this.reply()));
    byID("delete-button").addEventListener("click", () => void busy(byID("delete-button"), "script.sending", () => this.remove()));
    void takeFiles(plan, { receipt, desk }, at.roster, () => void this.refresh().catch(() => undefined));
  }

  private box: Mailbox | undefined;

  show(box: Mailbox): void {
    this.box = box;
    byID("state").textContent = say(plan, `mailbox.state_${box.state}`);
    byID("talk").replaceChildren(...box.lines.map((line) => this.line(line)).filter((e) => e !== undefined));
    byID("conversation-title").focus();
  }

  private line(line: Mailbox["lines"][number]): HTMLElement | undefined {
    const { content, signer } = line;
    if (content.type === "cover") return undefined;
    const mine = signer.role === "reporter";
    const desk = this.at.roster.desks.find((d) => d.id === signer.desk);
    const deskName = desk === undefined ? say(plan, "mailbox.desk") : (plan.desks[desk.id]?.name ?? desk.name[plan.lang] ?? "");
    const who = mine ? say(plan, "mailbox.me") : deskName;
    const when = new Date(line.hour * 3600_000).toLocaleDateString(plan.lang === "en" ? "en-GB" : plan.lang, { day: "numeric", month: "long", year: "numeric" });
    const words = content.type === "report" ? content.report.text : content.type === "message" ? content.message.text : content.type === "file" ? `${say(plan, "script.file_in_talk")} ` : say(plan, "mailbox.key_changed");
    const text = element("p", "ts-talk__text", words);
    text.dir = "auto";
    if (content.type === "file") text.append(element("bdi", "", content.file.name));
    const item = element("li", mine ? "ts-talk__message ts-talk__message--mine" : "ts-talk__message", element("p", "ts-talk__who", `${who} `, element("span", "ts-talk__when", when)));
    if (!signer.known) item.append(element("p", "govuk-error-message", say(plan, "mailbox.unchecked")));
    item.append(text);
    if (content.type === "report" && content.report.answers.length > 0) {
      const answers = element("dl", "ts-talk__answers");
      for (const a of content.report.answers) {
        answers.append(element("dt", "", a.label), element("dd", "", element("bdi", "", a.value)));
      }
      item.append(answers);
    }
    return item;
  }

  /** refresh opens the conversation again, as it is now. */
  private async refresh(): Promise<void> {
    const answer = await call(plan, "mailbox/open", loginBody(this.receipt));
    if (!answer.ok) throw await refused(plan, answer);
    this.show(await openChecked(this.receipt, await answer.json(), this.at));
  }

  private async reply(): Promise<void> {
    const field = byID<HTMLTextAreaElement>("reply-text");
    const text = field.value.trim();
    if (text === "" || this.box === undefined) throw new Trouble(say(plan, "mailbox.reply_empty"));
    const answer = await call(plan, "mailbox/append", await this.sealed(this.box, text));
    if (answer.status === 409) {
      await this.refresh();
      throw new Trouble(say(plan, "mailbox.reply_again"));
    }
    if (answer.status !== 201) throw await refused(plan, answer);
    field.value = "";
    await this.refresh();
  }

  private async sealed(box: Mailbox, text: string): Promise<object> {
    try {
      return await sealReply(box, this.receipt, text, plan.lang);
    } catch (error) {
      throw new Trouble(say(plan, error instanceof TooLong ? "script.trouble_long" : "script.trouble_seal"));
    }
  }

  private async remove(): Promise<void> {
    const answer = await call(plan, "mailbox/delete", loginBody(this.receipt));
    if (answer.status !== 204) throw await refused(plan, answer);
    byID("conversation").remove();
    byID("deleted").hidden = false;
    byID("deleted").querySelector<HTMLElement>("h2")?.focus();
  }
}

