import { isObject, type JsonObject, type JsonValue } from "hearth";
import { type Principal, SCOPES, type Scope } from "../principal.ts";
import { type KeyLimits, LIMITS } from "./limits.ts";

/** What is kept of a key: enough to know it again and what it may do, too little to use it. */
export interface KeyRecord extends KeyLimits {
  /** 12 hexadecimal digits; stands in the key, in logs and in runs. */
  id: string;
  name: string;
  /** SHA-256 of the whole key, in hexadecimal. */
  hash: string;
  /** The key was made elsewhere, and so does not say which one it is. */
  brought?: true;
  scopes: readonly Scope[];
  tenant: string;
  /** Names of models; absent: all. */
  models?: readonly string[];
  /** Names of agents; absent: all. */
  agents?: readonly string[];
  /** ISO 8601, UTC; so are the others. */
  createdAt: string;
  /** Absent: never. */
  expiresAt?: string;
  revokedAt?: string;
}

export type KeyState = "valid" | "expired" | "revoked";

export function stateOf({ expiresAt, revokedAt }: KeyRecord, now: number): KeyState {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && Date.parse(expiresAt) <= now ? "expired" : "valid";
}

export function principalOfKey(record: KeyRecord): Principal {
  const { id, tenant, scopes, models, agents } = record;
  const limits: KeyLimits = {};
  for (const limit of LIMITS) if (record[limit] !== undefined) limits[limit] = record[limit];
  return {
    tenant,
    keyId: id,
    scopes: new Set(scopes),
    proven: true,
    limits,
    ...(models === undefined ? {} : { models: new Set(models) }),
    ...(agents === undefined ? {} : { agents: new Set(agents) }),
  };
}

/** What may be shown of a key, to anybody who may see the list. */
export function shownKey(record: KeyRecord, now: number): JsonObject {
  const { hash: _, scopes, models, agents, ...rest } = record;
  return {
    ...rest,
    prefix: `hearth_${record.id}`,
    scopes: [...scopes],
    ...(models === undefined ? {} : { models: [...models] }),
    ...(agents === undefined ? {} : { agents: [...agents] }),
    state: stateOf(record, now),
  };
}

/** Names that can stand in a log, a metric and a table: letters, digits, `.`, `_`, `-`; 64 at most. */
export const TENANT = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i;

const FIELDS: ReadonlySet<string> = new Set([
  ...["id", "name", "hash", "scopes", "tenant", "models", "agents", "createdAt", "expiresAt", "revokedAt"],
  ...["brought", ...LIMITS],
]);

/**
 * A record as it was read from a file. Raises where anything is not as it was written: what can't be read whole must not be taken for a
 * key with fewer limits.
 */
export function readRecord(value: JsonValue | undefined): KeyRecord {
  if (!isObject(value)) throw new Error("a key is no object");
  const strange = Object.keys(value).find((field) => !FIELDS.has(field));
  if (strange !== undefined) throw new Error(`a key has a field "${strange}" that is not known here`);
  const id = text(value, "id", /^[0-9a-f]{12}$/);
  const record: KeyRecord = {
    id,
    name: text(value, "name", /^[^\p{Cc}]{0,100}$/u),
    hash: text(value, "hash", /^[0-9a-f]{64}$/),
    scopes: scopesOf(value["scopes"], id),
    tenant: text(value, "tenant", TENANT),
    createdAt: moment(value, "createdAt"),
  };
  if (value["brought"] === true) record.brought = true;
  if (value["expiresAt"] !== undefined) record.expiresAt = moment(value, "expiresAt");
  if (value["revokedAt"] !== undefined) record.revokedAt = moment(value, "revokedAt");
  if (value["models"] !== undefined) record.models = names(value["models"], `models of key ${id}`);
  if (value["agents"] !== undefined) record.agents = names(value["agents"], `agents of key ${id}`);
  for (const limit of LIMITS) {
    const given = value[limit];
    if (given === undefined) continue;
    if (typeof given !== "number" || !Number.isSafeInteger(given) || given < 1)
      throw new Error(`${limit} of key ${id} is no whole number of 1 or more`);
    record[limit] = given;
  }
  return record;
}

function text(value: JsonObject, name: string, pattern: RegExp): string {
  const found = value[name];
  if (typeof found === "string" && pattern.test(found)) return found;
  throw new Error(`${name} of a key is not as it should be`);
}

function moment(value: JsonObject, name: string): string {
  const found = value[name];
  if (typeof found === "string" && !Number.isNaN(Date.parse(found))) return found;
  throw new Error(`${name} of a key is no time`);
}

function names(value: JsonValue, what: string): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw new Error(`${what} are no list of names`);
}

function scopesOf(value: JsonValue | undefined, id: string): Scope[] {
  const known = (one: JsonValue): one is Scope => SCOPES.some((scope) => scope === one);
  if (Array.isArray(value) && value.length > 0 && value.every(known)) return value;
  throw new Error(`scopes of key ${id} are not among ${SCOPES.join(", ")}`);
}
