"""Every way to say a date in Chinese, as one table: a pattern, and the function that puts its match on a calendar.

A pattern may name groups (``year``, ``month``, ``day``, ``part``, ``shift``, ``count`` …), which the functions of
``date_resolvers`` read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from qa_service.labelled import Labelled
from qa_service.reading import calendar_terms as terms
from qa_service.reading import date_resolvers as resolve


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
    """A way to say a date.

    Every match of ``pattern`` has one of the ``anchors`` (characters, or words where the characters are everywhere);
    texts without any are passed over.
    """

    anchors: frozenset[str]
    pattern: re.Pattern[str]
    resolver: Resolve
    kind: DateKind = DateKind.DAY
    past: bool = False
    monthly: bool = False


_D = r"[一二三四五六七八九]"
_DAY_NUMBER = (
    rf"(?:(?<![\d.])(?:3[01]|[12]\d|0?[1-9])|三十一?|[二两]?十{_D}|二十|十|廿{_D}|初{_D}|初十|[一二两三四五六七八九])"
)
_DAY = rf"(?P<day>{_DAY_NUMBER})(?:[号日]|(?<=初{_D}))"
_DAY_WORD = r"(?!楼|路|线|店|院|门|库|桌|床|码|厅|柜|卡|球|坐席|客服|专员|员工|工作|催收|常|期|子|前[面方])"
_MONTH = r"(?P<month>(?<![\d.])(?:1[0-2]|0?[1-9])|十[一二]|(?<![百千万])[一二两三四五六七八九元]|十)"
_MONTH_OF_DAY = _MONTH.replace("(?<![百千万])", "")  # 三千四月三十号: no sum takes the month of a day away
_COUNT = (
    r"(?P<count>(?<![\d.第])\d{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|(?<![第十])"
    r"[一两二三四五六七八九])"
)
_WEEK = r"(?:周|星期|礼拜)"
_BEFORE = r"(?:之前|以前|前)?"
_WITHIN = r"(?:之内|以内|内|里面?|之后|以后|过后|后|之前|以前)"
_WAIT = (
    r"(?:再过(?!个?[两几]天)|再等|过(?!个?[两几]天)|等|给我|宽限我?|再宽限我?|缓我?|再缓我?|延期?|再给我|"
    r"容我|最[多迟晚]|顶多|未来|今后)(?:个)?"
)
_PAIR = rf"(?P<tens>二十|十)?(?P<first>{_D})(?P<last>{_D})[号日]"
_TEENS = rf"(?:[23]\d|1\d|[二三]?十{_D}?|廿{_D})(?![\d个天百千万点月块元成多来几两折期.])"
_SHIFT = r"(?P<shift>下下|(?:(?<!一)|(?<=[百千万]一))下|这|本|当|次)"
_LONG = r"(?:之内|以内|内|之后|以后|后)"
_NUMERAL = "一二三四五六七八九十零〇"
_PERIOD_YEAR = r"(?P<year>今年|明年|后年|\d{4}年|[一二三四五六七八九零〇]{4}年)?"


def _say(
    anchors: Iterable[str],
    pattern: str,
    resolver: Resolve,
    kind: DateKind = DateKind.DAY,
    *,
    past: bool = False,
    monthly: bool = False,
) -> Expression:
    return Expression(
        anchors=frozenset(anchors),
        pattern=re.compile(pattern),
        resolver=resolver,
        kind=kind,
        past=past,
        monthly=monthly,
    )


_FEASTS = sorted([*terms.FIXED_FEASTS, *terms.LUNAR_FEASTS, "清明"], key=len, reverse=True)
_FEAST_NAMES = "|".join(_FEASTS)
_NOT_ONCE = (  # 三千五一次付清
    r"(?!(?<=[五六七]一)[次起定把下块共个直样般旦切时会些点号日年月天周期半成十百千万]|(?<=[五六七]一)两(?![千百万]))"
)
_CLOCK = r"(?:早上|早晨|上午|中午|下午|午后|傍晚|晚上|夜里|夜间|凌晨|晚间|早间|当晚)"
_HOUR = r"(?:\d{1,2}(?:[:：]\d\d|点)|(?:十[一二]?|二?十[一二三四]?|[一两二三四五六七八九]{1,2})点)(?!五?万)"
_INCOME = (
    r"(?:工程款|货款|尾款|年终奖|奖金|提成|退款|贷款|回款|公积金|补偿金|赔偿款|拆迁款|报销|项目款|工钱|"
    r"抚养费|生育险|报销款?|社保|欠我的钱|账款|款子?|钱)"
)

# Every way to say a date. Order matters only between readings of equal length.
EXPRESSIONS: Final[tuple[Expression, ...]] = (
    _say(
        "2",
        r"(?<!\d)(?P<year>20\d\d)[-/.年](?P<month>1[0-2]|0?[1-9])[-/.月](?P<day>3[01]|[12]\d|0?[1-9])"
        r"[号日]?(?!\d)",
        resolve.full_date,
    ),
    _say(
        "月",
        rf"{_PERIOD_YEAR}的?{_MONTH_OF_DAY}月(?:份)?的?(?:{_PAIR}|(?P<day>{_DAY_NUMBER})(?:[号日]|"
        r"(?![\d个天百千万点月块元成])))",
        resolve.month_day,
    ),
    _say(
        "-",
        r"(?<![\d.-])(?P<month>0[1-9]|1[0-2](?=-\d\d\s\d{1,2}[:：]))-(?P<day>0[1-9]|[12]\d|3[01])(?![\d-])",
        resolve.month_day,
    ),
    _say("月", rf"{_SHIFT}(?:一?个)?月(?:份)?的?(?:{_PAIR}|(?P<day>{_TEENS}))", resolve.shifted_month),
    _say("最", rf"{_PERIOD_YEAR}的?{_MONTH}月份?的?最后一[天日]{_BEFORE}", resolve.month_part),
    _say("最", rf"{_SHIFT}(?:一?个)?月份?的?最后一[天日]{_BEFORE}", resolve.shifted_month),
    _say(
        "第最",
        rf"(?:{_PERIOD_YEAR}的?{_MONTH}月份?|{_SHIFT}(?:一?个)?月份?)的?(?:第(?P<nth>[一二三四1-4])|最后一)个?{_WEEK}"
        r"(?![一二三四五六日天\d])",
        resolve.nth_week,
        DateKind.PERIOD,
    ),
    _say(
        "第",
        rf"(?P<year>今年|明年|后年|\d{{4}}年)的?第(?P<nth>\d{{1,2}}|[{_NUMERAL}]{{1,4}})个?(?P<unit>月|{_WEEK})",
        resolve.nth_of_year,
        DateKind.PERIOD,
    ),
    _say("/", rf"(?<!\d){_MONTH}/(?P<day>\d{{1,2}})[号日]", resolve.month_day),
    _say(
        "月", rf"{_PERIOD_YEAR}的?{_MONTH}月月?(?:份)?的?(?P<part>[底末初中]|[上中下]旬){_BEFORE}", resolve.month_part
    ),
    _say("月", rf"{_PERIOD_YEAR}的?{_MONTH}月(?:份|内)?{_BEFORE}", resolve.month_part, DateKind.PERIOD),
    _say(
        "月",
        rf"{_SHIFT}(?:一?个)?月(?:份)?的?(?:{_DAY}{_DAY_WORD}|"
        rf"月?(?P<part>[底末初中头尾]|[上中下]旬)){_BEFORE}",
        resolve.shifted_month,
    ),
    _say(
        "月",
        rf"{_SHIFT}(?:一?个)?月(?:份|内)?(?:之前|以前|前)?",
        resolve.shifted_month,
        DateKind.PERIOD,
    ),
    _say(
        "月",
        rf"(?P<shift>上上|上)(?:一?个)?月(?:份)?的?(?:{_DAY}|(?P<part>[底末初中]|[上中下]旬))?",
        resolve.shifted_month,
        past=True,
    ),
    _say("月", r"(?<!上个)(?<![腊正冬])月(?P<part>[底末尾初中头]|[上中下]旬)(?!国)", resolve.bare_part),
    _say("月", rf"(?<!上个)(?<![腊正冬])月[初中底末尾头]的?(?P<day>{_DAY_NUMBER})[号日]{_BEFORE}", resolve.bare_day),
    _say("旬", r"(?P<part>[上中下]旬)", resolve.bare_part),
    _say("号日初", rf"(?<![腊正冬]月)(?<![腊正冬]月初){_DAY}{_DAY_WORD}(?:左右)?{_BEFORE}", resolve.bare_day),
    _say(
        "号日",
        rf"(?<![块百千万])(?P<first>{_DAY_NUMBER})(?:[号日]?(?:到|至|-|~|或者?)|[、，])(?P<last>{_DAY_NUMBER})[号日]",
        resolve.pair_of_days,
    ),
    _say("号日", rf"(?P<tens>二十|十)(?P<first>{_D})(?P<last>{_D})[号日]", resolve.pair_of_days),
    _say("号日", r"(?P<first>[一二三四五六七八])(?P<last>[二三四五六七八九])[号日]", resolve.pair_of_days),
    _say("每", rf"每(?:一?个)?月的?{_DAY}", resolve.bare_day, monthly=True),
    _say("每", r"每(?:一?个)?月(?P<part>[底末初中]|[上中下]旬)", resolve.bare_part, monthly=True),
    _say("月", r"每(?:一?个)?月|月月|按月", resolve.undated, DateKind.VAGUE, monthly=True),
    _say(
        "周星拜",
        rf"(?P<shift>下下|(?:(?<!一)|(?<=[百千万]一))下|这|本)?(?:个|一)?{_WEEK}(?:的?{_WEEK})?(?P<weekday>[一二三四五六日天1-6])"
        rf"(?![\d百千]){_BEFORE}",
        resolve.weekday,
    ),
    _say(
        "周星拜",
        rf"(?P<shift>下下|(?:(?<!一)|(?<=[百千万]一))下|这|本)?个?{_WEEK}(?P<first>[一二三四五六])(?P<or>(?:到|至|或者?|、|-|~){_WEEK}?)?"
        rf"(?P<weekday>[二三四五六日天])(?![\d十百千万个天日号点块元月期次多折成毛分两]){_BEFORE}",
        resolve.pair_of_weekdays,
    ),
    _say("周星拜", rf"(?P<shift>上上|上)个?{_WEEK}(?P<weekday>[一二三四五六日天])?", resolve.last_week, past=True),
    _say("周星拜双", rf"(?P<shift>下下|(?:(?<!一)|(?<=[百千万]一))下|这|本|)个?(?:{_WEEK}|双休)末", resolve.week_end),
    _say(
        "周星拜",
        rf"(?P<shift>下下|(?:(?<!一)|(?<=[百千万]一))下|这|本)个?{_WEEK}(?:之内|以内|内)?",
        resolve.week_end,
        DateKind.PERIOD,
    ),
    _say("周星拜", rf"(?P<half>[上下前后])半{_WEEK}", resolve.half_week, DateKind.PERIOD),
    _say(
        resolve.DAYS_AHEAD,
        rf"(?P<name>{'|'.join(sorted(resolve.DAYS_AHEAD, key=len, reverse=True))}){_BEFORE}",
        resolve.named_day,
    ),
    _say(
        resolve.DAYS_BACK,
        rf"(?P<name>{'|'.join(sorted(resolve.DAYS_BACK, key=len, reverse=True))})",
        resolve.past_day,
        past=True,
    ),
    _say("天日", rf"{_COUNT}(?:天|日)(?:的?时间)?{_WITHIN}", resolve.after_days),
    _say("天日", rf"{_WAIT}{_COUNT}(?:天|日)(?:时间)?{_WITHIN}?", resolve.after_days),
    _say("工", rf"{_COUNT}个?工作日(?:{_WITHIN})?", resolve.after_working_days),
    _say("时钟", rf"(?:{_WAIT})?{_COUNT}个?(?:小时|钟头)(?:{_WITHIN})", resolve.after_hours),
    _say("时钟", rf"(?:未来|还剩)的?\s?{_COUNT}\s?个?(?:小时|钟头|分钟)", resolve.after_hours, DateKind.TIME),
    _say(
        "时钟刻",
        r"(?:半个?(?:小时|钟头)|一刻钟|(?:十几|几)?分钟)(?:之内|以内|内|之后|以后|后)|之后\d+分钟",
        resolve.today,
        DateKind.TIME,
    ),
    _say("周星拜", rf"{_COUNT}个?(?:周|星期|礼拜)(?![一二三四五六日天末])(?:的?时间)?{_WITHIN}", resolve.after_weeks),
    _say(
        "周星拜", rf"{_WAIT}{_COUNT}个?(?:周|星期|礼拜)(?![一二三四五六日天末])(?:时间)?{_WITHIN}?", resolve.after_weeks
    ),
    _say("月", rf"(?:{_WAIT})?半个?月{_WITHIN}|{_WAIT}半个?月", resolve.after_half_month),
    _say("月", rf"{_COUNT}个?(?P<half>半)?月(?:时间)?{_WITHIN}", resolve.after_months),
    _say("月", rf"{_WAIT}{_COUNT}个(?P<half>半)?月(?:时间)?{_WITHIN}?", resolve.after_months),
    _say("年", rf"(?<![\d.第{_NUMERAL}])(?P<count>\d{{1,2}}|[一两二三四五])年(?:时间)?{_LONG}", resolve.after_years),
    _say("年", rf"(?:{_WAIT}|(?<![以之然最今])后){_COUNT}年(?:时间)?{_LONG}?", resolve.after_years),
    _say("年", rf"(?<![上下前后大]){_WAIT}半年|(?<![上下前后大])(?:{_WAIT})?半年{_LONG}", resolve.after_years),
    _say(
        "年",
        rf"(?P<year>今年|明年|后年|当年|\d{{4}}年|[一二三四五六七八九零〇]{{4}}年)?年?(?P<part>(?<=年)"
        rf"[底末初中]|伊始){_BEFORE}",
        resolve.year_end,
        DateKind.PERIOD,
    ),
    _say("年", rf"年(?P<part>[底末初]){_BEFORE}", resolve.year_end, DateKind.PERIOD),
    _say("年", r"(?P<year>今年|明年|后年)(?:后半年|下半年|年内)?", resolve.whole_year, DateKind.PERIOD),
    _say("季", r"(?P<shift>这|本|下)个?季度", resolve.quarter, DateKind.PERIOD),
    _say(
        "季",
        rf"{_PERIOD_YEAR}的?(?:(?<![\d{_NUMERAL}])(?P<nth>[首一二三四1-4])|第(?P<which>[一二三四1-4])个?)季度[末底]?{_BEFORE}",
        resolve.named_quarter,
        DateKind.PERIOD,
    ),
    _say(
        "月",
        rf"(?:(?P<year>今年|明年)的?|(?<![年反]))(?:农历|阴历|旧历)?(?P<month>正|冬|腊)月(?:(?P<day>{_DAY_NUMBER})[号日]?"
        rf"(?![\d个天百千万点月块元成]){_BEFORE}|(?P<part>[底末中初尾])(?![{_NUMERAL}]){_BEFORE}|之?前|以前|里|内)",
        resolve.lunar,
    ),
    _say(
        "历",
        rf"(?:农历|阴历|旧历)的?{_PERIOD_YEAR}的?{_MONTH}月(?:(?P<day>{_DAY_NUMBER})[号日]?"
        rf"(?![\d个天百千万点月块元成])|(?P<part>[底末中初]))?{_BEFORE}",
        resolve.lunar,
    ),
    _say("年", rf"大年(?P<day>初(?:{_D}|十)|十五){_BEFORE}", resolve.lunar),
    _say(
        _FEASTS,
        rf"{_PERIOD_YEAR}(?:国际)?(?P<feast>{_FEAST_NAMES}){_NOT_ONCE}节?(?:之前|以前|前)?",
        resolve.feast,
    ),
    _say("过", rf"过(?:完|了)(?:{_FEAST_NAMES}|年|节)节?(?:以后|之后|后|了)?", resolve.undated, DateKind.VAGUE),
    _say("年除", r"除夕|年三十|过年(?:之前|以前|前)|(?<![\d一二三四五六七八九十两几多半])年前", resolve.eve_of_spring),
    _say("年", r"(?:过年|农历新年|大年初一)", resolve.spring),
    _say(
        "第",
        rf"{_MONTH}月(?:份)?的?第(?P<nth>[一二三四])个?{_WEEK}(?P<weekday>[一二三四五六日天])",
        resolve.nth_weekday,
    ),
    _say("午早晚夜晨", rf"{_CLOCK}(?:{_HOUR})?", resolve.today, DateKind.TIME),
    _say(
        "点:：",
        rf"(?<![\d第一二三四五六七八九十])(?!一点(?!半|钟|整|之?前)){_HOUR}(?:半|整|钟|之?前)?",
        resolve.today,
        DateKind.TIME,
    ),
    _say(
        (
            "现在",
            "马上",
            "立刻",
            "立马",
            "这就",
            "等会",
            "等一下",
            "等下",
            "待会",
            "一会",
            "过会",
            "挂了电话",
            "下班",
            "下了班",
        ),
        r"现在|马上|立刻|立马|这就|等会儿?|等一下|等下|待会儿?|一会儿?|过会儿?|挂了电话|下了?班",
        resolve.today,
        DateKind.NOW,
    ),
    _say(
        [
            *(count + unit for count in "两几三四五段" for unit in ("天", "日")),
            *("段时间", "阵", "些天", "些日子"),
        ],
        r"再?过(?:个)?(?:两|几|一两|三两|三四|两三|三五)(?:天|日)|(?:这|近)(?:一)?(?:两|几|段)(?:天|日|"
        r"时间)|过(?:些|一)?(?:段时间|阵子?|阵儿)|过些(?:天|日子)",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        ("尽快", "尽早", "尽量早", "早点", "抓紧", "晚点", "晚几天", "晚两天", "缓几天", "缓两天"),
        r"尽快|尽早|尽量早|早点儿?|抓紧|晚(?:点|几天|两天)|缓(?:几天|两天)",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        "发开领出资",
        r"(?:等|只要)?(?:我|老公|老婆|家里)?(?:发|开|领|出)了?(?:工资|薪水?|钱|奖金|提成|粮)(?:了|以后|"
        r"之后|那天|的时候|后|就|的?时候)?|工资(?:一)?(?:发|下来|到账?)了?(?:以后|之后|后)?",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        ("款", "年终奖", "奖金", "提成", "公积金", "补偿金", "报销", "钱", "抚养费", "生育险", "社保"),
        rf"{_INCOME}(?:一)?(?:下来|到账?|到手|结|回来|回|要回来|批下来|发下来)了?(?:以后|之后|后|就)?",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        ("下来", "到手", "卖", "收上来", "赔了"),
        r"[一-鿿]{0,4}?[款钱金费资薪偿赔险保销助贴贷房货批伤奖](?:能|要|一)?下来了?|(?:(?![周日号天月礼星])[一-鿿]){1,5}?(?:到手|卖(?:了|掉|完|出去)|收上来|赔了)了?"
        r"(?:以后|之后|后|的话|就|我)?(?![的吗没])",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        ("有钱", "有了", "宽裕", "凑齐", "凑够", "凑到", "借到", "借着", "周转", "缓过来"),
        r"(?:手头|手里|手上|等?我?)?(?:有了?钱|有了(?=就)|宽裕|凑[齐够到](?![\d一二两三四五六七八九])|借[到着]|周转(?:开|过来)|缓过来)(?:了|点|"
        r"些|以后|之后|的时候|就|再)?",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        "等",
        r"等(?!等|一?下|一?会|您|你|我一?下)[^，。！？；,\d]{1,12}?(?:了|以后|之后|再|就|才|下来|到|还)",
        resolve.undated,
        DateKind.VAGUE,
    ),
    _say(
        ("前几", "前两", "前些", "前阵", "前段", "上次", "上回", "去年", "之前已经", "早就"),
        r"(?:前(?:几|两|些|阵子?|段)(?:天|日子?|时间|个月)?|上次|上回|去年|之前已经|早就)",
        resolve.undated,
        DateKind.VAGUE,
        past=True,
    ),
    _say(
        "前",
        rf"{_COUNT}(?:天|个月|个?星期|个?礼拜|周|年)(?:之前|以前|前)(?!还|把|给|一定|我)",
        resolve.undated,
        DateKind.VAGUE,
        past=True,
    ),
)
