import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "hearth";
import { type KeyWish, keyRecord } from "./make.ts";
import { type KeyRecord, readRecord, shownKey } from "./record.ts";
import { type KeyEnd, KeyRing } from "./ring.ts";
import { weakness } from "./weak.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const DAY = 86_400_000;

describe("wishes that are refused", () => {
  const cases: [name: string, wish: KeyWish][] = [
    ["a scope that is not there", { scopes: ["models", "root"] }],
    ["no scope", { scopes: [] }],
    ["a tenant with a slash", { tenant: "a/b" }],
    ["a tenant with a space", { tenant: "a b" }],
    ["an empty tenant", { tenant: "" }],
    ["a name of two lines", { name: "a\nb" }],
    ["a long name", { name: "a".repeat(101) }],
    ["a time without a unit", { expires: "30" }],
    ["a time in words", { expires: "soon" }],
    ["no time", { expires: "" }],
    ["a time that is over", { expires: "2020-01-01" }],
    ["no days", { expires: "0d" }],
    ["a limit of nothing", { ratePerMinute: 0 }],
    ["half a run", { runs: 0.5 }],
    ["a limit that is no number", { open: Number.NaN }],
    ["no models", { models: [" "] }],
    ["a model with a line's end", { models: ["a\nb"] }],
    ["a weak key", { key: "sk-1234" }],
    ["a key of ours under another id", { key: `hearth_0123456789ab_${"kX9".repeat(15)}` }],
  ];
  for (const [name, wish] of cases) test(name, () => assert.throws(() => keyRecord(wish, NOW), UsageError));
});

test("a key has 256 bits of chance; of it only the hash is kept", () => {
  const made = Array.from({ length: 50 }, () => keyRecord({}, NOW));
  for (const { key, record } of made) {
    assert.match(key, /^hearth_[0-9a-f]{12}_[\w-]{43}$/);
    assert.ok(!JSON.stringify([record, shownKey(record, NOW)]).includes(key.slice(20)));
    assert.ok(!("hash" in shownKey(record, NOW)));
    assert.deepEqual(readRecord(JSON.parse(JSON.stringify(record))), record);
  }
  assert.equal(new Set(made.map(({ key }) => key.slice(20))).size, 50);
});

test("times to expire", () => {
  const of = (expires?: string) => keyRecord(expires === undefined ? {} : { expires }, NOW).record.expiresAt;
  assert.equal(of("45m"), "2026-11-21T12:45:00.000Z");
  assert.equal(of("12h"), "2026-11-22T00:00:00.000Z");
  assert.equal(of("30d"), "2026-12-21T12:00:00.000Z");
  assert.equal(of("2027-01-31"), "2027-01-31T00:00:00.000Z");
  assert.equal(of("never"), undefined);
  assert.equal(of(), "2027-11-21T12:00:00.000Z");
});

describe("records that are not as they were written are no keys", () => {
  const { record } = keyRecord({ models: ["a"] }, NOW);
  const cases: [name: string, change: object][] = [
    ["a field that is not known", { admin: true }],
    ["no scopes", { scopes: undefined }],
    ["an unknown scope", { scopes: ["models", "x"] }],
    ["models that are no list", { models: "a" }],
    ["models that are no names", { models: [1] }],
    ["a short hash", { hash: "ab" }],
    ["an expiry that is no time", { expiresAt: "soon" }],
    ["a revocation that is no time", { revokedAt: true }],
    ["a tenant with a line's end", { tenant: "a\n" }],
    ["another id", { id: "../../etc" }],
    ["a limit of nothing", { runs: 0 }],
  ];
  for (const [name, change] of cases)
    test(name, () => assert.throws(() => readRecord(JSON.parse(JSON.stringify({ ...record, ...change })))));
  test("no object", () => assert.throws(() => readRecord([1])));
});

describe("keys that people bring along", () => {
  const weak = [
    "",
    "sk-1234",
    "password",
    "changeme-changeme-changeme-changeme",
    "a".repeat(200),
    "ab".repeat(100),
    "0123456789abcdef".repeat(4),
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "hearth-secret-token-hearth-secret-token",
    "correct horse battery staple and more",
    "ключключключключключключключключ",
    "9f86d081884c7d659a2feaa0c55ad0",
    "31415926535897932384626433832795",
  ];
  for (const key of weak) test(`weak: ${key.slice(0, 40)}`, () => assert.ok(weakness(key) !== undefined));
  const strong = [
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "q8mGZr0X1vQd7sJkW2nTfB5yLhC9pEaU",
    "sk-proj-q8mGZr0X1vQd7sJkW2nTfB5yLhC9pEaU",
    keyRecord({}, NOW).key,
  ];
  for (const key of strong) test(`strong: ${key.slice(0, 40)}`, () => assert.equal(weakness(key), undefined));
  test("one is known again, and says nothing of which it is", () => {
    const { key, record } = keyRecord({ key: strong[1]!, tenant: "blue" }, NOW);
    const ring = new KeyRing([keyRecord({}, NOW).record, record], () => NOW);
    assert.equal(key, strong[1]);
    const found = ring.find(key);
    assert.equal(found.state === "valid" && found.principal.tenant, "blue");
    assert.equal(ring.find(key.toLowerCase()).state, "unknown");
  });
});

describe("the ring", () => {
  let time = NOW;
  const now = (): number => time;
  const one = keyRecord({ tenant: "blue", scopes: ["models"], models: ["a"] }, NOW);
  const day = keyRecord({ expires: "1d" }, NOW);

  test("knows a key by all of it", () => {
    const ring = new KeyRing([one.record, day.record], now);
    const found = ring.find(one.key);
    assert.ok(found.state === "valid");
    assert.equal(found.principal.keyId, one.record.id);
    assert.ok(found.principal.proven && found.principal.models?.has("a"));
    const wrong = [
      ...["", one.record.hash, one.record.id, `hearth_${one.record.id}`, `${one.key}x`, one.key.slice(0, -1)],
      one.key.slice(0, 20) + day.key.slice(20),
    ];
    for (const key of wrong) assert.deepEqual(ring.find(key), { state: "unknown" }, key);
  });

  test("asks for keys once there was one, for ever", () => {
    const ring = new KeyRing([], now);
    assert.equal(ring.required, false);
    ring.set([one.record]);
    ring.set([]);
    assert.equal(ring.required, true);
    assert.equal(ring.find(one.key).state, "unknown");
  });

  test("tells once of each key that has come to its end, and why", () => {
    time = NOW;
    const ended: [string, KeyEnd][] = [];
    const gone = keyRecord({}, NOW);
    const revoked: KeyRecord = { ...one.record, revokedAt: new Date(NOW).toISOString() };
    const ring = new KeyRing([one.record, day.record, gone.record], now);
    ring.onEnd((id, why) => ended.push([id, why]));
    ring.look();
    assert.deepEqual([ended, ring.size], [[], 3]);
    ring.set([revoked, day.record]);
    time = NOW + DAY;
    ring.look();
    ring.look();
    assert.deepEqual(ended, [
      [one.record.id, "revoked"],
      [gone.record.id, "removed"],
      [day.record.id, "expired"],
    ]);
    assert.deepEqual(ring.find(one.key), { state: "revoked", keyId: one.record.id });
    assert.deepEqual(ring.find(day.key), { state: "expired", keyId: day.record.id });
    assert.equal(ring.size, 0);
  });

  test("a key that has expired does not work, though nobody has looked yet", () => {
    time = NOW;
    const ring = new KeyRing([day.record], now);
    time = NOW + DAY - 1;
    assert.equal(ring.find(day.key).state, "valid");
    time = NOW + DAY;
    assert.equal(ring.find(day.key).state, "expired");
  });
});
