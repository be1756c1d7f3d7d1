import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlainCall, spelled } from "../history/write.ts";
import { collect, createParser, cut } from "../parse.ts";
import type { FormatEvent } from "../types.ts";
import { type Dialect, dialects, markersOf } from "./index.ts";

const tools = [
  {
    name: "send_note",
    description: "",
    parameters: {
      type: "object",
      properties: { to: { type: "string" }, copies: { type: "integer" } },
    },
  },
  {
    name: "list_notes",
    description: "",
    parameters: { type: "object", properties: { about: { type: "string" } } },
  },
  { name: "ping", description: "", parameters: { type: "object", properties: {} } },
];

const note = (to: string, copies = 2): PlainCall => ({ name: "send_note", arguments: { to, copies } });
const list = (about: string): PlainCall => ({ name: "list_notes", arguments: { about } });
const ping: PlainCall = { name: "ping", arguments: {} };

/** Strings that look like something else. */
const STRINGS: Readonly<Record<string, string>> = {
  quotes: `He said "yes", 'no' and \`maybe\``,
  apostrophe: "it's",
  lines: "one\ntwo\n\nthree",
  edges: "\n lead and trail \n",
  angles: "if a < b && c > d then <b>bold</b>",
  entities: "tea &amp; cake & more",
  "closing tags": "see </tool_call> and </function> there",
  "closing tag": "</parameter>",
  "opening tag": "<tool_call>",
  unicode: "Zoë 東京 🎉 \u2028 x",
  backslashes: "C:\\new\\table \\u0041 \\",
  brackets: '{"a": [1, 2]} ]} )',
  fence: "```json\n{}\n```",
  nothing: "",
  "a number's": "007",
  "a constant's": "null",
  "triple quotes": '"""',
  "half a token": "]<]x",
  "a header": ">>>list_notes\n",
  separators: "[/TOOL_CALLS] ; ,",
};

/** Words in a message of their own, where answers are made of messages. */
const MESSAGES: Readonly<Record<string, (words: string) => string>> = {
  harmony: (words) => `<|start|>assistant<|channel|>commentary<|message|>${words}<|end|>`,
  beam: (words) => `<|start|>assistant<|channel|>commentary<|message|>${words}<|end|>`,
  glimmer: (words) => `<|start|>assistant<|message|>${words}<|eom|>`,
  inkling: (words) => `<|message_model|><|content_text|>${words}<|end_message|>`,
  "functionary-v3.2": (words) => `>>>all\n${words}`,
};

const OPEN_END = "the arguments stand in tags and only the call's closing marker says that no more follow";
const TOKEN = "the token before each tag can't stand in a value: it is what tells tags from text";

/** What is not read as written, with the reason; the test says when one of them no longer holds. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "beam: 1 closing marker missing at the end": OPEN_END,
  "k2-horizon: 2 closing markers missing at the end": OPEN_END,
  "hy3: 2 closing markers missing at the end": OPEN_END,
  "laguna: 1 closing marker missing at the end": OPEN_END,
  "glm: 1 closing marker missing at the end": OPEN_END,
  "seed-oss: a string: edges":
    "one line break at each side of a value belongs to the writing, as its owners have it",
  "minimax-m3: its own marker in a string: ]<]minimax[>[<tool_call>": TOKEN,
  "minimax-m3: its own marker in a string: ]<]minimax[>[</tool_call>": TOKEN,
};

interface Case {
  what: string;
  text: string | undefined;
  calls: PlainCall[];
  words?: string[];
  /** What a reader may notice. */
  noticed?: string;
}

const words = ({ id }: Dialect, said: string): string => MESSAGES[id]?.(said) ?? `\n${said}\n`;

/** One call as the format writes it; with the header that the prompt gives to the first message. */
function alone(dialect: Dialect, call: PlainCall): string {
  const text = spelled(dialect, [call]) ?? "";
  const { headers } = dialect;
  if (headers === undefined || headers.open.some((open) => text.startsWith(open))) return text;
  return headers.open[0]! + text;
}

const together = (dialect: Dialect, calls: readonly PlainCall[]): string | undefined =>
  dialect.headers === undefined
    ? spelled(dialect, calls)
    : calls.map((call) => alone(dialect, call)).join("");

/** The text without its last closing marker, the last two, and so on. */
function cutShort({ sections = [], calls, headers }: Dialect, text: string): string[] {
  const marks = [...sections, ...calls, ...(headers === undefined ? [] : [headers])].flatMap(
    ({ close }) => close,
  );
  const cuts: string[] = [];
  let rest = text.trimEnd();
  for (let mark = marks.find((one) => rest.endsWith(one)); mark !== undefined; ) {
    rest = rest.slice(0, -mark.length).trimEnd();
    cuts.push(rest);
    mark = marks.find((one) => rest.endsWith(one));
  }
  return cuts;
}

function* casesOf(dialect: Dialect): Iterable<Case> {
  const [ada, tea, bo] = [note("Ada"), list("tea"), note("Bo", 3)];
  const two = together(dialect, [ada, tea]) ?? "";
  const one = (call: PlainCall): string => alone(dialect, call);
  const say = (said: string): string => words(dialect, said);
  const gap = dialect.headers === undefined ? "\n" : "";
  const forty = Array.from(
    { length: 40 },
    (_, at) => [note(`Ada ${at}`, at), list(`tea ${at}`), ping][at % 3]!,
  );
  yield { what: "two calls", text: two, calls: [ada, tea] };
  yield { what: "three calls", text: together(dialect, [ada, tea, bo]), calls: [ada, tea, bo] };
  yield { what: "forty calls", text: together(dialect, forty), calls: forty };
  yield { what: "each in its own wrapper", text: [ada, tea, bo].map(one).join(gap), calls: [ada, tea, bo] };
  yield { what: "wrappers without a gap", text: [ada, tea, bo].map(one).join(""), calls: [ada, tea, bo] };
  yield { what: "words before", text: say("Soon.") + two, calls: [ada, tea], words: ["Soon."] };
  yield { what: "words after", text: two + say("Done."), calls: [ada, tea], words: ["Done."] };
  yield {
    what: "words before, between and after",
    text: say("Soon.") + one(ada) + say("Now.") + one(tea) + say("Then.") + one(ping) + say("Done."),
    calls: [ada, tea, ping],
    words: ["Soon.", "Now.", "Then.", "Done."],
  };
  yield {
    what: "words between two lists",
    text: two + say("Then.") + two,
    calls: [ada, tea, ada, tea],
    words: ["Then."],
  };
  yield { what: "no arguments", text: together(dialect, [ping]), calls: [ping] };
  yield {
    what: "no arguments amid others",
    text: together(dialect, [ping, tea, ping]),
    calls: [ping, tea, ping],
  };
  for (const [name, text] of Object.entries(STRINGS))
    yield {
      what: `a string: ${name}`,
      text: together(dialect, [note(text), list(text)]),
      calls: [note(text), list(text)],
    };
  for (const marker of markersOf(dialect)) {
    const said = note(`see ${marker} there`);
    yield {
      what: `its own marker in a string: ${marker}`,
      text: together(dialect, [said, tea]),
      calls: [said, tea],
    };
  }
  for (const [at, text] of cutShort(dialect, two).entries()) {
    const what = `${at + 1} closing marker${at === 0 ? "" : "s"} missing at the end`;
    yield { what, text, calls: [ada, tea], noticed: "missing-close" };
  }
  for (const [at, text] of cutShort(dialect, one(ada)).entries())
    for (const between of ["\n", ""]) {
      const what = `${at + 1} closing missing before the next call${between === "" ? ", no gap" : ""}`;
      yield { what, text: text + between + one(tea), calls: [ada, tea], noticed: "missing-close" };
    }
}

/** All events; neighbours of one kind are joined, as they must not depend on how the text came. */
function eventsOf(text: string, dialect: Dialect, chunks: number | "whole"): FormatEvent[] {
  const parser = createParser(dialect, { tools });
  const events: FormatEvent[] = [];
  const add = (event: FormatEvent): void => {
    const last = events.at(-1);
    if (last !== undefined && "text" in last && "text" in event && last.type === event.type)
      last.text += event.text;
    else events.push({ ...event });
  };
  for (const piece of cut(text, chunks)) for (const event of parser.push(piece)) add(event);
  for (const event of parser.end()) add(event);
  return events;
}

/** What is wrong with the reading of a case; undefined where nothing is. */
function faultOf(dialect: Dialect, { text, calls, words: said = [], noticed }: Case): string | undefined {
  if (text === undefined || text === "") return "can't be written";
  const events = eventsOf(text, dialect, "whole");
  for (const size of [1, 3])
    assert.deepEqual(eventsOf(text, dialect, size), events, `${dialect.id} in pieces of ${size}: ${text}`);
  const read = collect(events);
  const got = {
    calls: read.calls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    words: read.content.replace(/\s+/g, ""),
    noticed: read.diagnostics
      .map(({ code }) => code.replace("repair.", ""))
      .filter((code) => code !== noticed && code !== "text-after-call"),
  };
  const due = { calls, words: said.join(""), noticed: [] };
  return JSON.stringify(got) === JSON.stringify(due)
    ? undefined
    : `${JSON.stringify(text)}\n${JSON.stringify(got)}`;
}

for (const dialect of dialects)
  test(`${dialect.id}: several calls, in any pieces, are read as they were written`, () => {
    const faults: string[] = [];
    for (const one of casesOf(dialect)) {
      const name = `${dialect.id}: ${one.what}`;
      const fault = faultOf(dialect, one);
      if (EXCEPTIONS[name] === undefined) {
        if (fault !== undefined) faults.push(`${name}\n${fault}`);
      } else if (fault === undefined) faults.push(`${name}: no exception any more`);
    }
    assert.deepEqual(faults, []);
  });

test("every exception is of a case there is", () => {
  const names = new Set(
    dialects.flatMap((dialect) => [...casesOf(dialect)].map(({ what }) => `${dialect.id}: ${what}`)),
  );
  assert.deepEqual(
    Object.keys(EXCEPTIONS).filter((name) => !names.has(name)),
    [],
  );
});
