"""Dates in spoken Chinese, read from the day of the call, with their places in the text.

The longest reading at a place wins. A date that nobody could put on a calendar (过两天, 发了工资) is found all the
same, with ``value`` None, because a promise left open is still a promise; a past one (上周五, 昨天) is flagged, because
it never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from qa_service.reading.calendar_terms import next_day_of_month
from qa_service.reading.date_grammar import EXPRESSIONS, DateKind, Expression
from qa_service.reading.numbers import parse_number

_RANGE_JOIN: Final = re.compile(r"\s?(?:到|至|-|—{1,2}|~|～)\s?")
_BARE_DAY: Final = re.compile(r"(?P<day>[\d一二三四五六七八九十]{1,3})[号日]")
_SAME_DAY_JOIN: Final = re.compile(r"\s?[，,的]?\s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """Characters ``[start, end)`` that say when.

    ``value`` is the last day that the words allow (of 下周 its Sunday, of 三天内 the third day), None where open;
    ``past`` whether it lies behind the call; ``monthly`` whether it comes back every month (每个月15号).
    """

    start: int
    end: int
    text: str
    value: date | None
    kind: DateKind
    past: bool = False
    monthly: bool = False


def find_dates(text: str, on: date) -> tuple[DueDate, ...]:
    """Every date in ``text``, in order and without overlaps, read from the local day ``on`` of the call."""
    characters = frozenset(text)
    candidates = (each for each in EXPRESSIONS if not characters.isdisjoint(each.anchors))
    found = [due for expression in candidates for due in _matches(expression, text, on)]
    kept: list[DueDate] = []
    for due in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or due.start >= kept[-1].end:
            kept.append(due)
    return tuple(_merged(text, kept))


def _matches(expression: Expression, text: str, on: date) -> Iterator[DueDate]:
    for match in expression.pattern.finditer(text):
        try:
            value = expression.resolver(match, on)
        except (OverflowError, ValueError):  # beyond the calendar: the words name no day
            continue
        if value is None and expression.kind is not DateKind.VAGUE and not expression.past:
            continue
        yield DueDate(
            start=match.start(),
            end=match.end(),
            text=match.group(),
            value=value,
            kind=expression.kind,
            past=expression.past,
            monthly=expression.monthly,
        )


def _merged(text: str, dates: list[DueDate]) -> Iterator[DueDate]:
    """Take together the two ends of a range (the later counts), and a day with its hour or weekday."""
    pending: DueDate | None = None
    for due in dates:
        joined = None if pending is None else _join(text, pending, due)
        if joined is None and pending is not None:
            yield pending
        pending = joined or due
    if pending is not None:
        yield pending


def _join(text: str, first: DueDate, second: DueDate) -> DueDate | None:
    if first.value is None or second.value is None or first.past or second.past:
        return None
    start, end = first.start, second.end
    same_day = DateKind.TIME in (first.kind, second.kind) or first.value == second.value
    if same_day and _SAME_DAY_JOIN.fullmatch(text, first.end, second.start):
        day = second if first.kind in (DateKind.TIME, DateKind.NOW) else first
        return replace(day, start=start, end=end, text=text[start:end])
    if _RANGE_JOIN.fullmatch(text, first.end, second.start):
        day = first if second.kind is DateKind.TIME else second
        if bare := _BARE_DAY.fullmatch(second.text):
            named = parse_number(bare["day"])
            day = replace(day, value=None if named is None else next_day_of_month(first.value, int(named)))
        return replace(day, start=start, end=end, text=text[start:end])
    return None
