// SPDX-License-Identifier: AGPL-3.0-or-later

// Another voice for the same words: a channel vocoder. What is kept of the
// speaker is how loud each of some bands of sound is, thirty times a second at
// most; the sound itself is made anew from a tone and noise of our own, in
// bands that lie elsewhere. So the melody of the voice is not shifted but
// gone, and no filter brings it back. The height of the made voice, the shift
// of its bands and its tempo are random and thrown away with each recording.
//
// It hides the voice, not the speaker: words, accent and rhythm stay, and the
// page says so.

/** rate is the samples a second of a voice message: speech needs no more. */
export const rate = 24_000;

const bands = 22;
const lowest = 150; // below it lies the hum of the mains, which tells place and hour
const highest = 7_000;
const followed = 28; // Hz: how fast a band's loudness may change; below any voice's height
const loudest = 0.89;

/** unit returns a random number from 0 to 1 that nobody can guess. */
function unit(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}

function between(low: number, high: number): number {
  return low + (high - low) * unit();
}

/** distort returns the words of a recording in a made voice. */
export async function distort(said: AudioBuffer): Promise<Float32Array> {
  const tempo = between(0.93, 1.07);
  const shift = unit() < 0.5 ? between(0.8, 0.88) : between(1.14, 1.25);
  const length = Math.ceil(said.length / tempo) + Math.round(rate / 10);
  const offline = new OfflineAudioContext(1, length, rate);

  const source = new AudioBufferSourceNode(offline, { buffer: said, playbackRate: tempo });
  const tone = voice(offline, length / rate);
  const noise = hiss(offline);
  const sum = new GainNode(offline);
  sum.connect(offline.destination);

  const step = (highest / lowest) ** (1 / (bands - 1));
  for (let n = 0; n < bands; n++) {
    const at = lowest * step ** n;
    const made = Math.min(at * shift * between(0.97, 1.03), rate * 0.46);
    const q = 1 / (step - 1);
    const loudness = chain(source, band(offline, at, q), band(offline, at, q), size(offline), follow(offline), follow(offline));
    const out = new GainNode(offline, { gain: 0 });
    loudness.connect(out.gain);
    // consonants live high up and are made of noise; vowels below, of the tone
    const noisy = at > 2_500 ? 0.9 : 0.08;
    const carrier = new GainNode(offline);
    chain(tone, new GainNode(offline, { gain: 1 - noisy }), carrier);
    chain(noise, new GainNode(offline, { gain: noisy }), carrier);
    chain(carrier, band(offline, made, q), band(offline, made, q), out, new GainNode(offline, { gain: 1 + n / 4 }), sum);
  }
  source.start();
  const heard = (await offline.startRendering()).getChannelData(0);
  return levelled(heard);
}

/** voice is the tone that the vowels are made of, its height wandering. */
function voice(context: OfflineAudioContext, seconds: number): AudioNode {
  const base = between(85, 175);
  const points = new Float32Array(Math.max(2, Math.ceil(seconds * 3)));
  let wander = 0;
  for (let i = 0; i < points.length; i++) {
    wander = 0.8 * wander + between(-0.05, 0.05);
    points[i] = base * (1 + wander);
  }
  const tone = new OscillatorNode(context, { type: "sawtooth", frequency: base });
  tone.frequency.setValueCurveAtTime(points, 0, seconds);
  tone.start();
  return tone;
}

/** hiss is a loop of white noise. */
function hiss(context: OfflineAudioContext): AudioNode {
  const buffer = new AudioBuffer({ length: 4 * rate, sampleRate: rate, numberOfChannels: 1 });
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 2 - 1;
  const noise = new AudioBufferSourceNode(context, { buffer, loop: true });
  noise.start();
  return noise;
}

function band(context: OfflineAudioContext, frequency: number, Q: number): AudioNode {
  return new BiquadFilterNode(context, { type: "bandpass", frequency, Q });
}

/** size is the value without its sign. */
function size(context: OfflineAudioContext): AudioNode {
  return new WaveShaperNode(context, { curve: new Float32Array([1, 0, 1]) });
}

function follow(context: OfflineAudioContext): AudioNode {
  return new BiquadFilterNode(context, { type: "lowpass", frequency: followed, Q: 0 });
}

function chain(...nodes: AudioNode[]): AudioNode {
  return nodes.reduce((from, to) => from.connect(to));
}

/** levelled makes the loudest sample as loud as it may be; silence stays silent. */
export function levelled(samples: Float32Array): Float32Array {
  const peak = peakOf(samples);
  if (peak < 1e-4) return samples;
  for (let i = 0; i < samples.length; i++) samples[i]! *= loudest / peak;
  return samples;
}

/** peakOf returns how far the loudest sample goes. */
export function peakOf(samples: Float32Array): number {
  let peak = 0;
  for (const s of samples) peak = Math.max(peak, Math.abs(s));
  return peak;
}
