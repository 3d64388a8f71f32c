"""A recording becomes samples: any usual format in, 16 kHz integers per channel on disk out.

The decoding itself runs in a process of its own, of limited means (``decode_process``); here it is started, watched and
asked. The result is memory-mapped, so that a four-hour call costs the same memory as a short one.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from qa_service.call import Speaker
from qa_service.errors import RecordingRefused
from qa_service.lines import RawFormat
from qa_service.transcription.limited import decode_apart, shown
from qa_service.transcription.orders import Order
from qa_service.transcription.samples import RATE, SAMPLES_PER_MS, DecodedAudio, load_decoded, no_beat
from qa_service.transcription.sides import join_sides

__all__ = ["RATE", "SAMPLES_PER_MS", "DecodedAudio", "decode", "decode_sides", "load_decoded"]

MAX_SECONDS = 4 * 3600
MAX_BYTES = 1024**3


def decode(
    path: Path,
    target: Path,
    *,
    raw: RawFormat | None = None,
    billed_seconds: float | None = None,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
    name: str | None = None,
    beat: Callable[[], None] | None = None,
) -> DecodedAudio:
    """Decode the recording at ``path`` into ``target``, which appears only when it is complete.

    ``target`` is a file as ``samples`` describes it, whatever its name. Memory is bounded whatever the length. ``raw``
    is how a file without a header is to be read (one with a header is read by that). ``billed_seconds`` is how long
    the call lasted by the dialler's account. ``name`` is what to call the recording in a refusal (default: the file's
    name). ``beat`` is called at least once a second; what it raises ends the
    decoding.

    Raises:
        RecordingRefused: not audio, empty, damaged from the start, more than two channels, or over a limit.
    """
    name = shown(name or path.name)
    _check_file(path, name, max_bytes)
    order = Order(
        max_seconds=max_seconds,
        billed_seconds=billed_seconds,
        encoding=str(raw.encoding) if raw else None,
        rate=raw.rate if raw else RATE,
        channels=raw.channels if raw else 1,
    )
    with _appearing(target) as sink, path.open("rb") as source:
        decode_apart(source, sink, order, name=name, beat=beat or no_beat)
    return load_decoded(target)


def decode_sides(
    agent: Path,
    customer: Path,
    target: Path,
    *,
    raw: RawFormat | None = None,
    billed_seconds: float | None = None,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
    name: str | None = None,
    beat: Callable[[], None] | None = None,
) -> DecodedAudio:
    """Decode a call recorded as one file per side into ``target``: channel 0 is the agent, channel 1 the customer.

    The shorter side is silent from its end on; where they differ in length by more than a tenth and two seconds, the
    call is partial. The other arguments are those of ``decode``, ``max_bytes`` for each of the files.

    Raises:
        RecordingRefused: what ``decode`` refuses, a side with two voices on two channels, or one file sent twice.
    """
    parts: list[DecodedAudio] = []
    with ExitStack() as stack:
        for path, speaker in ((agent, Speaker.AGENT), (customer, Speaker.CUSTOMER)):
            part = stack.enter_context(_temporary(target))
            parts.append(
                decode(
                    path,
                    part,
                    raw=raw,
                    billed_seconds=billed_seconds,
                    max_seconds=max_seconds,
                    max_bytes=max_bytes,
                    name=f"{name or path.name}（{speaker.label}一侧）",
                    beat=beat,
                )
            )
        with _appearing(target) as sink:
            join_sides(parts[0], parts[1], sink, beat=beat or no_beat)
    return load_decoded(target)


@contextmanager
def _appearing(target: Path) -> Iterator[BinaryIO]:
    """A file that bears its name once it is whole and on disk."""
    with _temporary(target) as working:
        with working.open("x+b") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        working.replace(target)


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """A random name beside ``target``, gone afterwards."""
    path = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _check_file(path: Path, name: str, max_bytes: int) -> None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # a name may hold what no file system takes
        raise RecordingRefused(f"找不到录音文件 {name}，请检查路径后重新提交。") from error
    if not stat.S_ISREG(status.st_mode):
        raise RecordingRefused(f"{name} 不是录音文件，请提交单个音频文件。")
    if status.st_size == 0:
        raise RecordingRefused(f"录音文件 {name} 是空的，请重新导出。")
    if status.st_size > max_bytes:
        raise RecordingRefused(f"录音文件 {name} 超过 {max_bytes // 1024**2} MiB 上限，请拆分或压缩后提交。")
