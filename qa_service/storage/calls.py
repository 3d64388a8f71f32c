"""Rows of calls: taking one in, moving it from state to state, and what came before it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, defer

from qa_service.call import Call, PastCall
from qa_service.documents import call_document
from qa_service.errors import Conflict, NotFound
from qa_service.states import CALL_MOVES, FIRST_CALL_STATES, CallState
from qa_service.storage.tables import CallRow, CallStateRow

HISTORY = timedelta(days=30)
"""How far back earlier calls are shown to the judgement; the longest window of any frequency rule."""

HISTORY_LIMIT = 1000


def add_call(
    session: Session,
    call: Call,
    *,
    state: CallState,
    content_hash: str,
    debtor_speech_ms: int | None,
    now: datetime,
) -> None:
    """Write a call in its first state; ``debtor_speech_ms`` as far as its turns tell."""
    if state not in FIRST_CALL_STATES:
        raise ValueError(f"a call cannot begin as {state}")
    row = CallRow(
        call_id=call.call_id,
        content_hash=content_hash,
        debtor_speech_ms=debtor_speech_ms,
        state=state,
        received_at=now,
    )
    _write_facts(row, call)
    session.add(row)
    session.flush()
    session.add(CallStateRow(call_id=call.call_id, seq=1, state=state, at=now))


def complete_call(row: CallRow, call: Call, *, content_hash: str, debtor_speech_ms: int | None) -> None:
    """Write what is now known of a call that was taken in before; ``debtor_speech_ms`` where its turns tell it."""
    _write_facts(row, call)
    row.content_hash = content_hash
    if call.turns:
        row.debtor_speech_ms = debtor_speech_ms


def _write_facts(row: CallRow, call: Call) -> None:
    row.started_at = call.started_at
    row.day = call.started_at.date()
    row.agent_id = call.agent_id
    row.team = call.team
    row.debtor_id = call.debtor_id
    row.number_id = call.number_id
    row.direction = call.direction
    row.callee = call.callee
    row.connected = call.connected
    row.billed_seconds = call.billed_seconds
    row.document = call_document(call)
    row.recording_sha256 = call.recording.sha256 if call.recording is not None else None
    row.other_side_sha256 = call.recording.other_side_sha256 if call.recording is not None else None


def move_call(
    session: Session, call_id: str, to: CallState, *, at: datetime, reason: str | None = None, actor: str | None = None
) -> None:
    """Append a move to the call's history and cache it.

    Raises:
        NotFound: no such call.
        Conflict: the move is not allowed from the state the call is in.
    """
    row = session.get(CallRow, call_id, with_for_update=True)
    if row is None:
        raise NotFound(f"没有编号为 {call_id} 的通话。")
    if to not in CALL_MOVES[row.state]:
        raise Conflict(f"通话 {call_id} 处于“{row.state.label}”，不能转为“{to.label}”。")
    last = session.scalar(select(func.max(CallStateRow.seq)).where(CallStateRow.call_id == call_id)) or 0
    session.add(CallStateRow(call_id=call_id, seq=last + 1, state=to, reason=reason, actor=actor, at=at))
    row.state = to
    session.flush()


def past_calls(session: Session, row: CallRow) -> tuple[PastCall, ...]:
    """Earlier calls to the same debtor or number within ``HISTORY``, oldest first, at most the last 1,000."""
    same = []
    if row.debtor_id is not None:
        same.append(CallRow.debtor_id == row.debtor_id)
    if row.number_id is not None:
        same.append(CallRow.number_id == row.number_id)
    if not same:
        return ()
    # Two calls of one instant are ordered by id, so that each of them sees the same past whenever it is judged.
    before = or_(
        CallRow.started_at < row.started_at,
        and_(CallRow.started_at == row.started_at, CallRow.call_id < row.call_id),
    )
    query = (
        select(CallRow)
        .options(defer(CallRow.document))
        .where(or_(*same), before, CallRow.started_at >= row.started_at - HISTORY)
        .order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
        .limit(HISTORY_LIMIT)
    )
    return tuple(_past(earlier) for earlier in reversed(session.scalars(query).all()))


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
    )
