"""A rate of interest that the agent names, against the cap that the case or the profile gives; no cap, no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from qa_service.call import Case, LenderKind, Speaker
from qa_service.judgement import By, CallFact, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Limits, Rulebook
from qa_service.reading import Reading
from qa_service.reading.numbers import parse_number
from qa_service.reading.turns import ReadTurn

RULE: Final = "money.over_legal_interest"
KIND_UNKNOWN = "上限来自规则参数而不是这份合同，请核对合同约定的利率。"

_NUMBER: Final = r"[0-9零一二两三四五六七八九十百点.]{1,8}"
_PERIODS: Final = {"年": 1, "月": 12, "日": 365, "天": 365}
_RATE: Final = re.compile(
    rf"(?P<period>年化|[年月日](?:利率|利息|利|息)|(?:每|一|一个)[年月日天])"
    rf"[^，。？！0-9一二三四五六七八九百千万]{{0,8}}"
    rf"(?:(?:(?P<base>百|千|万)分之(?P<share>{_NUMBER}))|(?P<percent>{_NUMBER})[%％]"
    rf"|(?P<tenths>[一二两三四五六七八九0-9])(?P<unit>分|厘)(?:利|息)?)"
)
_NOT_CHARGED: Final = re.compile(
    r"不超过|不高于|以内|上限|最高不|封顶|不是|没有|不会|如果|要是|降到|减到|优惠|以前|别家|高利贷|吗|您说|你说|吧？"
)
_BASES: Final = {"百": Decimal(1), "千": Decimal("0.1"), "万": Decimal("0.01")}
_TENTHS: Final = {"分": Decimal(1), "厘": Decimal("0.1")}


def check_interest(reading: Reading, rulebook: Rulebook) -> tuple[Finding, ...]:
    """The first rate above the cap; nothing where neither case nor profile gives one."""
    case = reading.call.case
    cap = case.rate_cap if case.rate_cap is not None else _cap_of_profile(case, rulebook.limits)
    if cap is None:
        return ()
    for turn in reading.by(Speaker.AGENT):
        for start, end, rate in _rates(turn):
            if rate > cap:
                fact = CallFact(key="case.rate_cap", text=f"坐席说的利率折合年化 {rate:f}%，上限 {cap:f}%")
                because = None if case.rate_cap is not None else KIND_UNKNOWN
                quote = turn.quote(start, end)
                return found(rulebook, RULE, quote, fact, by=By.DATA, because=because)
    return ()


def _cap_of_profile(case: Case, limits: Limits) -> Decimal | None:
    """The house's own cap for this kind of lender; that of private lending never binds a licensed one."""
    match case.lender_kind:
        case LenderKind.LICENSED:
            value = limits.rate_cap_licensed
        case LenderKind.PRIVATE:
            value = limits.rate_cap_private
        case None:
            return None
    return Decimal(str(value)) if value else None


def _rates(turn: ReadTurn) -> Iterator[tuple[int, int, Decimal]]:
    """The rates charged as a turn names them, in percent a year, with their places in its view."""
    text = turn.view.text if turn.turn.trusted else ""
    for match in _RATE.finditer(text):
        around = text[max(0, match.start() - 8) : match.end() + 6]
        percent = _percent(match)
        if percent is not None and not _NOT_CHARGED.search(around):
            yield match.start(), match.end(), (percent * _times_a_year(match)).normalize()


def _times_a_year(match: re.Match[str]) -> int:
    return next(times for unit, times in _PERIODS.items() if unit in match["period"])


def _percent(match: re.Match[str]) -> Decimal | None:
    """The rate of its own period, in percent; 三分 a month is three percent of the sum, but a year's 三分 thirty."""
    if match["tenths"]:
        value = _value(match["tenths"])
        scale = _TENTHS[match["unit"]] * (10 if _times_a_year(match) == 1 else 1)
    else:
        value = _value(match["share"] or match["percent"])
        scale = _BASES[match["base"]] if match["base"] else Decimal(1)
    return None if value is None else value * scale


def _value(said: str) -> Decimal | None:
    """A number with its decimals, 二点四 as well as 2.4."""
    whole, point, decimals = said.replace("两", "二").partition("点")
    if not point:
        return parse_number(whole)
    figures = [parse_number(each) for each in (whole, *decimals)]
    if any(each is None for each in figures):
        return None
    return Decimal(f"{figures[0]}." + "".join(str(each) for each in figures[1:]))
