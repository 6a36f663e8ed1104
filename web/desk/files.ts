// SPDX-License-Identifier: AGPL-3.0-or-later

// Files in the reading room: fetched in pieces, held against the signed
// manifest, opened in this browser, shown in a frame that reaches nothing.

import { File_, openFile } from "../seal/file";
import type { Open } from "./reading";
import { all, make } from "./dom";
import { reasonOf } from "./net";
import { known, say } from "./say";

/** mostShown is the largest file that is shown; larger ones are saved. */
const mostShown = 64 * 1024 * 1024;

/** blurredIn are the categories whose pictures are blurred first. */
const blurredIn = ["child-abuse", "trafficking"];

type Kind = "image" | "audio" | "video" | "text";

/** What may be shown; everything else is to be saved: SVG, HTML and documents could run or call out elsewhere. */
const shown: Record<string, Kind> = {
  "image/jpeg": "image", "image/png": "image", "image/webp": "image", "image/gif": "image",
  "audio/mpeg": "audio", "audio/wav": "audio", "audio/ogg": "audio", "video/mp4": "video", "text/plain": "text",
};

/** fileLine is a file in the conversation. o is called when the report is open. */
export function fileLine(file: File_, epoch: number, o: () => Open | undefined): HTMLElement {
  const status = make("p", { class: "dk-hint", role: "status" });
  const place = make("div", {});
  const box = make("div", { class: "dk-file", "data-file": file.blob }, make("p", { class: "govuk-body" }, make("b", { dir: "auto" }, file.name), ` · ${size(file.length)} · ${say(`file_${file.cleaned}`)}`));
  if (file.removed.length > 0) box.append(make("p", { class: "dk-hint" }, `${say("file_removed")} ${file.removed.map((k) => known(`found_${k}`, k)).join(", ")}`));
  const kind = shown[file.media];
  const actions = make("p", { class: "dk-actions" });
  const act = (text: string, run: (o: Open, content: Blob) => Promise<void>): void => {
    const button = make("button", { type: "button", class: "govuk-button govuk-button--secondary", "data-file-act": "", disabled: "" }, text);
    button.addEventListener("click", () => {
      const open = o();
      if (open === undefined) return;
      button.disabled = true;
      status.textContent = say("working");
      fetchFile(open, file, epoch)
        .then((content) => run(open, content))
        .then(() => (status.textContent = ""))
        .catch((error: unknown) => (status.textContent = say("failed", { reason: reasonOf(error) })))
        .finally(() => (button.disabled = false));
    });
    actions.append(button);
  };
  if (kind !== undefined && file.length <= mostShown) act(say("file_show"), async (open, content) => showIn(place, kind, file, open, await content.arrayBuffer()));
  act(say("file_save"), async (_, content) => save(content, file));
  box.append(actions, make("p", { class: "dk-hint" }, say("file_save_hint")), status, place);
  return box;
}

/** readyFiles lets the files of a page be opened, once the report is. */
export function readyFiles(page: HTMLElement): void {
  for (const button of all<HTMLButtonElement>(page, "[data-file-act]")) button.disabled = false;
}

async function fetchFile(o: Open, file: File_, epoch: number): Promise<Blob> {
  return openFile(file, o.chain.grant.identity(epoch), async (index) => {
    const answer = await fetch(`${o.at}/files/${file.blob}/${index}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  });
}

function showIn(place: HTMLElement, kind: Kind, file: File_, o: Open, data: ArrayBuffer): void {
  const frame = make("iframe", { class: "dk-frame", sandbox: "allow-scripts", title: file.name, src: "/viewer" });
  frame.addEventListener("load", () => {
    const words = { reveal: say("file_reveal"), turn: say("file_turn"), bigger: say("file_bigger"), smaller: say("file_smaller") };
    frame.contentWindow?.postMessage({ kind, data, media: file.media, blurred: blurredIn.includes(o.report.category), words }, "*", [data]);
  }, { once: true });
  addEventListener("message", function heard(event: MessageEvent<unknown>) {
    if (event.source !== frame.contentWindow) return;
    removeEventListener("message", heard);
    if (event.data === "shown") frame.dataset["shown"] = "";
    else place.replaceChildren(make("p", { class: "govuk-inset-text" }, say("file_broken")));
  });
  place.replaceChildren(frame);
}

function save(content: Blob, file: File_): void {
  const url = URL.createObjectURL(content.slice(0, content.size, "application/octet-stream"));
  make("a", { href: url, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
