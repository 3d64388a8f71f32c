"""Where hostile files are made: what they may try to reach, and good recordings to spoil."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from qa_service.lines import RawFormat
from tests.recordings.healthy import HEALTHY
from tests.recordings.makers import Maker, Sources


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A listener's ``url`` that nobody must ask for, a good recording (``neighbour``) that nobody must open."""

    url: str
    folder: Path
    sources: Sources

    @cached_property
    def neighbour(self) -> Path:
        """A good recording that a playlist may name."""
        path = self.folder / "neighbour.wav"
        path.write_bytes(self.good("wav-pcm16-8k-stereo"))
        return path

    def good(self, kind: str) -> bytes:
        """The bytes of a healthy file, by its key; made once."""
        healthy = HEALTHY[kind]
        path = self.folder / kind / healthy.name
        if not path.exists():
            path.parent.mkdir()
            healthy.make(self.sources, path)
        return path.read_bytes()

    def made(self, maker: Maker, suffix: str) -> bytes:
        """The bytes that a maker writes."""
        path = self.folder / f"made.{suffix}"
        maker(self.sources, path)
        return path.read_bytes()


Content = Callable[[Surroundings], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A file that must be refused or called partial: its name, what is in it, how it was announced."""

    content: Content
    name: str = "call.wav"
    raw: RawFormat | None = None
    billed_seconds: float | None = None


def plain(content: bytes, name: str = "call.wav") -> Hostile:
    """A file whose bytes hang on nothing."""
    return Hostile(content=lambda _: content, name=name)
