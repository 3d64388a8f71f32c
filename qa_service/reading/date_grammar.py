"""Every way to say a date in Chinese, as one table: a pattern, and the function that puts its match on a calendar.

A pattern may name groups (``year``, ``month``, ``day``, ``part``, ``shift``, ``count`` …); a resolver takes the match and the
local day of the call and answers the last day that the words allow, or None where no calendar could say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from qa_service.labelled import Labelled
from qa_service.reading import calendar_terms as terms
from qa_service.reading.numbers import parse_number


class DateKind(Labelled):
    """How exact a date is."""

    DAY = "day", "某一天"
    PERIOD = "period", "一段时间"
    TIME = "time", "当天某时"
    NOW = "now", "立即"
    VAGUE = "vague", "未定"


Resolve = Callable[[re.Match[str], date], date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A way to say a date. Every match of ``pattern`` has at least one of the ``anchors``: texts without are passed over."""

    anchors: frozenset[str]
    pattern: re.Pattern[str]
    resolve: Resolve
    kind: DateKind = DateKind.DAY
    past: bool = False
    monthly: bool = False


_D = r"[一二三四五六七八九]"
_DAY_NUMBER = (
    rf"(?:(?<![\d.])(?:3[01]|[12]\d|0?[1-9])|三十一?|[二两]?十{_D}|二十|十|廿{_D}|初{_D}|初十|[一二两三四五六七八九])"
)
_DAY = rf"(?P<day>{_DAY_NUMBER})(?:[号日]|(?<=初{_D}))"
_DAY_WORD = r"(?!楼|路|线|店|院|门|库|桌|床|码|厅|柜|卡|球|坐席|客服|专员|员工|工作|催收|常|期|子|前[面方])"
_MONTH = r"(?P<month>(?<![\d.])(?:1[0-2]|0?[1-9])|十[一二]|(?<![百千万])[一二两三四五六七八九]|十)"
_COUNT = r"(?P<count>(?<![\d.第])\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|(?<![第十])[一两二三四五六七八九])"
_WEEK = r"(?:周|星期|礼拜)"
_BEFORE = r"(?:之前|以前|前)?"
_WITHIN = r"(?:之内|以内|内|里面?|之后|以后|过后|后|之前|以前)"
_WAIT = r"(?:再过(?!个?[两几]天)|再等|过(?!个?[两几]天)|等|给我|宽限我?|再宽限我?|缓我?|再缓我?|延期?|再给我|容我|最[多迟晚]|顶多|未来|今后)(?:个)?"
_PERIOD_YEAR = r"(?P<year>今年|明年|后年|\d{4}年|[一二三四五六七八九零〇]{4}年)?"
_SHIFTS: Final = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "": 0, "下": 1, "下下": 2, "次": 1, "这一": 0}
_YEARS: Final = {"今年": 0, "明年": 1, "后年": 2, "去年": -1}
_WEEKDAYS: Final = {**{c: n for n, c in enumerate("一二三四五六日", 1)}, **{str(n): n for n in range(1, 7)}, "天": 7}
_DAYS_AHEAD: Final = {
    **dict.fromkeys(("今天", "今日", "今儿", "今晚", "今早", "今夜", "当天", "当日", "当晚", "今天内"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "明早", "明晚", "次日", "第二天"), 1),
    **dict.fromkeys(("后天", "后日", "后儿"), 2),
    "大后天": 3,
    "大大后天": 4,
}
_DAYS_BACK: Final = {"昨天": 1, "昨日": 1, "昨晚": 1, "昨儿": 1, "前天": 2, "前日": 2, "大前天": 3}
_PARTS: Final = {"底": 31, "末": 31, "尾": 31, "下旬": 31, "中": 15, "中旬": 15, "初": 1, "上旬": 10, "头": 1}


def _part(match: re.Match[str], name: str) -> str | None:
    """A named group, None where the pattern has no such group or it took no part."""
    found: str | None = match.groupdict().get(name)
    return found


def _number(text: str) -> int:
    """A small spoken number; 廿三 and 初五 included."""
    if text.startswith("初"):
        return _number(text[1:])
    value = parse_number(text.replace("廿", "二十").replace("两", "二"))
    return int(value) if value is not None else 0


def _year(said: str | None, on: date) -> int | None:
    if not said:
        return None
    if said in _YEARS:
        return on.year + _YEARS[said]
    value = parse_number(said[:-1])
    return int(value) if value is not None and 1 <= value <= 9998 else None


def _full_date(match: re.Match[str], on: date) -> date | None:
    return terms.valid_date(*(int(match[part]) for part in ("year", "month", "day")))


def _month_day(match: re.Match[str], on: date) -> date | None:
    month, day, year = _number(match["month"]), _number(match["day"]), _year(_part(match, "year"), on)
    return terms.valid_date(year, month, day) if year else terms.next_month_and_day(on, month, day)


def _month_part(match: re.Match[str], on: date) -> date | None:
    """三月底, 明年6月, 五月中旬."""
    month, year = _number(match["month"]), _year(_part(match, "year"), on)
    year = year or (on.year if month >= on.month else on.year + 1)
    return _part_of_month(year, month, _part(match, "part"))


def _part_of_month(year: int, month: int, part: str | None) -> date:
    last = terms.last_day(year, month)
    return last.replace(day=min(_PARTS.get(part or "底", 31), last.day))


def _shifted_month(match: re.Match[str], on: date) -> date | None:
    """下个月10号, 这个月底, 下下个月, 上个月."""
    year, month = terms.month_after(on, _SHIFTS[match["shift"]])
    if day := _part(match, "day"):
        return terms.valid_date(year, month, _number(day))
    return _part_of_month(year, month, _part(match, "part"))


def _bare_part(match: re.Match[str], on: date) -> date | None:
    """月底, 月中, 月初: this month's, or the next month's where this one's is over."""
    found = _part_of_month(on.year, on.month, _part(match, "part"))
    return found if found >= on else _part_of_month(*terms.month_after(on, 1), _part(match, "part"))


def _bare_day(match: re.Match[str], on: date) -> date | None:
    return terms.next_day_of_month(on, _number(match["day"]))


def _pair_of_days(match: re.Match[str], on: date) -> date | None:
    """二十五六号, 20到25号: the later day."""
    return terms.next_day_of_month(on, _number((_part(match, "tens") or "") + match["last"]))


def _weekday(match: re.Match[str], on: date) -> date | None:
    shift, weekday = _part(match, "shift") or "", _WEEKDAYS[match["weekday"]]
    found = terms.weekday_of_week(on, weekday, _SHIFTS[shift])
    return found + timedelta(7) if not shift and found < on else found


def _week_end(match: re.Match[str], on: date) -> date | None:
    """下周, 这周末: the Sunday."""
    return terms.weekday_of_week(on, 7, _SHIFTS[_part(match, "shift") or ""])


def _half_week(match: re.Match[str], on: date) -> date | None:
    return terms.weekday_of_week(on, 7 if match["half"] in "下后" else 4)


def _named_day(match: re.Match[str], on: date) -> date | None:
    return on + timedelta(_DAYS_AHEAD[match["name"]])


def _past_day(match: re.Match[str], on: date) -> date | None:
    return on - timedelta(_DAYS_BACK[match["name"]])


def _after_days(match: re.Match[str], on: date) -> date | None:
    return on + timedelta(_number(match["count"]))


def _after_working_days(match: re.Match[str], on: date) -> date | None:
    return terms.after_working_days(on, _number(match["count"]))


def _after_hours(match: re.Match[str], on: date) -> date | None:
    return on + timedelta(0 if "分钟" in match.group() else _number(match["count"]) // 24)


def _after_weeks(match: re.Match[str], on: date) -> date | None:
    return on + timedelta(7 * _number(match["count"]))


def _after_months(match: re.Match[str], on: date) -> date | None:
    found = terms.same_day_after(on, _number(match["count"]))
    return found + timedelta(15) if _part(match, "half") else found


def _after_half_month(match: re.Match[str], on: date) -> date | None:
    return on + timedelta(15)


def _year_end(match: re.Match[str], on: date) -> date | None:
    year, part = _year(_part(match, "year"), on) or on.year, _part(match, "part")
    if part in ("初", "伊始"):
        return terms.last_day(year if year > on.year or on.month <= 2 else on.year + 1, 2)
    return date(year, 6, 30) if part == "中" else date(year, 12, 31)


def _whole_year(match: re.Match[str], on: date) -> date | None:
    return date(_year(_part(match, "year"), on) or on.year, 12, 31)


def _quarter(match: re.Match[str], on: date) -> date | None:
    quarter = (on.month + 2) // 3 + _SHIFTS[match["shift"]]
    return terms.last_day(on.year + (quarter - 1) // 4, (quarter - 1) % 4 * 3 + 3)


def _feast(match: re.Match[str], on: date) -> date | None:
    return terms.next_feast(on, match["feast"], _year(_part(match, "year"), on))


def _eve_of_spring(match: re.Match[str], on: date) -> date | None:
    """除夕, 过年前, 年前: the day before the lunar new year."""
    spring = terms.next_feast(on + timedelta(1), "春节")
    return None if spring is None else spring - timedelta(1)


def _spring(match: re.Match[str], on: date) -> date | None:
    return terms.next_feast(on, "春节")


def _last_week(match: re.Match[str], on: date) -> date | None:
    weekday = _part(match, "weekday")
    return terms.weekday_of_week(on, _WEEKDAYS[weekday] if weekday else 7, _SHIFTS[match["shift"]])


def _nth_weekday(match: re.Match[str], on: date) -> date | None:
    """十月第一个星期一."""
    month, nth, weekday = _number(match["month"]), _number(match["nth"]), _WEEKDAYS[match["weekday"]]
    first = terms.next_month_and_day(on.replace(day=1), month, 1)
    return None if first is None else first + timedelta((weekday - first.isoweekday()) % 7 + 7 * (nth - 1))


def _today(match: re.Match[str], on: date) -> date | None:
    return on


def _open(match: re.Match[str], on: date) -> date | None:
    return None


def _say(
    anchors: str,
    pattern: str,
    resolve: Resolve,
    kind: DateKind = DateKind.DAY,
    *,
    past: bool = False,
    monthly: bool = False,
) -> Expression:
    return Expression(
        anchors=frozenset(anchors),
        pattern=re.compile(pattern),
        resolve=resolve,
        kind=kind,
        past=past,
        monthly=monthly,
    )


_FEAST_NAMES = "|".join(sorted([*terms.FIXED_FEASTS, *terms.LUNAR_FEASTS], key=len, reverse=True))
_FEAST_CHARACTERS = "".join([*terms.FIXED_FEASTS, *terms.LUNAR_FEASTS])
_CLOCK = r"(?:早上|早晨|上午|中午|下午|午后|傍晚|晚上|夜里|夜间|凌晨|晚间|早间|当晚)"
_HOUR = rf"(?:\d{{1,2}}(?:[:：]\d\d|点)|(?:十[一二]?|二?十[一二三四]?|[一两二三四五六七八九]{{1,2}})点)(?!五?万)"
_INCOME = r"(?:工程款|货款|尾款|年终奖|奖金|提成|退款|贷款|回款|公积金|补偿金|赔偿款|拆迁款|报销|项目款|工钱|抚养费|生育险|报销款?|社保|欠我的钱|账款|款子?|钱)"

# Every way to say a date. Order matters only between readings of equal length.
EXPRESSIONS: Final[tuple[Expression, ...]] = (
    _say(
        "2",
        r"(?<!\d)(?P<year>20\d\d)[-/.年](?P<month>1[0-2]|0?[1-9])[-/.月](?P<day>3[01]|[12]\d|0?[1-9])"
        r"[号日]?(?!\d)",
        _full_date,
    ),
    _say(
        "月",
        rf"{_PERIOD_YEAR}的?{_MONTH}月(?:份)?的?(?P<day>{_DAY_NUMBER})(?:[号日]|"
        r"(?![\d个天百千万点月块元成]))",
        _month_day,
    ),
    _say("/", rf"(?<!\d){_MONTH}/(?P<day>\d{{1,2}})[号日]", _month_day),
    _say("月", rf"{_PERIOD_YEAR}的?{_MONTH}月月?(?:份)?的?(?P<part>[底末初中]|[上中下]旬){_BEFORE}", _month_part),
    _say("月", rf"{_PERIOD_YEAR}的?{_MONTH}月(?:份|内)?{_BEFORE}", _month_part, DateKind.PERIOD),
    _say(
        "月",
        rf"(?P<shift>下下|下|这|本|当|次)(?:一?个)?月(?:份)?的?(?:{_DAY}{_DAY_WORD}|"
        rf"月?(?P<part>[底末初中头尾]|[上中下]旬)){_BEFORE}",
        _shifted_month,
    ),
    _say(
        "月",
        r"(?P<shift>下下|下|这|本|当|次)(?:一?个)?月(?:份|内)?(?:之前|以前|前)?",
        _shifted_month,
        DateKind.PERIOD,
    ),
    _say(
        "月",
        rf"(?P<shift>上上|上)(?:一?个)?月(?:份)?的?(?:{_DAY}|(?P<part>[底末初中]|[上中下]旬))?",
        _shifted_month,
        past=True,
    ),
    _say("月", rf"(?<!上个)月(?P<part>[底末尾初中头]|[上中下]旬)(?!国)", _bare_part),
    _say("旬", r"(?P<part>[上中下]旬)", _bare_part),
    _say("号日初", rf"{_DAY}{_DAY_WORD}(?:左右)?{_BEFORE}", _bare_day),
    _say(
        "号日",
        rf"(?P<first>{_DAY_NUMBER})[号日]?(?:到|至|-|~|或者?|、|，)(?P<last>{_DAY_NUMBER})[号日]",
        _pair_of_days,
    ),
    _say("号日", rf"(?P<tens>二十|十)(?P<first>{_D})(?P<last>{_D})[号日]", _pair_of_days),
    _say("号日", r"(?P<first>[一二三四五六七八])(?P<last>[二三四五六七八九])[号日]", _pair_of_days),
    _say("每", rf"每(?:一?个)?月的?{_DAY}", _bare_day, monthly=True),
    _say("每", r"每(?:一?个)?月(?P<part>[底末初中]|[上中下]旬)", _bare_part, monthly=True),
    _say("月", r"每(?:一?个)?月|月月|按月", _open, DateKind.VAGUE, monthly=True),
    _say(
        "周期拜",
        rf"(?P<shift>下下|下|这|本)?(?:个|一)?{_WEEK}{_WEEK}?(?P<weekday>[一二三四五六日天1-6])(?![\d百千])"
        rf"{_BEFORE}",
        _weekday,
    ),
    _say("周期拜", rf"(?P<shift>上上|上)个?{_WEEK}(?P<weekday>[一二三四五六日天])?", _last_week, past=True),
    _say("周期拜双", rf"(?P<shift>下下|下|这|本|)个?(?:{_WEEK}|双休)末", _week_end),
    _say("周期拜", rf"(?P<shift>下下|下|这|本)个?{_WEEK}(?:之内|以内|内)?", _week_end, DateKind.PERIOD),
    _say("周期拜", rf"(?P<half>[上下前后])半{_WEEK}", _half_week, DateKind.PERIOD),
    _say("天日儿晚早夜", rf"(?P<name>{'|'.join(sorted(_DAYS_AHEAD, key=len, reverse=True))}){_BEFORE}", _named_day),
    _say("天日晚儿", rf"(?P<name>{'|'.join(sorted(_DAYS_BACK, key=len, reverse=True))})", _past_day, past=True),
    _say("天日", rf"{_COUNT}(?:天|日)(?:的?时间)?{_WITHIN}", _after_days),
    _say("天日", rf"{_WAIT}{_COUNT}(?:天|日)(?:时间)?{_WITHIN}?", _after_days),
    _say("工", rf"{_COUNT}个?工作日(?:{_WITHIN})?", _after_working_days),
    _say("时钟", rf"(?:{_WAIT})?{_COUNT}个?(?:小时|钟头)(?:{_WITHIN})", _after_hours),
    _say("时钟", rf"(?:未来|还剩)的?\s?{_COUNT}\s?个?(?:小时|钟头|分钟)", _after_hours, DateKind.TIME),
    _say(
        "时钟刻",
        r"(?:半个?(?:小时|钟头)|一刻钟|(?:十几|几)?分钟)(?:之内|以内|内|之后|以后|后)|之后\d+分钟",
        _today,
        DateKind.TIME,
    ),
    _say("周期拜", rf"{_COUNT}个?(?:周|星期|礼拜)(?![一二三四五六日天末])(?:的?时间)?{_WITHIN}", _after_weeks),
    _say("周期拜", rf"{_WAIT}{_COUNT}个?(?:周|星期|礼拜)(?![一二三四五六日天末])(?:时间)?{_WITHIN}?", _after_weeks),
    _say("月", rf"(?:{_WAIT})?半个?月{_WITHIN}|{_WAIT}半个?月", _after_half_month),
    _say("月", rf"{_COUNT}个?(?P<half>半)?月(?:时间)?{_WITHIN}", _after_months),
    _say("月", rf"{_WAIT}{_COUNT}个(?P<half>半)?月(?:时间)?{_WITHIN}?", _after_months),
    _say(
        "年",
        rf"(?P<year>今年|明年|后年|当年|\d{{4}}年|[一二三四五六七八九零〇]{{4}}年)?年?(?P<part>(?<=年)"
        rf"[底末初中]|伊始){_BEFORE}",
        _year_end,
        DateKind.PERIOD,
    ),
    _say("年", rf"年(?P<part>[底末初]){_BEFORE}", _year_end, DateKind.PERIOD),
    _say("年", r"(?P<year>今年|明年|后年)(?:后半年|下半年|年内)?", _whole_year, DateKind.PERIOD),
    _say("季", r"(?P<shift>这|本|下)个?季度", _quarter, DateKind.PERIOD),
    _say(_FEAST_CHARACTERS, rf"{_PERIOD_YEAR}(?:国际)?(?P<feast>{_FEAST_NAMES})节?(?:之前|以前|前)?", _feast),
    _say("年除", r"除夕|年三十|过年(?:之前|以前|前)|(?<![\d一二三四五六七八九十两几多半])年前", _eve_of_spring),
    _say("年", r"(?:过年|农历新年|大年初一)", _spring),
    _say("第", rf"{_MONTH}月(?:份)?的?第(?P<nth>[一二三四])个?{_WEEK}(?P<weekday>[一二三四五六日天])", _nth_weekday),
    _say("午早晚夜晨", rf"{_CLOCK}(?:{_HOUR})?", _today, DateKind.TIME),
    _say(
        "点:：",
        rf"(?<![\d第一二三四五六七八九十])(?!一点(?!半|钟|整|之?前)){_HOUR}(?:半|整|钟|之?前)?",
        _today,
        DateKind.TIME,
    ),
    _say(
        "现马立就等会话班",
        r"现在|马上|立刻|立马|这就|等会儿?|等一下|等下|待会儿?|一会儿?|过会儿?|挂了电话|下了?班",
        _today,
        DateKind.NOW,
    ),
    _say(
        "天日段阵",
        r"再?过(?:个)?(?:两|几|一两|三两|三四|两三|三五)(?:天|日)|(?:这|近)(?:一)?(?:两|几|段)(?:天|日|"
        r"时间)|过(?:些|一)?(?:段时间|阵子?|阵儿)|过些(?:天|日子)",
        _open,
        DateKind.VAGUE,
    ),
    _say("快早紧晚缓", r"尽快|尽早|尽量早|早点儿?|抓紧|晚(?:点|几天|两天)|缓(?:几天|两天)", _open, DateKind.VAGUE),
    _say(
        "发开领出资",
        r"(?:等|只要)?(?:我|老公|老婆|家里)?(?:发|开|领|出)了?(?:工资|薪水?|钱|奖金|提成|粮)(?:了|以后|"
        r"之后|那天|的时候|后|就|的?时候)?|工资(?:一)?(?:发|下来|到账?)了?(?:以后|之后|后)?",
        _open,
        DateKind.VAGUE,
    ),
    _say(
        "下到结回",
        rf"{_INCOME}(?:一)?(?:下来|到账?|到手|结|回来|回|要回来|批下来|发下来)了?(?:以后|之后|后|就)?",
        _open,
        DateKind.VAGUE,
    ),
    _say(
        "钱裕凑借转缓",
        r"(?:手头|手里|手上|等?我?)?(?:有了?钱|宽裕|凑[齐够到]|借[到着]|周转(?:开|过来)|缓过来)(?:了|点|"
        r"些|以后|之后|的时候|就|再)?",
        _open,
        DateKind.VAGUE,
    ),
    _say(
        "等",
        r"等(?!等|一?下|一?会|您|你|我一?下)[^，。！？；,\d]{1,12}?(?:了|以后|之后|再|就|才|下来|到|还)",
        _open,
        DateKind.VAGUE,
    ),
    _say(
        "前上去早",
        r"(?:前(?:几|两|些|阵子?|段)(?:天|日子?|时间|个月)?|上次|上回|去年|之前已经|早就)",
        _open,
        DateKind.VAGUE,
        past=True,
    ),
    _say(
        "前",
        rf"{_COUNT}(?:天|个月|个?星期|个?礼拜|周|年)(?:之前|以前|前)(?!还|把|给|一定|我)",
        _open,
        DateKind.VAGUE,
        past=True,
    ),
)
