// SPDX-License-Identifier: AGPL-3.0-or-later

// The library that draws documents, as one script without any way out: what it
// would fetch is inside or missing, and it works in the frame's own thread, so
// that the frame may start no worker.

import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import "pdfjs-dist/legacy/build/pdf.worker.mjs"; // leaves its handler where the library looks for it
import jbig2 from "pdfjs-dist/wasm/jbig2.wasm";
import openjpeg from "pdfjs-dist/wasm/openjpeg.wasm";
import type { Document_ } from "../viewer/pdf";
import { mostPixels } from "../viewer/pixels";

const decoders: Record<string, Uint8Array> = { "jbig2.wasm": jbig2, "openjpeg.wasm": openjpeg };

/** Inside gives the library what is in this script. */
class Inside {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const found = kind === "wasmUrl" ? decoders[filename] : undefined;
    if (found === undefined) throw new Error(`${filename} is not in this frame`);
    return found;
  }
}

(globalThis as { turnstonePDF?: (data: Uint8Array) => Promise<Document_> }).turnstonePDF = (data) => getDocument({
  data, BinaryDataFactory: Inside, useWorkerFetch: false, disableWorkerRendering: true, isOffscreenCanvasSupported: false, isImageDecoderSupported: false,
  enableXfa: false, maxImageSize: mostPixels, canvasMaxAreaInBytes: 4 * mostPixels, verbosity: 0, wasmUrl: "inside/",
} as Parameters<typeof getDocument>[0]).promise as unknown as Promise<Document_>;
