"""Starting a process to decode in, watching it, and understanding how it ended.

Nothing that a recording does to that process reaches this one: it is bounded in what it may write and say, it is ended
when it makes no headway, and it ends with this one.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from qa_service.errors import RecordingRefused, StorageUnavailable
from qa_service.transcription.confine import Fence
from qa_service.transcription.orders import Order, Refusal, Report

logger = logging.getLogger(__name__)

STALLED_SECONDS = 120.0
"""How long a decoding process may go without writing a sample; its CPU is bounded more tightly by itself."""

_BEAT_SECONDS = 0.5
_LONGEST_REPORT = 65_536
_LONGEST_NAME = 80
_NO_ROOM = 1024 * 1024
"""Bytes; samples are written in pieces that are smaller."""

_ROOT = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from qa_service.transcription.decode_process import main; main()"

_ENDED_BY: Mapping[int, Refusal] = MappingProxyType(
    {
        signal.SIGPROF: Refusal.TIME,
        signal.SIGXCPU: Refusal.TIME,
        signal.SIGXFSZ: Refusal.TOO_LONG,
        signal.SIGKILL: Refusal.MEMORY,
    }
)
"""What its end by a signal says of the file; a kill that is not ours comes from a system out of memory."""


def decode_apart(source: BinaryIO, sink: BinaryIO, order: Order, *, name: str, beat: Callable[[], None]) -> None:
    """Decode ``source`` into ``sink`` in a process of its own; both must be real files, ``sink`` readable as well.

    ``name`` is what the file is called in a refusal. ``beat`` is called at least once a second, and what it raises ends
    the process.

    Raises:
        RecordingRefused: in the words of ``Refusal``.
        StorageUnavailable: it ended for want of room for the samples, which is no fault of the file.
    """
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), str(os.getpid()), order.dump()]
    with subprocess.Popen(  # noqa: S603
        command, stdin=source, stdout=sink, stderr=subprocess.PIPE, bufsize=0, cwd="/", env=_environment()
    ) as process:
        try:
            said = _listen(process, sink, beat)
        except _GivenUp as error:
            raise RecordingRefused(error.refusal.sentence(name)) from error
        finally:
            process.kill()  # it has ended, or is to
    report = _understood(said, process.returncode)
    if report.refusal is Refusal.CRASH and _is_full(sink):
        raise StorageUnavailable("数据目录所在的磁盘已满，录音解不开：请清出空间，之后自动继续。")
    for fence in report.missing:
        _say_once(fence)
    if report.refusal is not None:
        raise RecordingRefused(report.refusal.sentence(name, report.number))


def _is_full(sink: BinaryIO) -> bool:
    """Whether the disk has no room left, asked of the system: the word of a process that crashed is worth nothing."""
    disk = os.fstatvfs(sink.fileno())
    return disk.f_bavail * disk.f_frsize < _NO_ROOM


def shown(name: str) -> str:
    """A file's name as a sentence may show it: printable, on one line, not too long."""
    return "".join(letter if letter.isprintable() else "_" for letter in name)[:_LONGEST_NAME]


def _environment() -> dict[str, str]:
    # One thread: a second one would take memory and could not be started anyway.
    kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if key in os.environ}
    return {"OPENBLAS_NUM_THREADS": "1", **kept}


def _listen(process: subprocess.Popen[bytes], sink: BinaryIO, beat: Callable[[], None]) -> bytes:
    """What the process says until it ends.

    Raises:
        _GivenUp: it makes no headway, or says without end.
    """
    pipe = process.stderr
    assert pipe is not None  # noqa: S101
    said = b""
    written, since = 0, time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(said) < _LONGEST_REPORT:
            if selector.select(_BEAT_SECONDS):
                heard = os.read(pipe.fileno(), 4096)
                if not heard:
                    return said
                said += heard
            beat()
            size = os.fstat(sink.fileno()).st_size
            if size > written:
                written, since = size, time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                raise _GivenUp(Refusal.TIME)
        raise _GivenUp(Refusal.CRASH)


class _GivenUp(Exception):
    """The process has not ended, but there is nothing more to expect of it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def _understood(said: bytes, ended: int) -> Report:
    """What the process reported, or what its end says where it could not."""
    last = said.rstrip().rsplit(b"\n", 1)[-1]
    if ended == 0:
        try:
            return Report.load(last)
        except (ValueError, TypeError, KeyError):
            pass  # said by a decoder gone wild
    logger.warning("decoder ended code=%d last=%s", ended, shown(last.decode("utf-8", "replace")))
    return Report(refusal=_ENDED_BY.get(-ended, Refusal.CRASH))


@cache
def _say_once(fence: Fence) -> None:
    logger.info("decoding without fence=%s: refused by this system", fence)
