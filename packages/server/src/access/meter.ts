/** What is left of a key's requests. */
interface Bucket {
  tokens: number;
  /** Milliseconds, when that was so. */
  at: number;
}

/** At once after a rest: this part of a minute's requests, but at least `MIN_BURST`. */
const BURST_SHARE = 0.1;
const MIN_BURST = 20;
/** Buckets kept; full ones are forgotten first, for they are as new ones. */
const MAX_BUCKETS = 10_000;

/** Token buckets by key: so many requests a minute in the long run, a tenth of them at once. */
export class RateMeter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one request; or says in how many seconds there is one again. */
  take(key: string, perMinute: number): number | undefined {
    const now = this.#now();
    const burst = Math.max(MIN_BURST, perMinute * BURST_SHARE);
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(key) ?? this.#add(key, { tokens: burst, at: now });
    bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000));
  }

  #add(key: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= MAX_BUCKETS) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

/** How many of something each key has at once. */
export class Places {
  readonly #taken = new Map<string, number>();

  /** A place, to be given back once; giving it back again does nothing. Undefined where there is none left. */
  take(key: string, most: number): (() => void) | undefined {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= most) return undefined;
    this.#taken.set(key, taken + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#taken.get(key) ?? 1) - 1;
      if (left > 0) this.#taken.set(key, left);
      else this.#taken.delete(key);
    };
  }
}
