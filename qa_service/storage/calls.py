"""Rows of calls: taking one in, moving it from state to state, completing what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_service.call import Call
from qa_service.documents import call_document
from qa_service.errors import Conflict, NotFound
from qa_service.states import CALL_MOVES, FIRST_CALL_STATES, CallState
from qa_service.storage.tables import CallRow, CallStateRow


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


def add_records(session: Session, records: Mapping[str, Call], *, now: datetime) -> None:
    """Write dialler records that are new, given by the hash of their content."""
    state = CallState.RECORDED
    for content_hash, call in records.items():
        row = CallRow(call_id=call.call_id, content_hash=content_hash, state=state, received_at=now)
        _write_facts(row, call)
        session.add(row)
    session.flush()
    session.add_all(CallStateRow(call_id=call.call_id, seq=1, state=state, at=now) for call in records.values())


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
    row.outcome = call.outcome
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


def last_refusal(session: Session, call_id: str) -> str | None:
    """Why the call's recording could not be taken the last time, None where it never was refused."""
    query = select(CallStateRow.reason).where(CallStateRow.call_id == call_id, CallStateRow.state == CallState.REFUSED)
    return session.scalar(query.order_by(CallStateRow.seq.desc()).limit(1))
