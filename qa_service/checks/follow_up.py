"""What became of an earlier promise: pressed before it was due, or due and nobody asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from qa_service.call import Call, Callee, Direction, Speaker
from qa_service.judgement import By, CallFact, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.past import PastCall, PastPayment
from qa_service.reading import Reading

LATE: Final = "promise.not_followed_up"
EARLY: Final = "promise.pressed_early"
PAYMENT_UNKNOWN = "随录参数没有最近一次还款的日期（case.last_payment_on），请核实是否已经还款。"
STILL_STANDING = "约定可能已另行更改，请核实客户是否另外欠有已到期的款项。"


def check_follow_up(reading: Reading, history: Sequence[PastCall], rulebook: Rulebook) -> tuple[Finding, ...]:
    """At most one finding of each rule; ``history`` holds what was promised in earlier calls to the same debtor."""
    call = reading.call
    before = [p for p in history if p.call_id != call.call_id and p.started_at < call.started_at]
    before = [p for p in before if call.debtor_id is not None and p.debtor_id == call.debtor_id]
    latest = max((p for p in before if p.promises), key=lambda p: p.started_at, default=None)
    if latest is None or call.direction is Direction.INBOUND or call.callee is Callee.THIRD_PARTY:
        return ()
    return (*_pressed(reading, latest, rulebook), *_left_alone(call, latest, before, rulebook))


def _pressed(reading: Reading, promised: PastCall, rulebook: Rulebook) -> Iterator[Finding]:
    """Payment demanded at once while every instalment agreed on still lies ahead; a reminder of the day is none."""
    call = reading.call
    today = call.started_at.date()
    if any(payment.due is None or payment.due <= today for payment in promised.promises):
        return
    for turn in reading.by(Speaker.AGENT):
        hit = turn.fact("demands_at_once")
        if hit is not None:
            fact = CallFact(key="history", text=_told(call, promised, promised.promises[0]))
            yield from found(rulebook, EARLY, turn.quote(hit.start, hit.end), fact, because=STILL_STANDING)
            return


def _left_alone(call: Call, promised: PastCall, before: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding]:
    """A due day after which this call is the first one to the debtor, and comes too late."""
    hours = rulebook.limits.follow_up_hours
    for payment in promised.promises if hours else ():
        if payment.due is None:
            continue
        due = datetime.combine(payment.due, time.max, tzinfo=call.started_at.tzinfo)
        asked = any(p.started_at > due and p.direction is Direction.OUTBOUND for p in before)
        paid_on = call.case.last_payment_on
        paid = paid_on is not None and paid_on > promised.started_at.date()
        if call.started_at > due + timedelta(hours=hours) and not asked and not paid:
            text = f"{_told(call, promised, payment)}，到期后 {hours} 小时内没有联系记录，本次为首次联系"
            because = PAYMENT_UNKNOWN if paid_on is None else None
            yield from found(rulebook, LATE, CallFact(key="history", text=text), by=By.DATA, because=because)
            return


def _told(call: Call, promised: PastCall, payment: PastPayment) -> str:
    moment = promised.started_at.astimezone(call.started_at.tzinfo)
    amount = "未定金额" if payment.amount is None else f"{payment.amount} 元"
    return f"{moment:%Y-%m-%d %H:%M} 通话 {promised.call_id} 中约定 {payment.due:%Y-%m-%d} 还 {amount}"
