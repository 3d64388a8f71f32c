"""Spoken dates, read on Thursday 2026-03-12 unless a case says otherwise."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.reading.calendar_terms import FIXED_FEASTS, LUNAR_FEASTS
from qa_service.reading.date_grammar import EXPRESSIONS, DateKind
from qa_service.reading.dates import find_dates

THURSDAY = date(2026, 3, 12)
FEASTS = [*FIXED_FEASTS, *LUNAR_FEASTS]

DAYS = {
    "today": ("今天", "2026-03-12"),
    "tonight": ("今晚", "2026-03-12"),
    "tomorrow": ("明天", "2026-03-13"),
    "tomorrow-dialect": ("明儿", "2026-03-13"),
    "day-after": ("后天中午", "2026-03-14"),
    "in-three-days": ("大后天", "2026-03-15"),
    "this-friday": ("这周五", "2026-03-13"),
    "bare-friday": ("周五", "2026-03-13"),
    "bare-today": ("星期四", "2026-03-12"),
    "bare-past-is-next-week": ("周三", "2026-03-18"),
    "this-week-past-stays": ("这周三", "2026-03-11"),
    "sunday": ("礼拜天", "2026-03-15"),
    "next-wednesday": ("下周三", "2026-03-18"),
    "next-wednesday-ge": ("下个礼拜三", "2026-03-18"),
    "week-after-next": ("下下周一", "2026-03-23"),
    "weekend": ("这个周末", "2026-03-15"),
    "next-weekend": ("下周末", "2026-03-22"),
    "day-of-month": ("15号", "2026-03-15"),
    "day-of-month-today": ("12号", "2026-03-12"),
    "day-of-month-past": ("10号", "2026-04-10"),
    "day-of-month-spoken": ("二十五号", "2026-03-25"),
    "day-of-month-pair": ("二十五六号", "2026-03-26"),
    "day-of-month-31": ("31号", "2026-03-31"),
    "day-before": ("15号之前", "2026-03-15"),
    "day-after-amount": ("还三千二十号", "2026-03-20"),
    "range": ("15号到20号", "2026-03-20"),
    "range-of-month": ("三月十五号到二十号", "2026-03-20"),
    "month-end": ("月底", "2026-03-31"),
    "month-end-before": ("月底前", "2026-03-31"),
    "month-middle": ("月中", "2026-03-15"),
    "month-middle-xun": ("中旬", "2026-03-15"),
    "month-last-third": ("下旬", "2026-03-31"),
    "month-beginning": ("月初", "2026-04-01"),
    "this-month-day": ("这个月20号", "2026-03-20"),
    "next-month-day": ("下个月10号", "2026-04-10"),
    "next-month-end": ("下月底", "2026-04-30"),
    "month-and-day": ("3月20号", "2026-03-20"),
    "month-and-day-bare": ("三月二十", "2026-03-20"),
    "month-and-day-past": ("2月20号", "2027-02-20"),
    "leap-day": ("2月29号", "2028-02-29"),
    "full": ("2026年4月1日", "2026-04-01"),
    "iso": ("2026-04-01", "2026-04-01"),
    "within-days": ("三天内", "2026-03-15"),
    "within-ten-days": ("十天以内", "2026-03-22"),
    "days-later": ("五天后", "2026-03-17"),
    "grace": ("宽限我五天", "2026-03-17"),
    "give-me": ("给我三天时间", "2026-03-15"),
    "weeks-more": ("再过两个礼拜", "2026-03-26"),
    "within-a-week": ("一周之内", "2026-03-19"),
    "half-month": ("半个月之内", "2026-03-27"),
    "within-a-month": ("一个月内", "2026-04-12"),
    "hours": ("48小时内", "2026-03-14"),
    "working-days": ("3个工作日内", "2026-03-17"),
    "new-year": ("元旦", "2027-01-01"),
    "labour-day": ("五一之前", "2026-05-01"),
    "national-day": ("国庆节", "2026-10-01"),
    "spring-festival": ("春节前", "2027-02-06"),
    "dragon-boat": ("端午", "2026-06-19"),
    "with-hour": ("明天下午三点", "2026-03-13"),
    "month-and-pair": ("下个月二十五六号", "2026-04-26"),
    "named-month-and-pair": ("五月五六号", "2026-05-06"),
    "next-month-without-hao": ("下个月十五", "2026-04-15"),
    "end-of-month-with-day": ("月底28号", "2026-03-28"),
    "beginning-of-month-with-day": ("月初三号", "2026-04-03"),
    "last-day-of-month": ("十一月最后一天", "2026-11-30"),
    "last-day-of-this-month": ("这个月最后一天", "2026-03-31"),
    "first-week-of-month": ("下个月第一周", "2026-04-12"),
    "last-week-of-month": ("四月最后一个星期", "2026-04-30"),
    "nth-week-of-year": ("今年第二十周", "2026-05-17"),
    "nth-month-of-year": ("明年第九个月", "2027-09-30"),
    "weekday-of-week": ("下周的周三", "2026-03-18"),
    "weekday-pair": ("下周三四", "2026-03-19"),
    "weekday-or": ("下周三或者周五", "2026-03-20"),
    "weekday-to": ("下周一到周三", "2026-03-18"),
    "weekend-pair": ("周六日", "2026-03-15"),
    "day-with-its-weekday": ("20号，周五", "2026-03-20"),
    "weekday-with-its-day": ("礼拜五，27号", "2026-03-27"),
    "within-a-year": ("一年内", "2027-03-12"),
    "years-later": ("两年以后", "2028-03-12"),
    "another-year": ("再过一年", "2027-03-12"),
    "half-a-year": ("半年之内", "2026-09-12"),
    "first-quarter": ("第一季度", "2026-03-31"),
    "quarter-of-year": ("明年首季度", "2027-03-31"),
    "quarter-end": ("二季度末", "2026-06-30"),
    "lantern-feast": ("元宵节", "2027-02-20"),
    "lunar-last-month": ("腊月二十三", "2027-01-30"),
    "lunar-last-month-end": ("腊月底", "2027-02-05"),
    "lunar-first-month": ("正月十五", "2027-02-20"),
    "lunar-said-so": ("农历六月初五", "2026-07-18"),
    "lunar-new-year-days": ("大年初五", "2027-02-10"),
    "written-with-zeros": ("03-20", "2026-03-20"),
    "written-with-hours": ("03-14 09:00 至 03-20 18:00", "2026-03-20"),
    "day-after-feast": ("端午过后，二十二号", "2026-06-22"),
    "day-after-day": ("10号以后，20号", "2026-04-20"),
}


@pytest.mark.parametrize(("text", "day"), DAYS.values(), ids=DAYS)
def test_a_date_names_its_day(text: str, day: str) -> None:
    (due,) = find_dates(text, THURSDAY)
    assert (due.value, due.past) == (date.fromisoformat(day), False)


OTHER_DAYS = {
    "friday-said-on-sunday": ("周五", date(2026, 3, 15), "2026-03-20"),
    "sunday-said-on-sunday": ("周日", date(2026, 3, 15), "2026-03-15"),
    "next-monday-said-on-sunday": ("下周一", date(2026, 3, 15), "2026-03-16"),
    "31st-in-april": ("31号", date(2026, 4, 2), "2026-05-31"),
    "month-end-february": ("月底", date(2026, 2, 10), "2026-02-28"),
    "over-the-year": ("5号", date(2026, 12, 28), "2027-01-05"),
    "next-month-in-december": ("下个月10号", date(2026, 12, 28), "2027-01-10"),
    "within-month-from-31st": ("一个月内", date(2026, 1, 31), "2026-02-28"),
    "month-middle-past": ("月中", date(2026, 3, 20), "2026-04-15"),
    "month-middle-today": ("月中", date(2026, 3, 15), "2026-03-15"),
    "lunar-in-the-doubled-year": ("农历七月初一", date(2025, 3, 1), "2025-08-23"),
    "lunar-thirtieth-of-a-short-month": ("腊月三十", date(2026, 3, 1), "2027-02-05"),
    "lunar-over-the-year": ("腊月二十", date(2027, 1, 5), "2027-01-27"),
    "quarter-over": ("一季度", date(2026, 5, 1), "2027-03-31"),
    "half-a-year-from-31st": ("半年内", date(2026, 8, 31), "2027-02-28"),
    "first-week-from-monday": ("六月第一周", date(2026, 3, 1), "2026-06-07"),
}


@pytest.mark.parametrize(("text", "on", "day"), OTHER_DAYS.values(), ids=OTHER_DAYS)
def test_the_day_depends_on_the_day_of_the_call(text: str, on: date, day: str) -> None:
    (due,) = find_dates(text, on)
    assert due.value == date.fromisoformat(day)


OPEN = {
    "few-days": "过两天",
    "these-days": "这两天",
    "a-while": "过段时间",
    "soon": "尽快",
    "wages": "发了工资就还",
    "wages-come": "工资到账以后",
    "money-in": "等工程款下来",
    "when-rich": "有钱了就还",
    "after-harvest": "等收完麦子再还",
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_no_calendar_knows_is_found_open(text: str) -> None:
    (due,) = find_dates(text, THURSDAY)
    assert (due.value, due.kind, due.past) == (None, DateKind.VAGUE, False)


PAST = {
    "yesterday": "昨天",
    "last-friday": "上周五",
    "last-month": "上个月",
    "last-month-day": "上个月10号",
    "days-ago": "三天前",
    "last-time": "上次",
}


@pytest.mark.parametrize("text", PAST.values(), ids=PAST)
def test_what_is_over_is_flagged(text: str) -> None:
    (due,) = find_dates(text, THURSDAY)
    assert due.past


NOT_DATES = {
    "address": "一号路三号楼",
    "people": "三个人",
    "duration": "拖了两个月",
    "duration-days": "三天",
    "instalment": "第三期",
    "seat": "我是12号坐席",
    "staff": "工号3072号",
    "amount": "三千五",
    "a-little": "还一点",
    "number": "号码不对",
    "decimal": "利息1.5号称低",
    "range-of-days": "10-12天",
    "duration-years": "拖了两年",
    "half-of-year": "大半年了",
    "second-week": "第二周",
    "at-once-after-amount": "三千五一次付清",
    "quarters": "三个季度",
    "born-in-the-last-month": "五三年腊月初八的",
}


@pytest.mark.parametrize("text", NOT_DATES.values(), ids=NOT_DATES)
def test_other_numbers_are_not_dates(text: str) -> None:
    assert find_dates(text, THURSDAY) == ()


NEXT_TO_AMOUNTS = {
    "amount-after-weekday": ("周五一千", "2026-03-13"),
    "amounts-after-weekday": ("周五六千", "2026-03-13"),
    "hour-after-weekday": ("周三四点", "2026-03-18"),
    "surely-after-weekday": ("周五一定还", "2026-03-13"),
    "surely-after-month": ("下个月一定还", "2026-04-30"),
    "small-amount-after-month": ("下个月二十块", "2026-04-30"),
    "first-after-amount": ("三千五一号", "2026-04-01"),
    "next-week-after-amount": ("三千一下礼拜一", "2026-03-16"),
    "a-moment-then-weekday": ("等一下周五还", "2026-03-13"),
    "feast-after-amount": ("今天不行五一还", "2026-05-01"),
}


@pytest.mark.parametrize(("text", "day"), NEXT_TO_AMOUNTS.values(), ids=NEXT_TO_AMOUNTS)
def test_a_date_ends_where_something_else_begins(text: str, day: str) -> None:
    assert find_dates(text, THURSDAY)[-1].value == date.fromisoformat(day)


LISTS = {
    "days-of-a-month": ("九月10号、11号", ["2026-09-10", "2026-09-11"]),
    "long-list": ("9月10号，11号，12号，13号", ["2026-09-10", "2026-09-11", "2026-09-12", "2026-09-13"]),
    "corrected-within-the-month": ("下个月20号，15号吧", ["2026-04-20", "2026-04-15"]),
    "day-of-the-month-just-said": ("下个月，15号", ["2026-04-30", "2026-04-15"]),
    "something-in-between": ("下个月10号还一千，15号还两千", ["2026-04-10", "2026-03-15"]),
    "no-such-day": ("四月十号、三十一号", ["2026-04-10", "2026-03-31"]),
    "own-month": ("下个月10号，这个月20号", ["2026-04-10", "2026-03-20"]),
}


@pytest.mark.parametrize(("text", "days"), LISTS.values(), ids=LISTS)
def test_a_bare_day_takes_the_month_said_just_before(text: str, days: list[str]) -> None:
    assert [str(due.value) for due in find_dates(text, THURSDAY)] == days


def test_a_monthly_day_is_marked() -> None:
    (due,) = find_dates("每个月15号", THURSDAY)
    assert (due.value, due.monthly) == (date(2026, 3, 15), True)


def test_weeks_and_months_without_a_day_are_periods_to_their_last_day() -> None:
    found = find_dates("下周或者说下个月", THURSDAY)
    assert [(due.value, due.kind) for due in found] == [
        (date(2026, 3, 22), DateKind.PERIOD),
        (date(2026, 4, 30), DateKind.PERIOD),
    ]


def test_several_dates_come_in_order() -> None:
    found = find_dates("周五还一千，剩下的下个月15号", THURSDAY)
    assert [due.value for due in found] == [date(2026, 3, 13), date(2026, 4, 15)]


@pytest.mark.parametrize("text", [*(text for text, _ in DAYS.values()), *OPEN.values(), *PAST.values(), *FEASTS])
def test_every_match_holds_an_anchor(text: str) -> None:
    for expression in EXPRESSIONS:
        for match in expression.pattern.finditer(text):
            assert any(anchor in match.group() for anchor in expression.anchors), expression.pattern.pattern


ALPHABET = "零一二两三五十廿初年月日号天周星期礼拜底中下上个这本半内后前之过再到至等了就今明昨旦国庆0123456789-/.:点"


@given(st.text(alphabet=ALPHABET, max_size=40), st.dates())
def test_any_text_on_any_day_is_read_with_true_places(text: str, on: date) -> None:
    end = 0
    for due in find_dates(text, on):
        assert text[due.start : due.end] == due.text
        assert end <= due.start < due.end
        end = due.end


@given(st.text(max_size=200))
def test_any_text_at_all_is_survived(text: str) -> None:
    find_dates(text, THURSDAY)
