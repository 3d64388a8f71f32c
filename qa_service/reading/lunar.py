"""The lunar calendar, 2013 to 2036: where a day of 腊月 or 正月 falls in the civil year.

The table was computed with the lunardate package and checked, month by month, against lunar_python.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

# Civil year -> month and day of its lunar new year, its months (X has 30 days, - has 29), the month that comes twice.
_YEARS: Final[dict[int, tuple[int, int, str, int]]] = {
    2013: (2, 10, "X-X-XX-X-X-X", 0),
    2014: (1, 31, "-X-X-X-XX-X-X", 9),
    2015: (2, 19, "-X--X-XXX-X-", 0),
    2016: (2, 8, "X-X--X-XX-XX", 0),
    2017: (1, 28, "-X-X--X-X-XXX", 6),
    2018: (2, 16, "-X-X--X-X-XX", 0),
    2019: (2, 5, "X-X-X--X--XX", 0),
    2020: (1, 25, "-XXX-X--X-X-X", 4),
    2021: (2, 12, "-XX-X-X-X-X-", 0),
    2022: (2, 1, "X-X-XX-X-X-X", 0),
    2023: (1, 22, "-X--XX-XX-X-X", 2),
    2024: (2, 10, "-X--X-XX-XX-", 0),
    2025: (1, 29, "X-X--X-X-XXX-", 6),
    2026: (2, 17, "X-X--X--XXX-", 0),
    2027: (2, 6, "XX-X--X--XX-", 0),
    2028: (1, 26, "XXX-X--X--XX-", 5),
    2029: (2, 13, "XX-X-X-X--XX", 0),
    2030: (2, 3, "-X-XX-X-X-X-", 0),
    2031: (1, 23, "-XX-X-XX-X-X-", 3),
    2032: (2, 11, "X--X-XX-XX-X", 0),
    2033: (1, 31, "-X--X-X-XXX-X", 11),
    2034: (2, 19, "-X--X-X-XX-X", 0),
    2035: (2, 8, "X-X--X--XX-X", 0),
    2036: (1, 28, "XX-X--X--X-XX", 6),
}


def lunar_date(year: int, month: int, day: int | None = None) -> date | None:
    """The civil date of a lunar day (of the first of two equal months); without ``day``, the last of the month.

    A thirtieth of a short month is its last day; None beyond the table or for no such day.
    """
    if year not in _YEARS or not 1 <= month <= 12 or not 1 <= (day or 1) <= 30:
        return None
    first_month, first_day, lengths, doubled = _YEARS[year]
    at = month - 1 + (0 < doubled < month)
    days = [30 if length == "X" else 29 for length in lengths]
    return date(year, first_month, first_day) + timedelta(sum(days[:at]) + min(day or 30, days[at]) - 1)


def next_lunar_date(on: date, month: int, day: int | None = None) -> date | None:
    """The next such lunar day (or month's end) on or after ``on``, None beyond the table."""
    found = (lunar_date(on.year + years, month, day) for years in (-1, 0, 1))
    return next((each for each in found if each is not None and each >= on), None)
