"""When, how often and whom an agent calls, from call data and history alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa_service.call import Call, Callee, DebtorCondition, DialOutcome, Direction, ThirdParty
from qa_service.judgement import By, CallFact, CannotJudge, Finding
from qa_service.lexicon.findings import found
from qa_service.lexicon.model import Limits, Rulebook
from qa_service.past import PastCall, StopRequest

CONSENT_UNKNOWN = "随录参数没有案件信息，请核实是否另有约定的联系时段。"
CONDITION_UNKNOWN = "随录参数没有债务人状况（debtor_condition），请核实其是否已死亡或无民事行为能力。"
REQUEST_UNSURE = "此前的拒绝尚待人工确认，请先收听那通通话。"
WHOSE_NUMBER = "当时接听的不是债务人，请核实该号码是否仍为债务人本人使用。"
NO_DEBTOR = "随录参数没有 debtor_id，无法统计当日有效通话。"
NO_NUMBER = "随录参数没有 number_id，无法统计当日未接通次数。"
NO_DEBTOR_FOR_THIRD = "随录参数没有 debtor_id，无法核对联系第三人之前是否已联系过债务人。"
NO_NUMBER_FOR_THIRD = "随录参数没有 number_id，无法核对该第三人此前是否拒绝过联系。"
NO_ATTEMPTS = "没有此前联系债务人本人的记录，无法核对联系第三人的条件。"
OUTCOME_UNKNOWN = "此前联系债务人的记录没有说明是否接通，无法核对联系第三人的条件。"

REFUSALS = frozenset({"stop_contact.never_call"})
"""The rules whose words, said by a third party, are a refusal for good; the others ask for another hour or way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactVerdict:
    """Findings of hours, frequency and third parties, and what the call data does not allow to decide."""

    findings: tuple[Finding, ...]
    cannot_judge: tuple[CannotJudge, ...]


def check_contact(
    call: Call, history: Sequence[PastCall], debtor_speech_ms: int | None, rulebook: Rulebook
) -> ContactVerdict:
    """Judge one call against the limits of the profile.

    ``history`` holds earlier calls of the same debtor or number, dialler records among them; ``debtor_speech_ms`` how
    long the customer spoke in this one, None where nothing was heard.
    """
    if call.direction is Direction.INBOUND:
        return ContactVerdict(findings=(), cannot_judge=())
    before = [p for p in history if p.direction is Direction.OUTBOUND and p.call_id != call.call_id]
    before = sorted((p for p in before if p.started_at <= call.started_at), key=lambda p: p.started_at)
    verdicts = (
        *_hours(call, rulebook),
        *_connected(call, before, debtor_speech_ms, rulebook),
        *_unanswered(call, before, rulebook),
        *_third_party(call, before, rulebook),
    )
    return ContactVerdict(
        findings=tuple(each for each in verdicts if isinstance(each, Finding)),
        cannot_judge=tuple(each for each in verdicts if isinstance(each, CannotJudge)),
    )


def _lacking(rule: str, because: str) -> CannotJudge:
    """What the call data does not tell, nobody can hear either."""
    return CannotJudge(rule=rule, because=because, needs_person=False)


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
    call: Call, before: Sequence[PastCall], debtor_speech_ms: int | None, rulebook: Rulebook
) -> Iterator[Finding | CannotJudge]:
    """Calls in which the debtor spoke long enough count; a connected one that nobody could hear may have been one."""
    limits = rulebook.limits
    if call.debtor_id is None:
        yield _lacking("contact.freq_connected", NO_DEBTOR)
        return
    if call.callee is Callee.THIRD_PARTY:
        return
    own = _effective(call.connected, debtor_speech_ms, call.billed_seconds, limits)
    if own is False:
        return
    earlier = [
        _effective(past.connected, past.debtor_speech_ms, past.billed_seconds, limits)
        for past in _same_day(call, before)
        if past.debtor_id == call.debtor_id and past.callee is not Callee.THIRD_PARTY
    ]
    counted = [own, *(each for each in earlier if each is not False)]
    unheard = counted.count(None)
    if len(counted) <= limits.connected_per_day:
        return
    text = f"当日对同一债务人第 {len(counted)} 次有效通话，上限 {limits.connected_per_day} 次"
    # Certain as soon as those that were heard are too many by themselves.
    unsure = f"其中 {unheard} 次接通但没有可听的录音，不知客户是否说满 {limits.effective_speech_seconds} 秒，请核实。"
    certain = own is True and len(counted) - unheard > limits.connected_per_day
    fact = CallFact(key="debtor_id", text=text)
    yield from found(rulebook, "contact.freq_connected", fact, by=By.DATA, because=None if certain else unsure)


def _effective(
    connected: bool | None, speech_ms: int | None, billed_seconds: int | None, limits: Limits
) -> bool | None:
    """Whether a call counts towards the limit of a day; None where it was answered and nothing was heard of it."""
    if connected is False:
        return False
    if speech_ms is not None:
        return speech_ms >= limits.effective_speech_seconds * 1000
    too_short = billed_seconds is not None and billed_seconds < limits.effective_speech_seconds
    return None if connected and not too_short else False


def _unanswered(call: Call, before: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    limits = rulebook.limits
    if call.number_id is None:
        yield _lacking("contact.freq_attempts", NO_NUMBER)
        return
    earlier = [p for p in _same_day(call, before) if p.number_id == call.number_id and p.connected is False]
    count = len(earlier) + (not call.connected)
    if count > limits.unanswered_per_day:
        text = f"当日对同一号码第 {count} 次未接通呼叫，不宜超过 {limits.unanswered_per_day} 次"
        yield from found(rulebook, "contact.freq_attempts", CallFact(key="number_id", text=text), by=By.DATA)


def _same_day(call: Call, before: Sequence[PastCall]) -> Iterator[PastCall]:
    """Calls earlier on the same day of the call's own zone."""
    return (past for past in before if _day(past, call) == call.started_at.date())


def _day(past: PastCall, call: Call) -> date:
    return past.started_at.astimezone(call.started_at.tzinfo).date()


def _third_party(call: Call, before: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    if call.callee is not Callee.THIRD_PARTY:
        yield from _stranger_refused(call, before, rulebook)
        return
    called = _person_called(call)
    yield from _after_refusal(call, called, before, rulebook)
    if called is None or not called.debt_related:  # who owes too is called for a debt of their own
        yield from _condition(call, before, rulebook)


def _person_called(call: Call) -> ThirdParty | None:
    """Whom of those on file this call went to: by the number, or the only one there is."""
    known = call.case.third_parties
    by_number = [person for person in known if person.number_id is not None and person.number_id == call.number_id]
    if by_number:
        return by_number[0]
    return known[0] if len(known) == 1 and known[0].number_id is None else None


def _after_refusal(
    call: Call, called: ThirdParty | None, before: Sequence[PastCall], rulebook: Rulebook
) -> Iterator[Finding | CannotJudge]:
    """A refusal on file or heard in an earlier call to the same number; once said, it holds for good."""
    rule = "privacy.third_party_after_refusal"
    if called is not None and called.stop:
        fact = CallFact(key="case.third_parties.stop", text="案件资料已登记该第三人拒绝再联系")
        yield from found(rulebook, rule, fact, by=By.DATA)
        return
    if call.number_id is None:
        yield _lacking(rule, NO_NUMBER_FOR_THIRD)
        return
    refusal = _refusal(call, before)
    if refusal is not None:
        past, request = refusal
        doubt = REQUEST_UNSURE if request.doubtful else None
        yield from found(rulebook, rule, _refused(call, past, request), by=By.DATA, because=doubt)


def _stranger_refused(call: Call, before: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding]:
    """A number held for the debtor's, where somebody else answered and refused: theirs, until a person knows better."""
    refusal = None if call.number_id is None else _refusal(call, before)
    if refusal is not None:
        past, request = refusal
        fact = _refused(call, past, request)
        because = REQUEST_UNSURE if request.doubtful else WHOSE_NUMBER
        yield from found(rulebook, "privacy.third_party_after_refusal", fact, by=By.DATA, because=because)


def _refusal(call: Call, before: Sequence[PastCall]) -> tuple[PastCall, StopRequest] | None:
    """An earlier refusal for good at this number by somebody else than the debtor, a certain one first."""
    refusals = [
        (past, request)
        for past in before
        if past.number_id == call.number_id
        for request in past.stop_requests
        if request.rule in REFUSALS and (past.callee is Callee.THIRD_PARTY or request.by_third_party)
    ]
    return min(refusals, key=lambda pair: pair[1].doubtful, default=None)


def _refused(call: Call, past: PastCall, request: StopRequest) -> CallFact:
    moment = past.started_at.astimezone(call.started_at.tzinfo)
    return CallFact(key="history", text=f"{moment:%Y-%m-%d %H:%M} 通话 {past.call_id} 中对方已拒绝：{request.words}")


def _condition(call: Call, before: Sequence[PastCall], rulebook: Rulebook) -> Iterator[Finding | CannotJudge]:
    """A third party may be called once the debtor cannot be reached: see the parameters of the profile."""
    rule = "contact.third_party_condition"
    condition = call.case.debtor_condition
    if condition in (DebtorCondition.DECEASED, DebtorCondition.INCAPACITATED):
        return
    if call.debtor_id is None:
        yield _lacking(rule, NO_DEBTOR_FOR_THIRD)
        return
    tried = [p for p in before if p.debtor_id == call.debtor_id and p.callee is not Callee.THIRD_PARTY]
    if not tried:
        yield _lacking(rule, NO_ATTEMPTS)
    elif _unreachable(call, [p for p in tried if p.connected is not None], rulebook.limits):
        return
    elif _unreachable(call, tried, rulebook.limits):
        yield _lacking(rule, OUTCOME_UNKNOWN)
    else:
        times = rulebook.limits.third_party_failures
        needed = f"号码无效、连续 {times} 次未通后次日、或连续 {times} 日未通"
        text = f"此前联系债务人 {len(tried)} 次，未达到可以联系第三人的条件（{needed}）"
        because = CONDITION_UNKNOWN if condition is None else None
        yield from found(rulebook, rule, CallFact(key="history", text=text), by=By.DATA, because=because)


def _unreachable(call: Call, tried: Sequence[PastCall], limits: Limits) -> bool:
    """Whether calls to the debtor, oldest first, have failed often enough; one of unknown end counts as failed."""
    if any(past.outcome is DialOutcome.INVALID_NUMBER for past in tried):
        return True
    failed: list[PastCall] = []
    for past in tried:
        failed = [] if past.connected else [*failed, past]
    days = sorted({_day(past, call) for past in failed})
    before_today = [past for past in failed if _day(past, call) < call.started_at.date()]
    return max(len(before_today), _in_a_row(days)) >= limits.third_party_failures


def _in_a_row(days: Sequence[date]) -> int:
    """The longest run of consecutive days."""
    longest = run = 0
    for at, day in enumerate(days):
        run = run + 1 if at and day - days[at - 1] == timedelta(days=1) else 1
        longest = max(longest, run)
    return longest
