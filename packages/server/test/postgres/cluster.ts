/** A PostgreSQL cluster of our own, on loopback, for as long as a test or a proof takes. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const USER = "hearth";
export const PASSWORD = "of-the-test";

/** The folder of the server's programs: where packages put them, newest version first, else on PATH. */
function binaries(): string | undefined {
  const packaged = globSync("/usr/lib/postgresql/*/bin").sort().reverse();
  const onPath = (process.env["PATH"] ?? "").split(delimiter);
  return [...packaged, ...onPath].find((folder) => existsSync(join(folder, "initdb")));
}

/** Why tests on PostgreSQL are skipped, or false. With `HEARTH_NEEDS_POSTGRES` they never are. */
export const skip: string | false =
  process.env["HEARTH_NEEDS_POSTGRES"] === undefined && binaries() === undefined
    ? "PostgreSQL is not installed here"
    : false;

export interface Cluster extends AsyncDisposable {
  /** The URL of a new, empty database. */
  database(): string;
  /** Ends the server as a crash does (its connections are cut), and starts it again after so long. */
  restart(pauseMs?: number): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Makes and starts one. The server refuses to run as root: there it runs as the user `postgres`. */
export async function startCluster(): Promise<Cluster> {
  const bin = binaries();
  if (bin === undefined) throw new Error("PostgreSQL is not installed here: apt-get install postgresql-15");
  const folder = mkdtempSync(join(tmpdir(), "hearth-postgres-"));
  const root = process.getuid?.() === 0;
  const data = join(folder, "data");
  const as = (program: string, args: string[]): [string, string[]] =>
    root ? ["runuser", ["-u", "postgres", "--", join(bin, program), ...args]] : [join(bin, program), args];
  const once = (program: string, ...args: string[]): void => {
    execFileSync(...as(program, args), {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PGPASSWORD: PASSWORD },
    });
  };
  if (root) execFileSync("chown", ["postgres", folder]);
  else chmodSync(folder, 0o700);
  const secret = join(folder, "password");
  writeFileSync(secret, `${PASSWORD}\n`);
  if (root) execFileSync("chown", ["postgres", secret]);
  once(
    "initdb",
    "-D",
    data,
    "-U",
    USER,
    "--pwfile",
    secret,
    "-A",
    "scram-sha-256",
    "--no-sync",
    "--locale=C",
    "-E",
    "UTF8",
  );
  const port = await freePort();
  let server: ChildProcess | undefined;
  let databases = 0;

  const start = async (): Promise<void> => {
    // fsync saves what a power cut would lose; nobody pulls a plug here.
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      fsync: "off",
      max_connections: 200,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(...as("postgres", ["-D", data, ...args]), {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
    });
    server = child;
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}: ${said}`);
      try {
        once("pg_isready", "-q", "-h", "127.0.0.1", "-p", String(port));
        return;
      } catch {
        await sleep(50);
      }
    }
    throw new Error(`PostgreSQL did not begin: ${said}`);
  };
  const stop = async (): Promise<void> => {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    once("pg_ctl", "stop", "-D", data, "-m", "immediate");
    await ended;
  };
  await start();
  return {
    database() {
      const name = `d${databases++}`;
      once("createdb", "-h", "127.0.0.1", "-p", String(port), "-U", USER, name);
      return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
    },
    async restart(pauseMs = 0) {
      await stop();
      await sleep(pauseMs);
      await start();
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
