"""What came before a call: earlier calls to the same debtor or number, and what was asked, named and agreed in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, defer

from qa_service.call import Callee, Speaker
from qa_service.judgement import Category, Verdict
from qa_service.past import PastCall, PastPayment, Remembered, StopRequest
from qa_service.storage.payloads import read_remembered
from qa_service.storage.tables import (
    AnalysisRow,
    CallRow,
    FindingRow,
    PromisePaymentRow,
    ReviewEventRow,
    ReviewItemRow,
)

HISTORY = timedelta(days=30)
"""How far back earlier calls are shown to the judgement; the longest window of any frequency rule."""

HISTORY_LIMIT = 1000

REFUSALS_LIMIT = 20
"""Most earlier calls in which a third party asked to be left alone that are shown; one is enough for a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the current judgement of an earlier call knows of it."""

    remembered: Remembered
    promises: tuple[PastPayment, ...]


def past_calls(session: Session, row: CallRow) -> tuple[PastCall, ...]:
    """Earlier calls to the same debtor or number, oldest first: those within ``HISTORY``, at most the last 1,000.

    For a call to a third party also those, however old, in which somebody at that number asked not to be called again.
    """
    same = []
    if row.debtor_id is not None:
        same.append(CallRow.debtor_id == row.debtor_id)
    if row.number_id is not None:
        same.append(CallRow.number_id == row.number_id)
    if not same:
        return ()
    query = (
        select(CallRow, CallRow.document["caller_id"].as_string())
        .options(defer(CallRow.document))
        .where(or_(*same), _before(row), CallRow.started_at >= row.started_at - HISTORY)
        .order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
        .limit(HISTORY_LIMIT)
    )
    past = {earlier.call_id: _past(earlier, caller_id) for earlier, caller_id in session.execute(query)}
    past |= {earlier.call_id: _past(earlier) for earlier in _refusals(session, row) if earlier.call_id not in past}
    for call_id, told in _told(session, list(past)).items():
        past[call_id] = replace(
            past[call_id],
            stop_requests=told.remembered.stop_requests,
            deadlines=told.remembered.deadlines,
            promises=told.promises,
        )
    return tuple(sorted(past.values(), key=lambda call: (call.started_at, call.call_id)))


def _before(row: CallRow) -> ColumnElement[bool]:
    # Two calls of one instant are ordered by id, so that each of them sees the same past whenever it is judged.
    same_instant = and_(CallRow.started_at == row.started_at, CallRow.call_id < row.call_id)
    return or_(CallRow.started_at < row.started_at, same_instant)


def _refusals(session: Session, row: CallRow) -> Iterator[CallRow]:
    """Earlier calls, however old, in which the third party at this number asked something of the caller."""
    if row.callee is not Callee.THIRD_PARTY or row.number_id is None:
        return
    query = (
        select(CallRow)
        .options(defer(CallRow.document))
        .join(AnalysisRow, and_(AnalysisRow.call_id == CallRow.call_id, AnalysisRow.current))
        .where(CallRow.number_id == row.number_id, CallRow.callee == Callee.THIRD_PARTY, _before(row))
        .where(AnalysisRow.id.in_(select(FindingRow.analysis_id).where(*_REQUESTS)))
        .order_by(CallRow.started_at.desc())
        .limit(REFUSALS_LIMIT)
    )
    yield from session.scalars(query)


_REQUESTS = (FindingRow.category == Category.STOP_CONTACT, FindingRow.speaker == Speaker.CUSTOMER)


def _told(session: Session, call_ids: Sequence[str]) -> Mapping[str, _Told]:
    """What the current judgements of these calls know of them, people's verdicts included."""
    query = select(AnalysisRow.call_id, AnalysisRow.id, AnalysisRow.document[("analysis", "remembered")])
    query = query.where(AnalysisRow.current, AnalysisRow.call_id.in_(call_ids))
    judged = {analysis: (call_id, read_remembered(kept)) for call_id, analysis, kept in session.execute(query)}
    requests: dict[int, list[FindingRow]] = defaultdict(list)
    asked = select(FindingRow).where(FindingRow.analysis_id.in_(judged), *_REQUESTS).order_by(FindingRow.n)
    for finding in session.scalars(asked):
        requests[finding.analysis_id].append(finding)
    promises: dict[int, list[PastPayment]] = defaultdict(list)
    agreed = select(PromisePaymentRow).where(PromisePaymentRow.analysis_id.in_(judged), PromisePaymentRow.standing)
    for payment in session.scalars(agreed.order_by(PromisePaymentRow.promise, PromisePaymentRow.n)):
        promises[payment.analysis_id].append(PastPayment(amount=payment.amount, due=payment.due))
    verdicts = _verdicts(session, [judged[analysis][0] for analysis in requests])
    return {
        call_id: _Told(
            remembered=replace(kept, stop_requests=tuple(_requests(requests[analysis], kept, verdicts[analysis]))),
            promises=tuple(promises[analysis]),
        )
        for analysis, (call_id, kept) in judged.items()
    }


def _requests(
    findings: Sequence[FindingRow], kept: Remembered, verdicts: Mapping[int, Verdict]
) -> Iterator[StopRequest]:
    """The requests that nobody has overturned; a judgement of old keeps their words alone."""
    known = kept.stop_requests if len(kept.stop_requests) == len(findings) else ()
    for place, finding in enumerate(findings):
        verdict = verdicts.get(finding.n)
        if verdict is Verdict.OVERTURNED:
            continue
        request = known[place] if known else StopRequest(rule=finding.rule, words=finding.quote or "")
        yield replace(request, doubtful=finding.needs_confirmation and verdict is not Verdict.CONFIRMED)


def _verdicts(session: Session, call_ids: Sequence[str]) -> Mapping[int, Mapping[int, Verdict]]:
    """What people said of findings, by judgement and number; the last word counts."""
    query = (
        select(ReviewEventRow)
        .join(ReviewItemRow, ReviewItemRow.id == ReviewEventRow.item_id)
        .where(ReviewItemRow.call_id.in_(call_ids))
        .order_by(ReviewEventRow.item_id, ReviewEventRow.seq)
    )
    said: dict[int, dict[int, Verdict]] = defaultdict(dict)
    for event in session.scalars(query):
        for number, verdict in event.body.get("verdicts", {}).items():
            said[event.body["analysis_id"]][int(number)] = Verdict.of(verdict)
    return said


def _past(row: CallRow, caller_id: str | None = None) -> PastCall:
    return PastCall(
        call_id=row.call_id,
        started_at=row.started_at,
        direction=row.direction,
        debtor_id=row.debtor_id,
        number_id=row.number_id,
        callee=row.callee,
        connected=row.connected,
        debtor_speech_ms=row.debtor_speech_ms,
        outcome=row.outcome,
        billed_seconds=row.billed_seconds,
        caller_id=caller_id,
    )
