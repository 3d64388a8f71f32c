"""What the agent says is owed, against the case: a difference goes to a person with both values."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from qa_service.call import Case
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Limits, Rulebook
from qa_service.reading import Reading
from qa_service.reading.debt_talk import Named, StatedDelay, StatedSum, stated_delays, stated_sums

RULE: Final = "deception.debt_misstated"
MISMATCH = "说出的数与案件数据不符，可能另有口径（如截止日、是否含利息），请核对后确认。"
NO_SUM = "随录参数没有欠款金额（case.balance），无法核对坐席说的数。"
NO_DAYS = "随录参数没有逾期天数（case.overdue_days），无法核对坐席说的时间。"

ROUGHLY: Final = Decimal("1.2")
"""A sum said roughly (一万多) is above what is owed only from this factor on: its lower end already is."""

ROUGH_DAYS: Final = 31
"""A delay said in months may be off by one of them."""

DAYS_OFF: Final = 3
"""Snapshots are taken at night, and a call may speak of today or of the statement day."""


def check_debt_facts(reading: Reading, rulebook: Rulebook) -> tuple[Finding | CannotJudge, ...]:
    """Sums and delays that differ from the case; what cannot be compared, once for sums and once for delays."""
    sums, delays = list(stated_sums(reading)), list(stated_delays(reading))
    return (*_sums(sums, reading.call.case, rulebook), *_delays(delays, reading.call.case, rulebook))


def _sums(sums: list[StatedSum], case: Case, rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    if sums and case.balance is None:
        yield CannotJudge(rule=RULE, because=NO_SUM, needs_person=False)
        return
    wrong = next((said for said in sums if _wrong(said, case, rulebook.limits)), None)
    if wrong is not None:
        _, known = _known(wrong.named, case)
        fact = CallFact(key="case", text=f"坐席说{wrong.named.label} {wrong.amount} 元，案件数据：{known}")
        yield from found(rulebook, RULE, wrong.quote, fact, by=By.DATA, because=MISMATCH)


def _known(named: Named, case: Case) -> tuple[Decimal | None, str]:
    """The case's own figure under that name (None where it has none), and the figures as a person reads them."""
    own = {
        Named.PRINCIPAL: case.principal,
        Named.OVERDUE: case.overdue_amount,
        Named.MINIMUM: case.minimum_due,
        Named.TOTAL: case.balance,
        Named.OWED: case.balance,
    }[named]
    told = "" if own is None or own == case.balance else f"{named.label} {own} 元，"
    return own, f"{told}欠款 {case.balance} 元"


def _wrong(said: StatedSum, case: Case, limits: Limits) -> bool:
    """More than is owed, or, where the name leaves no doubt which figure is meant, another sum than that."""
    figures = [each for each in (case.balance, case.overdue_amount, case.principal, case.minimum_due) if each]
    if case.balance is None or any(_same(said, figure, limits) for figure in figures):
        return False
    own, _ = _known(said.named, case)
    ceiling = case.balance if own is None else own
    if said.approximate:
        return said.amount > ceiling * ROUGHLY
    exact = said.named is not Named.OWED and own is not None
    return exact or said.amount > ceiling


def _same(said: StatedSum, figure: Decimal, limits: Limits) -> bool:
    share = figure * Decimal(str(limits.debt_tolerance_share))
    return abs(said.amount - figure) <= max(Decimal(str(limits.debt_tolerance_yuan)), share)


def _delays(delays: list[StatedDelay], case: Case, rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    days = case.overdue_days
    if days is None:
        if delays:
            yield CannotJudge(rule=RULE, because=NO_DAYS, needs_person=False)
        return
    wrong = next((said for said in delays if said.days - days > (ROUGH_DAYS if said.rough else DAYS_OFF)), None)
    if wrong is not None:
        fact = CallFact(key="case.overdue_days", text=f"坐席说逾期约 {wrong.days} 天，案件数据：{days} 天")
        yield from found(rulebook, RULE, wrong.quote, fact, by=By.DATA, because=MISMATCH)
