// SPDX-License-Identifier: AGPL-3.0-or-later

// Files in the reading room: listed as their signed manifests say, fetched in
// pieces, held against the manifest, opened in this browser.

import { File_, openFile } from "../seal/file";
import { claimed, seen, typeOf } from "../viewer/kinds";
import type { Open } from "./reading";
import { all, make } from "./dom";
import { originalLine, readyOriginals } from "./evidence";
import { reasonOf } from "./net";
import { known, say } from "./say";
import { Viewer } from "./viewer";

/** mostShown is the largest file that is shown; larger ones are saved. */
const mostShown = 64 * 1024 * 1024;

/** headLength is as much of a file as tells what it is. */
const headLength = 65_536;

/** fileLine is a file in the conversation. o is called when the report is open. */
export function fileLine(file: File_, epoch: number, o: () => Open | undefined): HTMLElement {
  if (file.cleaned === "original") return originalLine(file, o);
  const said = claimed(file.media, file.name);
  const status = make("p", { class: "dk-hint", role: "status" });
  const place = make("div", { class: "dk-viewer" });
  const box = make("div", { class: "dk-file", "data-file": file.blob, id: `file-${file.blob}`, tabindex: "-1" },
    make("p", { class: "govuk-body" }, make("b", { dir: "auto" }, file.name)), facts(file));
  const actions = make("p", { class: "dk-actions" });
  const act = (text: string, run: (o: Open) => Promise<void>): HTMLButtonElement => {
    const button = make("button", { type: "button", class: "govuk-button govuk-button--secondary", "data-file-act": "", disabled: "" }, text);
    button.addEventListener("click", () => {
      const open = o();
      if (open === undefined) return;
      button.disabled = true;
      status.textContent = say("working");
      run(open)
        .then(() => (status.textContent = ""))
        .catch((error: unknown) => (status.textContent = say("failed", { reason: reasonOf(error) })))
        .finally(() => (button.disabled = false));
    });
    actions.append(button);
    return button;
  };
  if (said !== undefined && file.length <= mostShown) {
    const viewer = new Viewer(place, () => {
      show.disabled = false; // or it takes no focus
      show.focus();
    });
    const show = act(say("file_show"), async (open) => {
      const hard = viewer.hard(open.report.category);
      if (hard && !(await viewer.warned(known(`category.${open.report.category}`, open.report.category)))) return;
      const content = await fetchFile(open, file, epoch);
      const is = seen(new Uint8Array(await content.slice(0, headLength).arrayBuffer()));
      if (is === undefined) return viewer.refuse(say("file_broken"));
      const forged = is === said.family ? undefined : say("file_forged", { n: said.family.toUpperCase(), m: is.toUpperCase() });
      await viewer.show({ type: typeOf(said, is), data: await content.arrayBuffer(), name: file.name, hard }, forged);
    });
  }
  act(say("file_save"), async (open) => save(await fetchFile(open, file, epoch), file));
  box.append(actions, make("p", { class: "dk-hint" }, say(said === undefined ? "file_save_only" : "file_save_hint")), status, place);
  return box;
}

/** facts are what the manifest says of a file. */
function facts(file: File_): HTMLElement {
  const list = make("ul", { class: "dk-file__facts" },
    make("li", {}, `${kindOf(file)}, ${size(file.length)}`), make("li", {}, say(`file_${file.cleaned}`)));
  if (file.removed.length > 0) list.append(make("li", {}, `${say("file_removed")} ${file.removed.map((k) => known(`found_${k}`, k)).join(", ")}`));
  return list;
}

function kindOf(file: File_): string {
  const said = claimed(file.media, file.name);
  return say(`kind_${said?.kind ?? "other"}`);
}

/** filesOf lists all files of a report, each with the way to it; undefined when there are none. */
export function filesOf(files: File_[]): HTMLElement | undefined {
  if (files.length === 0) return undefined;
  const list = make("ol", { class: "govuk-list" });
  for (const file of files) {
    const way = make("a", { class: "govuk-link", href: `#file-${file.blob}` }, make("bdi", {}, file.name));
    way.addEventListener("click", (event) => {
      event.preventDefault(); // the address stays that of the report
      const box = document.getElementById(`file-${file.blob}`);
      box?.scrollIntoView();
      box?.focus();
    });
    list.append(make("li", {}, way, ` · ${kindOf(file)}, ${size(file.length)} · ${say(`file_${file.cleaned}`)}`));
  }
  return make("nav", { class: "ts-panel dk-files", "aria-label": say("files") }, make("h2", { class: "govuk-heading-s" }, `${say("files")} (${files.length})`), list);
}

/** readyFiles lets the files of a page be opened, once the report is. */
export function readyFiles(page: HTMLElement): void {
  for (const button of all<HTMLButtonElement>(page, "[data-file-act]")) button.disabled = false;
  readyOriginals(page);
}

async function fetchFile(o: Open, file: File_, epoch: number): Promise<Blob> {
  return openFile(file, o.chain.grant.identity(epoch), async (index) => {
    const answer = await fetch(`${o.at}/files/${file.blob}/${index}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  });
}

function save(content: Blob, file: File_): void {
  const url = URL.createObjectURL(content.slice(0, content.size, "application/octet-stream"));
  make("a", { href: url, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
