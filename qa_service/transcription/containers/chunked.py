"""AU, AIFF and CAF: a short header, then chunks that say how long they are."""

from __future__ import annotations

from qa_service.transcription.containers.source import MAX_PARTS, UNKNOWN_SIZE, Promise, Source, ratio

_AU_BITS = {1: 8, 2: 8, 3: 16, 4: 24, 5: 32, 6: 32, 7: 64, 23: 4, 24: 8, 25: 3, 26: 5, 27: 8}
"""Bits a sample by AU's number of the encoding: mu-law, linear, float, the G.72x family, A-law."""

_CAF_HEADER = 8
_CAF_UNKNOWN = 2**63


def read_au(source: Source) -> Promise:
    """The promise of a Sun/NeXT file."""
    start, length, encoding, rate, channels = (source.big(offset, 4) for offset in range(4, 24, 4))
    if length == 0 or length >= UNKNOWN_SIZE:
        return Promise()
    bits = _AU_BITS.get(encoding, 0) * channels * rate
    return Promise(seconds=ratio(8 * length, bits), broken_off=start + length > source.size)


def read_aiff(source: Source) -> Promise:
    """The promise of an AIFF or AIFF-C file; a chunk of samples of unknown length promises nothing."""
    offset, seconds = 12, None
    for _ in range(MAX_PARTS):
        if offset + 8 > source.size:
            break
        name, length = source.at(offset, 4), source.big(offset + 4, 4)
        if name == b"COMM":
            rate = _extended(source.at(offset + 16, 10))
            seconds = ratio(source.big(offset + 10, 4), rate)
        if name == b"SSND":
            if length <= _CAF_HEADER or length >= UNKNOWN_SIZE:
                return Promise()
            return Promise(seconds=seconds, broken_off=offset + 8 + length > source.size)
        offset += 8 + length + length % 2
    return Promise(seconds=seconds)


def _extended(number: bytes) -> float:
    """A positive number in the 80 bits that AIFF writes rates in; 0 for what no rate can be."""
    exponent = int.from_bytes(number[:2], "big") - 16383 - 63
    return float(int.from_bytes(number[2:], "big")) * 2.0**exponent if -63 <= exponent < 0 else 0.0


def read_caf(source: Source) -> Promise:
    """The promise of a Core Audio file: frames of its packet table, else bytes of its samples."""
    offset, rate, frame_bytes, frames_per_packet = _CAF_HEADER, 0.0, 0, 0
    seconds: float | None = None
    for _ in range(MAX_PARTS):
        if offset + 12 > source.size:
            break
        name, length, start = source.at(offset, 4), source.big(offset + 4, 8), offset + 12
        if name == b"desc":
            rate = _double(source.at(start, 8))
            frame_bytes, frames_per_packet = source.big(start + 16, 4), source.big(start + 20, 4)
        elif name == b"pakt":
            seconds = ratio(source.big(start + 8, 8), rate)
        elif name == b"data" and length < _CAF_UNKNOWN and seconds is None:
            seconds = ratio((length - 4) * frames_per_packet, frame_bytes * rate)
        if length >= _CAF_UNKNOWN:
            break
        offset = start + length
    return Promise(seconds=seconds, broken_off=offset > source.size)


def _double(number: bytes) -> float:
    value = memoryview(number[::-1]).cast("d")[0]
    return float(value) if 0 < value < UNKNOWN_SIZE else 0.0
