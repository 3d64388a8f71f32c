"""All files that must be refused or called partial."""

from __future__ import annotations

from qa_service.lines import RawEncoding, RawFormat
from tests.recordings.bombs import BOMBS
from tests.recordings.broken import ABSURD, CIRCLES, NOTHING_BEHIND
from tests.recordings.playlists import PLAYLISTS
from tests.recordings.sound import SECONDS
from tests.recordings.strangers import STRANGERS, noise
from tests.recordings.surroundings import Hostile, plain

CUT = (
    "wav-pcm16-8k-stereo",
    "mp3-stereo",
    "flac-8k-stereo",
    "ogg-opus-stereo",
    "m4a-ready-to-stream",
)
"""Kinds that are cut at every tenth."""


def _cut(kind: str, tenths: int) -> Hostile:
    return Hostile(content=lambda around: _first(around.good(kind), tenths))


def _first(data: bytes, tenths: int) -> bytes:
    return data[: len(data) * tenths // 10]


def _cut_raw(tenths: int) -> Hostile:
    """Nothing in the file can tell; the seconds that were billed can."""
    return Hostile(
        content=lambda around: _first(around.good("raw-alaw"), tenths),
        name="call.al",
        raw=RawFormat(encoding=RawEncoding.ALAW),
        billed_seconds=SECONDS,
    )


TRUNCATED = {f"{kind}-cut-at-{tenths}-tenths": _cut(kind, tenths) for kind in CUT for tenths in range(1, 10)}
TRUNCATED_RAW = {f"raw-alaw-cut-at-{tenths}-tenths": _cut_raw(tenths) for tenths in range(1, 9)}

NAMES = {
    "name-an-option": "-i.wav",
    "name-an-address": "http:__127.0.0.1_call.wav",
    "name-a-protocol": "concat:neighbour.wav|neighbour.wav",
    "name-a-pipe": "pipe:0",
    "name-a-file": "file:neighbour.wav",
    "name-a-pattern": "%d.wav",
    "name-a-command": "$(touch broken).wav",
    "name-with-a-line-break": "call\n.wav",
    "name-with-dots": "....wav",
    "name-of-255-bytes": "a" * 251 + ".wav",
    "name-turned-around": "call\u202evaw.exe",
}
"""Names that a program might take for something else."""

NAMED = {key: plain(noise(3000), name) for key, name in NAMES.items()}

HOSTILE = TRUNCATED | TRUNCATED_RAW | BOMBS | PLAYLISTS | STRANGERS | NOTHING_BEHIND | ABSURD | CIRCLES | NAMED
