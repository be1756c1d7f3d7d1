import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback that answers paths with these bodies (a text as it is, all else as JSON); for tests. */
export interface FakeServer {
  url: string;
  paths: string[];
  keys: (string | undefined)[];
  close(): Promise<void>;
}

export async function fakeServer(
  answers: Readonly<Record<string, unknown>>,
  { otherwise = 404, delayMs = 0 } = {},
): Promise<FakeServer> {
  const paths: string[] = [];
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    keys.push(request.headers.authorization);
    setTimeout(() => {
      const body = Object.hasOwn(answers, path) ? answers[path] : undefined;
      if (typeof body === "number") response.writeHead(body).end("{}");
      else if (body === undefined) response.writeHead(otherwise).end('{"error":"no such path"}');
      else response.writeHead(200).end(typeof body === "string" ? body : JSON.stringify(body));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    keys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
