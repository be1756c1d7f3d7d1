/** Keys for the probes: good ones of two tenants, and every kind that must not work. */
import type { KeyRecord, KeyWish } from "@hearth/server";
import { keyRecord } from "@hearth/server";

export interface TestKeys {
  /** Of the tenant blue, with all scopes but admin. */
  blue: string;
  /** Of the tenant red. */
  red: string;
  /** One for each scope, alone. */
  scoped: Record<string, string>;
  /** Limited to the model `allowed`. */
  limited: string;
  expired: string;
  revoked: string;
  /** One request a minute after twenty at once; one run; two answers. */
  slow: string;
  oneRun: string;
  twoOpen: string;
  /** To be revoked while it is used. */
  leaked: string;
  records: KeyRecord[];
}

const DAY_MS = 86_400_000;
/** No probe but those of limits meets one. */
const FREE = { ratePerMinute: 10_000_000, open: 10_000, runs: 1000 };

export function testKeys(now = Date.now()): TestKeys {
  const records: KeyRecord[] = [];
  const add = (wish: KeyWish, at = now): string => {
    const { key, record } = keyRecord({ ...FREE, ...wish }, at);
    records.push(record);
    return key;
  };
  const keys = {
    blue: add({ name: "blue", tenant: "blue" }),
    red: add({ name: "red", tenant: "red" }),
    scoped: Object.fromEntries(
      ["models", "agents", "tools", "admin"].map((scope) => [
        scope,
        add({ scopes: [scope], tenant: "blue" }),
      ]),
    ),
    limited: add({ tenant: "limited", models: ["allowed"] }),
    expired: add({ tenant: "blue", expires: "1d" }, now - 2 * DAY_MS),
    revoked: add({ tenant: "blue" }),
    slow: add({ tenant: "slow", ratePerMinute: 1 }),
    oneRun: add({ tenant: "one", runs: 1 }),
    twoOpen: add({ tenant: "two", open: 2 }),
    leaked: add({ tenant: "leak" }),
    records,
  };
  const revoked = records.find(({ id }) => keys.revoked.includes(id));
  if (revoked !== undefined) revoked.revokedAt = new Date(now).toISOString();
  return keys;
}
