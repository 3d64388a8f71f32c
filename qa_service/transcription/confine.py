"""What a process that reads a stranger's bytes gives up before it reads them: files, sockets, children, memory, time.

Each fence stands by itself, and each is in force wherever the system has it. The descriptor limit alone already keeps
the process from opening any file or socket, on every Unix; the list of system calls (Linux on x86-64 and ARM64) leaves
it nothing but its open descriptors and its memory; the namespace leaves it no network to reach.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qa_service.labelled import Labelled

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EPERM
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4

_ARCHITECTURES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"x86_64": (0xC000_003E, 0), "aarch64": (0xC000_00B7, 1)}
)
"""By machine: the kernel's name for it, and its column below."""

_CALLS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
        "pwrite64": (18, 68), "lseek": (8, 62), "fstat": (5, 80), "close": (3, 57), "ioctl": (16, 29),
        "ftruncate": (77, 46), "fsync": (74, 82),
        "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226), "madvise": (28, 233),
        "brk": (12, 214), "futex": (202, 98), "membarrier": (324, 283), "rseq": (334, 293),
        "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
        "restart_syscall": (219, 128), "tgkill": (234, 131), "setitimer": (38, 103), "getitimer": (36, 102),
        "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "nanosleep": (35, 101), "gettimeofday": (96, 169),
        "times": (100, 153), "getrusage": (98, 165), "getrandom": (318, 278), "getpid": (39, 172),
        "gettid": (186, 178), "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sysinfo": (99, 179),
        "uname": (63, 160), "exit": (60, 93), "exit_group": (231, 94),
    }
)  # fmt: skip
"""System calls that remain, with their numbers on each architecture (asm/unistd.h of Linux): bytes in and out of what
is open, memory, clocks, and the way out. No open, no socket, no process, nothing that takes a path."""


class Fence(Labelled):
    """A protection that the system may lack or refuse."""

    CALLS = "calls", "系统调用白名单"
    NETWORK = "network", "独立网络空间"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How much a process may use: bytes of address space, seconds of CPU, bytes of the file it writes."""

    memory: int
    cpu_seconds: int
    file_bytes: int


def leave_network() -> frozenset[Fence]:
    """Move into a network namespace with nothing in it, where the system lets us; to be called before any thread.

    Returns the fences that could not be put up.
    """
    if sys.platform != "linux":
        return frozenset({Fence.NETWORK})
    library = ctypes.CDLL(None, use_errno=True)
    # With a user namespace it takes no privilege; where those are switched off, root can do without.
    alone = any(library.unshare(flags) == 0 for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET))
    return frozenset() if alone else frozenset({Fence.NETWORK})


def die_with(parent: int) -> None:
    """End this process when ``parent``, which started it, ends; leave signals to the group to the parent."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def confine(means: Means) -> frozenset[Fence]:
    """Give up everything but standard input, output and error; there is no way back.

    Everything that is to be imported must have been. Returns the fences that could not be put up.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, means.memory)
    _limit(resource.RLIMIT_CPU, means.cpu_seconds, spare=1)  # the first ends it by a signal that says why
    _limit(resource.RLIMIT_FSIZE, means.file_bytes)
    _limit(resource.RLIMIT_NOFILE, 3)
    return frozenset() if _allow_only(_CALLS) else frozenset({Fence.CALLS})


def _limit(which: int, value: int, *, spare: int = 0) -> None:
    hard = resource.getrlimit(which)[1]
    most = value + spare if hard == resource.RLIM_INFINITY else min(value + spare, hard)
    try:
        resource.setrlimit(which, (min(value, most), most))
    except ValueError:  # systems that know the limit but do not keep it (address space on macOS)
        if sys.platform == "linux":
            raise


def _allow_only(calls: Iterable[str]) -> bool:
    """Have the kernel refuse all other system calls with EPERM; False where it will not."""
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return False
    architecture, column = _ARCHITECTURES[machine]
    program = _program(architecture, [_CALLS[name][column] for name in calls])
    code = ctypes.create_string_buffer(program)
    # struct sock_fprog: the number of instructions, and where they are.
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _program(architecture: int, numbers: Iterable[int]) -> bytes:
    """A Berkeley packet filter: on this architecture these calls, and no others."""
    steps = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_OFFSET),
        (_JUMP_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD_WORD, 0, 0, _NUMBER_OFFSET),
    ]
    for number in numbers:
        steps += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("HBBI", *step) for step in steps)
