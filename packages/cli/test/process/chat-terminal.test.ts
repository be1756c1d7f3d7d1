import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noPty, type Terminal, terminal } from "./pty.ts";
import { against, folderWith, type Mock, mockEngine, noMock } from "./support.ts";

const skip = noMock || noPty;

function flags(mock: Mock, workspace: string): string[] {
  return against(mock, workspace).filter((word) => word !== "--journal" && word !== "none");
}

async function withChat(
  scenario: object,
  more: readonly string[],
  talk: (chat: Terminal, mock: Mock, home: string) => Promise<void>,
): Promise<void> {
  const mock = await mockEngine({ kind: "ollama", ...scenario });
  const home = folderWith();
  const chat = terminal(["chat", ...flags(mock, folderWith({ "walrus.csv": "a" })), ...more], { HOME: home });
  try {
    await chat.sees("> ");
    await talk(chat, mock, home);
  } finally {
    chat.kill();
    await mock.close();
  }
}

const said = (mock: Mock): string[] => mock.chats.map(({ body }) => body.messages.at(-1)?.content ?? "");

test("a person talks, sees the tools at work, and leaves with Ctrl-D", { skip }, async () => {
  const turns = [
    { calls: [{ name: "list_files", args: { path: "." } }] },
    { text: "One file." },
    { text: "Still one." },
  ];
  await withChat({ turns }, [], async (chat, mock, home) => {
    chat.type("what is here?\r");
    await chat.sees("▸ list_files");
    await chat.sees("One file.");
    await chat.sees("> ");
    chat.type("and nwo\x1b[D\x1b[D\x1b[D\x1b[3~\x1b[3~\x1b[3~now?\r");
    await chat.sees("Still one.");
    await chat.sees("> ");
    chat.type("/context\r");
    await chat.sees(/\d+ of \d+ tokens \(\d+ %\), 6 messages, mock/);
    chat.type("\x04");
    assert.equal(await chat.done, 0);
    assert.equal(said(mock).at(-1), "and now?");
    const file = join(home, ".local/state/hearth/chat-history");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(file, "utf8").split("\n").slice(0, 2), ['"what is here?"', '"and now?"']);
  });
});

test("what is pasted stays one message, however many lines it has", { skip }, async () => {
  await withChat({ turns: [{ text: "Read." }] }, [], async (chat, mock) => {
    chat.type("\x1b[200~first\r\n\tsecond\nthird\n\x1b[201~");
    await chat.sees("[paste 1: 3 lines]");
    chat.type(" what is that?\r");
    await chat.sees("Read.");
    assert.deepEqual(said(mock), ["first\n\tsecond\nthird what is that?"]);
    await chat.sees("> ");
    // The line comes back whole from the history.
    chat.type("\x1b[A\r");
    await chat.sees("Read.");
    assert.equal(said(mock)[1], said(mock)[0]);
  });
});

test("Ctrl-C stops the answer and the session goes on; twice at the prompt ends it", { skip }, async () => {
  const turns = [{ text: "word ".repeat(400), gapMs: 50, textChunk: 5 }, { text: "Here again." }];
  await withChat({ turns }, [], async (chat) => {
    chat.type("talk\r");
    await chat.sees("word word");
    chat.type("\x03");
    await chat.sees("> ");
    chat.type("still there?\r");
    await chat.sees("Here again.");
    await chat.sees("> ");
    chat.type("half a line\x03");
    chat.type("\x03");
    await chat.sees("Once more");
    chat.type("\x03");
    assert.equal(await chat.done, 0);
  });
});

test("what is typed while the model works reaches it with its next step", { skip }, async () => {
  const turns = [
    {
      text: "slow ".repeat(10),
      gapMs: 150,
      textChunk: 5,
      calls: [{ name: "list_files", args: { path: "." } }],
    },
    { text: "Heard." },
  ];
  await withChat({ turns }, [], async (chat, mock) => {
    chat.type("look\r");
    await chat.sees("slow");
    chat.type("only csv fles\x7f\x7f\x7file\r");
    await chat.sees("» only csv file");
    await chat.sees("Heard.");
    const words = mock.chats[1]?.body.messages.map(({ content }) => content) ?? [];
    assert.ok(
      words.some((text) => text.includes("only csv file")),
      JSON.stringify(words),
    );
  });
});

test("approvals are asked in place: yes runs the call, anything else does not", { skip }, async () => {
  const write = { calls: [{ name: "write_file", args: { path: "new.txt", content: "x" } }] };
  const turns = [write, { text: "Refused." }, write, { text: "Written." }];
  const mock = await mockEngine({ kind: "ollama", turns });
  const workspace = folderWith();
  const chat = terminal(["chat", ...against(mock, workspace), "--tools", "+edit"]);
  try {
    await chat.sees("> ");
    for (const [word, answer] of [["", "Refused."] as const, ["y", "Written."] as const]) {
      chat.type("write it\r");
      await chat.sees("Run it? [y/N] ");
      chat.type(`${word}\r`);
      await chat.sees(answer);
      assert.equal(existsSync(join(workspace, "new.txt")), word === "y");
      await chat.sees("> ");
    }
  } finally {
    chat.kill();
    await mock.close();
  }
});
