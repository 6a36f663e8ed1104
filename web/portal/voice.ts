// SPDX-License-Identifier: AGPL-3.0-or-later

// A voice message, recorded in the page. What the microphone heard stays in
// this page's memory: never in a Blob that a browser may put on the disk, never
// in an address that another page could open. What leaves it is a file of
// samples, in a made voice where the reporter wants that, which is cleaned,
// sealed and sent as any other file.

import { distort, levelled, peakOf, rate } from "./distort";
import { button, byID, Plan, say } from "./page";
import { wav } from "./wav";

const longest = 10 * 60 * 1000; // milliseconds of one message
const silent = 0.004;

/** canRecord says whether this browser gives a page what recording needs. */
export function canRecord(): boolean {
  return typeof MediaRecorder === "function" && typeof OfflineAudioContext === "function" && typeof AudioContext === "function" &&
    typeof navigator.mediaDevices?.getUserMedia === "function";
}

/** Take is a recording in the making. */
class Take {
  private readonly parts: Promise<ArrayBuffer>[] = [];
  private readonly recorder: MediaRecorder;
  private before = 0; // milliseconds recorded before the last pause
  private since = performance.now();

  constructor(private readonly stream: MediaStream, broke: () => void) {
    this.recorder = new MediaRecorder(stream, { audioBitsPerSecond: 64_000 });
    // A part each second: small enough that no browser keeps it anywhere but in memory.
    this.recorder.addEventListener("dataavailable", (e) => this.parts.push(e.data.arrayBuffer()));
    this.recorder.addEventListener("error", broke);
    stream.getTracks().forEach((t) => t.addEventListener("ended", broke));
    this.recorder.start(1000);
  }

  get paused(): boolean {
    return this.recorder.state === "paused";
  }

  get length(): number {
    return this.before + (this.recorder.state === "recording" ? performance.now() - this.since : 0);
  }

  pause(): void {
    this.before = this.length;
    this.recorder.pause();
  }

  resume(): void {
    this.since = performance.now();
    this.recorder.resume();
  }

  /** drop lets the microphone go, and everything that it heard. */
  drop(): void {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.stream.getTracks().forEach((t) => t.stop());
    this.parts.length = 0;
  }

  /** heard ends the recording and returns its samples. */
  async heard(): Promise<AudioBuffer> {
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    this.stream.getTracks().forEach((t) => t.stop());
    const parts = await Promise.all(this.parts);
    const whole = new Uint8Array(parts.reduce((n, p) => n + p.byteLength, 0));
    parts.reduce((at, p) => (whole.set(new Uint8Array(p), at), at + p.byteLength), 0);
    this.parts.length = 0;
    return new OfflineAudioContext(1, 1, rate).decodeAudioData(whole.buffer);
  }
}

/** VoiceBox is the part of a page where a voice message is recorded. */
export class VoiceBox {
  private readonly actions = byID("voice-actions");
  private readonly change = byID<HTMLInputElement>("voice-change");
  private take: Take | undefined;
  private said: AudioBuffer | undefined;
  private made: Float32Array | undefined; // what would be sent
  private playing: AudioContext | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;

  /** add takes a finished message. */
  constructor(private readonly plan: Plan, private readonly add: (file: File) => void) {
    byID(canRecord() ? "voice" : "voice-none").hidden = false;
    if (!canRecord()) return;
    this.change.addEventListener("change", () => {
      this.silence();
      this.made = undefined;
    });
    addEventListener("pagehide", () => this.forget());
    this.idle("");
  }

  /** offer shows what can be done now; who used the keyboard stays where things are. */
  private offer(text: string, ...buttons: HTMLButtonElement[]): void {
    const within = this.actions.contains(document.activeElement) || document.activeElement === document.body;
    const first = this.actions.childElementCount === 0;
    byID("voice-said").textContent = text;
    this.actions.replaceChildren(...buttons);
    if (within && !first) buttons[0]?.focus({ preventScroll: true });
  }

  private button(kind: "" | "secondary" | "warning", text: string, press: () => void | Promise<void>): HTMLButtonElement {
    const b = button(`govuk-button${kind === "" ? "" : ` govuk-button--${kind}`}`, say(this.plan, text), () => {
      b.disabled = true;
      Promise.resolve(press()).catch(() => this.broke()).finally(() => (b.disabled = false));
    });
    return b;
  }

  /** idle is before a recording, and after one went away. */
  private idle(text: string): void {
    this.forget();
    byID("voice-time").hidden = true;
    this.offer(text, this.button("secondary", "script.voice_start", () => this.start()));
  }

  private broke(): void {
    this.idle(say(this.plan, "script.voice_broke"));
  }

  private forget(): void {
    clearInterval(this.clock);
    this.silence();
    this.take?.drop();
    this.take = this.said = this.made = undefined;
  }

  private async start(): Promise<void> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      const refused = error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError");
      return this.idle(say(this.plan, refused ? "script.voice_refused" : "script.voice_no_microphone"));
    }
    this.take = new Take(stream, () => this.broke());
    byID("voice-time").hidden = false;
    this.clock = setInterval(() => this.tick(), 250);
    this.tick();
    this.recording();
  }

  private tick(): void {
    if (this.take === undefined) return;
    this.showTime(this.take.length);
    if (this.take.length >= longest) void this.stop().catch(() => this.broke());
  }

  private showTime(length: number): void {
    const s = Math.floor(length / 1000);
    const two = new Intl.NumberFormat(this.plan.lang, { minimumIntegerDigits: 2 });
    byID("voice-time").textContent = `${new Intl.NumberFormat(this.plan.lang).format(Math.floor(s / 60))}:${two.format(s % 60)}`;
  }

  private recording(): void {
    const take = this.take;
    if (take === undefined) return;
    const halt = take.paused
      ? this.button("secondary", "script.voice_resume", () => (take.resume(), this.recording()))
      : this.button("secondary", "script.voice_pause", () => (take.pause(), this.recording()));
    this.offer(say(this.plan, take.paused ? "script.voice_paused" : "script.voice_recording"), halt,
      this.button("", "script.voice_stop", () => this.stop()), this.button("secondary", "script.voice_again", () => this.idle("")));
  }

  private async stop(): Promise<void> {
    const take = this.take;
    if (take === undefined) return;
    clearInterval(this.clock);
    const long = take.length >= longest;
    this.take = undefined;
    this.said = await take.heard();
    this.showTime(this.said.duration * 1000);
    const heard = peakOf(this.said.getChannelData(0));
    this.recorded(heard < silent ? "script.voice_silent" : long ? "script.voice_longest" : "script.voice_recorded");
  }

  private recorded(text: string): void {
    const listen = this.playing === undefined
      ? this.button("secondary", "script.voice_listen", () => this.listen())
      : this.button("secondary", "script.voice_stop_listening", () => (this.silence(), this.recorded(text)));
    this.offer(say(this.plan, text), listen, this.button("", "script.voice_add", () => this.finish()), this.button("secondary", "script.voice_again", () => this.idle("")));
  }

  /** message returns the samples that would be sent, made once. */
  private async message(): Promise<Float32Array> {
    if (this.said === undefined) throw new Error("voice: nothing was recorded");
    if (this.made !== undefined) return this.made;
    const change = this.change.checked;
    if (change) byID("voice-said").textContent = say(this.plan, "script.voice_changing");
    const made = change ? await distort(this.said) : levelled(this.said.getChannelData(0).slice());
    return this.change.checked === change ? (this.made = made) : this.message();
  }

  /** listen plays what would be sent, from memory. */
  private async listen(): Promise<void> {
    const made = await this.message();
    const buffer = new AudioBuffer({ length: Math.max(1, made.length), sampleRate: rate, numberOfChannels: 1 });
    buffer.getChannelData(0).set(made);
    const context = (this.playing = new AudioContext());
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.addEventListener("ended", () => {
      if (this.playing !== context) return;
      this.silence();
      this.recorded("script.voice_recorded");
    });
    source.start();
    this.recorded("script.voice_playing");
  }

  private silence(): void {
    void this.playing?.close();
    this.playing = undefined;
  }

  private async finish(): Promise<void> {
    const made = await this.message();
    const file = new File([wav(made, rate)], `${say(this.plan, "script.voice_name")}.wav`, { type: "audio/wav" });
    this.idle(say(this.plan, "script.voice_added"));
    this.add(file);
  }
}
