import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Workspace } from "../../src/confine/index.ts";
import type { EgressOptions } from "../../src/egress/index.ts";
import { EgressProxy, withEgress } from "../../src/egress/index.ts";
import { installPackage, Packages } from "../../src/packages/index.ts";
import { agentExec, programTools } from "../../src/programs/index.ts";
import { findProgram, findSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { call, tempFolder } from "../helpers.ts";

/** The way out, from inside a real sandbox, to servers of this test that stand for public hosts. */
const HOST = "packages.example.org";

function sandboxOr(t: TestContext): Sandbox | undefined {
  const found = findSandbox(import.meta.dirname);
  if (found?.egress === true) return found;
  t.skip("no bubblewrap here");
  return undefined;
}

async function serving(answer: (path: string) => { type?: string; body: string | Buffer } | undefined) {
  const server: Server = createServer((request, response) => {
    const found = answer(request.url ?? "");
    response.writeHead(found === undefined ? 404 : 200, {
      "content-type": found?.type ?? "application/json",
    });
    response.end(found?.body ?? "{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const port = (server.address() as AddressInfo).port;
  const options: EgressOptions = {
    hosts: [HOST],
    ports: [port],
    resolve: async () => ["127.0.0.1"],
    isAllowed: (address) => address === "127.0.0.1",
  };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port, options, [Symbol.dispose]: close };
}

const SCRIPT = (port: number) => `
import socket, urllib.request
def get(url):
    try: return urllib.request.urlopen(url, timeout=10).read().decode()
    except Exception as error: return str(error) + getattr(error, "read", lambda: b"")().decode()
print(get("http://${HOST}:${port}/there"))
print(get("http://other.example.org/"))
print(get("https://${HOST}/"))
def reach(work):
    try: work(); print("reached")
    except OSError as error: print("held")
reach(lambda: socket.create_connection(("127.0.0.1", ${port}), 2))
reach(lambda: socket.create_connection(("93.184.216.34", 80), 2))
reach(lambda: socket.getaddrinfo("${HOST}", 80))
reach(lambda: socket.socket(socket.AF_UNIX))
reach(lambda: open("/proc/self/fd/4"))
`;

test("inside the sandbox the proxy is the only way out, and only to the listed host", async (t) => {
  const sandbox = sandboxOr(t);
  if (sandbox === undefined) return;
  using server = await serving((path) => ({ body: `got ${path}` }));
  const proxy = new EgressProxy({ ...server.options, ports: [server.port] });
  using dir = tempFolder({ "a.txt": "x" });
  const request = {
    workspace: dir.path,
    pipeline: [{ argv: ["/usr/bin/python3", "-I", "-c", SCRIPT(server.port)] }],
  };
  const ran = await sandbox.run(withEgress(request, proxy));
  const [there, other, tunnel, ...rest] = ran.stdout.split("\n").filter((line) => line !== "");
  assert.equal(there, "got /there", ran.stderr);
  assert.match(other ?? "", /403/);
  assert.match(ran.stdout, /other\.example\.org is not on the list/);
  assert.ok(tunnel !== undefined && rest.filter((line) => line === "held").length === 5, ran.stdout);
  assert.ok(!rest.includes("reached"), ran.stdout);
  assert.equal(proxy.connections.filter(({ verdict }) => verdict === "allowed").length >= 1, true);
  const without = await sandbox.run(request);
  assert.ok(!without.stdout.includes("got /there"), "off by default");
});

test("a program's exit code, output and end are its own through the forwarder, and a timeout ends both", async (t) => {
  const sandbox = sandboxOr(t);
  if (sandbox === undefined) return;
  const proxy = new EgressProxy({ hosts: [] });
  const run = (script: string, timeoutMs = 20_000) =>
    sandbox.run(
      withEgress(
        {
          workspace: import.meta.dirname,
          pipeline: [{ argv: ["sh", "-c", script] }],
          stdin: "in",
          limits: { timeoutMs },
        },
        proxy,
      ),
    );
  const ran = await run("cat; echo err >&2; exit 9");
  assert.deepEqual([ran.stdout, ran.stderr, ran.exitCode], ["in", "err\n", 9]);
  assert.equal((await run("kill -TERM $$")).exitCode, 143);
  assert.equal((await run("sleep 60", 1500)).limit, "time");
});

/** A package as npm wants it: a tar of "package/…", packed. */
function tarball(files: Record<string, string>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const head = Buffer.alloc(512);
    head.write(`package/${name}`, 0);
    head.write("0000644\0", 100);
    head.write("0000000\0", 108);
    head.write("0000000\0", 116);
    head.write(`${text.length.toString(8).padStart(11, "0")}\0`, 124);
    head.write("00000000000\0", 136);
    head.write("        0", 148);
    head.write("ustar\0", 257);
    head.write("00", 263);
    const sum = head.reduce((all, byte) => all + byte, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(head, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, "\0")));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

test("install_package fetches through the proxy, runs nothing of the package, and later code finds it, read only", async (t) => {
  const sandbox = sandboxOr(t);
  if (sandbox === undefined) return;
  if (findProgram("npm", import.meta.dirname) === undefined) return t.skip("no npm here");
  const body = tarball({
    "package.json": JSON.stringify({
      name: "little",
      version: "1.0.0",
      main: "index.js",
      scripts: { postinstall: "touch /tmp/ran && touch ran" },
    }),
    "index.js": "module.exports = (x) => x * 2;",
  });
  using server = await serving((path) => {
    if (path.endsWith(".tgz")) return { type: "application/octet-stream", body };
    const dist = {
      tarball: `http://${HOST}:${server.port}/little/-/little-1.0.0.tgz`,
      integrity: `sha512-${createHash("sha512").update(body).digest("base64")}`,
    };
    const version = { name: "little", version: "1.0.0", main: "index.js", dist };
    return {
      body: JSON.stringify({
        name: "little",
        "dist-tags": { latest: "1.0.0" },
        versions: { "1.0.0": version },
      }),
    };
  });
  using dir = tempFolder({
    "a.cjs": "console.log(require('little')(21))",
    ".npmrc": "registry=http://evil.example.org/\n",
  });
  using state = tempFolder();
  const workspace = new Workspace(dir.path);
  const packages = new Packages(state.path, workspace.root);
  const setup = { workspace, sandbox, rules: {}, limits: {}, packages };
  const tool = installPackage(setup, packages, { egress: server.options });
  assert.deepEqual([tool.effect, tool.egress], ["once", true]);
  process.env["npm_config_registry"] = `http://${HOST}:${server.port}/`;
  try {
    const done = await call([tool], "install_package", { manager: "npm", name: "little" });
    assert.equal(done.ok, true, done.content);
    assert.match(JSON.stringify(done.details["egress"]), new RegExp(`"host":"${HOST}".*"verdict":"allowed"`));
    assert.ok(
      !existsSync(join(packages.of("npm"), "node_modules/little/ran")),
      "no script of the package ran",
    );
    const told = agentExec({ workspace: dir.path, sandboxFolder: state.path, packageHosts: [HOST] });
    const refused = await call(told, "install_package", { manager: "npm", name: "little" });
    assert.deepEqual(Object.keys(JSON.parse(refused.content)), [
      "stdout",
      "stderr",
      "exit_code",
      "duration",
      "success",
    ]);
    assert.equal(refused.ok, false, "the judge knows no such host, and no port but 80 and 443");
    const missing = await call([tool], "install_package", { manager: "npm", name: "--global" });
    assert.match(missing.content, /no name of a package/);
  } finally {
    delete process.env["npm_config_registry"];
  }
  const options = { workspace: dir.path, sandboxFolder: state.path };
  const tools = [...programTools(options), ...agentExec(options)];
  assert.ok(tools.some(({ name }) => name === "install_package"));
  const code = "import little from 'little'; console.log(little(21))";
  assert.equal((await call(tools, "run_javascript", { code })).content, "42");
  assert.equal((await call(tools, "run_command", { command: "node a.cjs" })).content, "42");
  assert.match((await call(tools, "execute_code", { language: "node", code })).content, /42/);
  const write = `require('fs').writeFileSync(${JSON.stringify(join(packages.of("npm"), "x"))}, 'x')`;
  assert.match((await call(tools, "run_javascript", { code: write })).content, /EROFS/);
  const other = programTools({ workspace: import.meta.dirname, sandboxFolder: state.path });
  assert.match(
    (await call(other, "run_javascript", { code })).content,
    /SyntaxError|not found|could not load/i,
  );
});

test("hosts for run_command make it a tool with egress, and its result names what was reached", async (t) => {
  if (sandboxOr(t) === undefined) return;
  using dir = tempFolder({
    "get.py": "import urllib.request\nurllib.request.urlopen('http://other.example.org/')\n",
  });
  const closed = programTools({ workspace: dir.path }).find(({ name }) => name === "run_command");
  assert.equal(closed?.egress, false);
  const tools = programTools({ workspace: dir.path, hosts: [HOST] });
  assert.equal(tools.find(({ name }) => name === "run_command")?.egress, true);
  assert.ok(tools.filter(({ name }) => name !== "run_command").every(({ egress }) => egress === false));
  const ran = await call(tools, "run_command", { command: "python3 get.py" });
  assert.match(ran.content, /\[network\] other\.example\.org is not on the list/);
  assert.match(
    JSON.stringify(ran.details["egress"]),
    /"host":"other\.example\.org","port":80,"verdict":"refused"/,
  );
});
