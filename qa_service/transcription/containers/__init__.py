"""What a recording's own container promises: how long it is, and whether the file ends where it should.

Read from the bytes alone, in bounded time, believing no size: decoders quietly play what is there. One module for each
family of containers; ``read_promise`` finds the right one by content.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from qa_service.transcription.containers.asf import ASF_HEADER, read_asf
from qa_service.transcription.containers.chunked import read_aiff, read_au, read_caf
from qa_service.transcription.containers.flac import read_flac
from qa_service.transcription.containers.frames import read_adts, read_amr, read_mp3
from qa_service.transcription.containers.matroska import read_matroska
from qa_service.transcription.containers.mp4 import read_mp4
from qa_service.transcription.containers.ogg import read_ogg
from qa_service.transcription.containers.riff import W64_RIFF, read_riff, read_wave64
from qa_service.transcription.containers.source import EndsEarly, Promise, Source

__all__ = ["Promise", "read_promise"]

_BY_MARK: tuple[tuple[int, bytes, Callable[[Source], Promise]], ...] = (
    (0, b"RIFF", read_riff),
    (0, b"RF64", read_riff),
    (0, b"BW64", read_riff),
    (0, W64_RIFF, read_wave64),
    (0, b"FORM", read_aiff),
    (0, b".snd", read_au),
    (0, b"caff", read_caf),
    (0, b"fLaC", read_flac),
    (0, b"OggS", read_ogg),
    (0, b"#!AMR", read_amr),
    (4, b"ftyp", read_mp4),
    (4, b"moov", read_mp4),
    (4, b"mdat", read_mp4),
    (0, b"\x1a\x45\xdf\xa3", read_matroska),
    (0, ASF_HEADER, read_asf),
)
"""Where a mark stands, the mark, and who reads the file that bears it; no container's mark begins another's."""


def read_promise(file: BinaryIO) -> Promise:
    """What the file says of itself; a file of no known structure says nothing."""
    source = Source(file)
    try:
        return _read(source)
    except EndsEarly:
        return Promise(broken_off=True)


def _read(source: Source) -> Promise:
    head = source.upto(0, 32)
    for offset, mark, reader in _BY_MARK:
        if head[offset : offset + len(mark)] == mark:
            return reader(source)
    start = _behind_id3(head)
    mark = source.upto(start, 4)
    if mark == b"fLaC":
        return read_flac(source, start)
    if mark[:1] == b"\xff" and mark[1:2] and mark[1] & 0xF6 == 0xF0:
        return read_adts(source, start)
    return read_mp3(source, start)


def _behind_id3(head: bytes) -> int:
    """Where the sound begins: behind the ID3 tag, if there is one, with its size in four times seven bits."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for part in head[6:10]:
        size = size << 7 | part & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)
