/**
 * What puts Landlock and the filter in force and starts a program: the same in Perl and in Python, for one of them is there. Both are told
 * all in words: the numbers of four calls on this architecture (prctl, seccomp, capset, openat), our process id, the ruleset and the filter in hexadecimal, the folder to start in, how many grants, path and rights of
 * each, then the program. With the single word "abi" they print which version of Landlock the kernel has (0: none).
 *
 * The first process stays outside. It adopts whatever the program leaves behind, ends all of it when the program or we are gone, and hands on
 * the exit code. Its child becomes a group, gives up capabilities, and can't leave the group afterwards (the filter forbids it), so one
 * signal reaches all. Numbers of the options: <linux/prctl.h>, <linux/seccomp.h>, <linux/landlock.h>; Landlock's calls have the same ones everywhere.
 */
export const PERL_LAUNCHER = String.raw`
use strict;
if (@ARGV == 1) { my $abi = syscall(444, 0, 0, 1); print $abi > 0 ? $abi : 0; exit 0 }
my ($calls, $owner, $ruleset, $filter, $folder, $count, @rest) = @ARGV;
my ($PRCTL, $SECCOMP, $CAPSET, $OPENAT) = map { $_ + 0 } split /,/, $calls;
sub sure { my ($what, $got) = @_; if ($got == -1) { print STDERR "sandbox: $what: $!\n"; exit 125 } return $got }
my ($child, $reaped) = (0, 0);
sub finish { if ($child) { kill "KILL", -$child; kill "KILL", $child unless $reaped } }
$SIG{$_} = sub { finish(); exit 143 } for qw(TERM INT HUP);
sure("subreaper", syscall($PRCTL, 36, 1, 0, 0, 0));
sure("owner", syscall($PRCTL, 1, 15, 0, 0, 0));
exit 143 if getppid() != $owner;
$child = fork();
die "sandbox: fork: $!" unless defined $child;
if (!$child) {
  $SIG{$_} = "DEFAULT" for qw(TERM INT HUP);
  sure("owner", syscall($PRCTL, 1, 9, 0, 0, 0));
  setpgrp(0, 0);
  chdir $folder or sure("folder", -1);
  $ruleset = pack("H*", $ruleset);
  my $rules = sure("ruleset", syscall(444, $ruleset, length $ruleset, 0));
  for (1 .. $count) {
    my ($path, $rights) = splice(@rest, 0, 2);
    my $fd = sure("open $path", syscall($OPENAT, -100, $path, 0x280000, 0));
    my $rule = pack("Q<l<", $rights, $fd);
    sure("grant $path", syscall(445, $rules, 1, $rule, 0));
  }
  syscall($PRCTL, 24, $_, 0, 0, 0) for 0 .. 63;
  syscall($PRCTL, 28, 0x0f, 0, 0, 0);
  my ($head, $none) = (pack("L<l<", 0x20080522, 0), "\0" x 24);
  sure("capabilities", syscall($CAPSET, $head, $none));
  sure("privileges", syscall($PRCTL, 38, 1, 0, 0, 0));
  sure("landlock", syscall(446, $rules, 0));
  $filter = pack("H*", $filter);
  my $program = pack("S<x6P", length($filter) / 8, $filter);
  sure("filter", syscall($SECCOMP, 1, 0, $program));
  $^F = 2;
  no warnings;
  exec { $rest[0] } @rest;
  print STDERR "$rest[0]: $!\n";
  exit 127;
}
my $status = 0;
while ((my $pid = waitpid(-1, 0)) > 0) { if ($pid == $child) { $status = $?; $reaped = 1; last } }
finish();
while (waitpid(-1, 0) > 0) {}
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
`;

export const PYTHON_LAUNCHER = String.raw`
import ctypes, os, signal, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    return libc.syscall(number, *(a if isinstance(a, bytes) else ctypes.c_long(a) for a in args))
def sure(what, got):
    if got == -1:
        sys.stderr.write("sandbox: %s: %s\n" % (what, os.strerror(ctypes.get_errno())))
        sys.stderr.flush()
        os._exit(125)
    return got
if len(sys.argv) == 2:
    print(max(0, call(444, 0, 0, 1)), end="")
    sys.exit(0)
calls, owner, ruleset, bytes_of_filter, folder, count = sys.argv[1:7]
PRCTL, SECCOMP, CAPSET, _ = map(int, calls.split(","))
rest = sys.argv[7:]
child = 0
reaped = False
def finish(*_):
    if child:
        for target in (-child, 0 if reaped else child):
            try: target and os.kill(target, signal.SIGKILL)
            except OSError: pass
def ended(*_):
    finish()
    os._exit(143)
for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(one, ended)
sure("subreaper", call(PRCTL, 36, 1, 0, 0, 0))
sure("owner", call(PRCTL, 1, 15, 0, 0, 0))
if os.getppid() != int(owner): os._exit(143)
child = os.fork()
if child == 0:
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE): signal.signal(one, signal.SIG_DFL)
    sure("owner", call(PRCTL, 1, 9, 0, 0, 0))
    os.setpgid(0, 0)
    os.chdir(folder)
    attr = bytes.fromhex(ruleset)
    rules = sure("ruleset", call(444, attr, len(attr), 0))
    for _ in range(int(count)):
        path, rights, *rest = rest
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        sure("grant " + path, call(445, rules, 1, struct.pack("<Qi", int(rights), fd), 0))
    for one in range(64): call(PRCTL, 24, one, 0, 0, 0)
    call(PRCTL, 28, 0x0F, 0, 0, 0)
    sure("capabilities", call(CAPSET, struct.pack("<Ii", 0x20080522, 0), bytes(24)))
    sure("privileges", call(PRCTL, 38, 1, 0, 0, 0))
    sure("landlock", call(446, rules, 0))
    blob = ctypes.create_string_buffer(bytes.fromhex(bytes_of_filter))
    program = struct.pack("<H6xQ", (len(blob) - 1) // 8, ctypes.addressof(blob))
    sure("filter", call(SECCOMP, 1, 0, program))
    try: os.execvp(rest[0], rest)
    except OSError as error:
        sys.stderr.write("%s: %s\n" % (rest[0], error.strerror))
        sys.stderr.flush()
        os._exit(127)
status = 0
while True:
    try: pid, got = os.waitpid(-1, 0)
    except ChildProcessError: break
    if pid == child:
        status = got
        reaped = True
        finish()
os._exit(128 + (status & 127) if status & 127 else status >> 8)
`;
