"""ASF (WMA): a header of objects, one of which names the size and the length of the file, then the data."""

from __future__ import annotations

from qa_service.transcription.containers.source import Promise, Source

ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_LIVE = 1
"""The flag of a broadcast, whose size and length mean nothing."""

_TICKS = 10_000_000
_MAX_OBJECTS = 1000


def read_asf(source: Source) -> Promise:
    """The promise of the file's properties; that of a broadcast is none."""
    end = min(source.little(16, 8), source.size)
    offset = 30
    for _ in range(_MAX_OBJECTS):
        if offset + 24 > end:
            break
        if source.at(offset, 16) == _PROPERTIES:
            return _properties(source, offset + 24)
        offset += max(24, source.little(offset + 16, 8))
    return Promise()


def _properties(source: Source, at: int) -> Promise:
    if source.little(at + 64, 4) & _LIVE:
        return Promise()
    played = source.little(at + 40, 8) / _TICKS - source.little(at + 56, 8) / 1000  # less what is buffered first
    return Promise(
        seconds=played if played > 0 else None,
        broken_off=source.little(at + 16, 8) > source.size,
    )
