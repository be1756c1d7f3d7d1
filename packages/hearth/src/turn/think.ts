const OPEN = "<think>";
const CLOSE = "</think>";

/** A piece of an answer. */
export interface Piece {
  type: "text" | "thinking";
  text: string;
}

/**
 * Takes thinking out of the text of servers that leave it there in its tags: only at the very beginning of an answer, where nothing
 * else writes `<think>`. Text that begins otherwise goes through untouched.
 */
export class ThinkSplitter {
  #state: "start" | "thinking" | "after" | "text" = "start";
  #held = "";

  /** Whether all that comes is text. */
  get isPlain(): boolean {
    return this.#state === "text";
  }

  push(chunk: string): Piece[] {
    const text = this.#held + chunk;
    this.#held = "";
    if (this.#state === "text") return piece("text", text);
    if (this.#state === "thinking") return this.#inside(text);
    if (this.#state === "after") return this.#behind(text);
    const begun = text.trimStart();
    if (begun.startsWith(OPEN)) {
      this.#state = "thinking";
      return this.#inside(begun.slice(OPEN.length));
    }
    if (OPEN.startsWith(begun)) {
      this.#held = text;
      return [];
    }
    this.#state = "text";
    return piece("text", text);
  }

  /** The answer is over. */
  end(): Piece[] {
    const held = this.#held;
    this.#held = "";
    return piece(this.#state === "thinking" ? "thinking" : "text", held);
  }

  #inside(text: string): Piece[] {
    const at = text.indexOf(CLOSE);
    if (at >= 0) {
      this.#state = "after";
      return [...piece("thinking", text.slice(0, at)), ...this.#behind(text.slice(at + CLOSE.length))];
    }
    const keep = partial(text);
    this.#held = text.slice(text.length - keep);
    return piece("thinking", text.slice(0, text.length - keep));
  }

  /** The line ends behind the closing tag are no part of the answer. */
  #behind(text: string): Piece[] {
    const rest = text.trimStart();
    if (rest !== "") this.#state = "text";
    return piece("text", rest);
  }
}

/** Characters at the end that may be the beginning of the closing tag. */
function partial(text: string): number {
  for (let n = Math.min(CLOSE.length - 1, text.length); n > 0; n--)
    if (CLOSE.startsWith(text.slice(-n))) return n;
  return 0;
}

function piece(type: Piece["type"], text: string): Piece[] {
  return text === "" ? [] : [{ type, text }];
}
