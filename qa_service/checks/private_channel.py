"""Calls from a line that the house has not registered, or from ever other lines on one day.

Words about private telephones and accounts are rules of the lexicon; this is what the call data shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qa_service.call import Call, Direction
from qa_service.judgement import By, CallFact, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.past import PastCall

RULE: Final = "contact.private_channel"


def check_private_channel(call: Call, history: Sequence[PastCall], rulebook: Rulebook) -> tuple[Finding, ...]:
    """At most one finding: the line is not registered, or the debtor was called from too many lines on that day."""
    if call.direction is Direction.INBOUND or call.caller_id is None:
        return ()
    if call.org.caller_ids and call.caller_id not in call.org.caller_ids:
        fact = CallFact(key="caller_id", text=f"外呼号码 {call.caller_id} 不在本机构登记的号码之内")
        return found(rulebook, RULE, fact, by=By.DATA)
    lines = {call.caller_id, *_lines_that_day(call, history)}
    most = rulebook.limits.caller_ids_per_day
    if not most or len(lines) <= most:
        return ()
    fact = CallFact(key="caller_id", text=f"当日已用 {len(lines)} 个不同号码呼叫同一债务人，上限 {most} 个")
    return found(rulebook, RULE, fact, by=By.DATA)


def _lines_that_day(call: Call, history: Sequence[PastCall]) -> set[str]:
    day = call.started_at.date()
    return {
        past.caller_id
        for past in history
        if past.caller_id is not None
        and call.debtor_id is not None
        and past.debtor_id == call.debtor_id
        and past.direction is Direction.OUTBOUND
        and past.started_at <= call.started_at
        and past.started_at.astimezone(call.started_at.tzinfo).date() == day
    }
