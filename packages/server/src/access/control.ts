import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { RequestError } from "../problem.ts";
import type { KeyRing } from "./keys/ring.ts";
import { type AccessLimits, DEFAULT_ACCESS_LIMITS } from "./limits.ts";
import { Places, RateMeter } from "./meter.ts";
import { namesOf, originsOf } from "./names.ts";
import type { Principal } from "./principal.ts";
import { type AccessNote, Refusals } from "./refusals.ts";

export interface ControlOptions {
  /** Acts as the admin of the local tenant. */
  token: string;
  ring: KeyRing;
  /** The address that is listened on; its name is answered to. */
  host: string;
  allowHosts?: readonly string[];
  allowOrigins?: readonly string[];
  limits?: Partial<AccessLimits>;
  /** Hears of refusals and of the use of keys. */
  tell?: (note: AccessNote) => void;
  now?: () => number;
}

/** Seconds after which a place may be free again; nobody knows. */
const RETRY_S = 2;
/** A key in use is told so often: once an hour. */
const USE_MS = 3_600_000;

/** What all requests share: the keys, the names, the counts. One for each service. */
export class AccessControl {
  readonly token: string;
  readonly ring: KeyRing;
  readonly limits: AccessLimits;
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly rate: RateMeter;
  readonly refusals: Refusals;
  /** `GET /livez`: what is answered without a key. */
  readonly public: Set<string> = new Set();
  readonly #runs = new Places();
  readonly #places = new Places();
  readonly #open = new Map<string, Set<{ destroy(): unknown }>>();
  /** What ends the work that goes on without its client. */
  readonly #work = new Map<string, Set<() => void>>();
  readonly #used = new Map<string, number>();
  readonly #tell: (note: AccessNote) => void;
  readonly #now: () => number;

  constructor(options: ControlOptions) {
    this.token = options.token;
    this.ring = options.ring;
    this.limits = { ...DEFAULT_ACCESS_LIMITS, ...options.limits };
    this.hosts = namesOf(options.host, options.allowHosts ?? []);
    this.origins = originsOf(options.allowOrigins ?? []);
    this.#tell = options.tell ?? (() => undefined);
    this.#now = options.now ?? Date.now;
    this.rate = new RateMeter(this.#now);
    this.refusals = new Refusals(this.#tell, this.#now);
    this.ring.onEnd((keyId, why) => {
      this.#tell({ what: "key-ended", keyId, code: why });
      for (const response of this.#open.get(keyId) ?? []) response.destroy();
      // What was begun rightly may come to its end where the key has merely expired.
      if (why !== "expired") for (const stop of this.#work.get(keyId) ?? []) stop();
    });
  }

  /** A key was used; told at its first use, and then once an hour. */
  used(keyId: string, tenant: string, address: string | undefined): void {
    const now = this.#now();
    if (now - (this.#used.get(keyId) ?? Number.NEGATIVE_INFINITY) < USE_MS) return;
    this.#used.set(keyId, now);
    this.#tell({ what: "key-used", keyId, tenant, ...(address === undefined ? {} : { address }) });
  }

  /** Takes one request of a key; or says in how many seconds there is one again. */
  takeRequest({ keyId, limits }: Principal): number | undefined {
    if (keyId === undefined) return undefined;
    return this.rate.take(keyId, limits?.ratePerMinute ?? this.limits.ratePerMinute);
  }

  /**
   * A place for a run, to be given back when it is over. Raises 429. The person at this machine needs none.
   * @param stop called when the key is revoked, for what goes on without its client
   */
  takeRun({ keyId, limits }: Principal, stop?: () => void): () => void {
    if (keyId === undefined) return () => undefined;
    const most = limits?.runs ?? this.limits.runsPerKey;
    const release =
      this.#runs.take(keyId, most) ?? tooMany(`This key has ${most} runs going on, as many as it may.`);
    if (stop === undefined) return release;
    const all = this.#work.get(keyId) ?? new Set();
    this.#work.set(keyId, all.add(stop));
    return () => {
      all.delete(stop);
      if (all.size === 0 && this.#work.get(keyId) === all) this.#work.delete(keyId);
      release();
    };
  }

  /**
   * A place for an answer that may be long. It is given back when the client has its answer or has left; where there is no socket, by
   * what is returned. A key that stops counting ends its answers. Raises 429.
   */
  open(c: Context, { keyId, limits }: Principal): () => void {
    if (keyId === undefined) return () => undefined;
    const most = limits?.open ?? this.limits.openPerKey;
    const release =
      this.#places.take(keyId, most) ?? tooMany(`This key has ${most} answers open, as many as it may.`);
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    if (outgoing === undefined) return release;
    const all = this.#open.get(keyId) ?? new Set();
    this.#open.set(keyId, all.add(outgoing));
    outgoing.once("close", () => {
      all.delete(outgoing);
      if (all.size === 0 && this.#open.get(keyId) === all) this.#open.delete(keyId);
      release();
    });
    return () => undefined;
  }
}

function tooMany(message: string): never {
  throw new RequestError(429, message, {
    code: "too_many_at_once",
    remedy: "Wait until one is over.",
    retryAfterS: RETRY_S,
  });
}
