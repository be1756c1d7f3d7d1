/**
 * The system calls that the filter (seccomp.ts) refuses: name → number on x64, number on arm64 (-1: does not exist there).
 * Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
 */
export type Calls = Readonly<Record<string, readonly [number, number]>>;

/** Refused at every level. */
export const REFUSED: Calls = {
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

/**
 * Refused as well where the filter and Landlock stand alone. Landlock judges the opening of files: what changes a file by its name without
 * opening it, reaches another process of the same user, or leaves the group by which a run is ended, it does not see. There are no
 * namespaces of IPC there either.
 */
export const REFUSED_ALONE: Calls = {
  chmod: [90, -1],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  chown: [92, -1],
  lchown: [94, -1],
  fchownat: [260, 54],
  utime: [132, -1],
  utimes: [235, -1],
  futimesat: [261, -1],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  setxattrat: [463, 463],
  removexattrat: [466, 466],
  file_setattr: [469, 469],
  inotify_add_watch: [254, 27],
  setsid: [112, 157],
  setpgid: [109, 154],
  shmget: [29, 194],
  shmctl: [31, 195],
  shmat: [30, 196],
  msgget: [68, 186],
  msgctl: [71, 187],
  semget: [64, 190],
  semctl: [66, 191],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
  ioprio_set: [251, 30],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  process_mrelease: [448, 448],
};

/** Refused there unless the argument (by its place) is 0: of another process than the caller, or of a name instead of a descriptor. */
export const ZERO_ALONE: Readonly<Record<string, readonly [x64: number, arm64: number, argument: number]>> = {
  prlimit64: [302, 261, 0],
  setpriority: [141, 140, 1],
  sched_setparam: [142, 118, 0],
  sched_setscheduler: [144, 119, 0],
  sched_setaffinity: [203, 122, 0],
  sched_setattr: [314, 274, 0],
  utimensat: [280, 88, 1],
};
