"""What kind of audio a stored recording is, told from its first bytes (it is kept without its name)."""

from __future__ import annotations

from pathlib import Path

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"RIFF", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (4, b"ftyp", "audio/mp4"),
)


def media_type_of(path: Path) -> str:
    """The media type, ``application/octet-stream`` where it is none that browsers play."""
    with path.open("rb") as file:
        head = file.read(16)
    for offset, signature, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return media_type
    return "application/octet-stream"
