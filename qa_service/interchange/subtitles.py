"""SRT and WebVTT with speakers: ``坐席：…``, ``[SPEAKER_00]: …``, ``Agent: …``, ``【客户】…``, ``<v 客户>…</v>``.

A cue that names no speaker goes on for the one before, and is then marked as doubtful. A colon alone makes no speaker:
the name before it must be one that speakers have, look like a label, or be given by the caller.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from qa_service.errors import InputRefused
from qa_service.interchange.names import role_of
from qa_service.interchange.said import Conversation, Format, Utterance, in_order, milliseconds, utterance

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?\s{1,9}([^<>]{1,60})>")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<\d[\d:.]{0,20}>|\{\\[^{}]{0,200}\}")
_BRACKETED = re.compile(
    r"^[-–\s]*(?:\[([^\]\[]{1,30})\]|【([^】【]{1,30})】|[（(]([^()（）]{1,30})[)）])\s*[:：]?\s*(?=\S)"
)
_PREFIXED = re.compile(r"^[-–\s]*([^:：，。！？,!?]{1,30}?)\s*[:：]\s*(?=\S)")
_LABEL = re.compile(
    r"(?:(?:spk|speaker|说话人|发言人|讲话人|声道|channel|voice)[\s_-]*[0-9A-Za-z一二三四甲乙]{0,3}|[A-Za-z])",
    re.IGNORECASE,
)
_APART = ("NOTE", "STYLE", "REGION", "WEBVTT", "X-TIMESTAMP-MAP")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    line: int
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def matches(text: str) -> bool:
    """Whether one of the first lines is that of a cue's times, or the head of a VTT file."""
    lines = text[:20_000].lstrip().splitlines()[:30]
    return bool(lines) and (lines[0].startswith("WEBVTT") or any(_TIMES.match(line) for line in lines))


def conversation(text: str, where: str, named: Collection[str] = ()) -> Conversation:
    """The cues with their speakers; ``named`` are further names that are taken for speakers.

    Raises:
        InputRefused: naming file and line.
    """
    said: list[Utterance] = []
    last: str | None = None
    for cue in _cues(text, where):
        for utter in _split(cue, named, last):
            said.append(utter)
            last = utter.label
    return Conversation(where=where, format=Format.SUBTITLES, utterances=in_order(said, where))


def _cues(text: str, where: str) -> Iterator[_Cue]:
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        times = _TIMES.match(lines[at])
        if times is None:
            _refuse_broken_times(lines[at], f"{where} 第 {at + 1} 行")
            at += 1
            continue
        place = f"{where} 第 {at + 1} 行"
        body = at + 1
        while body < len(lines) and lines[body].strip() and not _TIMES.match(lines[body]):
            body += 1
        ends = times.groups()
        yield _Cue(
            line=at + 1,
            start_ms=_clock(ends[:4], place),
            end_ms=_clock(ends[4:], place),
            lines=tuple(lines[at + 1 : body]),
        )
        at = body


def _refuse_broken_times(line: str, place: str) -> None:
    if "-->" in line and not line.startswith(_APART):
        raise InputRefused(f"{place}：时间“{line.strip()[:60]}”读不懂，应如 00:00:01,200 --> 00:00:03,400。")


def _clock(parts: tuple[str | None, ...], place: str) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    if int(minutes) > 59 or int(seconds) > 59:
        raise InputRefused(f"{place}：时间里的分、秒应小于 60。")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return milliseconds(whole * 1000 + int(fraction.ljust(3, "0")), 1, place)


def _split(cue: _Cue, named: Collection[str], last: str | None) -> Iterator[Utterance]:
    """The parts of a cue by speaker; its time is shared out by length."""
    parts: list[tuple[str | None, str]] = []
    for line in cue.lines:
        for label, words in _labelled(line, named):
            if label is None and parts:
                parts[-1] = (parts[-1][0], f"{parts[-1][1]} {words}")
            elif words:
                parts.append((label, words))
    length, start = sum(len(words) for _, words in parts), cue.start_ms
    for label, words in parts:
        end = start + round((cue.end_ms - cue.start_ms) * len(words) / length)
        yield utterance(label or last, start, end, words, carried=label is None and last is not None)
        last, start = label or last, max(start, end)


def _labelled(line: str, named: Collection[str]) -> Iterator[tuple[str | None, str]]:
    """A line as who says what; a VTT line may hold several voices."""
    voices = list(_VOICE.finditer(line))
    if voices:
        ends = [voice.start() for voice in voices[1:]] + [len(line)]
        if line[: voices[0].start()].strip():
            yield None, _plain(line[: voices[0].start()])
        for voice, end in zip(voices, ends, strict=True):
            yield _plain(voice.group(1)), _plain(line[voice.end() : end])
        return
    text = _plain(line)
    for shape in (_BRACKETED, _PREFIXED):
        found = shape.match(text)
        name = next((group for group in found.groups() if group), "").strip() if found else ""
        if found and (name in named or role_of(name) is not None or _LABEL.fullmatch(name)):
            yield name, text[found.end() :]
            return
    yield None, text


def _plain(text: str) -> str:
    return html.unescape(_MARKUP.sub("", text)).strip()
