"""Which hours a request not to be called excludes, by the words alone."""

from __future__ import annotations

from datetime import datetime

import pytest

from qa_service.lexicon import load_rulebook
from qa_service.reading.unwelcome_hours import unwelcome_hours

LIMITS = load_rulebook(learned=False).limits
THURSDAY, SATURDAY = "2026-03-12", "2026-03-14"

CASES = [
    ("晚上不要打", f"{THURSDAY} 19:00", f"{THURSDAY} 18:59"),
    ("九点以后你们别打", f"{THURSDAY} 21:00", f"{THURSDAY} 20:59"),
    ("晚上八点半以后别打", f"{THURSDAY} 20:30", f"{THURSDAY} 20:29"),
    ("九点前别打", f"{THURSDAY} 08:59", f"{THURSDAY} 09:00"),
    ("早上十点以后别打", f"{THURSDAY} 10:00", f"{THURSDAY} 09:59"),
    ("中午休息你别打", f"{THURSDAY} 13:30", f"{THURSDAY} 14:00"),
    ("下午别打", f"{THURSDAY} 15:00", f"{THURSDAY} 11:00"),
    ("白天不要打", f"{THURSDAY} 10:00", f"{THURSDAY} 19:00"),
    ("别在大半夜打", f"{THURSDAY} 23:00", f"{THURSDAY} 21:00"),
    ("大清早打什么", f"{THURSDAY} 08:30", f"{THURSDAY} 09:30"),
    ("周末不要联系", f"{SATURDAY} 15:00", f"{THURSDAY} 15:00"),
    ("上班的时候你别打", f"{THURSDAY} 09:00", f"{THURSDAY} 18:00"),
    ("上班的时候你别打", f"{THURSDAY} 17:59", f"{SATURDAY} 10:00"),
    ("要打就下班打", f"{THURSDAY} 15:00", f"{THURSDAY} 19:00"),
    ("只能晚上再打", f"{THURSDAY} 15:00", f"{THURSDAY} 19:30"),
    ("要打就周末打", f"{THURSDAY} 15:00", f"{SATURDAY} 15:00"),
    ("有事就下午再打", f"{THURSDAY} 10:00", f"{THURSDAY} 14:00"),
]


@pytest.mark.parametrize(("words", "unwelcome", "welcome"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_the_words_exclude_one_moment_and_not_the_other(words: str, unwelcome: str, welcome: str) -> None:
    windows = unwelcome_hours(words, LIMITS)
    held = [any(w.holds(datetime.fromisoformat(moment)) for w in windows) for moment in (unwelcome, welcome)]
    assert held == [True, False]


@pytest.mark.parametrize("words", ["别再打了", "别挑吃饭的时候打", "别打到我单位", "二十五点以后别打"], ids=range(4))
def test_words_without_an_hour_exclude_none(words: str) -> None:
    assert unwelcome_hours(words, LIMITS) == ()
