"""Ogg: pages with a running count of samples, the last of which says how long the stream is.

An Ogg file that ends inside a page was cut off. One that ends with a page but without the mark of the end is no sign of
anything: recorders that write what comes from the network and never close the stream (Janus is one) leave exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.transcription.containers.source import Promise, Source, ratio

_HEAD = 128 * 1024
_TAIL = 256 * 1024
"""Bytes looked at from either end; a page has at most 65,307."""

_PAGE = 27
_NO_GRANULE = 2**64 - 1
_LIVE_SECONDS = 10
"""A first page later than this belongs to a stream that was joined while it ran: what counts is from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A page: where it begins, where it should end, whose it is, samples up to its end (None: unsaid)."""

    start: int
    end: int
    serial: int
    granule: int | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """The count of one stream: ``rate`` a second, of which ``skipped`` are not to be heard."""

    serial: int
    rate: int
    skipped: int = 0


def read_ogg(source: Source) -> Promise:
    """The promise of an Ogg file's first stream of sound."""
    head = list(_pages(source.upto(0, _HEAD), 0))
    clock = next(filter(None, map(_clock, head)), None)
    begin = max(0, source.size - _TAIL)
    tail = source.upto(begin, _TAIL)
    pages = list(_pages(tail, begin))
    broken_off = (pages[-1].end > source.size if pages else False) or _ends_in_header(tail)
    if clock is None:
        return Promise(broken_off=broken_off)
    first = next(_granules(head, clock.serial), 0)
    start = first if first > _LIVE_SECONDS * clock.rate else clock.skipped
    last = max(_granules(pages, clock.serial), default=0)
    return Promise(seconds=ratio(last - start, clock.rate) if last > start else None, broken_off=broken_off)


def _granules(pages: list[_Page], serial: int) -> Iterator[int]:
    return (page.granule for page in pages if page.serial == serial and page.granule)


def _pages(data: bytes, begin: int) -> Iterator[_Page]:
    """The pages that begin in ``data``, which is the file from ``begin`` on; what is none is stepped over."""
    at = data.find(b"OggS")
    while 0 <= at <= len(data) - _PAGE:
        segments = data[at + 26]
        lacing = data[at + _PAGE : at + _PAGE + segments]
        if data[at + 4] == 0 and data[at + 5] < 8:
            body = at + _PAGE + segments
            granule = int.from_bytes(data[at + 6 : at + 14], "little")
            yield _Page(
                start=begin + at,
                end=begin + body + sum(lacing),
                serial=int.from_bytes(data[at + 14 : at + 18], "little"),
                granule=None if granule == _NO_GRANULE else granule,
                body=data[body : body + 64],
            )
            at = data.find(b"OggS", body + sum(lacing))
        else:
            at = data.find(b"OggS", at + 4)


def _ends_in_header(tail: bytes) -> bool:
    """Whether the file ends inside the fixed part of a page."""
    at = tail.rfind(b"OggS")
    return 0 <= len(tail) - at < _PAGE if at >= 0 else False


def _clock(page: _Page) -> _Clock | None:
    """The clock of the stream that this page introduces, None where it introduces no sound."""
    body = page.body
    if body.startswith(b"OpusHead"):
        return _Clock(serial=page.serial, rate=48_000, skipped=int.from_bytes(body[10:12], "little"))
    if body.startswith(b"\x01vorbis"):
        return _Clock(serial=page.serial, rate=int.from_bytes(body[12:16], "little"))
    if body.startswith(b"Speex   "):
        return _Clock(serial=page.serial, rate=int.from_bytes(body[36:40], "little"))
    if body.startswith(b"\x7fFLAC"):
        return _Clock(serial=page.serial, rate=int.from_bytes(body[27:30], "big") >> 4)
    return None
