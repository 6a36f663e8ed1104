// SPDX-License-Identifier: AGPL-3.0-or-later

// A picture, as a bitmap on a canvas: what it was before is gone by then.

import { factsOf } from "./facts";
import { element, Frame, TooLarge, View } from "./frame";
import { mostPixels, pixels } from "./pixels";

/** mostDrawn bounds the canvas: a larger picture is drawn smaller. */
const mostDrawn = 24_000_000;

/** showImage draws a picture that can be enlarged and turned. */
export async function showImage(frame: Frame): Promise<View> {
  const { data, type, name } = frame.shown;
  const bytes = new Uint8Array(data);
  const size = pixels(type.family, bytes);
  if (size === undefined) throw new Error("its size can't be read");
  if (size.width * size.height > mostPixels) throw new TooLarge();
  const bitmap = await createImageBitmap(new Blob([data], { type: type.media }));
  const canvas = element("canvas", { role: "img", "aria-label": name === "" ? frame.say("file") : name });
  const shrink = Math.min(1, Math.sqrt(mostDrawn / (bitmap.width * bitmap.height)));
  let quarter = 0;
  let zoom = 1;
  const draw = (): void => {
    const [w, h] = [Math.max(1, Math.round(bitmap.width * shrink)), Math.max(1, Math.round(bitmap.height * shrink))];
    [canvas.width, canvas.height] = quarter % 2 === 0 ? [w, h] : [h, w];
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("there is no canvas");
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate((quarter * Math.PI) / 2);
    context.drawImage(bitmap, -w / 2, -h / 2, w, h);
    fit();
  };
  const fit = (): void => {
    const room = frame.stage.clientWidth - 2 || canvas.width;
    canvas.style.inlineSize = `${Math.max(16, Math.round(Math.min(canvas.width, room) * zoom))}px`;
    frame.status.textContent = frame.say("zoomed", { n: Math.round((100 * canvas.getBoundingClientRect().width) / Math.max(1, quarter % 2 === 0 ? bitmap.width : bitmap.height)) });
  };
  const enlarge = (by: number): void => {
    zoom = Math.min(16, Math.max(0.1, zoom * by));
    fit();
  };
  frame.button("larger", () => enlarge(1.5), "+");
  frame.button("smaller", () => enlarge(1 / 1.5), "-");
  frame.on("=", () => enlarge(1.5)); // the same key without Shift on many keyboards
  frame.button("fit", () => ((zoom = 1), fit()), "0");
  frame.button("turn", () => ((quarter = (quarter + 1) % 4), draw()), "r");
  frame.stage.append(canvas);
  frame.veil(canvas);
  draw();
  addEventListener("resize", fit);
  return { facts: [{ kind: "size", value: `${bitmap.width} × ${bitmap.height}` }, ...factsOf(type.family, bytes)] };
}
