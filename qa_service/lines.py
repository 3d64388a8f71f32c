"""The lines (trunks, recorders) recordings come from: who is on which channel, what their headerless files are.

A house describes them once in a TOML file (``QA_LINES``); a call names its line under ``recording.line``::

    [default]                       # calls that name no line
    channels = {left = "agent", right = "customer"}

    [lines.trunk-3]
    channels = {left = "customer", right = "agent"}
    headerless = {encoding = "alaw", rate = 8000, channels = 1}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from qa_service.call import Recording, Speaker
from qa_service.documents import describe
from qa_service.errors import InputRefused, SettingsInvalid
from qa_service.labelled import Labelled


class RawEncoding(Labelled):
    """How the samples of a file without any header are written."""

    ALAW = "alaw", "G.711 A 律"
    MULAW = "mulaw", "G.711 μ 律"
    VOX = "vox", "Dialogic ADPCM（vox）"
    LINEAR16 = "linear16", "16 位线性（小端）"
    G722 = "g722", "G.722"
    G723_1 = "g723_1", "G.723.1"
    G726_16 = "g726_16", "G.726（16 kbit/s）"
    G726_24 = "g726_24", "G.726（24 kbit/s）"
    G726_32 = "g726_32", "G.726（32 kbit/s）"
    G726_40 = "g726_40", "G.726（40 kbit/s）"
    G729 = "g729", "G.729"
    GSM = "gsm", "GSM 6.10"


INTERLEAVED = frozenset({RawEncoding.ALAW, RawEncoding.MULAW, RawEncoding.LINEAR16})
"""Encodings of single samples, which two channels can take in turn."""


class RawFormat(BaseModel):
    """What must be known of a headerless file: ``rate`` in samples a second, one or two interleaved ``channels``.

    ``rate`` is not read for G.722, G.723.1 and G.729, which have but one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: RawEncoding
    rate: int = Field(default=8000, ge=6000, le=96_000)
    channels: int = Field(default=1, ge=1, le=2)

    @model_validator(mode="after")
    def _one_channel(self) -> Self:
        if self.channels > 1 and self.encoding not in INTERLEAVED:
            raise PydanticCustomError("one_channel_only", "{label} 只有单声道", {"label": self.encoding.label})
        return self


class Line(BaseModel):
    """One line: the speaker on each channel (one is enough), and its headerless format where it writes such files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Mapping[str, Speaker] = Field(default_factory=dict)
    headerless: RawFormat | None = None

    @field_validator("channels")
    @classmethod
    def _two_sides(cls, channels: Mapping[str, Speaker]) -> Mapping[str, Speaker]:
        if channels.keys() - {"left", "right"}:
            raise PydanticCustomError("unknown_channel", "声道只有 left 和 right")
        if len(channels) > len(set(channels.values())):
            raise PydanticCustomError("one_speaker_twice", "左右声道不能是同一方")
        return MappingProxyType(dict(channels))


class Lines(BaseModel):
    """All lines of a house; ``default`` is the line of calls that name none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Line = Line()
    lines: Mapping[str, Line] = Field(default_factory=dict)

    def of(self, recording: Recording | None) -> Line:
        """The line of a recording; a channel map that came with the call takes the place of the line's own.

        Raises:
            InputRefused: the call names a line that the house has not described.
        """
        line = self.default
        if recording is not None and recording.line is not None:
            if recording.line not in self.lines:
                known = "、".join(sorted(self.lines)) or "无"
                raise InputRefused(f"没有名为 {recording.line} 的线路（已有：{known}），请在 QA_LINES 文件里补上。")
            line = self.lines[recording.line]
        if recording is not None and recording.channels:
            return line.model_copy(update={"channels": MappingProxyType(dict(recording.channels))})
        return line


def load_lines(path: Path | None) -> Lines:
    """Read the file that ``QA_LINES`` names; no file, no lines. A changed file is read anew, without a restart.

    Raises:
        SettingsInvalid: naming the file, the key and what is wrong there.
    """
    if path is None:
        return Lines()
    try:
        facts = path.stat()
        return _parsed(path, facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise SettingsInvalid(f"读不到线路文件 {path}（QA_LINES），请检查路径。") from error


@lru_cache(maxsize=4)
def _parsed(path: Path, _changed_ns: int, _size: int) -> Lines:
    try:
        return Lines.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"线路文件 {path} 不是有效的 TOML：{error}。") from error
    except ValidationError as error:
        raise SettingsInvalid(f"线路文件 {path}：{describe(error)}") from error
