/**
 * A filter for the kernel (seccomp, classic BPF), made here as bytes: no compiler, no library. Everything is allowed but
 * what is named; the namespaces take away what there is to reach, the filter what could rebuild or widen them.
 * Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
 */

/** Refused with EPERM: x64 number, arm64 number (-1: does not exist there). */
const REFUSED: Readonly<Record<string, readonly [number, number]>> = {
  // New namespaces, mounts, roots.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  // Large parts of the kernel that no tool needs.
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // The machine.
  reboot: [169, 142],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, -1],
  ioperm: [173, -1],
  modify_ldt: [154, -1],
  uselib: [134, -1],
  ustat: [136, -1],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  personality: [135, 92],
};

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

/** The filter for an architecture of Node ("x64", "arm64"), or undefined where there is none. */
export function seccompFilter(arch: string = process.arch): Buffer | undefined {
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
  for (const numbers of Object.values(REFUSED)) {
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
      value = k === NUMBER ? call.number : k === ARCH ? call.arch : (call.args?.[(k - 16) / 8] ?? 0);
      at++;
    } else if (code === JEQ) at = jump(value >>> 0 === k);
    else if (code === JGE) at = jump(value >>> 0 >= k);
    else if (code === JSET) at = jump((value & k) !== 0);
    else break;
  }
  throw new RangeError("the filter does not end in a return");
}
