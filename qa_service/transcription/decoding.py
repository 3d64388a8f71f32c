"""From a stranger's bytes to samples at 16 kHz: what runs inside the decoding process, and nowhere else.

A recording is read once, from an open file, never by name. Whatever it claims of itself is a claim: its length, its
rate and its channels are checked again on every piece that comes out.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, Protocol

import av
import av.subtitles.stream  # PyAV loads it when a file is opened, which is too late here
import numpy as np
from av.audio.resampler import AudioResampler

from qa_service.transcription.channels import Likeness
from qa_service.transcription.completeness import why_partial
from qa_service.transcription.containers import Promise, read_promise
from qa_service.transcription.formats import (
    BARE,
    BARE_CODECS,
    CODECS,
    CONTAINERS,
    HIGHEST_RATE,
    LOWEST_RATE,
    MOST_CHANNELS,
    REPLACED,
    has_header,
)
from qa_service.transcription.orders import Order, Refusal, Refused
from qa_service.transcription.samples import RATE, Facts, SampleFile, Samples

FREE_SECONDS = 240.0
SECONDS_PER_KIB = 13.0
"""How long a recording may last for what it weighs: four minutes, and 13 s for each KiB of it. Speech in the leanest
telephone codec takes 1.7 s a KiB, nothing but its silence descriptors 12.6; made to explode, FLAC reaches 500."""

BILLED_SPARE = 60.0
"""Seconds by which a recording may exceed what was billed and still be believed: ringing is recorded, not billed."""

FIRST_CPU_SECONDS = 1.2
CPU_SHARE = 0.1
"""CPU granted to a recording before it has brought forth anything, and for each second that it has. The slowest codec
measured (FLAC of 96 kHz in stereo) takes 0.004 s for a second of sound."""

_DAMAGE = (av.error.FFmpegError, IndexError, OverflowError, ValueError)
"""What PyAV raises on broken data, beside ``MemoryError``."""

_BARE_BLOCK = 4096


def decode_stream(source: BinaryIO, sink: BinaryIO, order: Order) -> None:
    """Decode ``source`` into ``sink`` (see ``samples``), or refuse it.

    Raises:
        Refused: not audio, empty, damaged from the start, or over a limit.
        MemoryError: it needs more than the process may have.
    """
    guard = _Guard(source, order)
    try:
        with ExitStack() as stack:
            origin = _origin(source, order, stack)
            written, likeness = _write(origin, sink, guard)
    except MemoryError:
        raise
    except _DAMAGE as error:
        raise Refused(Refusal.NOT_AUDIO) from error
    if not written.samples:
        raise Refused(Refusal.NO_SAMPLES)
    partial = why_partial(
        heard=written.seconds,
        announced=guard.promise.seconds,
        billed=order.billed_seconds,
        damaged=origin.damaged,
        broken_off=guard.promise.broken_off,
    )
    written.finish(Facts(layout=likeness.layout, partial=partial, dead=likeness.dead))


def _write(origin: _Origin, sink: BinaryIO, guard: _Guard) -> tuple[SampleFile, Likeness]:
    written = SampleFile(sink, origin.channels)
    likeness = Likeness(origin.channels)
    for block in _at_our_rate(origin.frames(), origin.channels):
        likeness.add(block)
        written.write(block)
        guard.check(written.seconds, origin.taken)
    return written, likeness


class _Guard:
    """Whether a recording may go on: how long it is, how long for its weight, and how much CPU it has taken."""

    def __init__(self, source: BinaryIO, order: Order) -> None:
        self._order = order
        self._source = source
        self._started = time.process_time()
        self._grant(0.0)
        self.promise = read_promise(source) if _headed(source, order) else Promise()
        size = source.seek(0, os.SEEK_END)
        # A claim that the size of the file makes plausible; another one may be a lie in either direction.
        if order.max_seconds < (self.promise.seconds or 0.0) < SECONDS_PER_KIB * size / 1024:
            raise self._too_long()

    def check(self, seconds: float, taken: int) -> None:
        """Go on after ``seconds`` of sound from ``taken`` bytes, or not.

        Raises:
            Refused: it is over a limit.
        """
        if seconds > self._order.max_seconds:
            raise self._too_long()
        billed = self._order.billed_seconds or 0.0
        # A container may have the same bytes played again and again, or unfold what it holds.
        weight = min(taken, self._source.tell())
        if seconds > max(FREE_SECONDS + SECONDS_PER_KIB * weight / 1024, billed + BILLED_SPARE):
            raise Refused(Refusal.EXPANDS)
        self._grant(seconds)

    def _grant(self, seconds: float) -> None:
        used = time.process_time() - self._started
        left = FIRST_CPU_SECONDS + CPU_SHARE * seconds - used
        if left <= 0:
            raise Refused(Refusal.TIME)
        # Unless it is set anew the kernel ends the process, whatever code that is stuck in.
        signal.setitimer(signal.ITIMER_PROF, left)

    def _too_long(self) -> Refused:
        return Refused(Refusal.TOO_LONG, self._order.max_seconds / 3600)


class _Origin(Protocol):
    """Where frames come from: bytes ``taken`` so far, and the number of pieces that were ``damaged`` and skipped."""

    channels: int
    taken: int
    damaged: int

    def frames(self) -> Iterator[av.AudioFrame]: ...


def _origin(source: BinaryIO, order: Order, stack: ExitStack) -> _Origin:
    headed = _headed(source, order)
    source.seek(0)
    if order.encoding is None or headed:
        return _Packets(stack.enter_context(_opened(source, None, {"format_whitelist": CONTAINERS})))
    if order.encoding in BARE_CODECS:
        return _Bytes(source, BARE_CODECS[order.encoding], order)
    demuxer, told = BARE[order.encoding]
    layout = _layout(order.channels)
    options = {key: value.format(rate=order.rate, layout=layout) for key, value in told.items()}
    return _Packets(stack.enter_context(_opened(source, demuxer, options)))


def _headed(source: BinaryIO, order: Order) -> bool:
    source.seek(0)
    return order.encoding is None or has_header(source.read(12))


def _opened(source: BinaryIO, demuxer: str | None, options: dict[str, str]) -> av.container.InputContainer:
    options = {"protocol_whitelist": "", "codec_whitelist": CODECS, **options}
    return av.open(source, "r", format=demuxer, options=options, metadata_errors="ignore")


def _layout(channels: int) -> str:
    return "stereo" if channels == 2 else "mono"


class _Packets:
    """The compressed pieces of the one audio stream of a container; a damaged piece is counted and skipped."""

    def __init__(self, container: av.container.InputContainer) -> None:
        self._container = container
        self._stream = _audio_stream(container)
        self.channels = self._stream.codec_context.channels
        self.taken = 0
        self.damaged = 0

    def frames(self) -> Iterator[av.AudioFrame]:
        """What can be decoded, in order, as the codec gives it."""
        decoder = self._decoder()
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except MemoryError:
                raise
            except _DAMAGE:  # the container breaks off
                self.damaged += 1
                return
            self.taken += packet.size
            try:
                frames = decoder.decode(packet)
            except MemoryError:
                raise
            except _DAMAGE:
                self.damaged += 1
                continue
            yield from frames

    def _decoder(self) -> av.AudioCodecContext:
        replaced = REPLACED.get(self._stream.codec.name)
        if replaced is not None:
            return _codec(replaced)
        decoder = self._stream.codec_context
        decoder.thread_count = 1
        return decoder


class _Bytes:
    """Bytes that not even a demuxer knows, handed to their decoder as they come."""

    def __init__(self, source: BinaryIO, codec: str, order: Order) -> None:
        self._source = source
        self._decoder = _codec(codec)
        self._decoder.sample_rate = order.rate
        self._decoder.layout = _layout(order.channels)
        self.channels = order.channels
        self.taken = 0
        self.damaged = 0

    def frames(self) -> Iterator[av.AudioFrame]:
        """What the bytes decode to."""
        while data := self._source.read(_BARE_BLOCK):
            self.taken += len(data)
            for frame in self._decoder.decode(av.Packet(data)):
                frame.sample_rate = self._decoder.sample_rate
                yield frame


def _codec(name: str) -> av.AudioCodecContext:
    codec = av.CodecContext.create(name, "r")
    assert isinstance(codec, av.AudioCodecContext)  # noqa: S101
    return codec


def _audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    streams = container.streams.audio
    if not streams:
        raise Refused(Refusal.NO_AUDIO)
    if len(streams) > 1:
        raise Refused(Refusal.SEVERAL, len(streams))
    codec = streams[0].codec_context
    if codec is None or codec.name not in CODECS.split(","):
        raise Refused(Refusal.CODEC)
    if not 1 <= codec.channels <= MOST_CHANNELS:
        raise Refused(Refusal.CHANNELS, codec.channels)
    _check_rate(codec.sample_rate)
    return streams[0]


def _check_rate(rate: int) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Refused(Refusal.RATE, rate)


def _at_our_rate(frames: Iterator[av.AudioFrame], channels: int) -> Iterator[Samples]:
    """Blocks of a second, shape (n, channels), at 16 kHz; a stream may change its form on the way."""
    resampler: AudioResampler | None = None
    form = None
    for frame in frames:
        _check_rate(frame.sample_rate)
        if frame.layout.nb_channels > MOST_CHANNELS:
            raise Refused(Refusal.CHANNELS, frame.layout.nb_channels)
        frame.pts = None  # a gap in the clock of the file is no silence in the call
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or now != form:
            yield from _drained(resampler, channels)
            form = now
            resampler = AudioResampler(format="s16", layout=_layout(channels), rate=RATE, frame_size=RATE)
        yield from (_block(piece, channels) for piece in resampler.resample(frame))
    yield from _drained(resampler, channels)


def _drained(resampler: AudioResampler | None, channels: int) -> Iterator[Samples]:
    if resampler is not None:
        yield from (_block(piece, channels) for piece in resampler.resample(None))


def _block(frame: av.AudioFrame, channels: int) -> Samples:
    return frame.to_ndarray().reshape(-1, channels).astype(np.int16, copy=False)
