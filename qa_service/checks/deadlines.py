"""A last day that is named again after the last one has passed: nothing came of it, so it was none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from qa_service.call import Call
from qa_service.judgement import CallFact, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.past import PastCall, StatedDeadline
from qa_service.reading import Reading
from qa_service.reading.deadlines import stated_deadlines

RULE: Final = "deception.false_deadline_repeated"
FAMILY: Final = "deception.false_deadline"
TRULY_MOVED = "此前说过的期限已过，请核实期限是否确有延长。"


def with_earlier_deadlines(
    reading: Reading, findings: Sequence[Finding], history: Sequence[PastCall], rulebook: Rulebook
) -> tuple[Finding, ...]:
    """The findings of the words, and what an earlier call makes of a deadline in this one.

    A false deadline found by its words gets the earlier one as further evidence; one that only its repetition betrays
    becomes a finding that a person must confirm.
    """
    earlier = _passed(reading.call, history)
    if earlier is None:
        return tuple(findings)
    fact = _fact(reading.call, *earlier)
    if any(finding.family == FAMILY for finding in findings):
        return tuple(
            replace(finding, evidence=(*finding.evidence, fact)) if finding.family == FAMILY else finding
            for finding in findings
        )
    named = stated_deadlines(reading)
    if not named:
        return tuple(findings)
    return (*findings, *found(rulebook, RULE, named[0].quote, fact, because=TRULY_MOVED))


def _passed(call: Call, history: Sequence[PastCall]) -> tuple[PastCall, StatedDeadline] | None:
    """The latest earlier call about this debt with a last day that has passed by now."""
    today = call.started_at.date()
    named = [
        (past, deadline)
        for past in history
        if past.call_id != call.call_id and past.started_at < call.started_at
        if call.debtor_id is not None and past.debtor_id == call.debtor_id
        for deadline in past.deadlines
        if deadline.day < today
    ]
    return max(named, key=lambda pair: pair[0].started_at, default=None)


def _fact(call: Call, past: PastCall, deadline: StatedDeadline) -> CallFact:
    moment = past.started_at.astimezone(call.started_at.tzinfo)
    return CallFact(
        key="history",
        text=f"{moment:%Y-%m-%d %H:%M} 通话 {past.call_id} 中已说过期限 {deadline.day:%Y-%m-%d}：{deadline.words}",
    )
