/** What a look at the text can say: this is not it, the text must go on before one can tell, this is it. */
export const NO = 0;
export const MORE = 1;
export const YES = 2;
export type Look = typeof NO | typeof MORE | typeof YES;

/** White space that a look ahead goes through at most; what is held back stays bounded. */
const MAX_SPACE = 256;

/** The text not yet consumed. Chunks are joined only with what was held back, so the cost per byte stays constant. */
export class Source {
  text = "";
  pos = 0;
  /** No more text will come. */
  ended = false;
  /** Characters consumed before `text[0]`. */
  private base = 0;

  get offset(): number {
    return this.base + this.pos;
  }

  push(chunk: string): void {
    this.base += this.pos;
    this.text = this.pos >= this.text.length ? chunk : this.text.slice(this.pos) + chunk;
    this.pos = 0;
  }

  /** Puts consumed text back in front: an attempt failed and its text is read anew. */
  unread(consumed: string): void {
    if (consumed.length <= this.pos) {
      this.pos -= consumed.length;
      return;
    }
    this.base = this.offset - consumed.length;
    this.text = consumed + this.text.slice(this.pos);
    this.pos = 0;
  }

  /** Moves over white space; false where nothing but white space is left. */
  skipSpace(): boolean {
    const { text } = this;
    while (this.pos < text.length && isSpace(text.charCodeAt(this.pos))) this.pos++;
    return this.pos < text.length;
  }

  /** The next character from `at` on that is no white space; after `MAX_SPACE` of it the search is over. */
  afterSpace(at: number): number {
    const { text } = this;
    const end = Math.min(text.length, at + MAX_SPACE);
    let next = at;
    while (next < end && isSpace(text.charCodeAt(next))) next++;
    return next;
  }

  /** Whether this literal stands at `at`. */
  at(literal: string, at = this.pos): Look {
    return lookAt(this.text, at, literal, this.ended);
  }

  /** The longest of these literals at `at`, or MORE where the text ends inside one. */
  oneOf(literals: readonly string[], at = this.pos): string | typeof MORE | undefined {
    let best: string | undefined;
    let open = false;
    for (const literal of literals) {
      const look = lookAt(this.text, at, literal, this.ended);
      if (look === YES && (best === undefined || literal.length > best.length)) best = literal;
      else if (look === MORE && (best === undefined || literal.length > best.length)) open = true;
    }
    return open ? MORE : best;
  }
}

function lookAt(text: string, at: number, literal: string, ended: boolean): Look {
  if (text.startsWith(literal, at)) return YES;
  const left = text.length - at;
  if (ended || left >= literal.length) return NO;
  return left === 0 || literal.startsWith(left === text.length ? text : text.slice(at)) ? MORE : NO;
}

/** White space as Unicode and JavaScript's `trim` see it. */
export function isSpace(code: number): boolean {
  if (code <= 32) return code === 32 || (code >= 9 && code <= 13);
  if (code < 160) return false;
  return (
    code === 160 ||
    code === 0x3000 ||
    code === 0xfeff ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x1680
  );
}

export interface Entry<T> {
  text: string;
  value: T;
}

/**
 * Finds the first of many markers in one forward scan: a table of first characters picks the candidates. What may be the
 * beginning of a marker at the end of the text is held back, and nothing more than that.
 */
export class Matcher<T> {
  private readonly byFirst = new Map<number, Entry<T>[]>();
  private readonly ascii = new Uint8Array(128);
  /** Where `find` stopped. */
  at = 0;
  hit: Entry<T> | undefined;

  constructor(entries: readonly Entry<T>[]) {
    for (const entry of entries) {
      const first = entry.text.charCodeAt(0);
      const list = this.byFirst.get(first);
      if (list === undefined) this.byFirst.set(first, [entry]);
      else list.push(entry);
      if (first < 128) this.ascii[first] = 1;
    }
    for (const list of this.byFirst.values()) list.sort((a, b) => b.text.length - a.text.length);
  }

  /** YES: `hit` begins at `at`. MORE: a marker may begin at `at`. NO: none; `at` is the end. */
  find(text: string, from: number, ended: boolean): Look {
    const { ascii, byFirst } = this;
    const end = text.length;
    for (let i = from; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code < 128 ? ascii[code] === 0 : !byFirst.has(code)) continue;
      const look = this.look(text, i, byFirst.get(code) as Entry<T>[], ended);
      if (look !== NO) return look;
    }
    this.at = end;
    this.hit = undefined;
    return NO;
  }

  private look(text: string, at: number, list: readonly Entry<T>[], ended: boolean): Look {
    for (const entry of list) {
      const look = lookAt(text, at, entry.text, ended);
      if (look === NO) continue;
      this.at = at;
      this.hit = look === YES ? entry : undefined;
      return look;
    }
    return NO;
  }
}
