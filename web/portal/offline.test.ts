// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { inCopy, readable, rootOf } from "./offline";

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
    "/", "/en", "/en/report", "/p/nord/en/report", "/en/mailbox", "/api/submit", "/api/roster", "/api/mailbox/open", "/en/danger", "/en/how", "/en/offline", "/en/help", "/en/help/pack", "/en/help/service/0b5e0d4e-0c1a-5b0e-9d53-3f1f0f0a0b0c",
    "/en/search?q=van", "/en/advice?crime=fraud", "/en/training/money-mules/certificate", "/en/advice/../report", "/en/advice/%2e%2e/report", "/en/advice//report",
    "/en/report/advice", "/en/report?x=/en/advice", "/en/report#/en/advice", "/static/scrub.0123456789abcdef.wasm", "/static/words-en.0123456789abcdef.txt",
  ]) {
    assert.equal(readable("GET", site + path, site), undefined, path);
  }
  assert.equal(readable("POST", `${site}/en/training/money-mules`, site), undefined);
  assert.equal(readable("GET", "https://evil.example/en/advice", site), undefined);
});

test("whatever was asked of the directory leads to the one copy", () => {
  const service = "0b5e0d4e-0c1a-5b0e-9d53-3f1f0f0a0b0c";
  for (const [path, copy, place] of [
    ["/en/help", "/en/help/copy", ""], ["/p/nord/ar/help?country=DK&about=home", "/p/nord/ar/help/copy", ""], ["/en/help/copy", "/en/help/copy", ""],
    ["/en/help/pack?about=fraud", "/en/help/copy", ""], [`/da/help/service/${service}`, "/da/help/copy", `#s-${service}`],
  ] as const) {
    assert.deepEqual(inCopy("GET", site + path, site), { copy, place }, path);
  }
  for (const path of ["/en/report", "/en/mailbox", "/en", "/en/helpline", "/en/help/copy.html", "/en/help/service/x", "/en/help/../report", "/en/report/help", "/en/advice", "/en/report?x=/en/help"]) {
    assert.equal(inCopy("GET", site + path, site), undefined, path);
  }
  assert.equal(inCopy("POST", `${site}/en/help`, site), undefined);
  assert.equal(inCopy("GET", "https://evil.example/en/help", site), undefined);
});

test("the copy is looked after by every page that is kept, and by no other", () => {
  for (const path of ["/p/nord/en/advice/overdose", "/p/nord/en/connected", "/p/nord/en/help?near=Leeds"]) assert.equal(rootOf(site + path), "/p/nord/en", path);
  for (const path of ["/en/report", "/en/mailbox", "/en", "/en/search"]) assert.equal(rootOf(site + path), undefined, path);
});
