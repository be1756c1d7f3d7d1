import { JsonValue } from "../../values/json.ts";
import type { JsonStyle } from "../../values/style.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import type { Sink } from "./reader.ts";

/**
 * Reads the arguments of a call as one JSON value and hands them on as they come: an object, an object that was encoded
 * as a JSON string once more, `null` or an empty list for none.
 */
export class ArgsReader {
  private readonly value: JsonValue;
  private inner: JsonValue | undefined;
  private other = "";
  private first = true;

  constructor(style: JsonStyle = {}) {
    this.value = new JsonValue(style);
  }

  /** Brackets open. */
  get depth(): number {
    return this.value.depth;
  }

  step(src: Source, sink: Sink): Look {
    const { value } = this;
    if (!value.failed) {
      src.pos = value.read(src.text, src.pos, src.ended);
      this.pass(value.take(), sink);
    }
    if (value.failed) return this.mend(src, sink);
    if (!value.done) return MORE;
    return this.finish(sink);
  }

  private pass(json: string, sink: Sink): void {
    if (json === "") return;
    const { kind } = this.value;
    if (kind === "{") sink.delta(json);
    else if (kind === '"' || kind === "'") this.decode(json, sink);
    else this.other += json;
  }

  private decode(json: string, sink: Sink): void {
    let piece = json;
    if (this.first) piece = piece.slice(1);
    this.first = false;
    if (this.value.done) piece = piece.slice(0, -1);
    const text = JSON.parse(`"${piece}"`) as string;
    this.inner ??= new JsonValue();
    if (this.inner.done && text.trim() !== "") this.inner.failed = true;
    this.inner.read(text, 0, false);
    sink.delta(this.inner.take());
  }

  /** A closing marker where brackets should stand: only brackets are missing, so it is sure what was meant. */
  private mend(src: Source, sink: Sink): Look {
    const { value } = this;
    if (!value.closable || value.kind !== "{") return NO;
    const close = src.oneOf(sink.closers);
    if (close === MORE) return MORE;
    if (close === undefined) return NO;
    value.failed = false;
    value.close();
    sink.delta(value.take());
    return this.finish(sink);
  }

  private finish(sink: Sink): Look {
    const { kind } = this.value;
    if (kind === '"' || kind === "'") {
      if (this.inner === undefined) return NO;
      if (this.inner.kind !== "" && (!this.inner.done || this.inner.failed || this.inner.kind !== "{"))
        return NO;
      if (this.inner.kind === "") sink.delta("{}");
      sink.repair("encoded-arguments");
    } else if (kind !== "{") {
      if (this.other !== "null" && this.other !== "[]") return NO;
      sink.delta("{}");
      sink.repair("empty-arguments");
    }
    for (const reader of [this.value, this.inner])
      for (const name of reader?.repairs ?? []) sink.repair(name);
    return YES;
  }
}
