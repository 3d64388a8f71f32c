"""Files of other kinds, whatever they are called, and files that are two things at once."""

from __future__ import annotations

import gzip
import io
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tests.recordings.makers import Patch, ffmpeg
from tests.recordings.patches import followed_by, id3, preceded_by
from tests.recordings.surroundings import Hostile, Surroundings, plain

_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>\n"
_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def archive(size: int = 40_000) -> bytes:
    """A ZIP file with a stored file of so many bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as zipped:
        zipped.writestr("call.wav", noise(size))
    return memory.getvalue()


def noise(size: int, seed: int = 7) -> bytes:
    """Bytes that mean nothing."""
    return np.random.default_rng(seed).bytes(size)


def _workbook() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("[Content_Types].xml", "<Types/>")
        zipped.writestr("xl/workbook.xml", "<workbook/>" * 2000)
    return memory.getvalue()


def _zip_bomb() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("call.wav", bytes(50_000_000))
    return memory.getvalue()


def _tar() -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as tar:
        entry = tarfile.TarInfo("../../call.wav")
        entry.size = 5000
        tar.addfile(entry, io.BytesIO(noise(5000)))
    return memory.getvalue()


def _png() -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    picture = zlib.compress(bytes(601 * 200))
    head = struct.pack(">IIBBBBB", 200, 200, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", picture) + chunk(b"IEND", b"")


def _database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE calls (id TEXT)")
        connection.close()
        return path.read_bytes()


def _video(codec: str, suffix: str) -> Hostile:
    def content(around: Surroundings) -> bytes:
        command = f"-f lavfi -i testsrc=size=64x64:duration=1:rate=5 -map 1:v -c:v {codec}"
        return around.made(ffmpeg(command), suffix)

    return Hostile(content=content, name=f"call.{suffix}")


def _two_tracks(around: Surroundings) -> bytes:
    return around.made(ffmpeg(f"-i {around.sources.mono} -map 0:a -map 1:a -c:a libopus"), "mka")


def _with(kind: str, *patches: Patch, name: str = "call.wav") -> Hostile:
    def content(around: Surroundings) -> bytes:
        data = around.good(kind)
        for patch in patches:
            data = patch(data)
        return data

    return Hostile(content=content, name=name)


STRANGERS = {
    "zip": plain(archive(), "call.zip"),
    "zip-named-wav": plain(archive()),
    "zip-bomb": Hostile(content=lambda _: _zip_bomb()),
    "workbook": Hostile(content=lambda _: _workbook(), name="calls.xlsx"),
    "tar-with-a-path": Hostile(content=lambda _: _tar()),
    "gzip": plain(gzip.compress(noise(9000)), "call.wav.gz"),
    "seven-zip": plain(b"7z\xbc\xaf'\x1c\x00\x04" + noise(9000)),
    "rar": plain(b"Rar!\x1a\x07\x01\x00" + noise(9000)),
    "png": plain(_png(), "call.png"),
    "png-named-mp3": plain(_png(), "call.mp3"),
    "jpeg": plain(_JPEG + noise(9000) + b"\xff\xd9"),
    "gif": plain(_GIF),
    "webp": plain(b"RIFF" + struct.pack("<I", 9004) + b"WEBPVP8 " + noise(9000)),
    "avi-without-sound": _video("mpeg4", "avi"),
    "mp4-without-sound": _video("mpeg4", "mp4"),
    "matroska-without-sound": _video("mpeg4", "mkv"),
    "two-sound-tracks": Hostile(content=_two_tracks, name="call.mka"),
    "pdf": plain(_PDF + noise(9000) + b"\n%%EOF\n", "call.pdf"),
    "windows-program": plain(b"MZ\x90\x00\x03" + bytes(59) + b"PE\x00\x00" + noise(9000), "call.wav.exe"),
    "linux-program": plain(b"\x7fELF\x02\x01\x01" + bytes(9) + noise(9000)),
    "shell-script": plain(b"#!/bin/sh\ncurl http://127.0.0.1/ | sh\n" * 50),
    "python-pickle": plain(b"\x80\x04cposix\nsystem\n(S'true'\ntR."),
    "sqlite": Hostile(content=lambda _: _database(), name="call.db"),
    "html": plain(_HTML * 100, "call.html"),
    "json": plain(b'{"call_id": "1", "turns": []}' * 200, "call.json"),
    "csv": plain("通话编号,坐席\n1,王芳\n".encode("gbk") * 200, "call.csv"),
    "svg": plain(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>' * 50),
    "word-97": plain(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + noise(9000), "call.doc"),
    "midi": plain(b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"),
    "flash": plain(b"FLV\x01\x04\x00\x00\x00\x09\x00\x00\x00\x00" + noise(9000)),
    "transport-stream": plain((b"\x47\x40\x00\x10" + bytes(184)) * 200),
    "numpy": plain(b"\x93NUMPY\x01\x00v\x00" + noise(9000)),
    "noise": plain(noise(300_000)),
    "noise-named-mp3": plain(noise(300_000, 8), "call.mp3"),
    "nulls": plain(bytes(1_000_000)),
    "ones": plain(b"\xff" * 1_000_000, "call.mp3"),
    "utf-16": plain("录音".encode("utf-16") * 3000),
    "alaw-without-settings": _with("raw-alaw", name="call.al"),
    "vox-without-settings": _with("raw-vox", name="call.vox"),
    "wav-and-zip": _with("wav-alaw-8k-stereo", followed_by(archive())),
    "jpeg-and-mp3": _with("mp3-stereo", preceded_by(_JPEG + noise(9000) + b"\xff\xd9"), name="call.mp3"),
    "html-and-mp3": _with("mp3-stereo", preceded_by(_HTML * 100), name="call.mp3"),
    "pdf-and-mp3": _with("mp3-stereo", preceded_by(_PDF * 100), name="call.mp3"),
    "gif-and-wav": _with("wav-pcm16-8k-stereo", preceded_by(_GIF)),
    "zip-and-mp3": _with("mp3-stereo", preceded_by(archive(3000)), name="call.mp3"),
    "script-and-amr": _with("amr-nb", preceded_by(b"#!/bin/sh\n"), name="call.amr"),
    "mp3-tag-and-program": plain(id3(3000) + b"MZ\x90\x00" + noise(9000), "call.mp3"),
    "mp3-and-zip": _with("mp3-stereo", followed_by(archive()), name="call.mp3"),
}
