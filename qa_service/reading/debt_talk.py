"""What an agent says that is owed: sums and days overdue, each with what it is called.

A sum counts only where the clause calls it the debt. What is proposed, waived, paid already, conditional, or
charged for something else is not a statement about the debt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from qa_service.call import Speaker
from qa_service.judgement import Quote
from qa_service.labelled import Labelled
from qa_service.reading.instalments import FIGURES
from qa_service.reading.money import find_amounts
from qa_service.reading.numbers import Number, find_numbers
from qa_service.reading.read import Reading
from qa_service.reading.turns import ReadTurn

_BEFORE: Final = 14  # characters before a sum in which its name is looked for
_MONTH_DAYS: Final = 30
_CLAUSE: Final = re.compile(r"[，。？！；：,?!;]")
_SENTENCE: Final = re.compile(r"[。？！；?!;]")

_NOT_THE_DEBT: Final = re.compile(
    r"减免|优惠|折|免掉|免去|只要|只需|只用|分期|每期|每个?月|首[付期]|先[还付存转]|最少|至少|额度|当时|当初|原来|"
    r"借了|借的时候|放款|贷了|还过|还了|已经?还|付了|入账|到账|工资|收入|房租|"
    r"如果|要是|假如|再拖|继续拖|以后|到时|将来|会变|涨到|滚到|变成|超过|不是|没有|不到|别家|其他|别的|[他她]|费|您说|你说|吗"
)
"""In a clause with any of these, a sum is not said to be what is owed now."""
_PLAN: Final = re.compile(r"[一二两三四五六七八九十几0-9]期|每期|每个?月|方案|试算|提前(?:结清|还)")
"""In a sentence with any of these, a sum is a plan or some of its instalments."""


class Named(Labelled):
    """What the agent calls a sum."""

    TOTAL = "total", "欠款总额"
    OWED = "owed", "欠款"
    OVERDUE = "overdue", "逾期金额"
    PRINCIPAL = "principal", "本金"
    MINIMUM = "minimum", "最低还款额"


_NAMES: Final = (
    (Named.PRINCIPAL, re.compile(r"本金[^，。]{0,6}$")),
    (Named.MINIMUM, re.compile(r"最低(?:还款)?(?:额度?)?[^，。]{0,5}$")),
    (
        Named.TOTAL,
        re.compile(
            r"(?:总共|一共|合计|总计|总额|总欠款?|总的|统共|拢共|本息|连本带利|全部欠款|剩余欠款|余额|结清(?:金额|要|需要|的话|是))[^，。]{0,8}$"
        ),
    ),
    (Named.OVERDUE, re.compile(r"(?:逾期(?:了|金额|款|的)?|这[一期]?期|本期|当期|账单|应还)[^，。]{0,7}$")),
    (Named.OWED, re.compile(r"(?:欠款|欠了?|欠着|拖欠|未还|没还|待还|还差|透支了?)[^，。]{0,7}$")),
)
# One of these stands in every statement: turns without any are passed over.
_SUM_HINT: Final = re.compile(
    r"总|共|合计|本息|连本|欠|余额|结清|逾期|[这本当一]期|账单|[应未没待]还|还差|透支|本金|最低"
)
_DELAY_HINT: Final = re.compile(r"[逾拖欠晚].*(?:天|个月)")
_DAYS: Final = re.compile(r"(?P<unit>天|个月)")
_OVERDUE_FOR: Final = re.compile(r"(?:逾期|拖欠|欠款|拖|晚)了?(?:已经|都|有|快|整整|将近|超过)?(?:逾期|拖)?了?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSum:
    """A sum that the agent says is owed, in yuan; ``approximate`` for 一万多 and the like."""

    named: Named
    amount: Decimal
    approximate: bool
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDelay:
    """How long the agent says the debt is overdue; ``rough`` where months or a magnitude were said."""

    days: int
    rough: bool
    quote: Quote


def speaks_of_debt(reading: Reading) -> bool:
    """Whether this is a call about a debt at all: sums alone are named by every salesman, too.

    The call data knows of a case or a creditor, or the agent names a loan, says that it is late, or asks for payment.
    """
    if reading.first_debt is None:
        return False
    known = reading.call.case.known or bool(reading.call.principal_names)
    words = ("names_product", "names_delay", "demands_payment")
    return known or any(turn.hint(*words) for turn in reading.by(Speaker.AGENT))


def stated_sums(reading: Reading) -> Iterator[StatedSum]:
    """The sums that the agent says are owed, in the order of the call."""
    for turn in _meant(reading, _SUM_HINT):
        text = turn.turn.text
        for amount in find_amounts(text):
            start, end = _around(_CLAUSE, text, amount.start, amount.end)
            if amount.kind not in FIGURES or amount.value is None or _NOT_THE_DEBT.search(text[start:end]):
                continue
            first, last = _around(_SENTENCE, text, amount.start, amount.end)
            if _PLAN.search(text[first:last]):
                continue
            named = _name(text[max(start, amount.start - _BEFORE) : amount.start])
            if named is not None:
                yield StatedSum(
                    named=named,
                    amount=amount.value,
                    approximate=amount.approximate or amount.high is not None,
                    quote=_quote(turn, start, end),
                )


def stated_delays(reading: Reading) -> Iterator[StatedDelay]:
    """How long the agent says the debt is overdue, in the order of the call."""
    for turn in _meant(reading, _DELAY_HINT):
        text = turn.turn.text
        for number in find_numbers(text):
            unit = _DAYS.match(text, number.end + (1 if text.startswith("多", number.end) else 0))
            start, end = _around(_CLAUSE, text, number.start, number.end)
            before = text[start : number.start]
            if unit is None or number.value is None or not _OVERDUE_FOR.search(before):
                continue
            if not _NOT_THE_DEBT.search(text[start:end]):
                yield _delay(number, unit["unit"], _quote(turn, start, end))


def _delay(number: Number, unit: str, quote: Quote) -> StatedDelay:
    days = int(number.value or 0) * (1 if unit == "天" else _MONTH_DAYS)
    return StatedDelay(days=days, rough=unit != "天" or number.approximate, quote=quote)


def _meant(reading: Reading, hint: re.Pattern[str]) -> Sequence[ReadTurn]:
    said = (turn for turn in reading.by(Speaker.AGENT) if turn.turn.trusted)
    return [turn for turn in said if hint.search(turn.turn.text)]


def _around(marks: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """What lies around characters ``[start, end)``: from the mark before to the mark after."""
    before = [match.end() for match in marks.finditer(text, 0, start)]
    after = marks.search(text, end)
    return (before[-1] if before else 0), (after.start() if after else len(text))


def _name(before: str) -> Named | None:
    return next((named for named, cue in _NAMES if cue.search(before)), None)


def _quote(turn: ReadTurn, start: int, end: int) -> Quote:
    return Quote(turn=turn.index, start=start, end=end, text=turn.turn.text[start:end])
