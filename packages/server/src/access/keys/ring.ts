import type { Principal } from "../principal.ts";
import { digestOf, sameDigest } from "./key.ts";
import { type KeyRecord, type KeyState, principalOfKey, stateOf } from "./record.ts";

/** What a key that was shown turned out to be. */
export type Found =
  | { state: "valid"; principal: Principal }
  /** `keyId` only where the whole key was right: nobody can put another's id into the log. */
  | { state: "unknown" }
  | { state: Exclude<KeyState, "valid">; keyId: string };

interface Entry {
  record: KeyRecord;
  digest: Buffer;
  principal: Principal;
}

/** Why a key no longer counts. */
export type KeyEnd = Exclude<KeyState, "valid"> | "removed";

const OWN_FORM = /^hearth_([0-9a-f]{12})_[\w-]{43}$/;
const NOBODY = Buffer.alloc(32);

/** The keys that count now. Knows no file: whoever holds it sets the records. */
export class KeyRing {
  readonly #now: () => number;
  #byId = new Map<string, Entry>();
  /** Keys that people brought along, which don't say which they are. */
  #brought: Entry[] = [];
  #valid = new Set<string>();
  #required = false;
  readonly #listeners = new Set<(keyId: string, why: KeyEnd) => void>();

  constructor(records: readonly KeyRecord[] = [], now: () => number = Date.now) {
    this.#now = now;
    if (records.length > 0) this.set(records);
  }

  /** Whether a key is asked for. Once it is, it stays so for the life of the process: a file that vanishes must not open the door. */
  get required(): boolean {
    return this.#required;
  }

  /** Asks for keys though there may be none that fits: the file can't be read. */
  require(): void {
    this.#required = true;
  }

  set(records: readonly KeyRecord[]): void {
    if (records.length > 0) this.#required = true;
    const entries = records.map((record) => ({
      record,
      digest: Buffer.from(record.hash, "hex"),
      principal: principalOfKey(record),
    }));
    this.#byId = new Map(entries.map((entry) => [entry.record.id, entry]));
    this.#brought = entries.filter(({ record }) => record.brought === true);
    this.look();
  }

  /** How many keys work now. */
  get size(): number {
    return this.#valid.size;
  }

  /** What this key is. Takes the same time whether its secret is wrong in the first place or in the last. */
  find(key: string, digest: Buffer = digestOf(key)): Found {
    const named = OWN_FORM.exec(key)?.[1];
    const candidate = named === undefined ? undefined : this.#byId.get(named);
    let entry = sameDigest(digest, candidate?.digest ?? NOBODY) ? candidate : undefined;
    if (named === undefined) for (const one of this.#brought) if (sameDigest(digest, one.digest)) entry = one;
    if (entry === undefined) return { state: "unknown" };
    const { record, principal } = entry;
    const state = stateOf(record, this.#now());
    return state === "valid" ? { state, principal } : { state, keyId: record.id };
  }

  /** Called once for each key that stops counting. */
  onEnd(listener: (keyId: string, why: KeyEnd) => void): void {
    this.#listeners.add(listener);
  }

  /** Finds out which keys have come to their end since the last look, and says so. */
  look(): void {
    const now = this.#now();
    const before = this.#valid;
    this.#valid = new Set();
    for (const [id, { record }] of this.#byId) if (stateOf(record, now) === "valid") this.#valid.add(id);
    for (const id of before) {
      if (this.#valid.has(id)) continue;
      const record = this.#byId.get(id)?.record;
      const state = record === undefined ? "removed" : stateOf(record, now);
      for (const listener of this.#listeners) listener(id, state === "valid" ? "removed" : state);
    }
  }
}
