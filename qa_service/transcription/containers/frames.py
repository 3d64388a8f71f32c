"""MP3, ADTS and AMR: frame after frame without a word on how many; only a last frame cut in two can tell.

The end is read from the last 64 KiB: a chain of frames that fits to the very end is found from there, for a chain that
begins at a wrong byte soon meets something that is no frame. An MP3 that an encoder finished has one more sign, the
first frame that counts the others (Xing, Info or VBRI).
"""

from __future__ import annotations

from collections.abc import Callable

from qa_service.transcription.containers.source import Promise, Source, ratio

TAIL = 64 * 1024
HEAD = 1024 * 1024
"""Bytes searched for the first frame of an MP3; decoders find one behind as much that is no sound."""

_CHAIN = 4
"""Frames in a row that make a chain; two are met by chance in an hour of MP3."""

_LONGEST = 8192
"""Bytes of the longest frame there is (ADTS: 13 bits)."""

_LONGEST_MP3 = 1441
"""Bytes of the longest MP3 frame; a recorder that joins a running stream leaves at most the rest of one in front."""

FrameLength = Callable[[bytes, int], int]
"""Bytes of the frame that begins at an offset, 0 where none can begin."""

_AMR_NB = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)
"""Bytes of a frame by its type, its own first byte included (RFC 4867, section 5.3); 0 for types that are reserved."""

_MP3_KBITS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
"""Layer III bit rates of MPEG-1 (3) and of MPEG-2 and 2.5 (2), by the four bits of the header."""

_MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second by the two bits of the version and the two bits of the header."""


def read_amr(source: Source) -> Promise:
    """Whether an AMR-NB or AMR-WB file ends inside a frame, or has something else than frames at its beginning."""
    wide = source.at(0, 9) == b"#!AMR-WB\n"
    first, length_at = (9, _amr_wb_frame) if wide else (6, _amr_nb_frame)
    head = source.upto(first, TAIL)
    begins_well = _chain_end(head, 0, length_at) >= len(head)
    return Promise(broken_off=not begins_well or _is_cut(source, first, length_at))


def read_adts(source: Source, start: int = 0) -> Promise:
    """Whether a stream of AAC frames ends inside one."""
    return Promise(broken_off=_is_cut(source, start, _adts_frame))


def read_mp3(source: Source, start: int = 0) -> Promise:
    """The promise of an MP3 whose frames begin at ``start`` (behind its ID3 tag); foreign bytes there break it."""
    head = source.upto(start, HEAD)
    first = _first_mp3_frame(head)
    if first is None:
        return Promise()
    frames, length = _counted(head, first)
    foreign = first > _LONGEST_MP3 and any(head[:first])
    broken_off = foreign or start + first + length > source.size or _is_cut(source, start + first, _mp3_frame)
    version, rate = _mp3_version_and_rate(head, first)
    seconds = ratio(frames * (1152 if version == 3 else 576), rate) if frames else None
    return Promise(seconds=seconds, broken_off=broken_off)


def _first_mp3_frame(head: bytes) -> int | None:
    at = head.find(b"\xff")
    while at >= 0 and not _runs_on(head, at, _mp3_frame):
        at = head.find(b"\xff", at + 1)
    return at if at >= 0 else None


def _counted(head: bytes, first: int) -> tuple[int, int]:
    """Frames and bytes that the first frame says the file has; 0 for what it does not say."""
    frame = head[first : first + _mp3_frame(head, first)]
    for mark in (b"Xing", b"Info"):
        at = frame.find(mark, 0, 64)
        if at >= 0:
            flags = int.from_bytes(frame[at + 4 : at + 8], "big")
            frames = int.from_bytes(frame[at + 8 : at + 12], "big") if flags & 1 else 0
            behind = at + 8 + 4 * (flags & 1)
            return frames, int.from_bytes(frame[behind : behind + 4], "big") if flags & 2 else 0
    if frame[36:40] == b"VBRI":
        return int.from_bytes(frame[50:54], "big"), int.from_bytes(frame[46:50], "big")
    return 0, 0


def _is_cut(source: Source, first: int, length_at: FrameLength) -> bool:
    """Whether the last frame is longer than what is left of the file; no where no chain reaches the end."""
    begin = max(first, source.size - TAIL)
    tail = source.upto(begin, TAIL)
    starts = [0] if begin == first else range(min(_LONGEST, len(tail)))
    for start in starts:
        if begin == first or _runs_on(tail, start, length_at):
            end = _chain_end(tail, start, length_at)
            if end >= len(tail):
                return end > len(tail)
    return False


def _runs_on(data: bytes, at: int, length_at: FrameLength) -> bool:
    """Whether enough frames follow one another from ``at`` to be no chance."""
    for _ in range(_CHAIN):
        length = length_at(data, at) if at < len(data) else 0
        if not length:
            return False
        at += length
    return True


def _chain_end(data: bytes, at: int, length_at: FrameLength) -> int:
    """Where the last frame of the chain ends, beyond the data if it is cut."""
    while at < len(data):
        length = length_at(data, at)
        if not length:
            return at
        at += length
    return at


def _amr_nb_frame(data: bytes, at: int) -> int:
    return 0 if data[at] & 0x83 else _AMR_NB[data[at] >> 3]


def _amr_wb_frame(data: bytes, at: int) -> int:
    return 0 if data[at] & 0x83 else _AMR_WB[data[at] >> 3]


def _adts_frame(data: bytes, at: int) -> int:
    head = data[at : at + 6]
    if head[:1] != b"\xff" or (len(head) > 1 and head[1] & 0xF6 != 0xF0):
        return 0
    if len(head) < 6:
        return 7  # a header that is itself cut
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def _mp3_version_and_rate(data: bytes, at: int) -> tuple[int, int]:
    version = data[at + 1] >> 3 & 3
    return version, _MP3_RATES[version][data[at + 2] >> 2 & 3]


def _mp3_frame(data: bytes, at: int) -> int:
    head = data[at : at + 3]
    if head[:1] != b"\xff" or (len(head) > 1 and (head[1] & 0xE6 != 0xE2 or head[1] >> 3 & 3 == 1)):
        return 0
    if len(head) < 3:
        return 4  # a header that is itself cut
    version, rate_bits = head[1] >> 3 & 3, head[2] >> 2 & 3
    kbits = _MP3_KBITS[3 if version == 3 else 2][head[2] >> 4]
    if not kbits or rate_bits == 3:
        return 0
    samples = 144 if version == 3 else 72
    return samples * kbits * 1000 // _MP3_RATES[version][rate_bits] + (head[2] >> 1 & 1)
