// SPDX-License-Identifier: AGPL-3.0-or-later

// The answers in the form: which questions are asked, and what is sealed. The
// twin of internal/programme's Collect.

import { Answer, Urgency } from "../seal/content";
import { Plan, Question } from "./page";

/** unsure is the category of those who chose none. */
export const unsure = "not-sure";

/** Filled is all that is in the form. */
export interface Filled {
  category: string;
  desk: string;
  text: string;
  danger: boolean;
  given: Map<string, string[]>;
}

/** readFilled reads the form. */
export function readFilled(form: HTMLFormElement): Filled {
  const data = new FormData(form);
  const given = new Map<string, string[]>();
  for (const [name, value] of data) {
    if (typeof value !== "string" || value.trim() === "") continue;
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  const one = (name: string): string => given.get(name)?.[0] ?? "";
  return { category: one("category") || unsure, desk: one("desk"), text: one("text").trim(), danger: one("danger") === "yes", given };
}

/** asked reports whether a question is asked after the answers that were given. */
export function asked(question: Question, f: Filled): boolean {
  return (question.when ?? []).every((c) => {
    if (c.category !== undefined && !c.category.includes(f.category)) return false;
    if (c.answer === undefined || c.answer === "") return true;
    return (f.given.get(c.answer) ?? []).some((v) => c.is?.includes(v));
  });
}

/** questionsOf returns the ids of the questions that are asked, in their order. */
export function questionsOf(plan: Plan, f: Filled): string[] {
  const ids = plan.categories?.[f.category]?.questions ?? [];
  return ids.filter((id) => {
    const q = plan.questions?.[id];
    return q !== undefined && asked(q, f);
  });
}

/** Collected is what is sealed of the answers. */
export interface Collected {
  answers: (Answer & { step: string })[];
  urgency: Urgency;
  place: string;
}

/** collect reads the answers to the questions that are asked. Answers to others stay where they are and are not sent. */
export function collect(plan: Plan, f: Filled): Collected {
  const out: Collected = { answers: [], urgency: "none", place: "" };
  for (const id of questionsOf(plan, f)) {
    const question = plan.questions![id]!;
    if (question.kind !== "group") {
      take(out, id, id, question, "", f);
      continue;
    }
    for (let round = 1; round <= 6; round++) {
      for (const [name, inner] of Object.entries(question.inner ?? {})) {
        take(out, id, `${id}.${round}.${name}`, inner, `${question.ask} ${round}: `, f);
      }
    }
  }
  if (f.danger) out.urgency = "danger";
  return out;
}

function take(out: Collected, step: string, field: string, question: Question, before: string, f: Filled): void {
  const values = f.given.get(field);
  if (values === undefined) return;
  let value = (values[0] ?? "").trim();
  if (question.options !== undefined) {
    const chosen = values.map((v) => question.options![v]).filter((o) => o !== undefined);
    if (chosen.some((o) => o.urgency === "soon")) out.urgency = "soon";
    value = chosen.map((o) => o.label).join("; ");
  }
  if (value === "") return;
  if (field === "where") out.place = value;
  out.answers.push({ id: field, label: before + question.ask, value, step });
}
