"""Matroska and WebM: elements with sizes, some of them unknown in a file that was written as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.transcription.containers.source import MAX_PARTS, Promise, Source

_SEGMENT, _INFO = 0x18538067, 0x1549A966
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_NANOSECOND = 1e-9
_USUAL_SCALE = 1_000_000
"""Nanoseconds of a tick where the file names none."""


@dataclass(frozen=True, slots=True)
class _Element:
    """An element: its number, where its content begins, where it should end (None: unknown, its children follow)."""

    number: int
    start: int
    end: int | None


def read_matroska(source: Source) -> Promise:
    """The promise of the segment: its duration, and whether it or a part of it is longer than the file."""
    seconds: float | None = None
    last = 0
    for element in _elements(source, 0):
        if element.number == _INFO and element.end is not None:
            seconds = _duration(source, element.start, min(element.end, source.size))
        last = max(last, element.end or 0)
    return Promise(seconds=seconds, broken_off=last > source.size)


def _elements(source: Source, offset: int) -> Iterator[_Element]:
    """The elements one after another: those inside the segment and inside clusters of unknown size among them."""
    for _ in range(MAX_PARTS):
        if offset >= source.size:
            return
        element = _element(source, offset)
        if element is None:
            return
        yield element
        offset = element.start if element.end is None or element.number == _SEGMENT else element.end


def _element(source: Source, offset: int) -> _Element | None:
    """The element that begins at ``offset``, None where none can begin.

    Raises:
        EndsEarly: the file ends inside its number or its size.
    """
    number_bytes = _width(source.at(offset, 1)[0])
    if number_bytes > 4:
        return None
    number = source.big(offset, number_bytes)
    offset += number_bytes
    size_bytes = _width(source.at(offset, 1)[0])
    if size_bytes > 8:
        return None
    most = (1 << 7 * size_bytes) - 1
    size = source.big(offset, size_bytes) & most
    start = offset + size_bytes
    return _Element(number, start, None if size == most else start + size)


def _width(first: int) -> int:
    """Bytes of a number by its first byte: the zeros in front of the first one; 9 where there is none."""
    return 9 - first.bit_length()


def _duration(source: Source, start: int, end: int) -> float | None:
    """Seconds that the description of the segment between ``start`` and ``end`` names."""
    scale, ticks = _USUAL_SCALE, None
    for element in _elements(source, start):
        if element.end is None or element.end > end:
            break
        content = source.at(element.start, min(8, element.end - element.start))
        if element.number == _SCALE:
            scale = int.from_bytes(content, "big")
        elif element.number == _DURATION and len(content) in (4, 8):
            ticks = memoryview(content[::-1]).cast("f" if len(content) == 4 else "d")[0]
    return ticks * scale * _NANOSECOND if ticks is not None and ticks > 0 else None
