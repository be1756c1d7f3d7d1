import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cores, cgroupQuota, chooseThreads, Threads } from "./threads.ts";

test("threads leave a core free, stay within the quota, and are one on two cores", () => {
  const cases: [Cores, number][] = [
    [{ logical: 1 }, 1],
    [{ logical: 2 }, 1],
    [{ logical: 2, physical: 2, quota: 2 }, 1],
    [{ logical: 4 }, 3],
    [{ logical: 8, physical: 4 }, 3],
    [{ logical: 8, physical: 4, quota: 2.5 }, 2],
    [{ logical: 8, physical: 4, quota: 0.5 }, 1],
    // A container that sees all cores of the host, but may use three hardware threads.
    [{ logical: 3, physical: 32 }, 2],
  ];
  for (const [cores, threads] of cases) assert.equal(chooseThreads(cores), threads, JSON.stringify(cores));
});

test("the cgroup's quota is read in both versions, and none means none", () => {
  const from = (files: Record<string, string>) =>
    cgroupQuota((file) => {
      const text = files[file.replace("/sys/fs/cgroup/", "")];
      if (text === undefined) throw new Error("ENOENT");
      return text;
    });
  assert.equal(from({ "cpu.max": "150000 100000\n" }), 1.5);
  assert.equal(from({ "cpu.max": "max 100000\n" }), undefined);
  assert.equal(from({ "cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000" }), 2);
  assert.equal(from({ "cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000" }), undefined);
  assert.equal(from({}), undefined);
});

function run(threads: Threads, tokens: number, cpuMsPerToken: (threads: number) => number): number[] {
  const seen: number[] = [];
  for (let i = 0; i < tokens; i++) {
    const now = threads.for("decode");
    seen.push(now);
    threads.did({ kind: "decode", tokens: 1, cpuMs: cpuMsPerToken(now) });
  }
  return seen;
}

test("the first tokens run on one thread, then the ideal number runs as long as it pays", () => {
  const seen = run(new Threads(4), 100, () => 12);
  assert.deepEqual([seen[0], seen[15], seen[16], seen[99]], [1, 1, 4, 4]);
});

test("threads that spin instead of working are halved until they work, and tried again later", () => {
  const threads = new Threads(4);
  const busy = run(threads, 100, (now) => (now === 1 ? 12 : 500));
  assert.equal(busy[99], 1);
  const quiet = run(threads, 6000, () => 12);
  assert.equal(quiet.at(-1), 4);
});

test("one thread stays one thread", () => {
  assert.deepEqual(new Set(run(new Threads(1), 50, () => 12)), new Set([1]));
});
