// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { readable } from "./offline";

const site = "https://tips.example.org";

test("what everybody may read can be kept", () => {
  for (const path of ["/en/advice", "/ar/advice/bank-calls-you", "/p/nord/da/crimes/fraud", "/en/connected", "/en/training/money-mules"]) {
    assert.equal(readable("GET", site + path, site), "page", path);
  }
  for (const path of ["/static/portal.0123456789abcdef.css", "/static/atkinson-latin-400.0123456789abcdef.woff2", "/static/portal-leave.0123456789abcdef.js"]) {
    assert.equal(readable("GET", site + path, site), "file", path);
  }
});

test("a report, a mailbox, and what a person typed are nobody's business", () => {
  for (const path of [
    "/", "/en", "/en/report", "/p/nord/en/report", "/en/mailbox", "/api/submit", "/api/roster", "/api/mailbox/open", "/en/danger", "/en/how", "/en/offline",
    "/en/search?q=van", "/en/advice?crime=fraud", "/en/training/money-mules/certificate", "/en/advice/../report", "/en/advice/%2e%2e/report", "/en/advice//report",
    "/en/report/advice", "/en/report?x=/en/advice", "/en/report#/en/advice", "/static/scrub.0123456789abcdef.wasm", "/static/words-en.0123456789abcdef.txt",
  ]) {
    assert.equal(readable("GET", site + path, site), undefined, path);
  }
  assert.equal(readable("POST", `${site}/en/training/money-mules`, site), undefined);
  assert.equal(readable("GET", "https://evil.example/en/advice", site), undefined);
});
