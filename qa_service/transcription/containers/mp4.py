"""MP4, M4A, 3GP and MOV: boxes with sizes; the length of the sound stands in the description of its track."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.transcription.containers.source import MAX_PARTS, Promise, Source, ratio

_UNKNOWN = (0, 2**32 - 1, 2**64 - 1)


@dataclass(frozen=True, slots=True)
class _Box:
    """A box: its four letters, where its content begins, where it should end."""

    name: bytes
    start: int
    end: int


def read_mp4(source: Source) -> Promise:
    """The promise of the first track of sound; a file in fragments names no length, but its boxes still do."""
    broken_off, seconds = False, None
    for box in _boxes(source, 0, source.size):
        broken_off = broken_off or box.end > source.size
        if box.name == b"moov" and box.end <= source.size:
            seconds = _length_of_sound(source, box)
    return Promise(seconds=seconds, broken_off=broken_off)


def _length_of_sound(source: Source, moov: _Box) -> float | None:
    for track in _boxes(source, moov.start, moov.end):
        media = _find(source, track, b"mdia") if track.name == b"trak" else None
        handler = _find(source, media, b"hdlr") if media else None
        header = _find(source, media, b"mdhd") if media else None
        if handler and header and source.at(handler.start + 8, 4) == b"soun":
            return _duration(source, header.start)
    return None


def _duration(source: Source, at: int) -> float | None:
    long = source.at(at, 1) == b"\x01"  # version 1 has times of 64 bits
    scale = source.big(at + (20 if long else 12), 4)
    length = source.big(at + 24, 8) if long else source.big(at + 16, 4)
    return None if length in _UNKNOWN else ratio(length, scale)


def _find(source: Source, parent: _Box, name: bytes) -> _Box | None:
    return next((box for box in _boxes(source, parent.start, parent.end) if box.name == name), None)


def _boxes(source: Source, offset: int, end: int) -> Iterator[_Box]:
    """The boxes of a stretch of the file; one that is too short to be a box ends it."""
    for _ in range(MAX_PARTS):
        if offset + 8 > end:
            return
        length, name, start = source.big(offset, 4), source.at(offset + 4, 4), offset + 8
        if length == 1:
            length, start = source.big(offset + 8, 8), offset + 16
        elif length == 0:  # to the end of the file
            length = source.size - offset
        if length < start - offset:
            return
        yield _Box(name, start, offset + length)
        offset += length
