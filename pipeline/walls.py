"""Walls around a process that decodes strangers' bytes: memory, files, network. Linux; each wall where it can be had.

- rlimits: so much memory more than now, no file written, no core dumped;
- Landlock: of all files only the scan itself and what programs are made of can be read (kernel 5.13 or newer);
- seccomp: no socket is made, no program started, no file opened for writing, no other process touched (libseccomp).

What is walled in stays so: there is no way back, and children inherit it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["apart", "die_with_parent", "limit", "memory_of", "wall_in", "walls_here"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_RULE_PATH_BENEATH = 1
_VERSION = 1  # flag: tell the version, make nothing
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # kinds of access to files that each version of Landlock knows
_NET_BITS, _SCOPE_BITS = 0b11, 0b11  # bind and connect; abstract sockets and signals
_NO_NEW_PRIVS, _PDEATHSIG = 38, 1
_SIGKILL = 9
_OPEN_FILES = 64
_SURROUNDINGS = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# A page's picture lies in memory that is new to its process: in pieces of 4 KB to clear it takes longer than to decode.
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

_FORBIDDEN = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "execve", "execveat", "fork", "vfork",
    "ptrace", "process_vm_readv", "process_vm_writev", "kill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "setns", "unshare", "mount", "umount2", "pivot_root", "chroot", "bpf", "open_by_handle_at", "perf_event_open",
    "userfaultfd", "add_key", "request_key", "keyctl", "init_module", "finit_module", "delete_module", "kexec_load",
    "io_uring_setup", "creat", "truncate", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link",
    "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod", "fchmodat", "chown",
    "lchown", "fchownat", "setxattr", "lsetxattr", "removexattr", "lremovexattr", "utimensat", "msgget", "semget",
    "shmget", "mq_open", "personality", "quotactl", "reboot", "swapon", "swapoff", "sethostname", "setdomainname",
    "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "acct", "prlimit64", "setrlimit",
)  # fmt: skip
_CLONE_THREAD = 0x10000


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def wall_in(readable: Path, *, memory: int) -> frozenset[str]:
    """Wall this process in; returns the walls that stand: ``memory``, ``files``, ``network``.

    :param readable: the one file of strangers' that stays readable
    :param memory: bytes this process may take on top of what it has
    """
    rules = _seccomp_filter()  # libseccomp is sought with programs and files that are out of reach afterwards
    _limit(memory)
    _libc().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    walls = {"memory"}
    if _landlock((readable,), _programs()):
        walls.add("files")
    if rules is not None and _loaded(rules):
        walls.add("network")
    return frozenset(walls)


def walls_here() -> frozenset[str]:
    """The walls that this machine can build."""
    walls = {"memory"}
    if _landlock_version() > 0:
        walls.add("files")
    if _seccomp_filter() is not None:
        walls.add("network")
    return frozenset(walls)


def limit(what: int, most: int) -> None:
    """Set a limit of this process (``resource.RLIMIT_…``), for good; one that is lower already stays."""
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def memory_of(pid: int) -> int:
    """Bytes of memory that a process holds now; 0 where there is none."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def apart(module: str, *arguments: str) -> dict[str, Any]:
    """How :mod:`subprocess` starts one of our modules for work within walls: nothing secret goes with it."""
    around = {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ}
    home = str(Path(__file__).resolve().parent.parent)
    return {
        "args": [sys.executable, "-P", "-m", module, *arguments],
        "cwd": "/",
        "env": {**around, **_ONE_THREAD, **_LARGE_PAGES, "PYTHONPATH": home},
        "stderr": subprocess.DEVNULL,
    }


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that made it ends, however it ends."""
    _libc().prctl(_PDEATHSIG, _SIGKILL, 0, 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _limit(memory: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory
    for what, value in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        limit(what, value)


# --------------------------------------------------------------------------------------------------------- Landlock


def _landlock_version() -> int:
    """0 where this kernel has none, or has it switched off."""
    version: int = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    return max(0, version)


def _landlock(files: Iterable[Path], folders: Iterable[Path]) -> bool:
    version = _landlock_version()
    if not version:
        return False
    libc = _libc()
    rules = _Ruleset(files=(1 << _FS_BITS[min(version, 5)]) - 1)
    size = 8
    if version >= 4:
        rules.network, size = _NET_BITS, 16
    if version >= 6:
        rules.scoped, size = _SCOPE_BITS, 24
    ruleset: int = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path in files:
            _allow(libc, ruleset, path, _READ_FILE)
        for path in folders:
            _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _PathBeneath(allowed=access, parent=parent)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _programs() -> tuple[Path, ...]:
    """Folders of code and its tables: libraries and Python's packages, none of ours where originals may lie."""
    paths = sysconfig.get_paths()
    named = {paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], *site.getsitepackages()}
    known = {*named, *(path for path in sys.path if path.endswith("site-packages")), "/usr/lib", "/lib", "/lib64"}
    return tuple(path for path in sorted(map(Path, known)) if path.is_dir())


# ---------------------------------------------------------------------------------------------------------- seccomp


def _seccomp_filter() -> Any:
    """The filter, not yet in force; None where libseccomp is not there."""
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError):
        return None
    denied = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _FORBIDDEN:
        try:
            rules.add_rule(denied, name)
        except (OSError, ValueError):
            continue  # this architecture has no such call
    # Threads are made as before; other processes are not.
    rules.add_rule(denied, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    # Its flags cannot be looked at: who finds it missing takes clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "openat2")
    for call, at in (("open", 1), ("openat", 2)):
        for flags in (os.O_WRONLY, os.O_RDWR):
            rules.add_rule(denied, call, seccomp.Arg(at, seccomp.MASKED_EQ, os.O_ACCMODE, flags))
        rules.add_rule(denied, call, seccomp.Arg(at, seccomp.MASKED_EQ, os.O_CREAT, os.O_CREAT))
    return rules


def _loaded(rules: Any) -> bool:
    try:
        rules.load()
    except OSError:
        return False
    return True
