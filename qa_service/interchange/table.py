"""Tables with one sentence a row: speaker, start, end, text; several calls where a column tells them apart.

Times are seconds, milliseconds or ``hh:mm:ss.mmm``. Which of the first two a bare number is, the header may say (毫秒,
ms); else the pace of the talk does, for nobody speaks a thousand times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa_service.errors import InputRefused
from qa_service.interchange import text as tables
from qa_service.interchange.columns import CALL_ID, heading
from qa_service.interchange.said import Conversation, Format, Utterance, in_order, milliseconds, utterance
from qa_service.interchange.text import words as named

_SPEAKER = named("speaker role 说话人 角色 发言人 讲话人 说话方 说话角色 参与方 participant")
_START = named("start begin from starttime begintime 开始 开始时间 起始 起始时间 开始时刻")
_END = named("end to endtime 结束 结束时间 终止 终止时间 结束时刻")
_TEXT = named(
    "text words content sentence utterance 内容 文本 语句 话术内容 转写 转写文本 "
    "转写内容 对话内容 说话内容 识别结果 识别文本 通话内容"
)
_CONFIDENCE = frozenset({"confidence", "score", "置信度", "识别置信度"})
_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,6}))?$")
_MILLISECONDS = re.compile(r"毫秒|(?:^|[^a-z])ms$|millis", re.IGNORECASE)
_SECONDS = re.compile(r"秒|(?:^|[^a-z])s(?:ec(?:ond)?s?)?$", re.IGNORECASE)

SLOWEST = 0.08
"""Characters a second of the whole talk below which its times must be milliseconds: people speak 0.5 to 12, so that
milliseconds taken for seconds give 0.0005 to 0.012."""

PACE = 5
"""Characters a second that an end left open is reckoned with, never beyond the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    start: str
    text: str
    speaker: str | None
    end: str | None
    confidence: str | None
    call_id: str | None

    @property
    def own(self) -> frozenset[str]:
        """Those that speak of the sentence rather than of the call."""
        return frozenset(name for name in (self.start, self.text, self.speaker, self.end, self.confidence) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    place: str
    cells: Mapping[str, str]


def matches(text: str) -> bool:
    """Whether the first line names a column of text and one of speakers or starts."""
    if text.lstrip()[:1] in ("{", "["):
        return False
    plain = {_unit_free(name) for name in tables.header(text)}
    return bool(plain & _TEXT) and bool(plain & (_SPEAKER | _START)) and "turns" not in plain


def conversations(text: str, where: str) -> Iterator[Conversation]:
    """The calls of the table in order of their first sentence.

    Raises:
        InputRefused: a column is missing, or naming file, line and column.
    """
    columns = _columns(tables.header(text), where)
    groups: dict[str, list[_Row]] = {}
    for place, cells in tables.rows(text, where):
        if cells is None:
            raise InputRefused(f"{place}：列数多于表头；内容里有逗号时请加引号。")
        if columns.text in cells:
            call_id = cells.get(columns.call_id, "") if columns.call_id else ""
            groups.setdefault(call_id, []).append(_Row(place=place, cells=cells))
    if not groups:
        raise InputRefused(f"{where}：里面没有一句话，请确认转写已完成。")
    for group in groups.values():
        place = where if len(groups) == 1 else f"{group[0].place}起"
        facts = {name: cell for name, cell in group[0].cells.items() if name not in columns.own}
        utterances = in_order(_utterances(group, columns), place)
        yield Conversation(where=place, format=Format.TABLE, utterances=utterances, call=facts)


def _columns(names: list[str], where: str) -> _Columns:
    def of(known: frozenset[str]) -> str | None:
        return next((name for name in names if _unit_free(name) in known), None)

    start, text = of(_START), of(_TEXT)
    if start is None or text is None:
        raise InputRefused(f"{where} 第 1 行：缺少“开始”（start）或“内容”（text）列，请补上。")
    return _Columns(
        start=start,
        text=text,
        speaker=of(_SPEAKER),
        end=of(_END),
        confidence=of(_CONFIDENCE),
        call_id=next((name for name in names if heading(name) in CALL_ID), None),
    )


def _unit_free(name: str) -> str:
    return re.sub(r"[（(\[].{0,30}?[)）\]]|毫秒|_?ms$", "", heading(name))


def _utterances(group: list[_Row], columns: _Columns) -> Iterator[Utterance]:
    scale = _scale(group, columns)
    starts = [_time(row, columns.start, scale) for row in group]
    ends = [_time(row, columns.end, scale) if columns.end else None for row in group]
    following = [*starts[1:], None]
    for row, start, end, after in zip(group, starts, ends, following, strict=True):
        if start is None:
            raise InputRefused(f"{row.place} 的 {columns.start}：缺少开始时间，请补上。")
        words = row.cells[columns.text]
        supposed = start + len(words) * 1000 // PACE
        if end is None:
            end = min(supposed, after) if after is not None and after > start else supposed
        yield utterance(
            row.cells.get(columns.speaker) if columns.speaker else None,
            start,
            end,
            words,
            confidence=_confidence(row, columns.confidence),
        )


def _confidence(row: _Row, column: str | None) -> float | None:
    cell = row.cells.get(column) if column else None
    if cell is None:
        return None
    share = _number(cell.removesuffix("%"), f"{row.place} 的 {column}") / (100 if cell.endswith("%") else 1)
    if not 0 <= share <= 1:
        raise InputRefused(f"{row.place} 的 {column}：置信度 {cell} 应在 0 到 1 之间。")
    return share


def _scale(group: list[_Row], columns: _Columns) -> int:
    """How many milliseconds one of the bare numbers among the times is."""
    names = [name for name in (columns.start, columns.end) if name]
    if any(_MILLISECONDS.search(name) for name in names):
        return 1
    if any(_SECONDS.search(name) for name in names):
        return 1000
    cells = [row.cells[name] for row in group for name in names if name in row.cells]
    whole = [int(cell) for cell in cells if cell.isdecimal() and len(cell) < 12]
    if len(whole) < len(cells) or not whole:
        return 1000
    said = sum(len(row.cells[columns.text]) for row in group)
    return 1 if said < SLOWEST * max(whole) else 1000


def _time(row: _Row, column: str, scale: int) -> int | None:
    cell = row.cells.get(column)
    if cell is None:
        return None
    place, clock = f"{row.place} 的 {column}", _CLOCK.match(cell)
    if clock is None:
        return milliseconds(_number(cell, place), scale, place)
    hours, minutes, seconds, fraction = (part or "0" for part in clock.groups())
    if int(minutes) > 59 or int(seconds) > 59:
        raise InputRefused(f"{place}：时间 {cell} 的分、秒应小于 60。")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return milliseconds(whole + float(f"0.{fraction}"), 1000, place)


def _number(cell: str, place: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise InputRefused(f"{place}：“{cell[:40]}”读不懂，应为秒、毫秒或 时:分:秒。") from None
