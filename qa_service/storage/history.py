"""What came before a call: earlier calls to the same debtor or number, and who asked in them not to be called again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, defer

from qa_service.call import Callee, Speaker
from qa_service.judgement import Category, Verdict
from qa_service.past import PastCall, StopRequest
from qa_service.storage.tables import AnalysisRow, CallRow, FindingRow, ReviewEventRow, ReviewItemRow

HISTORY = timedelta(days=30)
"""How far back earlier calls are shown to the judgement; the longest window of any frequency rule."""

HISTORY_LIMIT = 1000

REFUSALS_LIMIT = 20
"""Most earlier calls in which a third party asked to be left alone that are shown; one is enough for a finding."""


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
        select(CallRow)
        .options(defer(CallRow.document))
        .where(or_(*same), _before(row), CallRow.started_at >= row.started_at - HISTORY)
        .order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
        .limit(HISTORY_LIMIT)
    )
    past = {earlier.call_id: _past(earlier) for earlier in session.scalars(query)}
    past |= _refusals(session, row)
    return tuple(sorted(past.values(), key=lambda call: (call.started_at, call.call_id)))


def _before(row: CallRow) -> ColumnElement[bool]:
    # Two calls of one instant are ordered by id, so that each of them sees the same past whenever it is judged.
    same_instant = and_(CallRow.started_at == row.started_at, CallRow.call_id < row.call_id)
    return or_(CallRow.started_at < row.started_at, same_instant)


def _refusals(session: Session, row: CallRow) -> Mapping[str, PastCall]:
    """Earlier calls to the third party at this number, with what was asked in them; by call id."""
    if row.callee is not Callee.THIRD_PARTY or row.number_id is None:
        return {}
    query = (
        select(CallRow, FindingRow)
        .join(AnalysisRow, and_(AnalysisRow.call_id == CallRow.call_id, AnalysisRow.current))
        .join(FindingRow, FindingRow.analysis_id == AnalysisRow.id)
        .where(CallRow.number_id == row.number_id, CallRow.callee == Callee.THIRD_PARTY, _before(row))
        .where(FindingRow.category == Category.STOP_CONTACT, FindingRow.speaker == Speaker.CUSTOMER)
        .order_by(CallRow.started_at.desc(), FindingRow.n)
        .limit(REFUSALS_LIMIT)
    )
    pairs = session.execute(query).all()
    verdicts = _verdicts(session, [call.call_id for call, _ in pairs])
    past: dict[str, PastCall] = {}
    for call, finding in pairs:
        verdict = verdicts[finding.analysis_id].get(finding.n)
        known = past.setdefault(call.call_id, _past(call))
        if verdict is not Verdict.OVERTURNED:
            request = StopRequest(
                rule=finding.rule,
                words=finding.quote or "",
                doubtful=finding.needs_confirmation and verdict is not Verdict.CONFIRMED,
            )
            past[call.call_id] = replace(known, stop_requests=(*known.stop_requests, request))
    return past


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


def _past(row: CallRow) -> PastCall:
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
    )
