import {
  changeKeys,
  type KeyRecord,
  type KeyWish,
  keyRecord,
  keysFileOf,
  readKeys,
  shownKey,
  stateOf,
} from "@hearth/server";
import { type JsonObject, UsageError } from "hearth";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";
import { keyAudit } from "../key-audit.ts";
import { textOfFile } from "../lines.ts";

/** Fewer characters of an id than this could be meant for another key by mistake. */
const MIN_ID = 4;

export function run(context: CommandContext): Promise<number> {
  return actionOf("keys", { create, list, revoke }, context);
}

async function create(context: CommandContext, rest: readonly string[]): Promise<number> {
  const { args, out, folder } = context;
  refuseMore(rest, "create");
  const config = context.config();
  const wish: KeyWish = wishOf(args.own);
  if (args.own.has("import")) wish.key = (await textOfFile("-", folder)).trim();
  const now = Date.now();
  const { key, record } = keyRecord(wish, now);
  const file = keysFileOf(config);
  changeKeys(file, (keys) => {
    if (keys.some(({ hash }) => hash === record.hash))
      throw new UsageError("This key is there already.", { remedy: "`hearth keys list` shows it." });
    return [...keys, record];
  });
  await keyAudit(config)(auditEntry("key-created", record));
  if (config.settings.json) {
    await out.json({ ...shownKey(record, now), ...(wish.key === undefined ? { key } : {}) });
    return 0;
  }
  if (wish.key === undefined) await out.line(key);
  const until = record.expiresAt === undefined ? "It does not expire." : `It expires ${record.expiresAt}.`;
  out.note(`Key ${record.id} of the tenant ${record.tenant} may use: ${record.scopes.join(", ")}. ${until}`);
  out.note(
    wish.key === undefined
      ? `It is shown this once: only its hash is kept, in ${file}.`
      : `Only its hash is kept, in ${file}.`,
  );
  return 0;
}

async function list({ config: settingsOf, out }: CommandContext, rest: readonly string[]): Promise<number> {
  refuseMore(rest, "list");
  const config = settingsOf();
  const now = Date.now();
  const keys = readKeys(keysFileOf(config));
  if (config.settings.json) {
    for (const record of keys) await out.json(shownKey(record, now));
    return 0;
  }
  if (keys.length === 0) {
    out.note("There are no keys: only this machine can use the service. `hearth keys create` makes one.");
    return 0;
  }
  const head = ["ID", "STATE", "TENANT", "MAY USE", "EXPIRES", "NAME"];
  const rows = [head, ...keys.map((record) => rowOf(record, now))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    await out.line(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  return 0;
}

async function revoke({ config: settingsOf, out }: CommandContext, rest: readonly string[]): Promise<number> {
  const [given, ...more] = rest;
  if (given === undefined || more.length > 0)
    throw new UsageError("hearth keys revoke takes one key.", {
      remedy: "Write `hearth keys revoke ID`; `hearth keys list` shows the ids.",
    });
  const config = settingsOf();
  const now = Date.now();
  let ended: KeyRecord | undefined;
  changeKeys(keysFileOf(config), (keys) => {
    const found = keyNamed(given, keys);
    // Revoked once is revoked since then.
    ended = { ...found, revokedAt: found.revokedAt ?? new Date(now).toISOString() };
    const { id } = found;
    return keys.map((record) => (record.id === id && ended !== undefined ? ended : record));
  });
  if (ended === undefined) return 1;
  await keyAudit(config)(auditEntry("key-revoked", ended));
  if (config.settings.json) await out.json(shownKey(ended, now));
  else out.note(`Key ${ended.id} is revoked: within a second no service takes it any more.`);
  return 0;
}

/** A key by its id, the beginning of one, what is shown of it, or the whole key: whoever has found a leaked one has that. */
function keyNamed(given: string, keys: readonly KeyRecord[]): KeyRecord {
  const id = /^hearth_([0-9a-f]{12})(?:_|$)/.exec(given)?.[1] ?? given.toLowerCase();
  const found = id.length < MIN_ID ? [] : keys.filter((record) => record.id.startsWith(id));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new UsageError(
    found.length > 1 ? `${found.length} keys begin with ${id}.` : `There is no key ${id.slice(0, 12)}.`,
    { remedy: "`hearth keys list` shows the ids." },
  );
}

function auditEntry(what: string, { id, tenant, scopes, expiresAt }: KeyRecord): JsonObject {
  return {
    what,
    keyId: id,
    tenant,
    scopes: [...scopes],
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function rowOf(record: KeyRecord, now: number): string[] {
  const { id, tenant, scopes, models, agents, expiresAt, name } = record;
  const only = [...(models ?? []), ...(agents ?? []).map((agent) => `agent:${agent}`)];
  const may = only.length === 0 ? scopes.join(",") : `${scopes.join(",")} (${only.join(",")})`;
  return [id, stateOf(record, now), tenant, may, expiresAt?.slice(0, 16).replace("T", " ") ?? "never", name];
}

function wishOf(own: ReadonlyMap<string, string | true>): KeyWish {
  const text = (name: string): string | undefined => {
    const value = own.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const names = (name: string): string[] | undefined =>
    text(name)
      ?.split(",")
      .map((one) => one.trim());
  const wish: KeyWish = {};
  const put = <K extends keyof KeyWish>(key: K, value: KeyWish[K] | undefined): void => {
    if (value !== undefined) wish[key] = value;
  };
  put("name", text("name"));
  put("scopes", names("scope"));
  put("expires", text("expires"));
  put("tenant", text("tenant"));
  put("models", names("model"));
  put("agents", names("agent"));
  put("ratePerMinute", numberOf(text("rate")));
  put("runs", numberOf(text("runs")));
  put("open", numberOf(text("open")));
  return wish;
}

/** What is no number is refused with the limit it was meant for. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.trim() === "" ? Number.NaN : text);
}

function refuseMore(rest: readonly string[], action: string): void {
  if (rest.length === 0) return;
  throw new UsageError(`hearth keys ${action} takes no "${rest[0]}".`, {
    remedy: `Write \`hearth keys ${action}\` with flags only.`,
  });
}
