// SPDX-License-Identifier: AGPL-3.0-or-later

// Sound and film, by the browser's own players, with speeds and keys.

import { factsOf } from "./facts";
import { element, Frame, View } from "./frame";

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** showPlayer shows a player and resolves when the browser can play the file. */
export function showPlayer(frame: Frame): Promise<View> {
  const { data, type, hard } = frame.shown;
  const player = element(type.kind === "audio" ? "audio" : "video", { controls: "", preload: "metadata", controlslist: "nodownload noremoteplayback" });
  player.disableRemotePlayback = true;
  if (player instanceof HTMLVideoElement) {
    player.disablePictureInPicture = true;
    player.playsInline = true;
  }
  player.muted = hard;
  const toggle = (): void => {
    if (player.paused) void player.play().catch(() => undefined); // a broken file says so by its error
    else player.pause();
  };
  const skip = (by: number): void => {
    player.currentTime = Math.min(Number.isFinite(player.duration) ? player.duration : Infinity, Math.max(0, player.currentTime + by));
  };
  const play = frame.button("play", toggle, " ");
  play.title = frame.say("space");
  play.setAttribute("aria-keyshortcuts", "Space");
  for (const event of ["play", "pause", "ended"]) player.addEventListener(event, () => (play.textContent = frame.say(player.paused ? "play" : "pause")));
  frame.button("back", () => skip(-5), "ArrowLeft").title = "←";
  frame.button("forth", () => skip(5), "ArrowRight").title = "→";
  const speed = element("select", {}, ...speeds.map((s) => element("option", { value: String(s), ...(s === 1 ? { selected: "" } : {}) }, `${s} ×`)));
  speed.addEventListener("change", () => (player.playbackRate = Number(speed.value)));
  const faster = (by: number): void => {
    speed.selectedIndex = Math.min(speeds.length - 1, Math.max(0, speed.selectedIndex + by));
    player.playbackRate = Number(speed.value);
    frame.status.textContent = frame.say("speed_is", { n: speed.value });
  };
  frame.on("<", () => faster(-1));
  frame.on(">", () => faster(1));
  frame.bar.append(element("label", {}, frame.say("speed"), " ", speed));
  frame.toggle("mute", hard, (on) => (player.muted = on), "m");
  player.addEventListener("volumechange", () => frame.bar.querySelector("[title=m]")?.setAttribute("aria-pressed", String(player.muted)));
  if (type.kind === "video") frame.veil(player);
  frame.stage.append(player);
  return new Promise((resolve, reject) => {
    player.addEventListener("loadedmetadata", () => {
      const facts = [{ kind: "lasts", value: clock(player.duration) }];
      if (player instanceof HTMLVideoElement && player.videoWidth > 0) facts.unshift({ kind: "size", value: `${player.videoWidth} × ${player.videoHeight}` });
      resolve({ facts: [...facts, ...factsOf(type.family, new Uint8Array(data))] });
    }, { once: true });
    player.addEventListener("error", () => reject(new Error("the browser can't play it")), { once: true });
    player.src = URL.createObjectURL(new Blob([data], { type: type.media }));
  });
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}
