import { spawnSync } from "node:child_process";
import { bwrapArgv, findProgram } from "./bwrap.ts";
import { limitsNote, type Scope, scoped } from "./scope.ts";
import { seccompFilter } from "./seccomp.ts";
import { type Launcher, type Sandbox, testedSandbox } from "./tested.ts";

/** The level L1, or undefined where there is no bubblewrap, or the kernel refuses what it needs. */
export function bubblewrapSandbox(
  workspace: string,
  findScope: () => Scope | undefined,
): Sandbox | undefined {
  const file = process.platform === "linux" ? findProgram("bwrap", workspace) : undefined;
  if (file === undefined) return undefined;
  const version = /(\d+)\.(\d+)/.exec(
    spawnSync(file, ["--version"], { encoding: "utf8", env: {} }).stdout ?? "",
  );
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  const prlimit = findProgram("prlimit", workspace, "/usr/bin:/bin");
  const base = prlimit === undefined ? {} : { prlimit };
  // 0.8 brought --disable-userns; where the kernel refuses what it needs, the filter alone forbids new namespaces.
  for (const disableUserns of major > 0 || minor >= 8 ? [true, false] : [false]) {
    const launcher: Launcher = (argv, limits, request) => {
      const seccomp = seccompFilter();
      const args = bwrapArgv({
        ...request,
        ...base,
        argv,
        limits,
        disableUserns,
        ...(seccomp === undefined ? {} : { seccompFd: 3 }),
      });
      const launch = { file, args, ...(seccomp === undefined ? {} : { seccomp }) };
      // The kernel's limit of each process is enough for what neither writes nor reserves; the scope costs a talk with systemd.
      const wide = request.writable === true || (request.reserveMb ?? 0) > 0;
      const scope = wide ? findScope() : undefined;
      return scope === undefined ? launch : scoped(launch, limits, scope);
    };
    if (!starts(file, launcher)) continue;
    const lacking = [
      ...(seccompFilter() === undefined ? [`no filter of system calls for ${process.arch}`] : []),
      ...(prlimit === undefined
        ? ["no limits of memory and processes: prlimit (util-linux) is missing"]
        : []),
    ];
    const notes = () => [limitsNote(findScope())];
    return testedSandbox({ name: "L1 bubblewrap", launcher, lacking, notes, egress: true });
  }
  return undefined;
}

/** Whether bubblewrap can do here what we ask of it. */
function starts(file: string, launcher: Launcher): boolean {
  const limits = { timeoutMs: 5000, memoryMb: 64, processes: 8, fileMb: 1, outputChars: 100 };
  const launch = launcher(["/usr/bin/true"], limits, { workspace: "/usr/share", pipeline: [] });
  if (launch instanceof Promise) return false;
  const { args, seccomp } = launch;
  // The filter goes in by descriptor 0 here: spawnSync fills that one from memory.
  const from = args.indexOf("--seccomp");
  const plain = seccomp === undefined ? args : args.with(from + 1, "0");
  const done = spawnSync(file, plain, {
    env: {},
    timeout: 5000,
    ...(seccomp === undefined ? {} : { input: seccomp }),
  });
  return done.status === 0;
}
