/** A small reader of GBNF that walks a grammar at random: what a sampler may write, without a model. */
type Node =
  | { kind: "text"; text: string }
  | { kind: "class"; ranges: [number, number][]; negated: boolean }
  | { kind: "ref"; name: string }
  | { kind: "seq"; parts: Node[] }
  | { kind: "any"; of: Node[] }
  | { kind: "repeat"; of: Node; min: number; max: number };

export type Random = () => number;

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class Grammar {
  readonly #rules = new Map<string, Node>();
  /** The fewest characters a rule can be written in; what has no finite text is absent. */
  readonly #least = new Map<string, number>();

  constructor(gbnf: string) {
    for (const line of gbnf.split("\n")) {
      if (line.trim() === "") continue;
      const at = line.indexOf(" ::= ");
      if (at < 0) throw new Error(`no rule: ${line}`);
      const name = line.slice(0, at);
      if (!/^[a-zA-Z0-9-]+$/.test(name)) throw new Error(`no name of a rule: ${name}`);
      if (this.#rules.has(name)) throw new Error(`a rule twice: ${name}`);
      this.#rules.set(name, new Reader(line.slice(at + 5)).whole());
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const [name, node] of this.#rules) {
        const cost = this.#cost(node);
        if (cost < (this.#least.get(name) ?? Number.POSITIVE_INFINITY)) {
          this.#least.set(name, cost);
          changed = true;
        }
      }
    }
    for (const name of this.#rules.keys()) if (!this.#least.has(name)) throw new Error(`${name} never ends`);
  }

  #rule(name: string): Node {
    const node = this.#rules.get(name);
    if (node === undefined) throw new Error(`no rule ${name}`);
    return node;
  }

  #cost(node: Node): number {
    if (node.kind === "text") return node.text.length;
    if (node.kind === "class") return 1;
    if (node.kind === "ref") {
      this.#rule(node.name);
      return (this.#least.get(node.name) ?? Number.POSITIVE_INFINITY) + 0.001;
    }
    if (node.kind === "seq") return node.parts.reduce((sum, part) => sum + this.#cost(part), 0);
    if (node.kind === "any") return Math.min(...node.of.map((one) => this.#cost(one)));
    return node.min === 0 ? 0 : node.min * this.#cost(node.of);
  }

  /** A text of the grammar. After `most` characters it takes the shortest way to an end. */
  walk(random: Random, most = 400): string {
    let out = "";
    const stack: Node[] = [this.#rule("root")];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const hurry = out.length > most || stack.length > 400;
      if (node.kind === "text") out += node.text;
      else if (node.kind === "class") out += pick(node, random);
      else if (node.kind === "ref") stack.push(this.#rule(node.name));
      else if (node.kind === "seq") stack.push(...node.parts.toReversed());
      else if (node.kind === "any") {
        const cheapest = Math.min(...node.of.map((one) => this.#cost(one)));
        const open = hurry ? node.of.filter((one) => this.#cost(one) === cheapest) : node.of;
        const next = open[Math.floor(random() * open.length)];
        if (next !== undefined) stack.push(next);
      } else {
        const { of, min, max } = node;
        const count = hurry ? min : Math.min(max, min + Math.floor(-Math.log(1 - random()) * 2));
        for (let i = 0; i < count; i++) stack.push(of);
      }
    }
    return out;
  }
}

/** Characters that trip readers are drawn more often than chance would. */
const TRICKY = [..."\"\\{}[]<>|,:=()' \n\t/é中😀"].map((char) => char.codePointAt(0) ?? 0);

function pick(node: Extract<Node, { kind: "class" }>, random: Random): string {
  const fits = (code: number): boolean =>
    node.ranges.some(([low, high]) => code >= low && code <= high) !== node.negated &&
    !(code >= 0xd800 && code <= 0xdfff);
  if (random() < 0.3) {
    const tricky = TRICKY.filter(fits);
    if (tricky.length > 0) return String.fromCodePoint(tricky[Math.floor(random() * tricky.length)] ?? 0);
  }
  const ranges: [number, number][] = node.negated ? [[0x20, 0x7e]] : node.ranges;
  for (let tries = 0; tries < 1000; tries++) {
    const [low, high] = ranges[Math.floor(random() * ranges.length)] ?? [0x61, 0x7a];
    const code = low + Math.floor(random() * (high - low + 1));
    if (fits(code)) return String.fromCodePoint(code);
  }
  throw new Error("a class of no character");
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new Error(`left over: ${this.#text.slice(this.#at)}`);
    return node;
  }

  #space(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #choice(): Node {
    const of = [this.#sequence()];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      of.push(this.#sequence());
    }
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: "any", of };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    this.#space();
    while (this.#at < this.#text.length && !"|)".includes(this.#text[this.#at] ?? "")) {
      parts.push(this.#repeated(this.#atom()));
      this.#space();
    }
    return { kind: "seq", parts };
  }

  #repeated(of: Node): Node {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#text.slice(this.#at));
    if (found === null) return of;
    this.#at += found[0].length;
    const many = Number.POSITIVE_INFINITY;
    if (found[0] === "*") return { kind: "repeat", of, min: 0, max: many };
    if (found[0] === "+") return { kind: "repeat", of, min: 1, max: many };
    if (found[0] === "?") return { kind: "repeat", of, min: 0, max: 1 };
    const min = Number(found[1]);
    return {
      kind: "repeat",
      of,
      min,
      max: found[2] === "" ? min : found[3] === "" ? many : Number(found[3]),
    };
  }

  #atom(): Node {
    const char = this.#text[this.#at];
    if (char === "(") {
      this.#at++;
      const node = this.#choice();
      if (this.#text[this.#at++] !== ")") throw new Error("an open group");
      return node;
    }
    if (char === '"') {
      this.#at++;
      let text = "";
      while (this.#text[this.#at] !== '"') text += String.fromCodePoint(this.#char());
      this.#at++;
      return { kind: "text", text };
    }
    if (char === "[") return this.#class();
    const name = /^[a-zA-Z0-9-]+/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) throw new Error(`unreadable: ${this.#text.slice(this.#at)}`);
    this.#at += name.length;
    return { kind: "ref", name };
  }

  #class(): Node {
    this.#at++;
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    const ranges: [number, number][] = [];
    while (this.#text[this.#at] !== "]") {
      const low = this.#char();
      if (this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]") {
        this.#at++;
        ranges.push([low, this.#char()]);
      } else ranges.push([low, low]);
    }
    this.#at++;
    return { kind: "class", ranges, negated };
  }

  #char(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new Error("an open literal");
    this.#at += code > 0xffff ? 2 : 1;
    if (code !== 0x5c) return code;
    const kind = this.#text[this.#at++] ?? "";
    const length = { x: 2, u: 4, U: 8 }[kind];
    if (length !== undefined) {
      const hex = this.#text.slice(this.#at, this.#at + length);
      if (!/^[0-9a-f]+$/i.test(hex) || hex.length < length) throw new Error(`no escape: ${hex}`);
      this.#at += length;
      return Number.parseInt(hex, 16);
    }
    const plain = { n: 10, r: 13, t: 9, '"': 34, "\\": 92, "[": 91, "]": 93 }[kind];
    if (plain === undefined) throw new Error(`no escape: \\${kind}`);
    return plain;
  }
}
