/** How a service starts, and what becomes of it when its file of keys goes bad. */
import { appendFileSync, chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { end, startServer } from "../process/support.ts";
import type { TestKeys } from "./keys.ts";
import { ask } from "./raw.ts";
import { type Guarded, hearth } from "./service.ts";
import type { Tally } from "./tally.ts";

const bearer = (key: string): readonly [string, string] => ["Authorization", `Bearer ${key}`];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** The service looks each half second. */
const NOTICED_MS = 1000;

/** Addresses that others can reach, without a key that works. */
export async function startProbes(service: Guarded, home: string, tally: Tally): Promise<void> {
  const kind = "public without keys";
  const serve = (host: string): Promise<{ code: number; said: string }> => {
    const engine = ["--engine", service.engine.url, "--wire", "ollama", "--model", "mock"];
    return hearth(home, ["serve", "--host", host, "--port", "0", "--workspace", home, ...engine]);
  };
  for (const host of ["0.0.0.0", "::", "192.168.1.1"]) {
    const { code, said } = await serve(host);
    tally.add(
      kind,
      host,
      (code !== 2 || !said.includes("hearth keys create")) && `exit ${code}: ${said.slice(-200)}`,
    );
  }
  const made = await hearth(home, ["keys", "create", "--json"]);
  const { id, key }: { id: string; key: string } = JSON.parse(made.out);
  await hearth(home, ["keys", "revoke", id]);
  const { code, said } = await serve("0.0.0.0");
  tally.add(
    kind,
    "with a revoked one",
    (code !== 2 || !said.includes("hearth keys create")) && `exit ${code}: ${said.slice(-200)}`,
  );
  const file = join(home, ".local/state/hearth/keys.json");
  tally.add(
    "the file of keys",
    "holds no key",
    readFileSync(file, "utf8").includes(key.slice(20)) && "the secret stands there",
  );
  const mode = (statSync(file).mode & 0o777).toString(8);
  tally.add("the file of keys", "is the user's own", mode !== "600" && `its mode is ${mode}`);
  for (const weak of [
    "sk-1234",
    "password",
    "a".repeat(64),
    "0123456789abcdef".repeat(4),
    "changeme-changeme-changeme",
    "hunter2-hunter2",
  ]) {
    const refused = await hearth(home, ["keys", "create", "--import"], weak);
    tally.add("weak keys", weak.slice(0, 20), refused.code !== 2 && `exit ${refused.code}`);
  }
  chmodSync(file, 0o666);
  const open = await serve("127.0.0.1");
  tally.add(
    "the file of keys",
    "others may write to it",
    (open.code !== 2 || !open.said.includes("chmod 600")) && `exit ${open.code}: ${open.said}`,
  );
}

/** With a key it listens for others, answers to its own addresses, and to nobody without the key. */
export async function publicProbes(service: Guarded, home: string, tally: Tally): Promise<void> {
  const kind = "public with keys";
  const made = await hearth(home, ["keys", "create", "--json"]);
  const { key }: { key: string } = JSON.parse(made.out);
  const engine = ["--engine", service.engine.url, "--wire", "ollama", "--model", "mock"];
  const { child, url } = await startServer(["--host", "0.0.0.0", "--workspace", home, ...engine], home);
  const port = new URL(url).port;
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  const addresses = own.filter((address) => /^\d+\./.test(address));
  for (const address of addresses) {
    const at = `http://${address}:${port}`;
    const statuses = [
      (await ask(at, { path: "/v1/models" })).status,
      (await ask(at, { path: "/v1/models", headers: [bearer(key)] })).status,
      (await ask(at, { path: "/v1/models", headers: [bearer(key), ["Host", "evil.example"]] })).status,
    ];
    tally.add(kind, address, statuses.join() !== "401,200,403" && statuses.join());
  }
  await end(child, "SIGINT");
}

/** A file that is damaged or gone lets nobody in; the token still works, and one that is whole again counts again. */
export async function fileProbes(
  { url, token, keysFile }: Guarded,
  { blue }: TestKeys,
  tally: Tally,
): Promise<void> {
  const kind = "the file of keys";
  const whole = readFileSync(keysFile, "utf8");
  const expect = async (what: string, key: number, none: number): Promise<void> => {
    await pause(NOTICED_MS);
    const withKey = await ask(url, { path: "/v1/models", headers: [bearer(blue)] });
    const without = await ask(url, { path: "/v1/models" });
    const withToken = await ask(url, { path: "/v1/models", headers: [bearer(token)] });
    const found = [withKey.status, without.status, withToken.status].join();
    tally.add(kind, what, found !== `${key},${none},200` && `key, none, token: ${found}`);
  };
  await expect("as it is", 200, 401);
  appendFileSync(keysFile, "}");
  await expect("damaged", 401, 401);
  rmSync(keysFile);
  await expect("gone", 401, 401);
  writeFileSync(keysFile, "{}", { mode: 0o600 });
  await expect("empty", 401, 401);
  writeFileSync(keysFile, '{"version":1,"keys":[]}', { mode: 0o600 });
  await expect("without keys", 401, 401);
  writeFileSync(keysFile, whole.replaceAll('"scopes"', '"scope"'), { mode: 0o600 });
  await expect("of another form", 401, 401);
  writeFileSync(keysFile, whole, { mode: 0o600 });
  await expect("whole again", 200, 401);
}

/** What the service writes down of all this: who was refused, and no key. */
export function logProbes(service: Guarded, keys: TestKeys, tally: Tally): void {
  const audit = readFileSync(join(service.home, ".local/state/hearth/audit.jsonl"), "utf8");
  const { records, scoped, ...rest } = keys;
  const secrets = [...Object.values(scoped), ...Object.values(rest), service.token].map((key) =>
    key.slice(20),
  );
  for (const [name, text] of [
    ["log", service.log()],
    ["audit", audit],
  ] as const) {
    tally.add(
      "the log",
      `the ${name} holds no key`,
      secrets.some((secret) => text.includes(secret)) && "one stands there",
    );
    tally.add("the log", `the ${name} tells of refusals`, !/refused/.test(text) && "none stands there");
    tally.add(
      "the log",
      `the ${name} names keys by id`,
      !records.some(({ id }) => text.includes(id)) && "no id stands there",
    );
    const lines = text.split("\n").filter((line) => line.includes("refused")).length;
    tally.add("the log", `the ${name} is not flooded`, lines > 1000 && `${lines} lines`);
  }
}
