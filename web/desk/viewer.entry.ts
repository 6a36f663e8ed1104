// SPDX-License-Identifier: AGPL-3.0-or-later

// Shows one file that the reading room hands over, in a frame of an origin of
// its own: pictures as bitmaps, sound and film by the browser's own players,
// documents drawn page by page, text as text. Nothing in a file can run, call
// out or reach a key from here.

import { element, Frame, Shown, Told, TooLarge, View } from "../viewer/frame";
import { showImage } from "../viewer/image";
import { showPages } from "../viewer/pages";
import { showPlayer } from "../viewer/player";
import { showText } from "../viewer/text";

const ways: Record<Shown["type"]["kind"], (frame: Frame) => View | Promise<View>> = {
  image: showImage, audio: showPlayer, video: showPlayer, text: showText, pages: showPages,
};

let taken = false;

addEventListener("message", (event: MessageEvent<Shown>) => {
  const place = document.getElementById("show");
  if (place === null || event.source !== parent || taken) return;
  taken = true; // one file, and no other after it
  const tell = (told: Told): void => parent.postMessage(told, "*");
  show(place, event.data).then(() => tell("shown"), (error: unknown) => tell(error instanceof TooLarge ? "too-large" : "broken"));
});

async function show(place: HTMLElement, shown: Shown): Promise<void> {
  document.documentElement.lang = shown.lang;
  document.documentElement.dir = shown.dir;
  document.title = shown.name;
  const frame = new Frame(shown);
  place.append(element("h1", {}, element("bdi", {}, shown.name)), frame.bar, frame.status, frame.stage);
  if (frame.shown.type.kind === "text") frame.bar.remove();
  const view = await ways[shown.type.kind](frame);
  place.append(about(frame, view));
  frame.stage.focus({ preventScroll: true });
}

/** about tells what the file says about itself. */
function about(frame: Frame, view: View): HTMLElement {
  const plain = ["size", "lasts", "pages"];
  const telling = view.facts.filter((f) => !plain.includes(f.kind));
  const list = element("ul", {}, ...view.facts.map((f) => element("li", {}, `${frame.say(`fact_${f.kind}`)}: `, element("bdi", {}, f.value))));
  const box = element("details", { class: "about" }, element("summary", {}, frame.say(telling.length > 0 ? "still_says" : "says_nothing")), list, element("p", {}, frame.say("may_tell")));
  if (telling.length > 0) box.open = true;
  return box;
}
