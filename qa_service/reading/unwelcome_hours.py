"""At which hours somebody does not want to be called, from the words of the request.

晚上别打 is the evening, 九点以后别打 from nine in the evening, 要打就下班打 all hours of work. Words without an hour
(别挑吃饭的时候), or with a place alone (别打到我单位), give none. The hours of a part of the day are a house reading,
meant narrowly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from qa_service.lexicon.model import Limits
from qa_service.reading.numbers import parse_number

_ALL: Final = frozenset(range(7))
_WORKDAYS: Final = frozenset(range(5))
_WEEKEND: Final = frozenset({5, 6})
_NOON: Final = time(12)
_DAY_END: Final = time.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of local time, end excluded, on the given days of the week (Monday is 0)."""

    start: time
    end: time
    days: frozenset[int] = _ALL

    def holds(self, moment: datetime) -> bool:
        """Whether a local moment lies in it."""
        return moment.weekday() in self.days and self.start <= moment.time() < self.end


_PARTS: Final[tuple[tuple[re.Pattern[str], tuple[Window, ...]], ...]] = (
    (
        re.compile(r"周末|周[六日]|星期[六日天]|礼拜[六日天]|休息日|双休"),
        (Window(start=time.min, end=_DAY_END, days=_WEEKEND),),
    ),
    (
        re.compile(r"[大]?半夜|深夜|凌晨|三更"),
        (Window(start=time.min, end=time(6)), Window(start=time(22), end=_DAY_END)),
    ),
    (re.compile(r"晚上|夜里|大晚上|晚间"), (Window(start=time(19), end=_DAY_END),)),
    (re.compile(r"大?清早|一大早|大早上|早上|早晨"), (Window(start=time.min, end=time(9)),)),
    (re.compile(r"中午|午休|午睡"), (Window(start=_NOON, end=time(14)),)),
    (re.compile(r"上午"), (Window(start=time.min, end=_NOON),)),
    (re.compile(r"下午"), (Window(start=_NOON, end=time(18)),)),
    (re.compile(r"白天"), (Window(start=time(8), end=time(18)),)),
)
_CLOCK: Final = re.compile(
    r"(?P<hour>[0-9]{1,2}|[一二两三四五六七八九十]{1,3})点(?P<half>半)?(?:钟)?(?P<side>以后|之后|后|以前|之前|前)"
)
_WORK: Final = re.compile(r"上班|工作时间|工作的?时候|开会|值班|在岗|班上|车间")
_ONLY: Final = re.compile(r"只能|只在|要打就|要打也|有事就|再打")
_AFTER_WORK: Final = re.compile(r"下班")


def unwelcome_hours(words: str, limits: Limits) -> tuple[Window, ...]:
    """The spans that the words of a request exclude; none where they name no hour."""
    work = Window(start=limits.work_start, end=limits.work_end, days=_WORKDAYS)
    if _AFTER_WORK.search(words):
        return (work,)
    named = tuple(_named(words)) or ((work,) if _WORK.search(words) else ())
    if _ONLY.search(words):
        return tuple(_outside(named))
    return named


def _named(words: str) -> Iterator[Window]:
    clock = _CLOCK.search(words)
    if clock is not None:
        yield from _by_clock(words, clock)
        return
    for cue, windows in _PARTS:
        if cue.search(words):
            yield from windows
            return


def _by_clock(words: str, clock: re.Match[str]) -> Iterator[Window]:
    hour = int(parse_number(clock["hour"].replace("两", "二")) or 0)
    later = clock["side"] in ("以后", "之后", "后")
    morning = re.search(r"早上|早晨|上午|大早", words) or not later
    if (hour < 12 and not morning and hour >= 5) or (hour < 12 and re.search(r"晚上|下午|夜里", words)):
        hour += 12  # nobody who asks not to be called after nine means the morning
    if hour > 23:
        return
    at = time(hour, 30 if clock["half"] else 0)
    yield Window(start=at, end=_DAY_END) if later else Window(start=time.min, end=at)


def _outside(windows: Sequence[Window]) -> Iterator[Window]:
    """All that the only welcome span leaves out; nothing where none was named."""
    for window in windows[:1]:
        if window.start > time.min:
            yield Window(start=time.min, end=window.start, days=window.days)
        if window.end < _DAY_END:
            yield Window(start=window.end, end=_DAY_END, days=window.days)
        if window.days != _ALL:
            yield Window(start=time.min, end=_DAY_END, days=_ALL - window.days)
