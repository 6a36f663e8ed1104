// SPDX-License-Identifier: AGPL-3.0-or-later

// What a file says that it is, and what its first bytes say. Only what both a
// browser's own decoder and our frame can show is known here: SVG, HTML, Office
// and the rest are for saving.

/** Kind is how a file is shown. */
export type Kind = "image" | "audio" | "video" | "text" | "pages";

/** Family is a format that is told by its first bytes. */
export type Family = "jpeg" | "png" | "gif" | "webp" | "pdf" | "mp4" | "webm" | "ogg" | "mp3" | "wav" | "flac" | "text";

/** Type is a family, how it is shown, and the media type for the browser's player. */
export interface Type {
  family: Family;
  kind: Kind;
  media: string;
}

const type = (family: Family, kind: Kind, media: string): Type => ({ family, kind, media });

/** First of a family is what stands when only the bytes are believed. */
const types: Type[] = [
  type("jpeg", "image", "image/jpeg"), type("png", "image", "image/png"), type("gif", "image", "image/gif"), type("webp", "image", "image/webp"),
  type("pdf", "pages", "application/pdf"), type("text", "text", "text/plain"),
  type("mp4", "video", "video/mp4"), type("mp4", "audio", "audio/mp4"),
  type("webm", "video", "video/webm"), type("webm", "audio", "audio/webm"),
  type("ogg", "audio", "audio/ogg"), type("ogg", "video", "video/ogg"),
  type("mp3", "audio", "audio/mpeg"), type("wav", "audio", "audio/wav"), type("flac", "audio", "audio/flac"),
];

const alias: Record<string, string> = {
  "image/jpg": "image/jpeg", "video/quicktime": "video/mp4", "video/3gpp": "video/mp4", "audio/x-m4a": "audio/mp4", "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/x-flac": "audio/flac", "application/ogg": "audio/ogg", "text/csv": "text/plain",
};

const endings: Record<string, string> = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", pdf: "application/pdf",
  txt: "text/plain", csv: "text/plain", log: "text/plain", mp4: "video/mp4", m4v: "video/mp4", mov: "video/mp4", "3gp": "video/mp4", m4a: "audio/mp4",
  webm: "video/webm", ogg: "audio/ogg", oga: "audio/ogg", opus: "audio/ogg", ogv: "video/ogg", mp3: "audio/mpeg", wav: "audio/wav", flac: "audio/flac",
};

const byMedia = (media: string): Type | undefined => types.find((t) => t.media === media);

/** claimed is what a manifest says of a file: its type, or its name where the type says nothing. */
export function claimed(media: string, name: string): Type | undefined {
  const said = (media.split(";")[0] ?? "").trim().toLowerCase();
  const known = byMedia(alias[said] ?? said);
  if (known !== undefined || (said !== "" && said !== "application/octet-stream")) return known;
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return byMedia(endings[ending] ?? "");
}

/** seen is what a file's bytes say: enough of the beginning, at least 4 KiB of a longer file. */
export function seen(head: Uint8Array): Family | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return "jpeg";
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (text(0, 6) === "GIF87a" || text(0, 6) === "GIF89a") return "gif";
  if (text(0, 4) === "RIFF") return text(8, 12) === "WEBP" ? "webp" : text(8, 12) === "WAVE" ? "wav" : undefined;
  if (text(0, 5) === "%PDF-") return "pdf";
  if (text(4, 8) === "ftyp") return /^(heic|heix|hevc|mif1|msf1|avif|avis)$/.test(text(8, 12)) ? undefined : "mp4";
  if (text(0, 4) === "\x1a\x45\xdf\xa3") return "webm";
  if (text(0, 4) === "OggS") return "ogg";
  if (text(0, 4) === "fLaC") return "flac";
  if (text(0, 3) === "ID3" || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return "mp3";
  return head.length > 0 && head.every((b) => b >= 32 || b === 9 || b === 10 || b === 12 || b === 13) ? "text" : undefined;
}

/** typeOf is how a file is shown: as it says, when its bytes agree, else as what it is. */
export function typeOf(said: Type | undefined, is: Family): Type {
  return said?.family === is ? said : types.find((t) => t.family === is)!;
}
