"""A recording becomes samples: any usual format in, 16 kHz integers per channel on disk out.

The result is memory-mapped, so that a four-hour call costs the same memory as a short one. Formats are recognised by
content, never by name; playlists and anything else that could make the decoder open a second file are refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from qa_service.errors import RecordingRefused

RATE = 16_000
"""Samples a second of everything after decoding; what Whisper and the voice detector take."""

SAMPLES_PER_MS = RATE // 1000
MAX_SECONDS = 4 * 3600
MAX_BYTES = 1024**3

FORMATS = "aac,aiff,amr,amrnb,amrwb,asf,au,caf,flac,g729,gsm,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,voc,w64,wav"
"""Containers that may be opened (names of FFmpeg's demuxers); no playlist, no network, no video-only format."""

SHORTFALL = 0.9
"""Below this share of the length that was announced, a recording counts as cut off."""

DUAL_MONO = 0.01
"""Difference of two channels, as a share of their energy (-20 dB), below which they carry the same signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedAudio:
    """The samples of a recording: int16 of shape (channels, samples) at 16 kHz, memory-mapped and read-only.

    Two equal channels are one channel (``dual_mono``). ``partial`` is the sentence why the recording is known to be
    incomplete, None where nothing says so.
    """

    path: Path
    samples: NDArray[np.int16]
    dual_mono: bool = False
    partial: str | None = None

    @property
    def channels(self) -> int:
        """1 or 2."""
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds."""
        return int(self.samples.shape[1]) // SAMPLES_PER_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What is known of a decoded file beside its samples; one line of JSON after them."""

    dual_mono: bool
    partial: str | None


def decode(
    path: Path,
    target: Path,
    *,
    billed_seconds: float | None = None,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> DecodedAudio:
    """Decode the recording at ``path`` into ``target``, which appears only when it is complete.

    ``target`` is a NumPy ``.npy`` file (whatever its name) of int16 samples with one line of JSON after them. Memory
    is bounded whatever the length. ``billed_seconds`` is how long the call lasted by the dialler's account.

    Raises:
        RecordingRefused: not audio, empty, damaged from the start, more than two channels, or over a limit.
    """
    name = path.name
    _check_size(path, max_bytes)
    working = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with path.open("rb") as source, working.open("w+b") as sink:
            _decode_into(source, sink, name, billed_seconds, max_seconds)
            sink.flush()
            os.fsync(sink.fileno())
        working.replace(target)
    finally:
        working.unlink(missing_ok=True)
    return load_decoded(target)


def load_decoded(path: Path) -> DecodedAudio:
    """Open what ``decode`` wrote, without reading it into memory.

    Raises:
        RecordingRefused: the file is missing or not one of ours; decoding the recording again mends it.
    """
    try:
        samples = np.load(path, mmap_mode="r")
        with path.open("rb") as file:
            file.seek(samples.offset + samples.nbytes)
            facts = _Facts(**json.loads(file.read()))
    except (OSError, EOFError, ValueError, TypeError, AttributeError) as error:
        raise RecordingRefused(f"解码后的音频 {path.name} 缺失或已损坏，请重新处理该通话。") from error
    return DecodedAudio(
        path=path,
        samples=samples[:1] if facts.dual_mono else samples,
        dual_mono=facts.dual_mono,
        partial=facts.partial,
    )


def _check_size(path: Path, max_bytes: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise RecordingRefused(f"找不到录音文件 {path.name}，请检查路径后重新提交。") from error
    if not path.is_file():
        raise RecordingRefused(f"{path.name} 不是录音文件，请提交单个音频文件。")
    if size == 0:
        raise RecordingRefused(f"录音文件 {path.name} 是空的，请重新导出。")
    if size > max_bytes:
        raise RecordingRefused(f"录音文件 {path.name} 超过 {max_bytes // 1024**2} MiB 上限，请拆分或压缩后提交。")


def _decode_into(source: BinaryIO, sink: BinaryIO, name: str, billed_seconds: float | None, max_seconds: float) -> None:
    try:
        with av.open(source, "r", options={"format_whitelist": FORMATS, "protocol_whitelist": ""}) as container:
            stream = _audio_stream(container, name)
            announced = container.duration / av.time_base if container.duration else None
            if announced and announced > max_seconds:
                raise _too_long(name, max_seconds)
            writer = _Writer(sink, stream.codec_context.channels)
            packets = _Packets(container, stream)
            for block in packets.blocks(writer.channels):
                writer.write(block)
                if writer.samples > max_seconds * RATE:
                    raise _too_long(name, max_seconds)
    except av.error.FFmpegError as error:
        raise _not_audio(name) from error
    if not writer.samples:
        raise RecordingRefused(f"录音文件 {name} 里没有声音数据，请重新导出。")
    announced = max(filter(None, (announced, _announced_by_riff(source, writer.samples / RATE))), default=None)
    partial = _why_partial(writer.samples / RATE, announced, billed_seconds, packets.damaged)
    writer.finish(_Facts(dual_mono=writer.dual_mono, partial=partial))


def _audio_stream(container: av.container.InputContainer, name: str) -> av.AudioStream:
    if not container.streams.audio:
        raise RecordingRefused(f"文件 {name} 里没有音轨，请提交音频文件。")
    stream = container.streams.audio[0]
    channels = stream.codec_context.channels
    if channels not in (1, 2):
        raise RecordingRefused(
            f"录音文件 {name} 有 {channels} 个声道，只支持单声道或双声道（坐席、客户各一），请重新导出。"
        )
    return stream


class _Packets:
    """The compressed pieces of one stream, decoded and brought to 16 kHz; a damaged piece is counted and skipped."""

    def __init__(self, container: av.container.InputContainer, stream: av.AudioStream) -> None:
        self._container = container
        self._stream = stream
        # FFmpeg's own AMR-NB decoder fails on silence descriptors, which is what telephones write.
        self._decoder = av.CodecContext.create("libopencore_amrnb", "r") if stream.codec.name == "amrnb" else None
        self.damaged = 0

    def blocks(self, channels: int) -> Iterator[NDArray[np.int16]]:
        """Interleaved samples, shape (n, channels)."""
        resampler = AudioResampler(format="s16", layout="stereo" if channels == 2 else "mono", rate=RATE)
        for frame in self._frames():
            frame.pts = None  # a gap in the clock of the file is no silence in the call
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1, channels).astype(np.int16, copy=False)
        for piece in resampler.resample(None):
            yield piece.to_ndarray().reshape(-1, channels).astype(np.int16, copy=False)

    def _frames(self) -> Iterator[av.AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.InvalidDataError:  # the container breaks off
                self.damaged += 1
                return
            try:
                frames = packet.decode() if self._decoder is None else self._decoder.decode(packet)
            except av.error.InvalidDataError:
                self.damaged += 1
                continue
            yield from (frame for frame in frames if isinstance(frame, av.AudioFrame))


class _Writer:
    """Streams samples into a ``.npy`` file whose length is known only at the end."""

    def __init__(self, sink: BinaryIO, channels: int) -> None:
        self.channels = channels
        self.samples = 0
        self._sink = sink
        self._energy = 0.0
        self._difference = 0.0
        self._header()

    def write(self, block: NDArray[np.int16]) -> None:
        """Append samples of shape (n, channels)."""
        self._sink.write(np.ascontiguousarray(block).data)
        self.samples += len(block)
        if self.channels == 2:
            wide = block.astype(np.float32)
            self._energy += float(np.square(wide).sum()) / 2
            self._difference += float(np.square(wide[:, 0] - wide[:, 1]).sum())

    @property
    def dual_mono(self) -> bool:
        """Whether both channels carry the same sound."""
        return self._energy > 0 and self._difference < DUAL_MONO * self._energy

    def finish(self, facts: _Facts) -> None:
        """Set the true length and append what else is known."""
        self._sink.write(json.dumps(asdict(facts), ensure_ascii=False).encode())
        self._sink.seek(0)
        self._header()

    def _header(self) -> None:
        # NumPy leaves room for the growing axis, so that the header keeps its length. Interleaved samples are an
        # array (channels, samples) in Fortran's order.
        shape = (self.channels, self.samples)
        header = {"descr": "<i2", "fortran_order": True, "shape": shape}
        np.lib.format.write_array_header_1_0(self._sink, header)


def _announced_by_riff(source: BinaryIO, heard: float) -> float | None:
    """Seconds that the header of a WAV file promises, which FFmpeg silently cuts to the size of the file."""
    size = os.fstat(source.fileno()).st_size
    source.seek(0)
    head = source.read(8)
    promised = int.from_bytes(head[4:], "little") + 8
    unknown = promised >= 2**31  # what writers put there who cannot go back and fill it in
    return heard * promised / size if head[:4] == b"RIFF" and not unknown else None


def _why_partial(heard: float, announced: float | None, billed: float | None, damaged: int) -> str | None:
    if billed is not None and heard < SHORTFALL * billed:
        return f"录音只有 {heard:.0f} 秒，计费时长为 {billed:.0f} 秒，录音不完整。"
    if announced is not None and heard < SHORTFALL * announced:
        return f"录音只能解出 {heard:.0f} 秒，文件标明 {announced:.0f} 秒，录音被截断。"
    if damaged:
        return f"录音有 {damaged} 处损坏，无法解码，录音不完整。"
    return None


def _too_long(name: str, max_seconds: float) -> RecordingRefused:
    return RecordingRefused(f"录音文件 {name} 长于 {max_seconds / 3600:g} 小时上限，请拆分后提交。")


def _not_audio(name: str) -> RecordingRefused:
    return RecordingRefused(
        f"无法解码 {name}：不是受支持的录音格式或文件已损坏，请导出为 WAV、MP3、AMR、Opus 或 M4A 后重新提交。"
    )
