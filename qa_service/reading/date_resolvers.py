"""How the ways to say a date are put on a calendar: one function for each kind of match.

Each takes the match of a pattern of ``date_grammar`` and the local day of the call, and answers the last day that the
words allow, or None where no calendar could say.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from qa_service.reading import calendar_terms as terms
from qa_service.reading.lunar import lunar_date, next_lunar_date
from qa_service.reading.numbers import parse_number

_SHIFTS: Final = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "": 0, "下": 1, "下下": 2, "次": 1, "这一": 0}
_NEAR_DAYS: Final = 150  # beyond it, a month right after a sum is rather the last digit of the sum
_YEARS: Final = {"今年": 0, "明年": 1, "后年": 2, "去年": -1}
_WEEKDAYS: Final = {**{c: n for n, c in enumerate("一二三四五六日", 1)}, **{str(n): n for n in range(1, 7)}, "天": 7}
DAYS_AHEAD: Final = {
    **dict.fromkeys(("今天", "今日", "今儿", "今晚", "今早", "今夜", "当天", "当日", "当晚", "今天内"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "明早", "明晚", "次日", "第二天"), 1),
    **dict.fromkeys(("后天", "后日", "后儿"), 2),
    "大后天": 3,
    "大大后天": 4,
}
DAYS_BACK: Final = {"昨天": 1, "昨日": 1, "昨晚": 1, "昨儿": 1, "前天": 2, "前日": 2, "大前天": 3}
_PARTS: Final = {"底": 31, "末": 31, "尾": 31, "下旬": 31, "中": 15, "中旬": 15, "初": 1, "上旬": 10, "头": 1}


def _part(match: re.Match[str], name: str) -> str | None:
    """A named group, None where the pattern has no such group or it took no part."""
    found: str | None = match.groupdict().get(name)
    return found


def _number(text: str) -> int:
    """A small spoken number; 廿三, 初五 and the 元 of 元月 included."""
    if text.startswith("初"):
        return _number(text[1:])
    value = parse_number(text.replace("廿", "二十").replace("两", "二").replace("元", "一"))
    return int(value) if value is not None else 0


def _day(match: re.Match[str]) -> int:
    """The day of the month said, the later one of a pair (二十五六号)."""
    later = _part(match, "last")
    return _number((_part(match, "tens") or "") + later if later else match["day"])


def _year(said: str | None, on: date) -> int | None:
    if not said:
        return None
    if said in _YEARS:
        return on.year + _YEARS[said]
    value = parse_number(said[:-1])
    return int(value) if value is not None and 1 <= value <= 9998 else None


def full_date(match: re.Match[str], on: date) -> date | None:
    """2026年3月20日, 2026-03-20."""
    return terms.valid_date(*(int(match[part]) for part in ("year", "month", "day")))


def month_day(match: re.Match[str], on: date) -> date | None:
    """3月20号: the next such day, or that of the year named."""
    month, day, year = _number(match["month"]), _day(match), _year(_part(match, "year"), on)
    if year:
        return terms.valid_date(year, month, day)
    found = terms.next_month_and_day(on, month, day)
    tail_of_a_sum = match.string[: match.start()].endswith(("百", "千", "万"))  # 一千二月十号 in March: 一千二, 十号
    return None if tail_of_a_sum and found is not None and (found - on).days > _NEAR_DAYS else found


def month_part(match: re.Match[str], on: date) -> date | None:
    """三月底, 明年6月, 五月中旬."""
    month, year = _number(match["month"]), _year(_part(match, "year"), on)
    year = year or (on.year if month >= on.month else on.year + 1)
    return _part_of_month(year, month, _part(match, "part"))


def _part_of_month(year: int, month: int, part: str | None) -> date:
    last = terms.last_day(year, month)
    return last.replace(day=min(_PARTS.get(part or "底", 31), last.day))


def shifted_month(match: re.Match[str], on: date) -> date | None:
    """下个月10号, 这个月底, 下下个月, 上个月."""
    before = match.string[: match.start()]
    further = before.endswith("再") and ("下个月" in before or "下月" in before)  # 下个月三千，再下个月三千
    year, month = terms.month_after(on, _SHIFTS[match["shift"]] + further)
    if _part(match, "day") or _part(match, "last"):
        return terms.valid_date(year, month, _day(match))
    return _part_of_month(year, month, _part(match, "part"))


def bare_part(match: re.Match[str], on: date) -> date | None:
    """月底, 月中, 月初: this month's, or the next month's where this one's is over."""
    found = _part_of_month(on.year, on.month, _part(match, "part"))
    return found if found >= on else _part_of_month(*terms.month_after(on, 1), _part(match, "part"))


def bare_day(match: re.Match[str], on: date) -> date | None:
    """15号: the next fifteenth, today included."""
    return terms.next_day_of_month(on, _number(match["day"]))


def pair_of_days(match: re.Match[str], on: date) -> date | None:
    """二十五六号, 20到25号: the later day."""
    return terms.next_day_of_month(on, _day(match))


def weekday(match: re.Match[str], on: date) -> date | None:
    """下周三, 周五: a bare weekday that is over means the next week."""
    shift, weekday = _part(match, "shift") or "", _WEEKDAYS[match["weekday"]]
    found = terms.weekday_of_week(on, weekday, _SHIFTS[shift])
    return found + timedelta(7) if not shift and found < on else found


def pair_of_weekdays(match: re.Match[str], on: date) -> date | None:
    """下周三四, 周六日, 下周三或者周四: the later day; without 或 only days that follow each other."""
    first, last = _WEEKDAYS[match["first"]], _WEEKDAYS[match["weekday"]]
    return weekday(match, on) if first < last and (match["or"] or last == first + 1) else None


def nth_week(match: re.Match[str], on: date) -> date | None:
    """下个月第一周, 十月最后一周: to its Sunday; the first week of a month begins with its first Monday."""
    if _part(match, "month"):
        end = month_part(match, on)
    else:
        end = terms.last_day(*terms.month_after(on, _SHIFTS[match["shift"]]))
    if end is None or not match["nth"]:
        return end
    first = end.replace(day=1)
    return first + timedelta((1 - first.isoweekday()) % 7 + 7 * _number(match["nth"]) - 1)


def nth_of_year(match: re.Match[str], on: date) -> date | None:
    """明年第九个月, 今年第二十周."""
    year, nth = _year(match["year"], on), _number(match["nth"])
    if year is None:
        return None
    return terms.last_day(year, nth) if match["unit"] == "月" else date.fromisocalendar(year, nth, 7)


def week_end(match: re.Match[str], on: date) -> date | None:
    """下周, 这周末: the Sunday."""
    return terms.weekday_of_week(on, 7, _SHIFTS[_part(match, "shift") or ""])


def half_week(match: re.Match[str], on: date) -> date | None:
    """下半周, 上半周."""
    return terms.weekday_of_week(on, 7 if match["half"] in "下后" else 4)


def named_day(match: re.Match[str], on: date) -> date | None:
    """今天, 明天, 大后天."""
    return on + timedelta(DAYS_AHEAD[match["name"]])


def past_day(match: re.Match[str], on: date) -> date | None:
    """昨天, 前天."""
    return on - timedelta(DAYS_BACK[match["name"]])


def after_days(match: re.Match[str], on: date) -> date | None:
    """三天内, 五天后."""
    return on + timedelta(_number(match["count"]))


def after_working_days(match: re.Match[str], on: date) -> date | None:
    """3个工作日内."""
    return terms.after_working_days(on, _number(match["count"]))


def after_hours(match: re.Match[str], on: date) -> date | None:
    """48小时内: whole days, as the hour of the call is not known."""
    return on + timedelta(0 if "分钟" in match.group() else _number(match["count"]) // 24)


def after_weeks(match: re.Match[str], on: date) -> date | None:
    """再过两个礼拜."""
    return on + timedelta(7 * _number(match["count"]))


def after_months(match: re.Match[str], on: date) -> date | None:
    """一个月内, 两个半月."""
    found = terms.same_day_after(on, _number(match["count"]))
    return found + timedelta(15) if _part(match, "half") else found


def after_half_month(match: re.Match[str], on: date) -> date | None:
    """半个月之内."""
    return on + timedelta(15)


def after_years(match: re.Match[str], on: date) -> date | None:
    """一年内, 两年以后, 半年之内."""
    said = _part(match, "count")
    return terms.same_day_after(on, 12 * _number(said) if said else 6)


def year_end(match: re.Match[str], on: date) -> date | None:
    """年底, 明年初, 年中."""
    year, part = _year(_part(match, "year"), on) or on.year, _part(match, "part")
    if part in ("初", "伊始"):
        month = 2 if part == "初" else 1
        return terms.last_day(year if year > on.year or on.month <= month else on.year + 1, month)
    return date(year, 6, 30) if part == "中" else date(year, 12, 31)


def whole_year(match: re.Match[str], on: date) -> date | None:
    """今年, 明年."""
    return date(_year(_part(match, "year"), on) or on.year, 12, 31)


def quarter(match: re.Match[str], on: date) -> date | None:
    """这个季度."""
    quarter = (on.month + 2) // 3 + _SHIFTS[match["shift"]]
    return terms.last_day(on.year + (quarter - 1) // 4, (quarter - 1) % 4 * 3 + 3)


def named_quarter(match: re.Match[str], on: date) -> date | None:
    """第二季度, 明年一季度, 首季度."""
    month = 3 * _number((match["nth"] or match["which"]).replace("首", "一"))
    year = _year(_part(match, "year"), on) or on.year + (month < on.month)
    return terms.last_day(year, month)


def lunar(match: re.Match[str], on: date) -> date | None:
    """腊月二十三, 正月十五, 农历六月初六, 大年初五, 腊月底."""
    said, day, part = _part(match, "month") or "正", _part(match, "day"), _part(match, "part")
    month = {"正": 1, "冬": 11, "腊": 12}.get(said) or _number(said)
    which = _number(day) if day else {"初": 10, "中": 20}.get(part or "")
    year = _year(_part(match, "year"), on)
    return lunar_date(year, month, which) if year else next_lunar_date(on, month, which)


def feast(match: re.Match[str], on: date) -> date | None:
    """国庆节, 端午."""
    return terms.next_feast(on, match["feast"], _year(_part(match, "year"), on))


def eve_of_spring(match: re.Match[str], on: date) -> date | None:
    """除夕, 过年前, 年前: the day before the lunar new year."""
    spring = terms.next_feast(on + timedelta(1), "春节")
    return None if spring is None else spring - timedelta(1)


def spring(match: re.Match[str], on: date) -> date | None:
    """过年."""
    return terms.next_feast(on, "春节")


def last_week(match: re.Match[str], on: date) -> date | None:
    """上周五, 上周."""
    weekday = _part(match, "weekday")
    return terms.weekday_of_week(on, _WEEKDAYS[weekday] if weekday else 7, _SHIFTS[match["shift"]])


def nth_weekday(match: re.Match[str], on: date) -> date | None:
    """十月第一个星期一."""
    month, nth, weekday = _number(match["month"]), _number(match["nth"]), _WEEKDAYS[match["weekday"]]
    first = terms.next_month_and_day(on.replace(day=1), month, 1)
    return None if first is None else first + timedelta((weekday - first.isoweekday()) % 7 + 7 * (nth - 1))


def today(match: re.Match[str], on: date) -> date | None:
    """An hour, or 马上."""
    return on


def undated(match: re.Match[str], on: date) -> date | None:
    """What no calendar knows: 过两天, 发了工资."""
    return None
