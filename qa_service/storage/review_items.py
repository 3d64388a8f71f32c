"""Rows of review items: opening one for a judgement, and having it follow when its call is judged anew.

A call has one item for good. While nobody has decided it, it follows the newest judgement, and whoever holds it keeps
it; with nothing left to look at it is closed. Once decided it stays so, unless the newest judgement gives a reason that
was not among those decided on: then it goes back to open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_service.judgement import Queue, Reason, Triage
from qa_service.states import ReviewState
from qa_service.storage.payloads import read_reasons, reasons_document
from qa_service.storage.tables import AnalysisRow, CallRow, ReviewEventRow, ReviewItemRow

RANKS = {queue: rank for rank, queue in enumerate(Queue)}
"""Urgency of the review queues, 0 first: the order in which ``Queue`` lists them."""

UNDECIDED = frozenset({ReviewState.OPEN, ReviewState.CLAIMED})


def item_of(session: Session, call_id: str) -> ReviewItemRow | None:
    """The review item of a call, locked for this transaction; None where it never needed one."""
    return session.scalar(select(ReviewItemRow).where(ReviewItemRow.call_id == call_id).with_for_update())


def append_event(
    session: Session, item: ReviewItemRow, to: ReviewState, *, actor: str | None, at: datetime, body: dict[str, Any]
) -> None:
    """Append an event and cache its state; whether the move is allowed is the caller's matter."""
    last = session.scalar(select(func.max(ReviewEventRow.seq)).where(ReviewEventRow.item_id == item.id)) or 0
    session.add(ReviewEventRow(item_id=item.id, seq=last + 1, state=to, actor=actor, at=at, body=body))
    item.state = to
    session.flush()


def follow_judgement(session: Session, analysis: AnalysisRow, triage: Triage | None, *, now: datetime) -> None:
    """Open the call's item, or have the one it has follow this judgement."""
    item = item_of(session, analysis.call_id)
    if item is None:
        if triage is not None:
            _open(session, analysis, triage, now)
    elif triage is None:
        if item.state in UNDECIDED:
            _point(item, analysis, ())
            append_event(session, item, ReviewState.CLOSED, actor=None, at=now, body={"rejudged": analysis.id})
    elif item.state in UNDECIDED or _has_new_reason(item, triage):
        _retarget(session, item, analysis, triage, now)


def _open(session: Session, analysis: AnalysisRow, triage: Triage, now: datetime) -> None:
    call = session.get_one(CallRow, analysis.call_id)
    item = ReviewItemRow(
        call_id=call.call_id,
        analysis_id=analysis.id,
        queue=triage.queue,
        rank=RANKS[triage.queue],
        due_at=triage.due_at,
        reasons=reasons_document(triage.reasons),
        state=ReviewState.OPEN,
        agent_id=call.agent_id,
        team=call.team,
        created_at=now,
    )
    session.add(item)
    session.flush()
    append_event(session, item, ReviewState.OPEN, actor=None, at=now, body={})


def _retarget(session: Session, item: ReviewItemRow, analysis: AnalysisRow, triage: Triage, now: datetime) -> None:
    undecided = item.state in UNDECIDED
    # The clock of a queue is not set back by judging again.
    if item.queue is not triage.queue or not undecided:
        item.due_at = triage.due_at
    item.queue, item.rank = triage.queue, RANKS[triage.queue]
    _point(item, analysis, triage.reasons)
    if not undecided:
        item.claimed_by = None
    to = item.state if undecided else ReviewState.OPEN
    append_event(session, item, to, actor=None, at=now, body={"rejudged": analysis.id})


def _point(item: ReviewItemRow, analysis: AnalysisRow, reasons: tuple[Reason, ...]) -> None:
    item.analysis_id = analysis.id
    item.reasons = reasons_document(reasons)


def _has_new_reason(item: ReviewItemRow, triage: Triage) -> bool:
    known = {(reason.rule, reason.turn) for reason in read_reasons(item.reasons)}
    return any((reason.rule, reason.turn) not in known for reason in triage.reasons)
