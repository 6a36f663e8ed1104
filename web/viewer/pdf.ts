// SPDX-License-Identifier: AGPL-3.0-or-later

// As much of the library that draws documents as is used here: it is a script
// of its own, which only the frame for documents carries.

/** Viewport is a page at a scale. */
export interface Viewport {
  width: number;
  height: number;
  convertToViewportPoint(x: number, y: number): number[];
}

/** TextItem is a run of text on a page; marks of structure have no str. */
export interface TextItem {
  str?: string;
  hasEOL?: boolean;
  transform?: number[];
  width?: number;
  height?: number;
}

/** Page is one page of a document. */
export interface Page {
  rotate: number;
  getViewport(of: { scale: number; rotation: number }): Viewport;
  render(of: { canvas: HTMLCanvasElement; viewport: Viewport }): { promise: Promise<void>; cancel(): void };
  getTextContent(): Promise<{ items: TextItem[] }>;
  cleanup(): boolean;
}

/** Document_ is an open document. */
export interface Document_ {
  numPages: number;
  getPage(number: number): Promise<Page>;
  getMetadata(): Promise<{ info: Record<string, unknown>; metadata: unknown }>;
  getAttachments(): Promise<unknown>;
  hasJSActions(): Promise<boolean>;
}

/** openDocument opens a document with the library; it takes over data. */
export function openDocument(data: Uint8Array): Promise<Document_> {
  const library = (globalThis as { turnstonePDF?: (data: Uint8Array) => Promise<Document_> }).turnstonePDF;
  if (library === undefined) throw new Error("this frame draws no documents");
  return library(data);
}
