"""Changes to the bytes of a good file that a recorder, a tagger or a gateway makes and that must not disturb anyone."""

from __future__ import annotations

import struct

from tests.recordings.makers import Patch

WAV_HEADER = 12
OGG_END = 4
"""The flag of a page that is the last of its stream."""


def chunk_at(data: bytes, name: bytes) -> int:
    """Where a chunk of a RIFF file begins."""
    offset = WAV_HEADER
    while data[offset : offset + 4] != name:
        length = int.from_bytes(data[offset + 4 : offset + 8], "little")
        offset += 8 + length + length % 2
    return offset


def wav_sizes(riff: int, samples: int) -> Patch:
    """Write the lengths of the file and of its samples into the header, as a recorder that cannot go back does."""

    def patch(data: bytes) -> bytes:
        at = chunk_at(data, b"data") + 4
        return data[:4] + struct.pack("<I", riff) + data[8:at] + struct.pack("<I", samples) + data[at + 4 :]

    return patch


def wav_length_off_by(more: int) -> Patch:
    """A header that says ``more`` bytes than there are."""

    def patch(data: bytes) -> bytes:
        at = chunk_at(data, b"data") + 4
        length = int.from_bytes(data[at : at + 4], "little")
        return wav_sizes(length + 36, length + more)(data)

    return patch


def chunk_before_samples(name: bytes, content: bytes) -> Patch:
    """Put a chunk in front of the samples of a WAV file; an odd length gets its byte of padding."""

    def patch(data: bytes) -> bytes:
        at = chunk_at(data, b"data")
        return _with_riff_size(data[:at] + _chunk(name, content) + data[at:])

    return patch


def chunk_behind_samples(name: bytes, content: bytes) -> Patch:
    """Put a chunk behind the samples of a WAV file."""
    return lambda data: _with_riff_size(data + _chunk(name, content))


def followed_by(junk: bytes) -> Patch:
    """Append what is no part of the recording."""
    return lambda data: data + junk


def preceded_by(tag: bytes) -> Patch:
    """Put a tag in front."""
    return lambda data: tag + data


def id3(picture_bytes: int, *, title: str = "催收通话") -> bytes:
    """An ID3v2.3 tag with a Chinese title and a cover picture of so many bytes."""
    text = b"\x01" + title.encode("utf-16")
    picture = b"\x00image/jpeg\x00\x03\x00" + b"\xff\xd8" + bytes(picture_bytes)
    frames = b"".join(
        name + struct.pack(">IH", len(content), 0) + content for name, content in ((b"TIT2", text), (b"APIC", picture))
    )
    size = len(frames)
    return b"ID3\x03\x00\x00" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + frames


def id3v1() -> bytes:
    """The 128 bytes that old taggers append."""
    return b"TAG" + "催收".encode("gbk").ljust(125, b"\0")


def flac_picture(data: bytes) -> bytes:
    """Put a cover picture of 2 MB behind the stream information of a FLAC file."""
    picture = struct.pack(">II", 3, 10) + b"image/jpeg" + bytes(24) + bytes(2_000_000)
    block = bytes([6]) + len(picture).to_bytes(3, "big") + picture
    head = 4 + 4 + 34
    return data[:head] + block + data[head:]


def flac_of_unknown_length(data: bytes) -> bytes:
    """Clear the number of samples, as an encoder leaves it that writes to a pipe."""
    return data[:21] + bytes([data[21] & 0xF0]) + bytes(4) + data[26:]


def without_end_of_stream(data: bytes) -> bytes:
    """Take the flag of the end off the pages of an Ogg file, as recorders write that never close it."""
    pages = bytearray()
    for page in ogg_pages(data):
        changed = bytearray(page)
        changed[5] &= ~OGG_END
        pages += with_ogg_checksum(changed)
    return bytes(pages)


def ogg_pages(data: bytes) -> list[bytes]:
    """The pages of an Ogg file."""
    pages, at = [], 0
    while at < len(data):
        segments = data[at + 26]
        end = at + 27 + segments + sum(data[at + 27 : at + 27 + segments])
        pages.append(data[at:end])
        at = end
    return pages


def with_ogg_checksum(page: bytearray) -> bytes:
    """The page with the checksum that its bytes have now."""
    page[22:26] = bytes(4)
    remainder = 0
    for byte in page:
        remainder = (remainder << 8 & 0xFFFF_FFFF) ^ _CRC[remainder >> 24 ^ byte]
    page[22:26] = remainder.to_bytes(4, "little")
    return bytes(page)


def _crc_of(byte: int) -> int:
    remainder = byte << 24
    for _ in range(8):
        remainder = (remainder << 1) ^ (0x04C1_1DB7 if remainder & 0x8000_0000 else 0)
    return remainder & 0xFFFF_FFFF


_CRC = [_crc_of(byte) for byte in range(256)]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _with_riff_size(data: bytes) -> bytes:
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
