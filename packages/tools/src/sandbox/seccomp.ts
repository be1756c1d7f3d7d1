/**
 * A filter for the kernel (seccomp, classic BPF), made here as bytes: no compiler, no library. Everything is allowed but
 * what is named (calls.ts); the namespaces take away what there is to reach, the filter what could rebuild or widen them.
 */
import { REFUSED, REFUSED_ALONE, ZERO_ALONE } from "./calls.ts";

interface Arch {
  /** AUDIT_ARCH_… of <linux/audit.h>. */
  audit: number;
  column: 0 | 1;
  clone: number;
  clone3: number;
  socket: number;
  ioctl: number;
}

const ARCHS: Readonly<Record<string, Arch>> = {
  x64: { audit: 0xc000003e, column: 0, clone: 56, clone3: 435, socket: 41, ioctl: 16 },
  arm64: { audit: 0xc00000b7, column: 1, clone: 220, clone3: 435, socket: 198, ioctl: 29 },
};

// Codes of <linux/bpf_common.h>: load a word, jump if equal / greater or equal / any bit set, return.
const LOAD = 0x20;
const JEQ = 0x15;
const JGE = 0x35;
const JSET = 0x45;
const RETURN = 0x06;
/** Offsets in struct seccomp_data: number, architecture, low word of an argument. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number) => 16 + 8 * index;

const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
const errno = (code: number) => 0x00050000 | code;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}. */
const NAMESPACES = 0x7e020000;
const AF_INET = 2;
const AF_INET6 = 10;
/** Typing into the terminal of whoever started us (CVE-2017-5226, CVE-2023-1523). */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

type Instruction = [code: number, k: number, jt?: number, jf?: number];

/**
 * The filter for an architecture of Node ("x64", "arm64"), or undefined where there is none. `alone`: without namespaces around it, so no
 * sockets at all and no way to other processes.
 */
export function seccompFilter(arch: string = process.arch, alone = false): Buffer | undefined {
  const a = Object.hasOwn(ARCHS, arch) ? ARCHS[arch] : undefined;
  if (a === undefined) return undefined;
  const program: Instruction[] = [
    [LOAD, ARCH],
    [JEQ, a.audit, 1, 0],
    [RETURN, KILL],
    [LOAD, NUMBER],
  ];
  // x32 calls on x86-64 have other numbers for the same things.
  if (arch === "x64") program.push([JGE, 0x40000000, 0, 1], [RETURN, errno(ENOSYS)]);
  const refused = [...Object.values(REFUSED), ...(alone ? Object.values(REFUSED_ALONE) : [])];
  for (const numbers of refused) {
    const number = numbers[a.column];
    if (number >= 0) program.push([JEQ, number, 0, 1], [RETURN, errno(EPERM)]);
  }
  // The C library falls back to clone, whose flags can be looked at.
  program.push([JEQ, a.clone3, 0, 1], [RETURN, errno(ENOSYS)]);
  program.push(
    [JEQ, a.clone, 0, 4],
    [LOAD, argument(0)],
    [JSET, NAMESPACES, 0, 1],
    [RETURN, errno(EPERM)],
    [RETURN, ALLOW],
  );
  if (alone) {
    for (const [x64, arm64, index] of Object.values(ZERO_ALONE)) {
      program.push([JEQ, a.column === 0 ? x64 : arm64, 0, 6]);
      // Both halves: a pointer may have zeros below.
      program.push([LOAD, argument(index)], [JEQ, 0, 0, 2], [LOAD, argument(index) + 4], [JEQ, 0, 1, 0]);
      program.push([RETURN, errno(EPERM)], [RETURN, ALLOW]);
    }
    program.push([JEQ, a.socket, 0, 1], [RETURN, errno(EAFNOSUPPORT)]);
  }
  program.push(
    [JEQ, a.socket, 0, 5],
    [LOAD, argument(0)],
    [JEQ, AF_INET, 2, 0],
    [JEQ, AF_INET6, 1, 0],
    [RETURN, errno(EAFNOSUPPORT)],
    [RETURN, ALLOW],
  );
  program.push(
    [JEQ, a.ioctl, 0, 5],
    [LOAD, argument(1)],
    [JEQ, TIOCSTI, 1, 0],
    [JEQ, TIOCLINUX, 0, 1],
    [RETURN, errno(EPERM)],
    [RETURN, ALLOW],
  );
  program.push([RETURN, ALLOW]);
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, k, jt = 0, jf = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}

export interface Call {
  arch: number;
  number: number;
  args?: readonly number[];
}

/** Runs a filter as the kernel would, for tests: what comes back is SECCOMP_RET_… */
export function runFilter(filter: Buffer, call: Call): number {
  let value = 0;
  for (let at = 0; at * 8 < filter.length; ) {
    const code = filter.readUInt16LE(at * 8);
    const k = filter.readUInt32LE(at * 8 + 4);
    const jump = (yes: boolean) => at + 1 + filter.readUInt8(at * 8 + (yes ? 2 : 3));
    if (code === RETURN) return k;
    if (code === LOAD) {
      const word = call.args?.[(k - 16) >> 3] ?? 0;
      value =
        k === NUMBER ? call.number : k === ARCH ? call.arch : k % 8 === 0 ? word : Math.floor(word / 2 ** 32);
      at++;
    } else if (code === JEQ) at = jump(value >>> 0 === k);
    else if (code === JGE) at = jump(value >>> 0 >= k);
    else if (code === JSET) at = jump((value & k) !== 0);
    else break;
  }
  throw new RangeError("the filter does not end in a return");
}
