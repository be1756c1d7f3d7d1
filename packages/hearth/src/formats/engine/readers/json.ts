import type { JsonBody } from "../../dialects/bodies.ts";
import { JsonValue } from "../../values/json.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import { ArgsReader } from "./args.ts";
import type { Reader, Sink } from "./reader.ts";

/** Keys that models use, whatever their template says. */
export const JSON_KEYS = {
  name: ["name", "tool_name", "function", "tool"],
  args: ["arguments", "parameters", "args", "input"],
  id: ["id", "tool_call_id", "call_id"],
} as const;

const START = 0;
const ITEM = 1;
const KEY = 2;
const COLON = 3;
const VALUE = 4;
const AFTER = 5;
const NEXT = 6;
const SKIP = 7;

/** How far a bad item is followed as long as no call of its list is sure. */
const MAX_SKIP = 4096;

/** Longest text that may stand for a name. */
const MAX_NAME = 256;

/** Reads `{"name": …, "arguments": {…}}`, an array of such objects, or several with separators between. */
export class JsonReader implements Reader {
  private state = START;
  private list = false;
  private depth = 0;
  private key = "";
  private name: string | undefined;
  private id: string | undefined;
  private hasArgs = false;
  private extra = false;
  private value: JsonValue | undefined;
  private captured = "";
  private args: ArgsReader | undefined;
  private ready = false;
  private any = false;
  private begun = false;
  private leads = 0;
  /** Characters skipped before any call was made. */
  private skipped = 0;
  private readonly skip = { depth: 0, quote: 0, escaped: false };
  private readonly body: JsonBody;
  private readonly strict: boolean;
  private readonly careful: boolean;
  private readonly names: readonly string[];
  private readonly argKeys: readonly string[];
  private readonly ids: readonly string[];

  /** `strict`: any object may stand here, so a call is told by its first keys. `careful`: and no tools are known. */
  constructor(body: JsonBody, strict: boolean, careful: boolean) {
    this.body = body;
    this.strict = strict;
    this.careful = careful;
    this.names = body.name ?? JSON_KEYS.name;
    this.argKeys = body.args ?? JSON_KEYS.args;
    this.ids = body.id ?? JSON_KEYS.id;
  }

  step(src: Source, sink: Sink): Look {
    while (true) {
      const look = this.advance(src, sink);
      if (
        look === NO &&
        this.several &&
        this.begun &&
        !this.ready &&
        this.state !== SKIP &&
        this.state !== ITEM
      ) {
        // One bad item of a list leaves its neighbours whole.
        this.state = SKIP;
        this.skip.depth = this.depth + (this.args?.depth ?? this.value?.depth ?? 0);
        this.args = undefined;
        this.value = undefined;
        this.skip.quote = 0;
        continue;
      }
      if (look !== YES || this.ready) return look;
    }
  }

  private advance(src: Source, sink: Sink): Look {
    switch (this.state) {
      case VALUE:
        return this.inValue(src, sink);
      case KEY:
        return this.inKey(src, sink);
      case SKIP:
        return this.skipItem(src, sink);
      default:
        break;
    }
    if (!src.skipSpace()) {
      this.ready = this.state === NEXT && src.ended;
      return this.ready ? YES : MORE;
    }
    const char = src.text[src.pos]!;
    if (this.state === START) return this.begin(src, char);
    if (this.state === ITEM) return this.item(src, char);
    if (this.state === NEXT) return this.next(src, sink, char);
    if (this.state === COLON) {
      if (char !== ":") return NO;
      src.pos++;
      this.state = VALUE;
      return YES;
    }
    return this.after(src, sink, char);
  }

  private begin(src: Source, char: string): Look {
    const lead = src.oneOf([...(this.body.lead ?? []), "```json", "```"]);
    if (lead === MORE) return MORE;
    if (typeof lead === "string") {
      // A word before the JSON and a fence around it, no more.
      if (++this.leads > 2) return NO;
      src.pos += lead.length;
      return YES;
    }
    if (char !== "{" && (char !== "[" || this.body.single === true)) return NO;
    this.list = char === "[";
    if (this.list) src.pos++;
    this.state = ITEM;
    return YES;
  }

  private item(src: Source, char: string): Look {
    if (char === "{") {
      src.pos++;
      this.begun = true;
      this.depth = 1;
      this.key = "";
      this.name = undefined;
      this.id = undefined;
      this.hasArgs = false;
      this.extra = false;
      this.args = undefined;
      this.value = undefined;
      this.state = KEY;
      return YES;
    }
    if (this.list && char === "]") {
      src.pos++;
      return this.finishBody(src);
    }
    if (this.list && char === "," && this.begun) {
      src.pos++;
      return YES;
    }
    if (this.list) {
      this.ready = true;
      return this.any ? YES : NO;
    }
    return NO;
  }

  private inKey(src: Source, sink: Sink): Look {
    if (this.value === undefined) {
      if (!src.skipSpace()) return MORE;
      const char = src.text[src.pos]!;
      if (char === "}") return this.closeObject(src, sink);
      const bare = !this.strict && /[A-Za-z_]/.test(char);
      if (char !== '"' && char !== "'" && !bare) return NO;
      this.value = new JsonValue(bare ? { bareKey: true } : {});
      this.captured = "";
    }
    const look = this.capture(src);
    if (look !== YES) return look;
    this.key = String(JSON.parse(this.captured));
    for (const name of this.value!.repairs) sink.repair(name);
    this.value = undefined;
    if (this.strict && this.name === undefined && this.depth === 1 && !this.mayLead()) return NO;
    if (this.body.keyed === true && this.depth === 1) this.name = this.key;
    this.state = COLON;
    return YES;
  }

  /** Reads one value to the side; only a start of it is kept. */
  private capture(src: Source): Look {
    const value = this.value!;
    src.pos = value.read(src.text, src.pos, src.ended);
    const json = value.take();
    if (this.captured.length <= MAX_NAME) this.captured += json;
    if (value.failed || (this.strict && this.name === undefined && this.captured.length > MAX_NAME))
      return NO;
    return value.done ? YES : MORE;
  }

  private inValue(src: Source, sink: Sink): Look {
    const isArgs = this.body.keyed === true ? this.depth === 1 : this.argKeys.includes(this.key);
    if (this.args === undefined && this.value === undefined) {
      if (!src.skipSpace()) return MORE;
      const char = src.text[src.pos]!;
      if (!isArgs && char === "{" && this.key === "function" && this.depth === 1) {
        src.pos++;
        this.depth++;
        this.state = KEY;
        return YES;
      }
      if (isArgs && !this.hasArgs) {
        this.args = new ArgsReader();
        this.hasArgs = true;
        if (this.name !== undefined && !sink.started && !this.launch(sink)) return NO;
      } else {
        this.value = new JsonValue();
        this.captured = "";
      }
    }
    if (this.args !== undefined) {
      const look = this.args.step(src, sink);
      if (look === YES) {
        this.args = undefined;
        this.state = AFTER;
      }
      return look;
    }
    const look = this.capture(src);
    if (look !== YES) return look;
    this.value = undefined;
    this.state = AFTER;
    return this.note(sink);
  }

  private note(sink: Sink): Look {
    if (this.names.includes(this.key) && this.captured.startsWith('"') && this.name === undefined) {
      if (this.captured.length > MAX_NAME) return NO;
      this.name = (JSON.parse(this.captured) as string).trim();
      if (this.name === "") return NO;
      if (this.hasArgs || !(this.body.argsNeeded === true || this.careful))
        return this.launch(sink) ? YES : NO;
    } else if (!this.mayLead() && !this.argKeys.includes(this.key)) this.extra = true;
    else if (this.ids.includes(this.key) && this.captured.length < MAX_NAME && !sink.started) {
      const id: unknown = JSON.parse(this.captured);
      if (typeof id === "string" || typeof id === "number") this.id = String(id);
    }
    return YES;
  }

  /** Keys that may stand before the name, or be it, in an object that is a call. */
  private mayLead(): boolean {
    const { key } = this;
    return key === "type" || key === "index" || this.names.includes(key) || this.ids.includes(key);
  }

  private launch(sink: Sink): boolean {
    return sink.start(this.name!, this.id);
  }

  private after(src: Source, sink: Sink, char: string): Look {
    if (char === ",") {
      src.pos++;
      this.state = KEY;
      return YES;
    }
    if (char === "}") return this.closeObject(src, sink);
    const close = src.oneOf(sink.closers);
    if (close === MORE) return MORE;
    if (close !== undefined && sink.started && this.hasArgs) {
      sink.repair("missing-bracket");
      sink.finish();
      this.any = true;
      this.ready = true;
      return YES;
    }
    return NO;
  }

  private closeObject(src: Source, sink: Sink): Look {
    src.pos++;
    if (--this.depth > 0) {
      this.state = AFTER;
      return YES;
    }
    if (!sink.started) {
      if (this.name === undefined || (this.body.argsNeeded === true && !this.hasArgs))
        return this.rejectItem(sink);
      if (!this.launch(sink)) return NO;
    }
    if (!this.hasArgs) {
      sink.delta("{}");
      sink.repair("no-arguments");
    }
    if (this.extra) sink.repair("extra-keys");
    sink.finish();
    return this.endItem(src);
  }

  private rejectItem(sink: Sink): Look {
    if (!this.several || !this.any) return NO;
    return this.abandonItem(sink);
  }

  private abandonItem(sink: Sink): Look {
    sink.abandon();
    this.state = this.list ? ITEM : NEXT;
    return YES;
  }

  /** Whether items that can't be read may be left out between others: in a list, or where each has a line. */
  private get several(): boolean {
    return this.list || this.lines;
  }

  /** One object a line, with nothing else between them. */
  private get lines(): boolean {
    return this.body.separators?.includes("\n") === true;
  }

  private endItem(src: Source): Look {
    this.any = true;
    if (this.list) {
      this.state = ITEM;
      return YES;
    }
    return this.finishBody(src);
  }

  private finishBody(_src: Source): Look {
    if (!this.any) return NO;
    if (this.body.separators === undefined || this.list) this.ready = true;
    else this.state = NEXT;
    return YES;
  }

  /** After an object without a list: another one, with a separator before it; white space is gone already. */
  private next(src: Source, _sink: Sink, char: string): Look {
    if (char === "{" && this.lines) {
      this.state = ITEM;
      return YES;
    }
    if (this.body.separators!.includes(char)) {
      const at = src.afterSpace(src.pos + 1);
      if (at >= src.text.length && !src.ended) return MORE;
      if (src.text[at] === "{") {
        src.pos = at;
        this.state = ITEM;
        return YES;
      }
    }
    this.ready = true;
    return YES;
  }

  /** Moves behind a bad item by its brackets. */
  private skipItem(src: Source, sink: Sink): Look {
    const { skip } = this;
    while (src.pos < src.text.length) {
      const char = src.text[src.pos]!;
      if (!this.any && !sink.started && ++this.skipped > MAX_SKIP) return NO;
      if (skip.quote !== 0) {
        if (skip.escaped) skip.escaped = false;
        else if (char === "\\") skip.escaped = true;
        else if (char === '"') skip.quote = 0;
      } else if (char === '"') skip.quote = 1;
      else if (char === "{" || char === "[") skip.depth++;
      else if (char === "}" || char === "]") skip.depth--;
      else {
        const close = src.oneOf(sink.closers);
        if (close === MORE) return MORE;
        if (close !== undefined) {
          sink.abandon();
          this.ready = true;
          return this.any ? YES : NO;
        }
      }
      src.pos++;
      if (skip.depth > 0) continue;
      return this.abandonItem(sink);
    }
    return MORE;
  }
}
