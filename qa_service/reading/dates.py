"""Dates in spoken Chinese, read from the day of the call, with their places in the text.

The longest reading at a place wins. A date that nobody could put on a calendar (过两天, 发了工资) is found all the
same, with ``value`` None, because a promise left open is still a promise; a past one (上周五, 昨天) is flagged, because
it never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import ahocorasick_rs

from qa_service.reading.calendar_terms import next_day_of_month, valid_date
from qa_service.reading.date_grammar import EXPRESSIONS, DateKind, Expression
from qa_service.reading.numbers import parse_number

_ANCHORS: Final = sorted(frozenset[str]().union(*(each.anchors for each in EXPRESSIONS)))
_AUTOMATON: Final = ahocorasick_rs.AhoCorasick(_ANCHORS)
_ANCHORED: Final = [[number for number, each in enumerate(EXPRESSIONS) if one in each.anchors] for one in _ANCHORS]
_RANGE_JOIN: Final = re.compile(r"\s?(?:到|至|-|—{1,2}|~|～)\s?")
_BARE_DAY: Final = re.compile(r"(?P<day>[\d一二三四五六七八九十]{1,3})[号日]")
_LISTED_DAY: Final = re.compile(
    r"(?:[\d一二三四五六七八九十]{1,3}[号日]?[、，]?){1,2}(?<=[号日])(?:之前|以前|前|左右)?"
)
_LIST_JOIN: Final = re.compile(r"\s?[、，,和跟的]?\s?")
_WEEKDAY_JOIN: Final = re.compile(r"[吧呢]?\s?[，,的]?\s?")
_WEEKDAY_ONLY: Final = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天](?:之前|以前|前)?")
_AFTER_JOIN: Final = re.compile(r"(?:过后|之后|以后|后|过完|过了?|完)了?吧?\s?[，,的]?\s?(?:那?就)?")
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
    found = [due for expression in _anchored(text) for due in _matches(expression, text, on)]
    if not found:
        return ()
    kept: list[DueDate] = []
    for due in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or due.start >= kept[-1].end:
            kept.append(due)
    return tuple(_merged(text, _in_their_months(text, _sharing_a_day(text, kept), on)))


def _anchored(text: str) -> list[Expression]:
    """The expressions of which ``text`` has an anchor, in order: one pass over it rather than one for each of them."""
    anchors = {hit[0] for hit in _AUTOMATON.find_matches_as_indexes(text, overlapping=True)}
    return [EXPRESSIONS[number] for number in sorted({number for anchor in anchors for number in _ANCHORED[anchor]})]


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


def _sharing_a_day(text: str, dates: list[DueDate]) -> list[DueDate]:
    """Months listed before a day of the last one have that day too: 四月、五月、六月十二号."""
    shared = list(dates)
    for place in range(len(shared) - 2, -1, -1):
        due, after = shared[place], shared[place + 1]
        listed = due.kind is DateKind.PERIOD and due.text.endswith("月") and after.kind is DateKind.DAY
        if (
            listed
            and due.value
            and after.value
            and "月" in after.text
            and _LIST_JOIN.fullmatch(text, due.end, after.start)
        ):
            day = valid_date(due.value.year, due.value.month, after.value.day)
            shared[place] = due if day is None or day >= after.value else replace(due, value=day, kind=DateKind.DAY)
    return shared


def _in_their_months(text: str, dates: list[DueDate], on: date) -> Iterator[DueDate]:
    """Put bare days into the month named just before them: 9月10号、11号; 下个月，15号."""
    before: DueDate | None = None
    named: date | None = None
    for due in dates:
        follows = before is not None and _LIST_JOIN.fullmatch(text, before.end, due.start)
        if named and follows and due.value and _LISTED_DAY.fullmatch(due.text):
            inside = valid_date(named.year, named.month, due.value.day)
            before = due if inside is None or inside < on else replace(due, value=inside)
        else:
            before, named = due, None if due.past or due.monthly or "月" not in due.text else due.value
        yield before


def _merged(text: str, dates: Iterable[DueDate]) -> Iterator[DueDate]:
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
    if day := _with_its_weekday(text, first, second):
        return replace(day, start=start, end=end, text=text[start:end])
    if same_day and _SAME_DAY_JOIN.fullmatch(text, first.end, second.start):
        loose = first.kind is not DateKind.DAY and second.kind is DateKind.DAY
        day = second if loose or first.kind in (DateKind.TIME, DateKind.NOW) else first
        return replace(day, start=start, end=end, text=text[start:end])
    if _AFTER_JOIN.fullmatch(text, first.end, second.start) and (day := _day_after(first.value, second)):
        return replace(day, start=start, text=text[start:end])
    if _RANGE_JOIN.fullmatch(text, first.end, second.start):
        day = first if second.kind is DateKind.TIME else second
        if bare := _BARE_DAY.fullmatch(second.text):
            named = parse_number(bare["day"])
            day = replace(day, value=None if named is None else next_day_of_month(first.value, int(named)))
        return replace(day, start=start, end=end, text=text[start:end])
    return None


def _with_its_weekday(text: str, first: DueDate, second: DueDate) -> DueDate | None:
    """The day of the month where the other date is no more than its weekday: 二十九号，礼拜五."""
    if not _WEEKDAY_JOIN.fullmatch(text, first.end, second.start):
        return None
    for day, week in ((first, second), (second, first)):
        if not _WEEKDAY_ONLY.fullmatch(week.text) or not day.text.rstrip("之以前").endswith(("号", "日")):
            continue
        if day.value and week.value and day.value.isoweekday() == week.value.isoweekday():
            return day
    return None


def _day_after(first: date, second: DueDate) -> DueDate | None:
    """``second`` where it says which day after ``first`` is meant: 端午过后，二十二号."""
    if second.kind is not DateKind.DAY or second.value is None:
        return None
    value = next_day_of_month(first, second.value.day) if _LISTED_DAY.fullmatch(second.text) else second.value
    return None if value is None or value <= first else replace(second, value=value)
