"""When and how often a debtor is called, from call data and history alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from qa_service.call import Call, Callee, Direction, PastCall
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Limits, Rulebook

CONSENT_UNKNOWN = "随录参数没有案件信息，请核实是否另有约定的联系时段。"
NO_DEBTOR = "随录参数没有 debtor_id，无法统计当日有效通话。"
NO_NUMBER = "随录参数没有 number_id，无法统计当日未接通次数。"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactVerdict:
    """Findings of hours and frequency, and what the call data does not allow to decide."""

    findings: tuple[Finding, ...]
    cannot_judge: tuple[CannotJudge, ...]


def check_contact(
    call: Call, history: Sequence[PastCall], debtor_speech_ms: int | None, rulebook: Rulebook
) -> ContactVerdict:
    """Judge one call against the limits of the profile.

    ``history`` holds earlier calls of the same debtor or number; ``debtor_speech_ms`` how long the customer spoke in
    this one, None where nothing was heard.
    """
    if call.direction is Direction.INBOUND:
        return ContactVerdict(findings=(), cannot_judge=())
    findings = [*_hours(call, rulebook), *_connected(call, history, debtor_speech_ms, rulebook)]
    findings.extend(_unanswered(call, history, rulebook))
    return ContactVerdict(findings=tuple(findings), cannot_judge=tuple(_missing(call)))


def _hours(call: Call, rulebook: Rulebook) -> Iterator[Finding]:
    """The answer counts, or the start of ringing where nobody answered; a consent window lifts the rule."""
    moment = call.answered_at or call.started_at
    limits = rulebook.limits
    local = moment.timetz().replace(tzinfo=None)
    if limits.hours_start <= local < limits.hours_end:
        return
    if any(window.start <= moment < window.end for window in call.case.consent_windows):
        return
    allowed = f"{limits.hours_start:%H:%M}-{limits.hours_end:%H:%M}"
    fact = CallFact(key="started_at", text=f"{moment:%Y-%m-%d %H:%M} 外呼，允许时段 {allowed}")
    yield from found(rulebook, "contact.hours", fact, by=By.DATA, because=None if call.case.known else CONSENT_UNKNOWN)


def _connected(
    call: Call, history: Sequence[PastCall], debtor_speech_ms: int | None, rulebook: Rulebook
) -> Iterator[Finding]:
    limits = rulebook.limits
    if call.debtor_id is None or not _effective(debtor_speech_ms, limits) or call.callee is Callee.THIRD_PARTY:
        return
    earlier = [
        past
        for past in _same_day(call, history)
        if past.debtor_id == call.debtor_id
        and past.callee is not Callee.THIRD_PARTY
        and past.connected is not False
        and _effective(past.debtor_speech_ms, limits)
    ]
    count = len(earlier) + 1
    if count > limits.connected_per_day:
        text = f"当日对同一债务人第 {count} 次有效通话，上限 {limits.connected_per_day} 次"
        yield from found(rulebook, "contact.freq_connected", CallFact(key="debtor_id", text=text), by=By.DATA)


def _unanswered(call: Call, history: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding]:
    limits = rulebook.limits
    if call.number_id is None:
        return
    earlier = [p for p in _same_day(call, history) if p.number_id == call.number_id and p.connected is False]
    count = len(earlier) + (not call.connected)
    if count > limits.unanswered_per_day:
        text = f"当日对同一号码第 {count} 次未接通呼叫，不宜超过 {limits.unanswered_per_day} 次"
        yield from found(rulebook, "contact.freq_attempts", CallFact(key="number_id", text=text), by=By.DATA)


def _same_day(call: Call, history: Sequence[PastCall]) -> Iterator[PastCall]:
    """Outbound calls earlier on the same day of the call's own zone."""
    for past in history:
        if past.direction is Direction.OUTBOUND and past.call_id != call.call_id and past.started_at <= call.started_at:
            local: datetime = past.started_at.astimezone(call.started_at.tzinfo)
            if local.date() == call.started_at.date():
                yield past


def _effective(speech_ms: int | None, limits: Limits) -> bool:
    return speech_ms is not None and speech_ms >= limits.effective_speech_seconds * 1000


def _missing(call: Call) -> Iterator[CannotJudge]:
    if call.debtor_id is None:
        yield CannotJudge(rule="contact.freq_connected", because=NO_DEBTOR, needs_person=False)
    if call.number_id is None:
        yield CannotJudge(rule="contact.freq_attempts", because=NO_NUMBER, needs_person=False)
