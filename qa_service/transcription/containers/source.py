"""Reading the structure of a file that nobody vouches for: exact, bounded reads and what they add up to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

MAX_PARTS = 100_000
"""Chunks, boxes or pages looked at before a file counts as saying nothing; four hours of one-second clusters have
14,400."""

UNKNOWN_SIZE = 0x7FFF_0000
"""Sizes of 32 bits from here on are what writers put down who cannot go back: ffmpeg 0xFFFFFFFF, sox 0x7FFFF000."""


class EndsEarly(Exception):
    """A part of the file that must be there is not: the file ends before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a file says of itself: its length in seconds, and whether it ends before its structure does."""

    seconds: float | None = None
    broken_off: bool = False


class Source:
    """Random access to the bytes of a file of known ``size``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)

    def at(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``.

        Raises:
            EndsEarly: there are fewer.
        """
        data = self.upto(offset, length)
        if len(data) < length:
            raise EndsEarly
        return data

    def upto(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset``, fewer at the end of the file."""
        if not 0 <= offset < self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(length)

    def little(self, offset: int, length: int) -> int:
        """An unsigned little-endian number of ``length`` bytes."""
        return int.from_bytes(self.at(offset, length), "little")

    def big(self, offset: int, length: int) -> int:
        """An unsigned big-endian number of ``length`` bytes."""
        return int.from_bytes(self.at(offset, length), "big")


def ratio(amount: float, rate: float) -> float | None:
    """``amount / rate``, None where the header names no rate."""
    return amount / rate if rate > 0 else None
