import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretName, maskText, maskValue, secretsOf } from "./mask.ts";

test("names that look like keys are known", () => {
  for (const name of [
    "OPENAI_API_KEY",
    "apiKey",
    "DB_PASSWORD",
    "x-auth-token",
    "clientSecret",
    "SENTRY_DSN",
  ])
    assert.equal(isSecretName(name), true, name);
  for (const name of [
    "maxTokens",
    "HEARTH_MAX_STEPS",
    "keyboard",
    "monkey",
    "temperature",
    "SSH_AUTH_SOCK",
    "PWD",
    "OLDPWD",
  ])
    assert.equal(isSecretName(name), false, name);
});

test("no secret is left in a text, and what is none stays", () => {
  const secrets = [
    ["key sk-proj-abcdefghijklmnop1234 used", "sk-proj-abcdefghijklmnop1234"],
    ["ghp_abcdefghijklmnopqrstuvwxyz012345", "ghp_abcdefghijklmnopqrstuvwxyz012345"],
    ["AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"],
    ["Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
    ["https://me:hunter22@host/x", "hunter22"],
    ['{"password": "correct horse"}', "correct"],
    ["DB_PASSWORD=swordfish99", "swordfish99"],
    [JSON.stringify("line\npassword=swordfish99\n"), "swordfish99"],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"],
    ["it is my-own-secret-word here", "my-own-secret-word"],
  ];
  for (const [text = "", secret = ""] of secrets)
    assert.ok(!maskText(text, ["my-own-secret-word"]).includes(secret), text);
  const plain = "The task-runner uses 300 tokens: max_tokens=4096; see https://example.com/a?b=c";
  assert.equal(maskText(plain), plain);
});

test("masking is done in linear time and once is enough", () => {
  const long = "a.b-".repeat(50_000) + "token=" + "x".repeat(50_000);
  const masked = maskText(long);
  assert.ok(!masked.includes("xxxxxxxx"));
  assert.equal(maskText(masked), masked);
});

test("short values give nothing away, long ones their last four letters", () => {
  assert.equal(maskValue("hunter22"), "…");
  assert.equal(maskValue("sk-abcdefghijklmnop1234"), "…1234");
});

test("secrets of the environment are found by name, longest first", () => {
  const env = { A_TOKEN: "12345678", B_KEY: "1234567890", PATH: "/bin:/usr/bin", C_KEY: "1" };
  assert.deepEqual(secretsOf(env), ["1234567890", "12345678"]);
});
