"""The lunar calendar, against days that every printed calendar has."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qa_service.reading.lunar import lunar_date, next_lunar_date

KNOWN = {
    "new-year": ((2026, 1, 1), date(2026, 2, 17)),
    "dragon-boat": ((2026, 5, 5), date(2026, 6, 19)),
    "mid-autumn-after-doubled-sixth": ((2025, 8, 15), date(2025, 10, 6)),
    "mid-autumn-after-doubled-fourth": ((2020, 8, 15), date(2020, 10, 1)),
    "dragon-boat-before-doubled-month": ((2025, 5, 5), date(2025, 5, 31)),
    "last-month-in-the-next-civil-year": ((2025, 12, 8), date(2026, 1, 26)),
    "end-of-a-month": ((2021, 6, None), date(2021, 8, 7)),
    "thirtieth-of-a-short-month": ((2026, 12, 30), date(2027, 2, 5)),
}


@pytest.mark.parametrize(("said", "civil"), KNOWN.values(), ids=KNOWN)
def test_a_lunar_day_has_its_civil_date(said: tuple[int, int, int | None], civil: date) -> None:
    assert lunar_date(*said) == civil


@pytest.mark.parametrize(
    "said", [(1999, 1, 1), (2099, 1, 1), (2026, 0, 1), (2026, 13, 1), (2026, 1, 31), (2026, 1, -1)]
)
def test_beyond_the_table_there_is_no_day(said: tuple[int, int, int]) -> None:
    assert lunar_date(*said) is None


@pytest.mark.parametrize("year", range(2013, 2036))
def test_the_years_follow_each_other_without_a_gap(year: int) -> None:
    end, start = lunar_date(year, 12), lunar_date(year + 1, 1, 1)
    assert end is not None
    assert start == end + timedelta(1)


def test_the_next_such_day_may_belong_to_the_lunar_year_before() -> None:
    assert next_lunar_date(date(2026, 1, 5), 12, 8) == date(2026, 1, 26)
    assert next_lunar_date(date(2026, 1, 27), 12, 8) == date(2027, 1, 15)
