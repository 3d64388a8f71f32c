"""The calendar behind spoken dates: month arithmetic, weeks, working days, and feasts with their dates."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Final

from qa_service.reading.lunar import lunar_date, next_lunar_date

# Feasts on a fixed day of the civil year: (month, day).
FIXED_FEASTS: Final[dict[str, tuple[int, int]]] = {
    "元旦": (1, 1),
    "阳历新年": (1, 1),
    "新年": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "三八节": (3, 8),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "七一": (7, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
    "十一国庆": (10, 1),
    "双十一": (11, 11),
    "双十二": (12, 12),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
}

# Feasts of the lunar calendar: (month, day).
LUNAR_FEASTS: Final[dict[str, tuple[int, int]]] = {
    "春节": (1, 1),
    "元宵": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中秋": (8, 15),
    "重阳": (9, 9),
    "腊八": (12, 8),
}


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def month_after(on: date, months: int) -> tuple[int, int]:
    """Year and month ``months`` after the month of ``on`` (negative: before)."""
    index = on.year * 12 + on.month - 1 + months
    return index // 12, index % 12 + 1


def same_day_after(on: date, months: int) -> date:
    """The same day ``months`` later, or the last day of a month that is shorter."""
    year, month = month_after(on, months)
    return min(
        last_day(year, month), last_day(year, month).replace(day=min(on.day, 28)) + timedelta(max(on.day - 28, 0))
    )


def valid_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def next_day_of_month(on: date, day: int) -> date | None:
    """The next ``day``-th on or after ``on``; months without such a day are passed over."""
    if not 1 <= day <= 31:
        return None
    for months in range(4):
        found = valid_date(*month_after(on, months), day)
        if found is not None and found >= on:
            return found
    return None


def next_month_and_day(on: date, month: int, day: int) -> date | None:
    """The next such day of the year on or after ``on`` (29 February: the next leap year)."""
    candidates = (valid_date(on.year + years, month, day) for years in range(9))
    return next((found for found in candidates if found is not None and found >= on), None)


def weekday_of_week(on: date, weekday: int, weeks: int = 0) -> date:
    """``weekday`` (1 Monday to 7 Sunday) of the week ``weeks`` after that of ``on``."""
    return on + timedelta(weekday - on.isoweekday() + 7 * weeks)


def after_working_days(on: date, days: int) -> date:
    """The day ``days`` weekdays later; public holidays are not known and count as weekdays."""
    weeks, rest = divmod(days, 5)
    found = on + timedelta(7 * weeks)
    while rest:
        found += timedelta(1)
        rest -= found.isoweekday() <= 5
    return found


def pure_brightness(year: int) -> date:
    """清明 of a year of this century, by the usual rule for the solar term: 4 or 5 April."""
    years = year % 100
    return date(year, 4, int(years * 0.2422 + 4.81) - years // 4)


def next_feast(on: date, name: str, year: int | None = None) -> date | None:
    """The feast's next day on or after ``on`` (or in ``year``); None beyond the table of lunar feasts."""
    if name == "清明":
        years = (year,) if year else (on.year, on.year + 1)
        return next((day for day in map(pure_brightness, years) if year or day >= on), None)
    if name in FIXED_FEASTS:
        month, day = FIXED_FEASTS[name]
        return valid_date(year, month, day) if year else next_month_and_day(on, month, day)
    if name not in LUNAR_FEASTS:
        return None
    month, day = LUNAR_FEASTS[name]
    return lunar_date(year, month, day) if year else next_lunar_date(on, month, day)
