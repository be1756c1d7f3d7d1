import { UsageError } from "hearth";
import { SCOPES, type Scope } from "../principal.ts";
import { digestOf, newKey } from "./key.ts";
import { type KeyLimits, LIMITS } from "./limits.ts";
import { type KeyRecord, TENANT } from "./record.ts";
import { weakness } from "./weak.ts";

/** What a new key shall be. */
export interface KeyWish extends KeyLimits {
  name?: string;
  /** Default: all but `admin`. */
  scopes?: readonly string[];
  /** Default `local`: the same runs as the person at the machine sees. */
  tenant?: string;
  models?: readonly string[];
  agents?: readonly string[];
  /** `30d`, `12h`, `45m`, a time in ISO 8601, or `never`. Default `365d`. */
  expires?: string;
  /** A key that was made elsewhere. Refused where it could be guessed. */
  key?: string;
}

const DEFAULT_SCOPES: readonly Scope[] = ["models", "agents", "tools"];
const DEFAULT_EXPIRES = "365d";
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_NAME = 100;

/** A new key with what is kept of it. Raises `UsageError` for a wish that can't be granted as it stands. */
export function keyRecord(wish: KeyWish, now: number): { key: string; record: KeyRecord } {
  const { id, key, hash } = broughtOr(wish.key);
  const record: KeyRecord = {
    id,
    name: nameOf(wish.name ?? ""),
    hash,
    scopes: scopesOf(wish.scopes),
    tenant: tenantOf(wish.tenant ?? "local"),
    createdAt: new Date(now).toISOString(),
  };
  if (wish.key !== undefined) record.brought = true;
  const expiresAt = expiryOf(wish.expires ?? DEFAULT_EXPIRES, now);
  if (expiresAt !== undefined) record.expiresAt = expiresAt;
  if (wish.models !== undefined) record.models = listOf(wish.models, "--model");
  if (wish.agents !== undefined)
    record.agents = listOf(wish.agents, "--agent").map((name) => name.replace(/^agent:/, ""));
  for (const limit of LIMITS) {
    const value = wish[limit];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`A limit of a key is a whole number of 1 or more, not ${value}.`, {
        remedy: "Leave it away for the service's own.",
      });
    record[limit] = value;
  }
  return { key, record };
}

function broughtOr(key: string | undefined): { id: string; key: string; hash: string } {
  const fresh = newKey();
  if (key === undefined) return fresh;
  const why = weakness(key);
  if (why !== undefined)
    throw new UsageError(`This key is too weak: ${why}.`, {
      remedy: "Let one be made, or bring one of `openssl rand -hex 32`.",
    });
  if (/^hearth_[0-9a-f]{12}_/.test(key))
    throw new UsageError("This key was made by Hearth, for another entry.", {
      remedy: "Let a new one be made.",
    });
  return { id: fresh.id, key, hash: digestOf(key).toString("hex") };
}

function nameOf(name: string): string {
  if (/^[^\p{Cc}]*$/u.test(name) && name.length <= MAX_NAME) return name;
  throw new UsageError(`A key's name has at most ${MAX_NAME} characters, on one line.`, {
    remedy: "Choose a shorter one.",
  });
}

function scopesOf(wished: readonly string[] | undefined): readonly Scope[] {
  if (wished === undefined) return DEFAULT_SCOPES;
  const known = SCOPES.filter((scope) => wished.includes(scope));
  const unknown = wished.find((name) => !SCOPES.some((scope) => scope === name));
  if (unknown === undefined && known.length > 0) return known;
  throw new UsageError(unknown === undefined ? "A key needs a scope." : `There is no scope "${unknown}".`, {
    remedy: `Choose among ${SCOPES.join(", ")}.`,
  });
}

function tenantOf(tenant: string): string {
  if (TENANT.test(tenant)) return tenant;
  throw new UsageError(`"${tenant}" can't name a tenant.`, {
    remedy: "Use letters, digits, ., _ and -, 64 at most, with a letter or digit at both ends.",
  });
}

function listOf(names: readonly string[], flag: string): string[] {
  const list = names.map((name) => name.trim()).filter((name) => name !== "");
  if (list.length > 0 && list.every((name) => /^[^\s,\p{Cc}]{1,300}$/u.test(name))) return [...new Set(list)];
  throw new UsageError(`${flag} needs names.`, { remedy: `Write ${flag} NAME, or leave it away for all.` });
}

function expiryOf(wish: string, now: number): string | undefined {
  if (wish === "never") return undefined;
  const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(wish) ?? [];
  const at =
    count === ""
      ? Date.parse(/^\d{4}-\d\d-\d\d/.test(wish) ? wish : "")
      : now + Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(at) || at > 8.64e15)
    throw new UsageError(`"${wish}" is no time that a key could expire.`, {
      remedy: "Write 30d, 12h, 45m, a date such as 2027-01-31, or never.",
    });
  if (at <= now)
    throw new UsageError(`A key that expires at ${new Date(at).toISOString()} would never work.`, {
      remedy: "Name a time to come.",
    });
  return new Date(at).toISOString();
}
