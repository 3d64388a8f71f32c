"""Giving out recordings: what kind of audio one is, and whether the part asked for is in it."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.exceptions import HTTPException

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

_RANGE = re.compile(r"(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.ASCII)


def media_type_of(path: Path) -> str:
    """The media type, told from the first bytes as recordings are kept without their names.

    ``application/octet-stream`` where it is none that browsers play.
    """
    with path.open("rb") as file:
        head = file.read(16)
    for offset, signature, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return media_type
    return "application/octet-stream"


def check_range(header: str | None, size: int) -> None:
    """Pass where a ``Range`` header names some part of ``size`` bytes, or is absent.

    Raises:
        HTTPException: 416, with the size in ``Content-Range``.
    """
    if header is None:
        return
    unit, _, listed = header.partition("=")
    parts = [_RANGE.fullmatch(part.strip()) for part in listed.split(",")]
    if unit.strip().lower() != "bytes" or not all(parts) or not any(_within(part, size) for part in parts if part):
        raise HTTPException(416, headers={"Content-Range": f"bytes */{size}"})


def _within(part: re.Match[str], size: int) -> bool:
    first, last = part["first"], part["last"]
    if not first:
        return last.strip("0") != ""
    return int(first) < size and (not last or int(first) <= int(last))
