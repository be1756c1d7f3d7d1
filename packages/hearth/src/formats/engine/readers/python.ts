import type { PythonBody } from "../../dialects/bodies.ts";
import { escapeText } from "../../values/escape.ts";
import { JsonValue } from "../../values/json.ts";
import { isSpace, type Look, MORE, NO, type Source, YES } from "../source.ts";
import type { Reader, Sink } from "./reader.ts";

const BETWEEN = 0;
const NAME = 1;
const KEY = 2;
const EQUALS = 3;
const VALUE = 4;
const AFTER = 5;

const MAX_NAME = 128;

/** Reads Python calls with keyword arguments, in a list or one a line. */
export class PythonReader implements Reader {
  private state = BETWEEN;
  private list = false;
  private opened = false;
  private any = false;
  private comma = false;
  private word = "";
  private first = true;
  private value: JsonValue | undefined;
  private ready = false;
  private readonly body: PythonBody;

  constructor(body: PythonBody) {
    this.body = body;
  }

  step(src: Source, sink: Sink): Look {
    while (true) {
      const look = this.advance(src, sink);
      if (look !== YES || this.ready) return look;
    }
  }

  private advance(src: Source, sink: Sink): Look {
    if (this.state === VALUE) return this.inValue(src, sink);
    if (this.state === NAME || (this.state === KEY && this.word !== "")) return this.inWord(src, sink);
    if (!src.skipSpace()) return MORE;
    const char = src.text[src.pos]!;
    if (this.state === BETWEEN) return this.between(src, sink, char);
    if (this.state === KEY) {
      if (char === ")") return this.closeCall(src, sink);
      return this.inWord(src, sink);
    }
    if (this.state === EQUALS) {
      if (char !== "=") return NO;
      src.pos++;
      this.value = new JsonValue({ python: true });
      this.state = VALUE;
      return YES;
    }
    if (char === ",") {
      src.pos++;
      this.word = "";
      this.state = KEY;
      return YES;
    }
    return char === ")" ? this.closeCall(src, sink) : NO;
  }

  private between(src: Source, sink: Sink, char: string): Look {
    if (!this.opened) {
      this.opened = true;
      if (char === "[" && this.body.list !== "never") {
        this.list = true;
        src.pos++;
        return YES;
      }
    }
    if (this.list && char === "]") {
      src.pos++;
      this.ready = true;
      return this.any ? YES : NO;
    }
    if (this.any && !this.comma && (char === "," || char === ";")) {
      this.comma = true;
      src.pos++;
      return YES;
    }
    const close = src.oneOf(sink.closers);
    if (close === MORE) return MORE;
    if (close !== undefined || !/[\p{L}_]/u.test(char)) {
      this.ready = this.any;
      if (this.any && this.list) sink.repair("missing-bracket");
      return this.any ? YES : NO;
    }
    this.word = "";
    this.state = NAME;
    return YES;
  }

  private inWord(src: Source, sink: Sink): Look {
    const from = src.pos;
    const isName = this.state === NAME;
    while (src.pos < src.text.length && isWord(src.text, src.pos, isName)) src.pos++;
    this.word += src.text.slice(from, src.pos);
    if (this.word.length > MAX_NAME) return NO;
    if (src.pos >= src.text.length) return MORE;
    if (this.word === "") return NO;
    if (!isName) {
      this.state = EQUALS;
      return YES;
    }
    if (src.text[src.pos] !== "(") return NO;
    src.pos++;
    if (!sink.start(this.word)) return NO;
    this.first = true;
    this.word = "";
    this.state = KEY;
    return YES;
  }

  private inValue(src: Source, sink: Sink): Look {
    const value = this.value!;
    src.pos = value.read(src.text, src.pos, src.ended);
    const json = value.take();
    if (this.word !== "") {
      sink.delta(`${this.first ? "{" : ","}"${escapeText(this.word)}":`);
      this.first = false;
      this.word = "";
    }
    sink.delta(json);
    if (value.failed) return NO;
    if (!value.done) return MORE;
    for (const name of value.repairs) sink.repair(name);
    this.state = AFTER;
    return YES;
  }

  private closeCall(src: Source, sink: Sink): Look {
    src.pos++;
    sink.delta(this.first ? "{}" : "}");
    sink.finish();
    this.any = true;
    this.comma = false;
    this.state = BETWEEN;
    return YES;
  }
}

function isWord(text: string, at: number, dotted: boolean): boolean {
  const code = text.charCodeAt(at);
  if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95)
    return true;
  if (dotted && (code === 46 || code === 45)) return true;
  return code > 127 && !isSpace(code);
}
