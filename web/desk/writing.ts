// SPDX-License-Identifier: AGPL-3.0-or-later

// Writing an intelligence item: while the reviewer writes, each text is held
// against what the reporter wrote, where that is open on the page, and against
// what is known to give people away. What the reporter wrote never leaves the
// browser; only the form does.

import { Answer, Checker, Mark, Text, Thing } from "./check";
import { all, find, make, maybe } from "./dom";
import { visit } from "./navigate";
import { postFields, reasonOf, Refused } from "./net";
import { known, say } from "./say";
import { onChange, unlocked } from "./vault";

/** pause is how long nobody may type before the texts are checked. */
const pause = 250;

/** current is the check that is at work; a page has one form. */
let current: Writing | undefined;

/** end stops the check and forgets what it knew. */
export function end(): void {
  current?.close();
  current = undefined;
}

onChange(() => {
  if (unlocked() === undefined) end();
});

/** show prepares the page that has nothing but the form. */
export function show(page: HTMLElement): void {
  beside(page, [], "");
}

/** beside prepares the form of a page, beside what the reporter wrote. */
export function beside(page: HTMLElement, raw: Text[], category: string): void {
  end();
  const form = maybe<HTMLFormElement>(page, "[data-item-form]");
  if (form === null) return;
  const field = find<HTMLSelectElement>(form, "#category");
  if (category !== "" && new URL(location.href).searchParams.get("item") === null) {
    if (all<HTMLOptionElement>(field, "option").some((o) => o.value === category)) field.value = category;
  }
  current = new Writing(form, raw);
}

interface WireWritten {
  to: string;
  item: string;
  id: string;
  number: string;
  version: number;
  statements: string[];
}

class Writing {
  private readonly checker: Checker | undefined;
  private readonly progress: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private marks: Mark[] = [];
  private broken = false;

  constructor(private readonly form: HTMLFormElement, private readonly raw: Text[]) {
    this.progress = find(form, "[data-item-progress]");
    const { worker, module, integrity } = form.dataset;
    if (worker !== undefined && module !== undefined && integrity !== undefined) {
      this.checker = new Checker({ worker, module, integrity }, raw);
    }
    const another = find<HTMLButtonElement>(form, "[data-another]");
    another.hidden = false;
    another.addEventListener("click", () => this.another());
    form.addEventListener("input", () => this.soon());
    form.addEventListener("submit", (event) => this.submit(event));
    void this.check();
  }

  close(): void {
    clearTimeout(this.timer);
    this.checker?.close();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), pause);
  }

  /** check asks for marks; an answer that came too late is dropped. */
  private async check(): Promise<void> {
    clearTimeout(this.timer);
    if (this.checker === undefined) {
      this.broken = true;
      return;
    }
    const turn = ++this.asked;
    const language = find<HTMLSelectElement>(this.form, "#language").value;
    const fields = this.fields();
    try {
      const answers = await this.checker.ask({
        texts: fields.map((f) => ({ language, body: f.value })),
        confirmed: all<HTMLInputElement>(this.form, "[data-things] input:checked").map((box) => box.dataset["shown"] ?? box.value.replace(/^\S+ /u, "")),
        countries: (this.form.dataset["countries"] ?? "").split(" ").filter((c) => c !== ""),
      });
      if (turn === this.asked) this.draw(fields, answers);
    } catch {
      if (turn !== this.asked) return;
      this.broken = true;
      this.progress.textContent = say("leak_off");
    }
  }

  /** fields are the title and the statements. */
  private fields(): (HTMLInputElement | HTMLTextAreaElement)[] {
    return [find<HTMLInputElement>(this.form, "#title"), ...all<HTMLTextAreaElement>(this.form, "[data-statement] textarea")];
  }

  private draw(fields: (HTMLInputElement | HTMLTextAreaElement)[], answers: Answer[]): void {
    this.broken = false;
    this.marks = [];
    let written = false;
    fields.forEach((field, i) => {
      const answer = answers[i];
      const place = field.parentElement === null ? null : maybe(field.parentElement, "[data-check]");
      if (answer === undefined || place === null) return;
      written ||= field.value.trim() !== "";
      this.marks.push(...answer.marks);
      place.replaceChildren(...drawn(field, answer.marks));
      field.classList.toggle("dk-leaks-here", answer.marks.some((m) => m.severity === "high"));
      const things = maybe(this.form, `[data-things="${place.dataset["check"]}"]`);
      if (things !== null) offer(things, place.dataset["check"] ?? "", answer.things);
    });
    for (const remark of all(this.form, "[data-remark]")) {
      const text = find<HTMLInputElement>(remark, "input").value.trim();
      remark.hidden = text === "" && !this.marks.some((m) => m.kind === remark.dataset["remark"]);
    }
    find(this.form, "[data-remarks]").hidden = all(this.form, "[data-remark]").every((r) => r.hidden);
    this.progress.textContent = !written ? "" : this.marks.length === 0 ? say("leak_none") : say("leak_found", { n: this.marks.length });
  }

  /** unexplained returns the remark that a red mark waits for. */
  private unexplained(): HTMLInputElement | undefined {
    for (const m of this.marks) {
      if (m.severity !== "high") continue;
      const field = find<HTMLInputElement>(this.form, `[data-remark="${m.kind}"] input`);
      if (field.value.trim() === "") return field;
    }
    return undefined;
  }

  /** another adds an empty statement after the last. */
  private another(): void {
    const last = all(this.form, "[data-statement]").at(-1);
    if (last === undefined) return;
    const n = Number(last.dataset["statement"]);
    const copy = last.cloneNode(true) as HTMLElement;
    copy.dataset["statement"] = String(n + 1);
    find(copy, "legend").textContent = say("item_another", { n: n + 1 });
    for (const element of all(copy, "[id], [name], [for], [data-check], [data-things]")) {
      for (const name of ["id", "name", "for", "data-check", "data-things"]) {
        const value = element.getAttribute(name);
        if (value !== null) element.setAttribute(name, value.replace(new RegExp(`(^|-)${n}(?=$|-)`, "u"), `$1${n + 1}`));
      }
    }
    for (const field of all<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(copy, "input, textarea, select")) field.value = "";
    find(copy, "[data-check]").replaceChildren();
    const things = find(copy, "[data-things]");
    things.hidden = true;
    find(things, "div").replaceChildren();
    last.after(copy);
    find<HTMLTextAreaElement>(copy, "textarea").focus();
  }

  /**
   * submit keeps a draft without leaving the report; nothing goes to a second person before every red mark is written anew or has a
   * reason.
   */
  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement | null;
    const forward = button?.value === "submit";
    void this.check().then(async () => {
      if (forward && this.broken) {
        this.progress.textContent = say("leak_off");
        return;
      }
      const wanting = forward ? this.unexplained() : undefined;
      if (wanting !== undefined) {
        this.progress.textContent = say("leak_missing");
        wanting.closest<HTMLElement>("[data-remark]")!.hidden = false;
        wanting.focus();
        return;
      }
      await this.send(forward);
    });
  }

  private async send(forward: boolean): Promise<void> {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) fields.append(name, String(value));
    this.progress.textContent = say("working");
    const to = this.form.getAttribute("action") ?? "";
    try {
      const written = await postFields<WireWritten>(to, fields);
      if (forward) {
        await visit(`${written.item}/submit`, { body: new URLSearchParams({ version: String(written.version) }) });
        return;
      }
      this.kept(written);
    } catch (error) {
      // Somebody changed it meanwhile: the page of the form shows the difference, with everything that was typed.
      if (error instanceof Refused && error.status === 409) await visit(to, { body: fields });
      else this.progress.textContent = say("failed", { reason: reasonOf(error) });
    }
  }

  /** kept lets the form name what is stored now. */
  private kept(written: WireWritten): void {
    this.form.setAttribute("action", written.to);
    find<HTMLInputElement>(this.form, "[name=seen]").value = String(written.version);
    const ids = [...written.statements];
    for (const statement of all(this.form, "[data-statement]")) {
      const text = find<HTMLTextAreaElement>(statement, "textarea").value.trim();
      find<HTMLInputElement>(statement, "input[type=hidden]").value = text === "" ? "" : ids.shift() ?? "";
    }
    history.replaceState(null, "", this.raw.length > 0 ? `${location.pathname}?item=${written.id}` : written.to); // loading it anew finds the draft
    this.progress.replaceChildren(make("a", { class: "govuk-link", href: written.item }, say("item_saved", { n: written.number })));
  }
}

/** drawn shows a text with its marks, and each mark with its reason. */
function drawn(field: HTMLInputElement | HTMLTextAreaElement, marks: Mark[]): HTMLElement[] {
  if (marks.length === 0) return [];
  const text = field.value;
  const shown = make("p", { class: "dk-marked", dir: "auto", "aria-hidden": "true" });
  let at = 0;
  for (const m of marks) {
    if (m.start < at) continue; // of two kinds at one place the first is drawn, both are listed
    shown.append(text.slice(at, m.start), make("mark", { class: `dk-mark dk-mark--${m.severity}` }, text.slice(m.start, m.end)));
    at = m.end;
  }
  shown.append(text.slice(at));
  const list = make("ul", { class: "govuk-list dk-leaks" });
  for (const m of marks) {
    const go = make("button", { type: "button", class: "dk-linklike" }, say("show_mark"));
    go.addEventListener("click", () => {
      field.focus();
      field.setSelectionRange(m.start, m.end);
    });
    list.append(make("li", { class: `dk-leak dk-leak--${m.severity}`, "data-mark": m.kind },
      make("b", {}, say(`mark.${m.kind}`)), ": ", make("q", { dir: "auto" }, text.slice(m.start, m.end)), ` ${known(`leak.${m.reason}`, say("leak.other"))} `, go));
  }
  return [shown, list];
}

/** offer proposes what a text names; what was ticked stays ticked, and what the text no longer names goes unless it was. */
function offer(place: HTMLElement, n: string, things: Thing[]): void {
  const list = find(place, ".govuk-checkboxes");
  const named = new Set(things.map((t) => `${t.kind} ${t.value}`));
  for (const box of all<HTMLInputElement>(list, "input")) {
    if (named.has(box.value)) named.delete(box.value);
    else if (!box.checked) box.closest(".govuk-checkboxes__item")?.remove();
  }
  for (const t of things) {
    const value = `${t.kind} ${t.value}`;
    if (!named.delete(value)) continue;
    const id = `selector-${n}-${value.replace(/[^A-Za-z0-9]/gu, "_")}`;
    const box = make("input", { class: "govuk-checkboxes__input", type: "checkbox", id, name: `selector-${n}`, value, "data-shown": t.shown });
    list.append(make("div", { class: "govuk-checkboxes__item" }, box,
      make("label", { class: "govuk-label govuk-checkboxes__label", for: id }, make("span", { dir: "ltr", translate: "no" }, t.shown === t.value ? t.value : `${t.shown} → ${t.value}`))));
  }
  place.hidden = list.childElementCount === 0;
}
