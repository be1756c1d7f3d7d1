import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTools, type Offer, rankTools } from "./retrieve.ts";

const toolOf = (name: string, description: string, field = "value") => ({
  name,
  description,
  parameters: { type: "object", properties: { [field]: { type: "string" } } },
});
const tools = [
  toolOf("list_files", "List files in a folder", "path"),
  toolOf("read_file", "Read the content of a file", "path"),
  toolOf("sendEmail", "Send a message by electronic mail", "recipient"),
  toolOf("get_weather", "Weather forecast of a city", "city"),
  toolOf("create_invoice", "Create an invoice for a customer", "customer"),
  toolOf("delete_invoice", "Delete an invoice", "number"),
  toolOf("translate", "Translate text between languages", "language"),
  toolOf("stock_price", "Price of a share", "ticker"),
  toolOf("play_music", "Play a song", "title"),
  toolOf("set_alarm", "Set an alarm clock", "time"),
  toolOf("book_flight", "Book a flight", "destination"),
  toolOf("search_web", "Search the web", "query"),
];
const offer: Offer = { maxTools: 4, maxChars: 100_000, always: [] };
const names = (task: string, wish: Partial<Offer> = {}): string[] =>
  chooseTools(tools, task, { ...offer, ...wish }).map((tool) => tool.name);

const cases: [task: string, best: string][] = [
  ["What will the weather be in Oslo?", "get_weather"],
  ["Send an email to Ada", "sendEmail"],
  ["Which files are in the folder reports?", "list_files"],
  ["Delete the invoice 17", "delete_invoice"],
  ["Translating this into French", "translate"],
  ["Book two flights", "book_flight"],
];
for (const [task, best] of cases) {
  test(`the best tool for "${task}" is ${best}`, () => {
    const [first] = [...rankTools(tools, task)].sort((a, b) => b[1] - a[1]);
    assert.equal(first?.[0].name, best);
    assert.ok(names(task).includes(best));
  });
}

test("few and small tools are all shown", () => {
  assert.equal(names("x", { maxTools: 12 }).length, 12);
});

test("those wished and those the task names are always there; the order is their own", () => {
  const shown = names("Use play_music, then tell the weather", { always: ["set_alarm"] });
  assert.deepEqual(
    ["get_weather", "play_music", "set_alarm"].filter((name) => shown.includes(name)),
    ["get_weather", "play_music", "set_alarm"],
  );
  assert.deepEqual(
    shown,
    tools.map((tool) => tool.name).filter((name) => shown.includes(name)),
  );
  assert.equal(shown.length, 4);
});

test("large schemas are fewer, but never fewer than five", () => {
  assert.equal(names("weather", { maxTools: 12, maxChars: 10 }).length, 5);
});

test("a task in words that no tool has takes the first ones", () => {
  assert.deepEqual(names("Как дела?"), ["list_files", "read_file", "sendEmail", "get_weather"]);
});
