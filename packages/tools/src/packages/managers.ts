import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, ToolError } from "hearth";
import { findProgram, NODE_INSIDE, type RunRequest, type Sandbox } from "../sandbox/index.ts";
import type { ManagerName, Wanted } from "./names.ts";

/** Where packages come from: as the manager itself is set up for this user, without the keys that may be in it. */
export interface Source {
  /** Addresses for the manager's own option or variable. */
  urls: readonly string[];
  /** Hosts it may reach. */
  hosts: readonly string[];
}

export interface Manager {
  /** Asks the manager's own configuration, outside the sandbox and outside the workspace. */
  source(): Promise<Source>;
  /** What installs a package into `folder`, inside the sandbox. */
  install(
    wanted: Wanted,
    folder: string,
    source: Source,
  ): Pick<RunRequest, "pipeline" | "show" | "path" | "env" | "cwd">;
}

const PROXY = "http://127.0.0.1:3128";
/** The system's own certificates: a company's proxy is known to these, not to those that a manager brings. */
const CERTIFICATES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].find((file) =>
  existsSync(file),
);
/** Inside, npm lies here wherever the host has it. */
const NPM_INSIDE = "/run/hearth/npm";

/** The managers that are there. A new one is a line here. */
export function managerNamed(name: ManagerName, workspace: string, sandbox: Sandbox): Manager {
  const make = { pip, npm, go }[name];
  return make(workspace, sandbox);
}

function pip(_workspace: string, { python }: Sandbox): Manager {
  if (python === undefined) throw missing("pip", "There is no Python that the sandbox can run.");
  const words = [python, "-I", "-m", "pip"];
  return {
    async source() {
      const told: unknown = JSON.parse(await ask("pip", [python, "-I", "-c", PIP_SOURCE]));
      const urls = isObject(told) && Array.isArray(told["urls"]) ? told["urls"].map(String) : [];
      const more = isObject(told) && Array.isArray(told["hosts"]) ? told["hosts"].map(String) : [];
      return sourceOf("pip", urls, more);
    },
    install: (wanted, folder, { urls }) => ({
      pipeline: [
        {
          argv: [
            ...words,
            "--isolated",
            "--no-input",
            "--disable-pip-version-check",
            "--proxy",
            PROXY,
            ...(CERTIFICATES === undefined ? [] : ["--cert", CERTIFICATES]),
            "install",
            "--target",
            join(folder, "lib"),
            "--upgrade",
            // A package in source form runs its own program when it is built.
            "--only-binary=:all:",
            "--no-cache-dir",
            "--no-warn-script-location",
            "--progress-bar=off",
            "--retries=1",
            "--timeout=20",
            ...(urls[0] === undefined ? [] : ["--index-url", urls[0]]),
            wanted.version === undefined ? wanted.name : `${wanted.name}==${wanted.version}`,
          ],
        },
      ],
    }),
  };
}

/** Pip's own words for where it gets packages from: what the user has set, else what is built in. */
const PIP_SOURCE = `
import json
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
settings = Configuration(isolated=False)
settings.load()
values = dict(settings.items())
flat = {}
for key, value in values.items():
    flat.update(value if isinstance(value, dict) else {key: value})
urls = [value for key, value in flat.items() if key.split(".")[-1] == "index-url"]
print(json.dumps({"urls": urls[-1:] or [PyPI.simple_url], "hosts": [] if urls else [PyPI.file_storage_domain]}))
`;

function npm(workspace: string): Manager {
  const file = findProgram("npm", workspace);
  if (file === undefined) throw missing("npm", "There is no npm here.");
  const cli = realpathSync(file);
  if (!cli.endsWith("/npm-cli.js")) throw missing("npm", `${cli} is no npm that is known here.`);
  return {
    source: async () =>
      sourceOf("npm", [(await ask("npm", [process.execPath, cli, "config", "get", "registry"])).trim()]),
    install: ({ name, version }, folder, { urls }) => ({
      pipeline: [
        {
          argv: [
            NODE_INSIDE,
            `${NPM_INSIDE}/bin/npm-cli.js`,
            "install",
            "--prefix",
            folder,
            // What a package wants to run when it is installed.
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
            "--cache=/tmp/npm",
            // No file is there: what counts is said here.
            "--userconfig=/tmp/npmrc",
            "--globalconfig=/tmp/npmrc-global",
            "--fetch-retries=1",
            `--proxy=${PROXY}`,
            `--https-proxy=${PROXY}`,
            ...(urls[0] === undefined ? [] : [`--registry=${urls[0]}`]),
            "--",
            `${name}@${version ?? "latest"}`,
          ],
        },
      ],
      show: { [dirname(dirname(cli))]: NPM_INSIDE, [process.execPath]: NODE_INSIDE },
      env: CERTIFICATES === undefined ? {} : { NODE_EXTRA_CA_CERTS: CERTIFICATES },
    }),
  };
}

function go(workspace: string): Manager {
  const toolchain = goToolchain(workspace);
  if (toolchain === undefined) throw missing("go", "There is no Go toolchain here.");
  return {
    async source() {
      const told = await ask("go", [toolchain.file, "env", "GOPROXY", "GOSUMDB"]);
      const [proxies = "", sums = ""] = told.split("\n");
      const urls = proxies.split(/[,|]/).filter((word) => word.includes("://"));
      // "direct" would mean any host that a module names.
      const [database = ""] = sums.split(" ");
      return sourceOf("go", urls, /^[a-z0-9.-]+\.[a-z]+$/.test(database) ? [database] : []);
    },
    install: ({ name, version }, folder, { urls }) => ({
      pipeline: [{ argv: ["go", "get", `${name}@${version ?? "latest"}`] }],
      show: toolchain.show,
      path: toolchain.path,
      env: {
        ...goEnvironment(folder),
        GOPROXY: urls.join(","),
        ...(CERTIFICATES === undefined ? {} : { SSL_CERT_FILE: CERTIFICATES }),
      },
    }),
  };
}

export interface Toolchain {
  file: string;
  /** Folders for PATH, and what must be shown for it to be there inside. */
  path: string[];
  show: Record<string, string>;
}

/** A Go toolchain outside the workspace, as it appears inside; undefined where there is none. */
export function goToolchain(workspace: string): Toolchain | undefined {
  const file = findProgram("go", workspace, `${process.env["PATH"] ?? ""}:/usr/local/go/bin:/usr/lib/go/bin`);
  if (file === undefined) return undefined;
  const bin = dirname(file);
  // "go" is started from its own tree, which tells it where the rest is.
  const root = dirname(bin);
  return { file, path: [bin], show: root.startsWith("/usr/") ? {} : { [root]: root } };
}

/** Variables of Go inside. `folder`: the module with what was installed. */
export function goEnvironment(folder: string | undefined): Record<string, string> {
  return {
    GOCACHE: "/tmp/go-cache",
    GOPATH: "/tmp/go",
    // Else the cache could not be cleared by who is not root.
    GOFLAGS: "-mod=mod -modcacherw",
    GOTOOLCHAIN: "local",
    GOTELEMETRY: "off",
    CGO_ENABLED: "0",
    ...(folder === undefined ? {} : { GOMODCACHE: join(folder, "cache") }),
  };
}

function missing(name: string, why: string): ToolError {
  return new ToolError(`${name} can't be used: ${why}`, {
    remedy: "Ask the user to install it, or go without the package.",
  });
}

/** Asks a manager about itself: in no folder of anybody's, and with nothing but the user's home. */
function ask(name: string, argv: readonly string[]): Promise<string> {
  const [file = "", ...args] = argv;
  const env: Record<string, string> = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  for (const key of ASKED) if (process.env[key] !== undefined) env[key] = process.env[key];
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, cwd: "/", timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const why = stderr.trim().split("\n").at(-1) ?? "";
      const told = why === "" ? "" : ` (${why.slice(0, 200)})`;
      reject(missing(name, `it does not say where it gets packages from${told}.`));
    });
  });
}

/** The user's own, by which the managers find their settings. */
const ASKED = "HOME XDG_CONFIG_HOME PIP_INDEX_URL PIP_CONFIG_FILE npm_config_registry GOPROXY GOSUMDB".split(
  " ",
);

/** Addresses without names and passwords in them, and their hosts. */
export function sourceOf(name: string, urls: readonly string[], more: readonly string[] = []): Source {
  const clean = urls.flatMap((text) => {
    const url = URL.parse(text.trim());
    if (url === null || !/^https?:$/.test(url.protocol)) return [];
    url.username = "";
    url.password = "";
    return [url];
  });
  if (clean.length === 0) throw missing(name, "it is set up to fetch from nowhere.");
  return {
    urls: clean.map(({ href }) => href),
    hosts: [...new Set([...clean.map(({ hostname }) => hostname), ...more])],
  };
}
