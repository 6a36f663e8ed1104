// SPDX-License-Identifier: AGPL-3.0-or-later

// The script of Go that runs a WebAssembly module: it sets globalThis.Go.
declare module "wasm-exec" {}
