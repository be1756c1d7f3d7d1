const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/** Finds where a JSON object that comes in pieces is whole. Looks at each character once. */
export class JsonEnd {
  #depth = 0;
  #inText = false;
  #escaped = false;
  #at = 0;
  #braces = 0;
  /** The object is closed. */
  complete = false;
  /** It holds something. */
  filled = false;
  /** Where the real object begins, after an empty one that only held its place. */
  placeholder: number | undefined;

  push(text: string): void {
    for (let i = 0; i < text.length; i++, this.#at++) this.#step(text.charCodeAt(i));
  }

  #step(code: number): void {
    if (this.complete && code === OPEN && !this.filled) {
      this.placeholder = this.#at;
      this.complete = false;
    } else if (this.complete) {
      return;
    }
    if (code > 32 && this.#depth > 0 && !(code === CLOSE && this.#depth === 1 && !this.#inText))
      this.filled = true;
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) this.#inText = false;
    } else if (code === QUOTE) {
      this.#inText = true;
    } else if (code === OPEN) {
      this.#depth++;
      this.#braces++;
    } else if (code === CLOSE && this.#depth > 0 && --this.#depth === 0) {
      this.complete = this.#braces > 0;
    }
  }
}
