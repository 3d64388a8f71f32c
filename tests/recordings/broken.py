"""Files whose headers lie, contradict themselves, go in circles, or have nothing behind them."""

from __future__ import annotations

import struct

from tests.recordings.patches import ogg_pages, preceded_by, with_ogg_checksum
from tests.recordings.strangers import noise
from tests.recordings.surroundings import Hostile, Surroundings, plain

_PCM, _EXTENSIBLE = 1, 0xFFFE
_MOST = 0xFFFF_FFFF
_HALF_SECOND = bytes(range(256)) * 32


def wav(
    *, tag: int = _PCM, channels: int = 1, rate: int = 8000, bits: int = 16, align: int = 2, data: bytes = _HALF_SECOND
) -> bytes:
    """A WAV file with any values in its header."""
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * align & _MOST, align, bits)
    return _riff(_chunk(b"fmt ", head) + _chunk(b"data", data))


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, content: bytes, length: int | None = None) -> bytes:
    return name + struct.pack("<I", len(content) if length is None else length) + content


def _au(rate: int = 8000, channels: int = 1, encoding: int = 3, start: int = 24, data: bytes = _HALF_SECOND) -> bytes:
    return struct.pack(">4sIIIII", b".snd", start, len(data), encoding, rate, channels) + data


def _aiff(rate: bytes, channels: int = 1, frames: int = 4096) -> bytes:
    common = struct.pack(">HIH", channels, frames, 16) + rate
    chunks = b"COMM" + struct.pack(">I", 18) + common + b"SSND" + struct.pack(">II", 8200, 0) + bytes(4) + _HALF_SECOND
    return b"FORM" + struct.pack(">I", 4 + len(chunks)) + b"AIFF" + chunks


def _caf(rate: float) -> bytes:
    description = struct.pack(">d4sIIIII", rate, b"lpcm", 0, 2, 1, 1, 16)
    data = b"data" + struct.pack(">QI", 4 + len(_HALF_SECOND), 0) + _HALF_SECOND
    return b"caff\x00\x01\x00\x00desc" + struct.pack(">Q", len(description)) + description + data


def _flac(rate: int, channels: int = 1, bits: int = 16) -> bytes:
    packed = rate << 44 | (channels - 1) << 41 | (bits - 1) << 36 | 8000
    head = struct.pack(">HH", 4096, 4096) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80" + len(head).to_bytes(3, "big") + head + noise(4000)


def _box(name: bytes, content: bytes, length: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(content) if length is None else length) + name + content


def _nested(name: bytes, depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = _box(name, data)
    return data


_QUICKTIME = _box(b"ftyp", b"qt  " + bytes(4))
_EBML = bytes.fromhex("1a45dfa3") + b"\x8b" + b"\x42\x82\x88matroska"


def _elsewhere(reference: str) -> Hostile:
    """A MOV whose samples lie in another file or at an address, and not in itself."""

    def content(around: Surroundings) -> bytes:
        data = around.good("mov-mulaw-stereo")
        place = reference.format(url=around.url, path=around.neighbour).encode() + b"\0"
        old = data[data.index(b"dref") - 4 :][:28]
        new = _box(b"dref", struct.pack(">II", 0, 1) + _box(b"url ", bytes(4) + place))
        return _without_samples(_grown(data.replace(old, new), len(new) - len(old)))

    return Hostile(content=content, name="call.mov")


def _grown(data: bytes, more: int) -> bytes:
    """The file with the boxes around its data reference made longer."""
    changed = bytearray(data)
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        at = data.rindex(name) - 4
        changed[at : at + 4] = struct.pack(">I", int.from_bytes(data[at : at + 4], "big") + more)
    return bytes(changed)


def _alias(around: Surroundings) -> bytes:
    data = around.good("mov-mulaw-stereo")
    return _without_samples(data.replace(b"url \x00\x00\x00\x01", b"alis\x00\x00\x00\x00"))


def _without_samples(data: bytes) -> bytes:
    """A MOV of nothing but its description."""
    return data[: data.index(b"mdat") - 4] + data[data.index(b"moov") - 4 :]


def _many_streams(around: Surroundings) -> bytes:
    first = bytearray(ogg_pages(around.good("ogg-opus-stereo"))[0])
    pages = []
    for serial in range(10_000):
        first[14:18] = struct.pack("<I", serial)
        pages.append(with_ogg_checksum(first))
    return b"".join(pages)


def _changed(kind: str, old: bytes, new: bytes, *, name: str = "call.bin") -> Hostile:
    """A good file with a few bytes of its header replaced."""

    def content(around: Surroundings) -> bytes:
        data = around.good(kind)
        assert old in data[:200_000]
        return data.replace(old, new, 1)

    return Hostile(content=content, name=name)


def _beginning(kind: str, length: int) -> Hostile:
    return Hostile(content=lambda around: around.good(kind)[:length])


_CLAIMED_ID3 = b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f"

NOTHING_BEHIND = {
    "empty": plain(b""),
    "one-byte": plain(b"R"),
    "wav-without-samples": plain(wav(data=b"")),
    "wav-header-only": plain(wav()[:44]),
    "wav-half-a-header": plain(wav()[:30]),
    "wav-riff-only": plain(b"RIFF\x24\x00\x00\x00WAVE"),
    "wav-without-data": plain(_riff(_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)))),
    "wav-without-format": plain(_riff(_chunk(b"data", _HALF_SECOND))),
    "mp3-tag-only": plain(b"ID3\x03\x00\x00\x00\x00\x00\x00", "call.mp3"),
    "amr-mark-only": plain(b"#!AMR\n", "call.amr"),
    "amr-wb-mark-only": plain(b"#!AMR-WB\n", "call.awb"),
    "au-without-samples": plain(_au(data=b""), "call.au"),
    "flac-mark-only": plain(b"fLaC", "call.flac"),
    "flac-header-only": plain(_flac(8000)[:42], "call.flac"),
    "ogg-first-page-only": _beginning("ogg-opus-stereo", 47),
    "ogg-headers-only": _beginning("ogg-vorbis-stereo", 3000),
    "webm-header-only": _beginning("webm-opus", 400),
    "m4a-type-only": plain(_box(b"ftyp", b"M4A \x00\x00\x02\x00"), "call.m4a"),
    "m4a-no-tracks": plain(_QUICKTIME + _box(b"moov", _box(b"mvhd", bytes(100))), "call.m4a"),
    "wma-header-only": _beginning("wma-2-stereo", 700),
    "caf-header-only": plain(b"caff\x00\x01\x00\x00", "call.caf"),
    "wave64-header-only": _beginning("wave64", 60),
}

ABSURD = {
    "wav-rate-0": plain(wav(rate=0)),
    "wav-rate-1": plain(wav(rate=1)),
    "wav-rate-most": plain(wav(rate=_MOST)),
    "wav-rate-192k": plain(wav(rate=192_000)),
    "wav-no-channels": plain(wav(channels=0)),
    "wav-3-channels": plain(wav(channels=3, align=6)),
    "wav-65535-channels": plain(wav(channels=65_535, align=65_535)),
    "wav-0-bits": plain(wav(bits=0, align=0)),
    "wav-65535-bits": plain(wav(bits=65_535)),
    "wav-unknown-codec": plain(wav(tag=0x7777)),
    "wav-extensible-cut": plain(wav(tag=_EXTENSIBLE)),
    "wav-atrac": plain(wav(tag=0x270, align=400)),
    "wav-huge-format": plain(_riff(_chunk(b"fmt ", bytes(40), _MOST) + _chunk(b"data", _HALF_SECOND))),
    "wav-huge-list": plain(_riff(_chunk(b"LIST", b"INFO", 0xFFFF_FFF0) + wav()[12:])),
    "wav-million-chunks": plain(_riff(_chunk(b"junk", b"") * 1_000_000)),
    "wav-list-in-list": plain(_riff(_chunk(b"LIST", b"INFO") * 100_000)),
    "wav-says-more": plain(wav()[:40] + struct.pack("<I", 900_000) + _HALF_SECOND),
    "rf64-huge": plain(b"RF64" + b"\xff" * 4 + b"WAVE" + _chunk(b"ds64", b"\xff" * 28) + _chunk(b"data", b"", _MOST)),
    "wave64-circle": Hostile(content=lambda around: around.good("wave64")[:40] + (b"fmt " + bytes(20)) * 1000),
    "au-rate-0": plain(_au(rate=0), "call.au"),
    "au-rate-most": plain(_au(rate=_MOST), "call.au"),
    "au-65535-channels": plain(_au(channels=65_535), "call.au"),
    "au-unknown-encoding": plain(_au(encoding=999), "call.au"),
    "au-starts-behind-its-end": plain(_au(start=_MOST), "call.au"),
    "aiff-rate-infinite": plain(_aiff(b"\x7f\xff\x80" + bytes(7)), "call.aiff"),
    "aiff-rate-0": plain(_aiff(bytes(10)), "call.aiff"),
    "aiff-65535-channels": plain(_aiff(bytes.fromhex("400bfa00000000000000"), channels=65_535), "call.aiff"),
    "caf-rate-nan": plain(_caf(float("nan")), "call.caf"),
    "caf-rate-infinite": plain(_caf(float("inf")), "call.caf"),
    "caf-rate-negative": plain(_caf(-8000.0), "call.caf"),
    "flac-rate-0": plain(_flac(0), "call.flac"),
    "flac-8-channels": plain(_flac(8000, channels=8), "call.flac"),
    "flac-noise": plain(_flac(8000), "call.flac"),
    "flac-huge-picture": plain(b"fLaC\x06\xff\xff\xff" + struct.pack(">II", 3, _MOST) + noise(9000), "call.flac"),
    "opus-255-channels": _changed("ogg-opus-stereo", b"OpusHead\x01\x02", b"OpusHead\x01\xff", name="call.opus"),
    "vorbis-rate-0": _changed("ogg-vorbis-stereo", b"\x80\x3e\x00\x00", bytes(4), name="call.ogg"),
    "speex-rate-most": _changed("ogg-speex-narrow", b"\x40\x1f\x00\x00", b"\xff" * 4, name="call.spx"),
    "mp3-huge-tag-claimed": plain(_CLAIMED_ID3 + noise(9000), "call.mp3"),
    "mp3-huge-tag": Hostile(content=lambda _: _CLAIMED_ID3 + bytes(60_000_000), name="call.mp3"),
    "amr-reserved-frames": plain(b"#!AMR\n" + b"\x5c" * 50_000, "call.amr"),
}

CIRCLES = {
    "m4a-boxes-in-boxes": plain(_QUICKTIME + _nested(b"moov", 10_000), "call.m4a"),
    "m4a-tracks-in-tracks": plain(_QUICKTIME + _box(b"moov", _nested(b"trak", 3000)), "call.m4a"),
    "m4a-endless-box": plain(_QUICKTIME + _box(b"moov", _box(b"trak", bytes(100), 0)), "call.m4a"),
    "m4a-box-too-short": plain(_QUICKTIME + _box(b"moov", bytes(100), 4), "call.m4a"),
    "m4a-box-huge": plain(_QUICKTIME + struct.pack(">I4sQ", 1, b"moov", 2**63) + bytes(100), "call.m4a"),
    "m4a-many-boxes": plain(_QUICKTIME + _box(b"free", b"") * 500_000, "call.m4a"),
    "m4a-four-billion-samples": _changed("m4a-ready-to-stream", b"stsz" + bytes(8), b"stsz" + bytes(4) + b"\xff" * 4),
    "mov-samples-in-a-file": _elsewhere("file://{path}"),
    "mov-samples-at-an-address": _elsewhere("{url}/samples"),
    "mov-samples-behind-an-alias": Hostile(content=_alias, name="call.mov"),
    "matroska-huge-element": plain(_EBML + bytes.fromhex("18538067") + b"\x01" + b"\xff" * 6 + b"\xfe" + noise(900)),
    "matroska-huge-header": plain(bytes.fromhex("1a45dfa3") + b"\x01" + b"\xff" * 6 + b"\xfe" + noise(900)),
    "matroska-unknown-in-unknown": plain(_EBML + (bytes.fromhex("18538067") + b"\xff") * 20_000),
    "matroska-many-voids": plain(_EBML + bytes.fromhex("18538067") + b"\xff" + b"\xec\x80" * 500_000),
    "ogg-ten-thousand-streams": Hostile(content=_many_streams, name="call.ogg"),
    "ogg-page-of-nothing": plain((b"OggS" + bytes(22) + b"\x00") * 20_000, "call.ogg"),
    "voc-endless-repeat": plain(
        b"Creative Voice File\x1a\x1a\x00\x0a\x01\x29\x11" + b"\x06\x02\x00\x00\xff\xff" * 50_000
    ),
    "asf-objects-of-size-0": _changed("wma-2-stereo", bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"), bytes(24)),
    "id3-upon-id3": plain((b"ID3\x03\x00\x00" + bytes(4)) * 100_000, "call.mp3"),
    "mp3-behind-a-page-of-junk": Hostile(
        content=lambda around: preceded_by(noise(500_000))(around.good("mp3-stereo")), name="call.mp3"
    ),
    "aiff-chunk-huge": Hostile(
        content=lambda around: around.good("aiff-stereo")[:12] + b"JUNK\xff\xff\xff\xff" + noise(900)
    ),
}
