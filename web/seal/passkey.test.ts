// SPDX-License-Identifier: AGPL-3.0-or-later

import assert from "node:assert/strict";
import test from "node:test";
import { hex } from "./bytes";
import { prfInput, withoutPRF, wrapKeyFromPRF } from "./passkey";

const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";

// What Chromium's PublicKeyCredential.toJSON() gives after PRF was evaluated.
const credential = {
  id: "AAAA", rawId: "AAAA", type: "public-key", authenticatorAttachment: "platform",
  response: { clientDataJSON: "e30", authenticatorData: "AAAA", signature: "AAAA", userHandle: "AAAA" },
  clientExtensionResults: { prf: { enabled: true, results: { first: secret, second: secret } }, credProps: { rk: true } },
};

await test("no PRF result is in the request body", () => {
  const body = JSON.stringify(withoutPRF(credential));
  assert.ok(!body.includes(secret));
  assert.deepEqual(JSON.parse(body), { ...credential, clientExtensionResults: { prf: { enabled: true }, credProps: { rk: true } } });
  assert.ok(JSON.stringify(credential).includes(secret), "the credential itself was changed");
});

await test("wherever a result is nested it goes, and unknown extensions with it", () => {
  const strange = {
    ...credential, prf: { results: { first: secret } }, response: { ...credential.response, deep: [{ prf: { results: { first: secret } } }] },
    clientExtensionResults: { prf: { results: { first: secret } }, hmacGetSecret: { output1: secret }, largeBlob: { blob: secret } },
  };
  assert.ok(!JSON.stringify(withoutPRF(strange)).includes(secret));
});

await test("a PRF result of another length wraps nothing", () => {
  assert.throws(() => wrapKeyFromPRF(new Uint8Array(31)));
  assert.throws(() => wrapKeyFromPRF(new Uint8Array(64)));
  assert.equal(hex(prfInput()).length, 64);
});
