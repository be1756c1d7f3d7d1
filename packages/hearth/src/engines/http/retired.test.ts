import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import { HttpClient } from "./client.ts";
import { endpointOf } from "./endpoint.ts";

/** A server that ends no connection by itself, as Ollama; `answer` says what each request gets. */
async function server(answer: (path: string, res: ServerResponse) => void) {
  const open = new Set<Socket>();
  const http = createServer({ keepAliveTimeout: 0 }, (req, res) => answer(req.url ?? "", res));
  http.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const client = new HttpClient(endpointOf(`http://127.0.0.1:${(http.address() as AddressInfo).port}`));
  const end = (): void => {
    client.close();
    http.closeAllConnections();
    http.close();
  };
  return { client, open, end };
}

async function ask(client: HttpClient, path: string): Promise<string> {
  const answer = await client.send(path, { method: "GET" });
  const text = await answer.text();
  // A connection is free again a turn of the event loop after its answer.
  await new Promise((resolve) => setImmediate(resolve));
  return text;
}

test("connections that were in use when a kept one turned out dead are not kept for ever", async () => {
  const waiting: ServerResponse[] = [];
  let dead = false;
  const { client, open, end } = await server((path, res) => {
    if (path === "/slow") waiting.push(res);
    else if (dead) {
      dead = false;
      res.socket?.resetAndDestroy();
    } else res.end("quick");
  });
  try {
    for (let round = 0; round < 5; round++) {
      const slow = ask(client, "/slow");
      await ask(client, "/quick");
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      // The next request meets a kept connection that is dead, and all are made anew.
      dead = true;
      // On a machine that is busy for 20 ms it counts as heard, and is the caller's to repeat.
      assert.equal(await ask(client, "/quick").catch(() => ask(client, "/quick")), "quick");
      waiting.shift()?.end("slow");
      assert.equal(await slow, "slow");
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(open.size <= 2, `${open.size} connections are open`);
  } finally {
    end();
  }
});
