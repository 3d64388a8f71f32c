"""Calls against what the debtor asked for in an earlier one: another hour, another way, not my people.

No rule seen forbids all contact on request, so that a bare 别再打了 counts only where the house sets a time for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from qa_service.call import Call, Callee, Direction
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Rulebook
from qa_service.past import PastCall, StopRequest
from qa_service.reading.unwelcome_hours import unwelcome_hours

RULE: Final = "contact.stop_request_ignored"
NO_DEBTOR = "随录参数没有 debtor_id，无法核对债务人此前是否约定过联系的时段与方式。"
REQUEST_UNSURE = "此前的要求尚待人工确认，请先收听那通通话。"
NOT_NOTED = "没有听到坐席当时应下这个要求，请收听那通通话，确认是否构成约定。"
OTHER_WAY = "债务人要求改用短信等方式，请核实是否另有约定或必须来电的事由。"

WHOSE_PLACE = "债务人要求不打到单位，请核实本次所打的是否为其单位。"

_WORKPLACE: Final = re.compile(r"单位|公司|厂|领导|老板|同事|办公室|前台|店里|学校|工地|座机|人事")
_HOURS: Final = frozenset({"stop_contact.not_at_this_hour", "stop_contact.not_at_work"})


def check_stop_requests(
    call: Call, history: Sequence[PastCall], rulebook: Rulebook
) -> tuple[Finding | CannotJudge, ...]:
    """At most one finding: this outbound call does what the debtor asked not to do, the surest request first."""
    if call.direction is Direction.INBOUND:
        return ()
    if call.debtor_id is None:
        return (CannotJudge(rule=RULE, because=NO_DEBTOR, needs_person=False),)
    against = [
        (past, request, _doubt(request))
        for past, request in _requests(call, history)
        if _goes_against(call, past, request, rulebook)
    ]
    if not against:
        return ()
    past, request, doubt = min(against, key=lambda each: (each[2] is not None, -each[0].started_at.timestamp()))
    moment = past.started_at.astimezone(call.started_at.tzinfo)
    fact = CallFact(
        key="history",
        text=f"{moment:%Y-%m-%d %H:%M} 通话 {past.call_id} 中债务人要求：{request.words}；"
        f"本次 {call.answered_at or call.started_at:%Y-%m-%d %H:%M} 外呼",
    )
    return found(rulebook, RULE, fact, by=By.DATA, because=doubt)


def _requests(call: Call, history: Sequence[PastCall]) -> Iterator[tuple[PastCall, StopRequest]]:
    """What the debtor asked for in earlier calls."""
    for past in history:
        same = past.debtor_id == call.debtor_id and past.call_id != call.call_id
        if same and past.started_at < call.started_at and past.callee is not Callee.THIRD_PARTY:
            yield from ((past, request) for request in past.stop_requests if not request.by_third_party)


def _goes_against(call: Call, past: PastCall, request: StopRequest, rulebook: Rulebook) -> bool:
    moment = call.answered_at or call.started_at
    if call.callee is Callee.THIRD_PARTY:
        return request.rule == "stop_contact.not_my_people" or _names_workplace(request)
    if request.rule in _HOURS:
        agreed = any(window.start <= moment < window.end for window in call.case.consent_windows)
        windows = unwelcome_hours(request.words, rulebook.limits)
        return not agreed and any(window.holds(moment) for window in windows)
    if request.rule == "stop_contact.other_channel":
        return True
    days = rulebook.limits.stop_request_days
    return request.rule == "stop_contact.never_call" and moment < past.started_at + timedelta(days=days)


def _names_workplace(request: StopRequest) -> bool:
    return request.rule == "stop_contact.not_at_work" and _WORKPLACE.search(request.words) is not None


def _doubt(request: StopRequest) -> str | None:
    """Why a person must confirm, None where the agent took note of a plain request."""
    if request.doubtful:
        return REQUEST_UNSURE
    if not request.acknowledged:
        return NOT_NOTED
    if _names_workplace(request):
        return WHOSE_PLACE
    return OTHER_WAY if request.rule == "stop_contact.other_channel" else None
