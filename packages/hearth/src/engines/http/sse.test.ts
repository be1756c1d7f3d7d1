import assert from "node:assert/strict";
import { test } from "node:test";
import { LineSplitter } from "./lines.ts";
import { type ServerEvent, SseReader } from "./sse.ts";

function read(text: string, size: number): ServerEvent[] {
  const splitter = new LineSplitter();
  const reader = new SseReader();
  const bytes = Buffer.from(text);
  const events: (ServerEvent | undefined)[] = [];
  for (let i = 0; i < bytes.length; i += size) {
    for (const line of splitter.push(bytes.subarray(i, i + size))) events.push(reader.push(line));
  }
  events.push(reader.push(splitter.end()), reader.end());
  return events.filter((event) => event !== undefined);
}

const message = (data: string): ServerEvent => ({ event: "message", data });

const cases: [name: string, text: string, events: ServerEvent[]][] = [
  ["one event", "data: a\n\n", [message("a")]],
  ["no space after the colon", "data:a\n\n", [message("a")]],
  ["one space belongs to the field, the next to the data", "data:  a\n\n", [message(" a")]],
  ["data over several lines", "data: a\ndata: b\n\n", [message("a\nb")]],
  ["a named event", "event: error\ndata: x\n\n", [{ event: "error", data: "x" }]],
  ["the name does not outlive its event", "event: e\n\ndata: x\n\n", [message("x")]],
  ["comments keep the connection open and say nothing", ": ping\n\ndata: a\n: x\n\n", [message("a")]],
  ["ids and hints are passed over", "id: 7\nretry: 10\ndata: a\n\n", [message("a")]],
  ["a field without a colon is empty", "data\n\n", [message("")]],
  ["CRLF", "data: a\r\ndata: b\r\n\r\n", [message("a\nb")]],
  ["the last empty line left out", "data: a\n\ndata: [DONE]", [message("a"), message("[DONE]")]],
  ["characters of several bytes", "data: né 𝄞\n\n", [message("né 𝄞")]],
];

for (const [name, text, events] of cases) {
  test(`event stream: ${name}`, () => {
    for (const size of [1, 2, 3, 1000]) assert.deepEqual(read(text, size), events, `in pieces of ${size}`);
  });
}
