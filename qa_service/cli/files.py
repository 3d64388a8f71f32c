"""What a file is, by its content, and what lies beside it under the same name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from pathlib import Path

from qa_service.cli.manifests import SUFFIXES
from qa_service.errors import InputRefused, in_words
from qa_service.interchange.read import is_transcript
from qa_service.interchange.text import decoded

AUDIO_SUFFIXES = frozenset(
    {f".{kind}" for kind in ("wav", "mp3", "opus", "ogg", "oga", "flac", "m4a", "mp4", "aac", "wma", "webm", "caf")}
    | {f".{kind}" for kind in ("amr", "awb", "gsm", "spx", "au", "aiff")}
)
SUBTITLE_SUFFIXES = frozenset({".srt", ".vtt"})
SIDECAR_SUFFIX = ".call.json"
MAX_MANIFEST_BYTES = 256 * 1024 * 1024
"""A manifest is read whole; this many bytes are some 300,000 rows of a call log."""


class Kind(Enum):
    """How a file is to be read."""

    AUDIO = auto()
    MANIFEST = auto()
    TRANSCRIPT = auto()


def kind_of(path: Path) -> Kind:
    """What a file is.

    Raises:
        InputRefused: it is none of ours, cannot be read, or is too large.
    """
    suffix = path.suffix.lower()
    if suffix in AUDIO_SUFFIXES:
        return Kind.AUDIO
    if suffix in (".xlsx", ".xls", ".et"):
        raise InputRefused(f"{path}：表格文件请先另存为 CSV（UTF-8）再导入。")
    text = text_of(path)
    if is_transcript(text):
        return Kind.TRANSCRIPT
    if suffix in SUBTITLE_SUFFIXES:
        raise InputRefused(f"{path}：里面没有字幕，时间行应如 00:00:01,200 --> 00:00:03,400。")
    if suffix in SUFFIXES or text.lstrip()[:1] in ("{", "["):
        return Kind.MANIFEST
    kinds = " ".join(sorted(SUFFIXES | SUBTITLE_SUFFIXES))
    raise InputRefused(f"{path}：不是认识的录音格式，也不是清单或转写文件（{kinds}）。")


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        InputRefused: it cannot be read, or is larger than any manifest.
    """
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise InputRefused(f"{path}：超过 {MAX_MANIFEST_BYTES // 2**20} MiB，请拆成几个文件。")
        return decoded(path.read_bytes())
    except OSError as error:
        raise InputRefused(f"{path}：读不出来（{in_words(error)}）。") from error


def sidecar_of(path: Path) -> Path | None:
    """The call data beside a recording or transcript: the same name ending in .call.json, or .json."""
    for found in (path.with_suffix(SIDECAR_SUFFIX), path.with_suffix(".json")):
        if found != path and found.is_file() and not _holds_transcript(found):
            return found
    return None


def _stem(sidecar: Path) -> Path:
    return sidecar.with_name(sidecar.name.removesuffix(SIDECAR_SUFFIX).removesuffix(".json"))


def beside(manifest: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    """Files of the same name as the call data of one call, with other endings."""
    if manifest.suffix.lower() == ".json":
        yield from same_name(_stem(manifest).with_name(_stem(manifest).name + ".json"), suffixes)


def same_name(path: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    """The files of the same name with one of these endings."""
    return (found for suffix in sorted(suffixes) if (found := path.with_suffix(suffix)).is_file())


def transcripts_beside(manifest: Path) -> list[Path]:
    """The transcripts of the same name as the call data of one call."""
    found = beside(manifest, SUFFIXES | SUBTITLE_SUFFIXES)
    return [path for path in found if path != manifest and _holds_transcript(path)]


def _holds_transcript(path: Path) -> bool:
    """Whether a file is one; a file that cannot be read is complained of when its own turn comes."""
    try:
        return is_transcript(text_of(path))
    except InputRefused:
        return False
