"""What a reader gives: conversations as another system wrote them, before anybody says who of them is the agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from qa_service.call import HeardWord
from qa_service.errors import InputRefused
from qa_service.interchange.names import LONGEST_NAME
from qa_service.labelled import Labelled
from qa_service.transcription.wording import clean
from qa_service.turn_documents import MAX_CALL_SECONDS

MAX_TURNS = 20_000
"""As many as a call of the contract may have (``CallDocument.turns``)."""

MAX_TRANSCRIPT_BYTES = 8 * 1024 * 1024
"""The limit of call data sent to the API; an hour of talk with every word timed is 2 to 3 MiB."""


class Format(Labelled):
    """Whose transcript a file is."""

    WHISPER = "whisper", "Whisper 系列（WhisperX、faster-whisper、openai-whisper）"
    ALIYUN = "aliyun_sca", "阿里云智能对话分析"
    AWS = "aws_call_analytics", "AWS Transcribe 通话分析"
    FUNASR = "funasr", "FunASR"
    SUBTITLES = "subtitles", "字幕（SRT、VTT）"
    TABLE = "table", "逐句表格"

    @property
    def names_calls(self) -> bool:
        """Whether its identifier of a call is that of the house's own systems, rather than of a job or a file."""
        return self in (Format.ALIYUN, Format.TABLE)

    @property
    def fragments(self) -> bool:
        """Whether its pieces are cut by the machine, so that those of one speaker belong together across a breath."""
        return self in (Format.WHISPER, Format.FUNASR, Format.SUBTITLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One piece of talk under the label its file gives the speaker (None: none); times from the start of the call.

    ``words`` point into ``text``; ``confidence`` (0 to 1) is the file's own word on the whole piece. ``carried`` is
    set where the label is that of the piece before, because the file names a speaker only now and then.
    """

    label: str | None
    start_ms: int
    end_ms: int
    text: str
    words: tuple[HeardWord, ...] = ()
    confidence: float | None = None
    carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One call's talk; ``call`` holds what the file tells of the call, in the columns that ``dialler`` understands.

    ``where`` names file and place for a person, ``unknown`` the keys that the published format does not have.
    """

    where: str
    format: Format
    utterances: tuple[Utterance, ...]
    call: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """A word as a file has it, before its place in the text is known; None where the file says not how sure it is."""

    text: str
    start_ms: int
    end_ms: int
    probability: float | None


def utterance(
    label: str | None,
    start_ms: int,
    end_ms: int,
    text: str,
    words: Iterable[TimedWord] = (),
    *,
    confidence: float | None = None,
    carried: bool = False,
) -> Utterance:
    """A piece with clean, simplified text, an end not before its start, and its words in their places."""
    written = _tidy(text)
    return Utterance(
        label=label.strip()[:LONGEST_NAME] or None if label else None,
        start_ms=start_ms,
        end_ms=max(start_ms, end_ms),
        text=written,
        words=_placed(written, words),
        confidence=confidence,
        carried=carried,
    )


def _tidy(text: str) -> str:
    # Spaces are gathered first: cleaning takes their square in time.
    return clean(" ".join(text.split()))


def _placed(text: str, words: Iterable[TimedWord]) -> tuple[HeardWord, ...]:
    """The words found in the text one after the other; one that is not there is left out."""
    found, reached = [], 0
    for word in words:
        written = _tidy(word.text)
        start = text.find(written, reached) if written else -1
        if start >= 0:
            reached = start + len(written)
            found.append(
                HeardWord(
                    start=start,
                    end=reached,
                    start_ms=word.start_ms,
                    end_ms=max(word.start_ms, word.end_ms),
                    probability=word.probability,
                )
            )
    return tuple(found)


def in_order(utterances: Iterable[Utterance], where: str) -> tuple[Utterance, ...]:
    """Those that say something, by their start.

    Raises:
        InputRefused: nobody says anything, or there are more than ``MAX_TURNS``.
    """
    said = sorted((one for one in utterances if one.text), key=lambda one: one.start_ms)
    if not said:
        raise InputRefused(f"{where}：里面没有一句话，请确认转写已完成。")
    if len(said) > MAX_TURNS:
        raise InputRefused(f"{where}：超过 {MAX_TURNS} 句，不像一通电话；请按通话拆成多个文件。")
    return tuple(said)


def milliseconds(value: float, scale: float, place: str) -> int:
    """A time as milliseconds; ``scale`` is how many of them one unit of it is, ``place`` where it stands.

    Raises:
        InputRefused: the time is negative, no number, or beyond a day.
    """
    if not 0 <= value * scale <= MAX_CALL_SECONDS * 1000:  # also false for NaN
        raise InputRefused(f"{place}：时间 {value} 不在 0 到 24 小时之内，请检查时间单位。")
    return round(value * scale)
