"""The form of a decoded recording on disk: one ``.npy`` file of int16 with one line of JSON after the samples.

Interleaved samples are an array (channels, samples) in Fortran's order, so they stream straight into the file and are
memory-mapped out of it.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from qa_service.call import ChannelLayout
from qa_service.errors import RecordingRefused

RATE = 16_000
"""Samples a second of everything after decoding; what Whisper and the voice detector take."""

SAMPLES_PER_MS = RATE // 1000

Samples = NDArray[np.int16]

Beat = Callable[[], None]
"""Called every so often by work that takes long: a sign of life, and a moment to hand memory back."""


def no_beat() -> None:
    """The beat of work that nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a decoded recording beside its samples.

    ``dead`` are the channels (by number) that carry no sound at all, which is neither silence on a line nor one
    signal on both channels.
    """

    layout: ChannelLayout
    partial: str | None = None
    dead: tuple[int, ...] = ()


class SampleFile:
    """Writes samples into ``sink``; how many there are is known only at the end."""

    def __init__(self, sink: BinaryIO, channels: int) -> None:
        self.channels = channels
        self.samples = 0
        self._sink = sink
        self._header()

    @property
    def seconds(self) -> float:
        """Length of what was written."""
        return self.samples / RATE

    def write(self, block: Samples) -> None:
        """Append samples of shape (n, channels)."""
        self._sink.write(np.ascontiguousarray(block).data)
        self.samples += len(block)

    def finish(self, facts: Facts) -> None:
        """Append the facts and set the true length."""
        document = {"layout": str(facts.layout), "partial": facts.partial, "dead": list(facts.dead)}
        self._sink.write(json.dumps(document, ensure_ascii=False).encode())
        self._sink.seek(0)
        self._header()
        self._sink.flush()

    def _header(self) -> None:
        # NumPy leaves room for the growing axis, so that the header keeps its length.
        header = {"descr": "<i2", "fortran_order": True, "shape": (self.channels, self.samples)}
        np.lib.format.write_array_header_1_0(self._sink, header)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedAudio:
    """The samples of a recording: int16 of shape (channels, samples) at 16 kHz, memory-mapped and read-only.

    Two equal channels are one channel (``ChannelLayout.DUAL_MONO``). ``partial`` is the sentence why the recording is
    known to be incomplete, None where nothing says so. ``dead_channels`` (numbers from 0) carry no sound whatever.
    """

    path: Path
    samples: Samples
    layout: ChannelLayout
    partial: str | None = None
    dead_channels: tuple[int, ...] = ()
    mapping: mmap.mmap | None = field(default=None, repr=False, compare=False)

    def release(self) -> None:
        """Hand back the memory of what has been read; reading it again takes it from the file again.

        To be called now and then on the way through a long call, whose pages would all stay in memory otherwise.
        """
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)

    @property
    def dual_mono(self) -> bool:
        """Whether the file has two channels that carry one signal."""
        return self.layout is ChannelLayout.DUAL_MONO

    @property
    def channels(self) -> int:
        """1 or 2."""
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds."""
        return int(self.samples.shape[1]) // SAMPLES_PER_MS


def load_decoded(path: Path) -> DecodedAudio:
    """Open what ``decode`` wrote, without reading it into memory.

    Raises:
        RecordingRefused: the file is missing or not one of ours; decoding the recording again mends it.
    """
    try:
        return _load(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RecordingRefused(f"解码后的音频 {path.name} 缺失或已损坏，请重新处理该通话。") from error


def _load(path: Path) -> DecodedAudio:
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, _ = np.lib.format.read_array_header_1_0(file)
        begin = file.tell()
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    flat = np.frombuffer(mapping, dtype="<i2", count=math.prod(shape), offset=begin)
    document = json.loads(mapping[begin + flat.nbytes :])
    samples = flat.reshape(shape, order="F")
    layout = ChannelLayout.of(document["layout"])
    return DecodedAudio(
        path=path,
        samples=samples[:1] if layout is ChannelLayout.DUAL_MONO else samples,
        layout=layout,
        partial=document["partial"],
        dead_channels=tuple(document["dead"]),
        mapping=mapping,
    )
