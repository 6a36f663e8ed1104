// SPDX-License-Identifier: AGPL-3.0-or-later

// A cheap phone throws a page away while its camera is open, and loads it anew
// afterwards. The page then has its receipt again, and nobody else ever: the
// tab keeps it sealed under a key that only the server has, in memory, for some
// minutes and to be asked for once. The server never gets what it opens; what
// is left on the phone is opened by nothing.

import { base64, random, text, unbase64, utf8 } from "../seal/bytes";
import { Receipt, receiptOf } from "../seal/receipt";
import { hexOf, list, count, record } from "../seal/shape";
import { Plan } from "./page";
import { call } from "./server";
import { forget, name } from "./tab";

/** Carried is what a page has again. */
export interface Carried {
  receipt: Receipt;
  desk: string;
}

const shape = record({ numbers: list(count), desk: hexOf(16) });

/** Carrier carries a receipt over a loss of the page, while it is armed. */
export class Carrier {
  private token: string | undefined;

  constructor(private readonly plan: Plan, readonly carried: Carried) {}

  /** arm gets ready: a file is about to be chosen, perhaps with the camera. */
  async arm(): Promise<void> {
    const key = random(32), token = base64(random(32)), iv = random(12);
    const secret = utf8(JSON.stringify({ numbers: this.carried.receipt.numbers(), desk: this.carried.desk }));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: iv as BufferSource }, await imported(key), secret as BufferSource);
    const answer = await call(this.plan, "carry", { token, key: base64(key) });
    if (!answer.ok) return;
    this.token = token;
    sessionStorage.setItem(name, JSON.stringify({ token, iv: base64(iv), sealed: base64(new Uint8Array(sealed)) }));
  }

  /** disarm leaves nothing behind, here and there. */
  async disarm(): Promise<void> {
    forget();
    const token = this.token;
    this.token = undefined;
    if (token !== undefined) await call(this.plan, "carry/take", { token });
  }
}

/** carried returns what the page had before it was lost, once. */
export async function carried(plan: Plan): Promise<Carried | undefined> {
  try {
    const kept = sessionStorage.getItem(name);
    if (kept === null) return undefined;
    forget();
    const { token, iv, sealed } = JSON.parse(kept) as Record<string, string>;
    const answer = await call(plan, "carry/take", { token });
    if (!answer.ok) return undefined;
    const { key } = (await answer.json()) as { key: string };
    const secret = await crypto.subtle.decrypt({ name: "AES-GCM", iv: unbase64(iv!) as BufferSource }, await imported(unbase64(key)), unbase64(sealed!) as BufferSource);
    const { numbers, desk } = shape(JSON.parse(text(new Uint8Array(secret))), "carried");
    return { receipt: receiptOf(numbers), desk };
  } catch {
    return undefined; // the ten words still open the mailbox
  }
}

function imported(key: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key as BufferSource, "AES-GCM", false, ["encrypt", "decrypt"]);
}
