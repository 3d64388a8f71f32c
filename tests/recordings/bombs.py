"""A few kilobytes that decode to ten hours, or ask for gigabytes on the way."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import av
import numpy as np

from tests.recordings.patches import with_ogg_checksum
from tests.recordings.surroundings import Hostile

TEN_HOURS = 36_000
RATE = 8000
_BLOCK_SECONDS = 500
_LARGE = 240 * 2**20


def flac() -> bytes:
    """FLAC of constant blocks: a sample and a count stand for 65,535 samples; about 72 KB."""
    block = 65_535
    packed = RATE << 44 | 15 << 36 | TEN_HOURS * RATE
    head = struct.pack(">HH", block, block) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    frames = b"".join(_flac_frame(number, block) for number in range(TEN_HOURS * RATE // block))
    return b"fLaC" + b"\x80" + len(head).to_bytes(3, "big") + head + frames


def _flac_frame(number: int, block: int) -> bytes:
    coded = bytes([number]) if number < 0x80 else chr(number).encode()  # FLAC counts as UTF-8 does
    head = b"\xff\xf8\x74\x08" + coded + struct.pack(">H", block - 1)
    head += bytes([_remainder(head, 0x07, 8)])
    body = head + b"\x00" + struct.pack(">h", 100)
    return body + struct.pack(">H", _remainder(body, 0x8005, 16))


def _remainder(data: bytes, polynomial: int, bits: int) -> int:
    value, top = 0, 1 << (bits - 1)
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & ((1 << bits) - 1)
    return value


def opus() -> bytes:
    """Ogg Opus of empty packets of 120 ms, two bytes each: 255 of them on a page of half a kilobyte."""
    head = b"OpusHead\x01\x01\x00\x00" + struct.pack("<I", RATE) + bytes(3)
    tags = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 0)
    pages = [_ogg_page(0, 2, 0, [head]), _ogg_page(1, 0, 0, [tags])]
    packets = [b"\x0b\x06"] * 255  # SILK of 20 ms, six frames of nothing
    for number in range(TEN_HOURS * 1000 // (255 * 120)):
        pages.append(_ogg_page(number + 2, 0, (number + 1) * 255 * 5760, packets))
    return b"".join(pages)


def _ogg_page(sequence: int, flags: int, granule: int, packets: list[bytes]) -> bytes:
    head = struct.pack("<4sBBQIII", b"OggS", 0, flags, granule, 7, sequence, 0)
    return with_ogg_checksum(bytearray(head + bytes([len(packets)]) + bytes(map(len, packets)) + b"".join(packets)))


def alac() -> bytes:
    """ALAC in M4A: one second of silence, and a table of samples that plays it ten hours long."""
    packets, extradata = _silence("alac", "ipod")
    return _mov(b"alac", extradata, packets, samples_per_packet=4096)


def alaw_in_mov() -> bytes:
    """A-law in MOV: 64 KB of samples, played from the same place again and again."""
    return _mov(b"alaw", b"", [b"\xd5"] * 65_536, samples_per_packet=1)


@cache
def _silence(codec: str, muxer: str) -> tuple[list[bytes], bytes]:
    with av.open(io.BytesIO(), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE * 16), np.int16), format="s16p", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", RATE, 4096)
        packets = [bytes(packet) for piece in resampler.resample(frame) for packet in stream.encode(piece)]
        return [packet for packet in packets if packet == packets[0]], stream.codec_context.extradata or b""


def _mov(codec: bytes, extradata: bytes, packets: list[bytes], *, samples_per_packet: int) -> bytes:
    """A MOV whose chunks all lie at the same place."""
    chunk = b"".join(packets)
    times = -(-TEN_HOURS * RATE // (len(packets) * samples_per_packet))
    count = times * len(packets)
    start = 16 + 8
    entry = bytes(6) + struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, RATE << 16) + extradata
    table = b"".join((
        _box(b"stsd", bytes(4) + struct.pack(">I", 1) + _box(codec, entry)),
        _box(b"stts", bytes(4) + struct.pack(">III", 1, count, samples_per_packet)),
        _box(b"stsc", bytes(4) + struct.pack(">IIII", 1, 1, len(packets), 1)),
        _box(b"stsz", bytes(4) + struct.pack(">II", len(packets[0]), count)),
        _box(b"stco", bytes(4) + struct.pack(">I", times) + struct.pack(">I", start) * times),
    ))  # fmt: skip
    length = count * samples_per_packet
    media = b"".join((
        _box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, RATE, length, 0, 0)),
        _box(b"hdlr", bytes(8) + b"soun" + bytes(13)),
        _box(b"minf", _box(b"smhd", bytes(8)) + _box(b"stbl", table)),
    ))  # fmt: skip
    track = _box(b"tkhd", struct.pack(">IIIII", 7, 0, 0, 1, 0) + struct.pack(">I", length) + bytes(60))
    header = _box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, RATE, length) + bytes(80))
    moov = _box(b"moov", header + _box(b"trak", track + _box(b"mdia", media)))
    return _box(b"ftyp", b"qt  " + bytes(4)) + _box(b"mdat", chunk) + moov


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def amr() -> bytes:
    """AMR of frames that say that there is nothing, a byte for 20 ms."""
    return b"#!AMR\n" + b"\x7c" * (TEN_HOURS * 50)


def matroska() -> bytes:
    """Matroska with PCM in compressed blocks: 8 KB for each of eight minutes."""
    block = zlib.compress(bytes(RATE * 2 * _BLOCK_SECONDS), 9)
    audio = _element(
        0xE1, _element(0xB5, struct.pack(">d", RATE)) + _element(0x9F, b"\x01") + _element(0x6264, b"\x10")
    )
    encoding = _element(0x6D80, _element(0x6240, _element(0x5034, _element(0x4254, b"\x00"))))
    track = b"".join((
        _element(0xD7, b"\x01"), _element(0x73C5, b"\x01"), _element(0x83, b"\x02"),
        _element(0x86, b"A_PCM/INT/LIT"), audio, encoding,
    ))  # fmt: skip
    clusters = b"".join(
        _element(0x1F43B675, _element(0xE7, struct.pack(">I", start * 1000)) + _element(0xA3, b"\x81\0\0\x80" + block))
        for start in range(0, TEN_HOURS, _BLOCK_SECONDS)
    )
    head = _element(0x1A45DFA3, _element(0x4282, b"matroska"))
    return head + _element(0x18538067, _element(0x1654AE6B, _element(0xAE, track)) + clusters)


def _element(number: int, content: bytes) -> bytes:
    length = (number.bit_length() + 7) // 8
    return number.to_bytes(length, "big") + (len(content) | 1 << 56).to_bytes(8, "big") + content


def compressed_tag() -> bytes:
    """An ID3 tag with a compressed frame that unfolds to 240 MiB, in front of an MP3 that never comes."""
    content = _folded()
    frame = b"TIT2" + _seven_bits(len(content) + 4) + b"\x00\x09" + _seven_bits(_LARGE) + content
    return b"ID3\x04\x00\x00" + _seven_bits(len(frame)) + frame


def compressed_moov() -> bytes:
    """A MOV whose description is compressed and unfolds to 240 MiB."""
    folded = _box(b"dcom", b"zlib") + _box(b"cmvd", struct.pack(">I", _LARGE) + _folded())
    return _box(b"ftyp", b"qt  " + bytes(4)) + _box(b"moov", _box(b"cmov", folded)) + _box(b"mdat", bytes(5000))


@cache
def _folded() -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(_LARGE // 2**20)) + packer.flush()


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


BOMBS = {
    "bomb-flac": Hostile(content=lambda _: flac(), name="call.flac"),
    "bomb-opus": Hostile(content=lambda _: opus(), name="call.opus"),
    "bomb-alac": Hostile(content=lambda _: alac(), name="call.m4a"),
    "bomb-alaw-in-mov": Hostile(content=lambda _: alaw_in_mov(), name="call.mov"),
    "bomb-amr": Hostile(content=lambda _: amr(), name="call.amr"),
    "bomb-matroska": Hostile(content=lambda _: matroska(), name="call.mka"),
    "bomb-compressed-tag": Hostile(content=lambda _: compressed_tag(), name="call.mp3"),
    "bomb-compressed-moov": Hostile(content=lambda _: compressed_moov(), name="call.mov"),
}
