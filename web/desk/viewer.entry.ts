// SPDX-License-Identifier: AGPL-3.0-or-later

// Shows one file that the reading room hands over, in a frame of an origin of
// its own: pictures as bitmaps, sound and film by the browser's own players,
// text as text. Nothing in a file can run, call out or reach a key from here.

interface Shown {
  kind: "image" | "audio" | "video" | "text";
  data: ArrayBuffer;
  media: string;
  blurred: boolean;
  words: { reveal: string; turn: string; bigger: string; smaller: string };
}

addEventListener("message", (event: MessageEvent<Shown>) => {
  const place = document.getElementById("show");
  if (place === null || event.source !== parent || place.childElementCount > 0) return;
  const { kind, data, media } = event.data;
  if (kind === "image") {
    void image(place, event.data).then(() => parent.postMessage("shown", "*"), () => parent.postMessage("broken", "*"));
    return;
  }
  if (kind === "text") {
    const text = document.createElement("pre");
    text.dir = "auto";
    text.textContent = new TextDecoder().decode(data);
    place.append(text);
  } else {
    const player = document.createElement(kind);
    player.controls = true;
    player.src = URL.createObjectURL(new Blob([data], { type: media }));
    place.append(player);
  }
  parent.postMessage("shown", "*");
});

async function image(place: HTMLElement, shown: Shown): Promise<void> {
  const bitmap = await createImageBitmap(new Blob([shown.data], { type: shown.media }));
  const canvas = document.createElement("canvas");
  let quarter = 0;
  let scale = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height));
  const draw = (): void => {
    const [w, h] = quarter % 2 === 0 ? [bitmap.width, bitmap.height] : [bitmap.height, bitmap.width];
    canvas.width = Math.max(1, Math.round(w * scale));
    canvas.height = Math.max(1, Math.round(h * scale));
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate((quarter * Math.PI) / 2);
    context.drawImage(bitmap, (-bitmap.width * scale) / 2, (-bitmap.height * scale) / 2, bitmap.width * scale, bitmap.height * scale);
  };
  const press = (text: string, act: () => void): HTMLButtonElement => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = text;
    b.addEventListener("click", act);
    return b;
  };
  const bar = document.createElement("p");
  bar.append(
    press(shown.words.turn, () => (quarter++, draw())),
    press(shown.words.bigger, () => ((scale = Math.min(8, scale * 1.5)), draw())),
    press(shown.words.smaller, () => ((scale = Math.max(0.05, scale / 1.5)), draw())),
  );
  if (shown.blurred) {
    canvas.classList.add("dk-viewer__blurred");
    const reveal = press(shown.words.reveal, () => {
      canvas.classList.remove("dk-viewer__blurred");
      reveal.remove();
    });
    bar.prepend(reveal);
  }
  draw();
  place.append(bar, canvas);
}
