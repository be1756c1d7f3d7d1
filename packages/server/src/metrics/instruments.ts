/** What one label may take, at most, before further values count as `other`. */
export const MAX_VALUES = 64;
/** Stands for every value beyond the bound. */
export const OTHER = "other";

export interface Sample {
  /** What is added to the name: `_bucket`, `_sum`, `_count`, or nothing. */
  suffix: string;
  labels: readonly (readonly [name: string, value: string])[];
  value: number;
}

/** One row of `/metrics`. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): Iterable<Sample>;
}

/** Values by their labels. The key is their text: cheap to find again, and no label of ours holds the separator. */
class Cells<T> {
  readonly #names: readonly string[];
  readonly #make: () => T;
  readonly #cells = new Map<string, { labels: Sample["labels"]; cell: T }>();

  constructor(names: readonly string[], make: () => T) {
    this.#names = names;
    this.#make = make;
    // What has no labels is shown from the start: an absent series and a zero are different things to an alert.
    if (names.length === 0) this.at([]);
  }

  at(values: readonly string[]): T {
    const key = values.length === 1 ? values[0]! : values.join("\u0000");
    const known = this.#cells.get(key);
    if (known !== undefined) return known.cell;
    const labels = this.#names.map((name, i) => [name, values[i] ?? ""] as const);
    const cell = this.#make();
    this.#cells.set(key, { labels, cell });
    return cell;
  }

  all(): Iterable<{ labels: Sample["labels"]; cell: T }> {
    return this.#cells.values();
  }
}

/** Only grows. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #cells: Cells<{ value: number }>;

  constructor(name: string, help: string, labels: readonly string[] = []) {
    this.name = name;
    this.help = help;
    this.#cells = new Cells(labels, () => ({ value: 0 }));
  }

  add(by = 1, ...values: readonly string[]): void {
    this.#cells.at(values).value += by;
  }

  *samples(): Generator<Sample> {
    for (const { labels, cell } of this.#cells.all()) yield { suffix: "", labels, value: cell.value };
  }
}

/** A reading: one number, or one for each value of one label. */
export type Reading = number | undefined | Iterable<readonly [value: string, number]>;

/** Read when somebody asks; `undefined` leaves it out. */
export class Gauge implements Metric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly #label: string;
  readonly #read: () => Reading;

  constructor(name: string, help: string, read: () => Reading, { label = "", counts = false } = {}) {
    this.name = name;
    this.help = help;
    this.#read = read;
    this.#label = label;
    this.type = counts ? "counter" : "gauge";
  }

  *samples(): Generator<Sample> {
    const reading = this.#read();
    if (reading === undefined) return;
    if (typeof reading === "number") yield { suffix: "", labels: [], value: reading };
    else
      for (const [text, value] of reading)
        yield { suffix: "", labels: this.#label === "" ? [] : [[this.#label, text]], value };
  }
}

interface Distribution {
  /** One a bound, and one for what is above all of them; not cumulative. */
  counts: number[];
  sum: number;
  count: number;
}

/** How values are spread over bounds. */
export class Histogram implements Metric {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly #cells: Cells<Distribution>;

  /** @param bounds upper ends, inclusive, rising */
  constructor(name: string, help: string, bounds: readonly number[], labels: readonly string[] = []) {
    this.name = name;
    this.help = help;
    this.bounds = bounds;
    this.#cells = new Cells(labels, () => ({
      counts: new Array<number>(bounds.length + 1).fill(0),
      sum: 0,
      count: 0,
    }));
  }

  observe(value: number, ...values: readonly string[]): void {
    const cell = this.#cells.at(values);
    const found = this.bounds.findIndex((bound) => value <= bound);
    const at = found < 0 ? this.bounds.length : found;
    cell.counts[at] = (cell.counts[at] ?? 0) + 1;
    cell.sum += value;
    cell.count++;
  }

  /** As they stand, for another exporter. */
  distributions(): Iterable<{ labels: Sample["labels"]; cell: Readonly<Distribution> }> {
    return this.#cells.all();
  }

  *samples(): Generator<Sample> {
    for (const { labels, cell } of this.#cells.all()) {
      let below = 0;
      for (const [i, bound] of [...this.bounds, Number.POSITIVE_INFINITY].entries()) {
        below += cell.counts[i] ?? 0;
        const le = Number.isFinite(bound) ? String(bound) : "+Inf";
        yield { suffix: "_bucket", labels: [...labels, ["le", le]], value: below };
      }
      yield { suffix: "_sum", labels, value: cell.sum };
      yield { suffix: "_count", labels, value: cell.count };
    }
  }
}

/**
 * The values that a label may take. Whoever asks chooses the model's name, so a name becomes a label only once an engine has
 * answered to it, and no more than `max` do: each label is memory here and a series in the store.
 */
export class BoundedLabel {
  readonly #known = new Set<string>();
  readonly #max: number;

  constructor(max = MAX_VALUES) {
    this.#max = max;
  }

  /** Takes it up where there is room. */
  admit(value: string): string {
    if (this.#known.has(value)) return value;
    if (value === "" || this.#known.size >= this.#max) return OTHER;
    this.#known.add(value);
    return value;
  }

  /** The value if it was taken up before. */
  known(value: string): string {
    return this.#known.has(value) ? value : OTHER;
  }
}
