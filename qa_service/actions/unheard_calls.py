"""Calls of which nothing could be heard: judged by their call data, once a recording has been waited for long enough.

Dialler records whose recording never came, and calls whose recording was refused. Should a recording still come, or
the refused one be tried again, the call is judged anew.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_service.actions.backend import Backend
from qa_service.states import CallState, Stage
from qa_service.storage import tasks
from qa_service.storage.calls import move_call
from qa_service.storage.tables import CallRow, CallStateRow

logger = logging.getLogger(__name__)

ACTOR = "clock"
"""In whose name the calls are moved."""

BATCH = 100
"""Calls handed out in one transaction."""

_UNHEARD = frozenset({CallState.RECORDED, CallState.REFUSED})


def judge_unheard_calls(backend: Backend, *, now: datetime) -> int:
    """Hand out for judging what has waited ``QA_RECORDING_GRACE_HOURS``; returns how many calls that were.

    Raises:
        DatabaseUnavailable: the database cannot be reached; what was handed out before that stays so.
    """
    since = now - timedelta(hours=backend.settings.recording_grace_hours)
    handed = 0
    while ids := _waiting(backend, since):
        with backend.write() as session:
            handed += sum(_hand_out(session, call_id, now) for call_id in ids)
    logger.info("handed out unheard calls=%d", handed)
    return handed


def _waiting(backend: Backend, since: datetime) -> list[str]:
    last = func.max(CallStateRow.at)
    query = (
        select(CallRow.call_id)
        .join(CallStateRow, CallStateRow.call_id == CallRow.call_id)
        .where(CallRow.state.in_(_UNHEARD))
        .group_by(CallRow.call_id)
        .having(last <= since)
        .order_by(CallRow.call_id)
        .limit(BATCH)
    )
    with backend.read() as session:
        return list(session.scalars(query))


def _hand_out(session: Session, call_id: str, now: datetime) -> bool:
    tasks.lock_tasks(session, call_id)
    row = session.get_one(CallRow, call_id, with_for_update=True)
    if row.state not in _UNHEARD:  # its recording came, or somebody tried it again, in this very moment
        return False
    move_call(session, call_id, CallState.JUDGING, at=now, actor=ACTOR)
    tasks.hand_out(session, call_id, Stage.JUDGE, now=now)
    return True
