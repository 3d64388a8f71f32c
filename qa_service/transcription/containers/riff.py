"""WAV in its three spellings: RIFF, RF64/BW64 (sizes of 64 bits in a chunk of their own) and Sony's Wave64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.transcription.containers.source import MAX_PARTS, UNKNOWN_SIZE, Promise, Source, ratio

GRACE_BYTES = 64
"""Missing bytes that no one misses: some writers count the header of 44 bytes into the length of the samples."""

W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_LONG_UNKNOWN = 2**63


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A piece of a file: its four letters, where its content begins and how long it says it is."""

    name: bytes
    start: int
    length: int


def read_riff(source: Source) -> Promise:
    """The promise of a RIFF, RF64 or BW64 file."""
    return _promise(source, _riff_chunks(source), UNKNOWN_SIZE)


def read_wave64(source: Source) -> Promise:
    """The promise of a Wave64 file."""
    return _promise(source, _wave64_chunks(source), _LONG_UNKNOWN)


def _promise(source: Source, chunks: Iterator[_Chunk], unknown: int) -> Promise:
    rate, byte_rate, counted = 0, 0, 0
    long_length: int | None = None
    for chunk in chunks:
        if chunk.name == b"fmt ":
            rate, byte_rate = source.little(chunk.start + 4, 4), source.little(chunk.start + 8, 4)
        elif chunk.name == b"fact":
            counted = source.little(chunk.start, 4)
        elif chunk.name == b"ds64":
            long_length, unknown = source.little(chunk.start + 8, 8), _LONG_UNKNOWN
        elif chunk.name == b"data":
            length = chunk.length if long_length is None else long_length
            if length == 0 or length >= unknown:
                return Promise()
            missing = chunk.start + length - source.size
            broken_off = missing > GRACE_BYTES or _is_stale(source, chunk.start + length, byte_rate)
            return Promise(seconds=_seconds(length, byte_rate, counted, rate), broken_off=broken_off)
    return Promise()


def _seconds(length: int, byte_rate: int, counted: int, rate: int) -> float | None:
    """The more modest of the two accounts: some writers count the samples of both channels, others no byte rate."""
    by_bytes, by_count = ratio(length, byte_rate), ratio(counted, rate) if counted < UNKNOWN_SIZE else None
    return min((seconds for seconds in (by_bytes, by_count) if seconds), default=None)


def _is_stale(source: Source, end: int, byte_rate: int) -> bool:
    """Whether samples go on behind the length: a recorder that was killed before it brought its header up to date."""
    rest = source.upto(end + end % 2, 8)
    is_chunk = all(32 <= letter < 127 for letter in rest[:4]) or not any(rest)
    return source.size - end > byte_rate > 0 and not is_chunk


def _riff_chunks(source: Source) -> Iterator[_Chunk]:
    offset = 12
    for _ in range(MAX_PARTS):
        if offset + 8 > source.size:
            return
        chunk = _Chunk(source.at(offset, 4), offset + 8, source.little(offset + 4, 4))
        yield chunk
        offset = chunk.start + chunk.length + chunk.length % 2


def _wave64_chunks(source: Source) -> Iterator[_Chunk]:
    offset = 40
    for _ in range(MAX_PARTS):
        if offset + 24 > source.size:
            return
        whole = source.little(offset + 16, 8)
        if whole < 24:
            return
        name = source.at(offset, 4) if source.at(offset + 4, 12) == _W64_TAIL else b""
        yield _Chunk(name, offset + 24, whole - 24)
        offset += whole + -whole % 8
