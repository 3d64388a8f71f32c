"""Upkeep: the database brought to this version, decoded audio nobody needs removed, calls that do not move named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from qa_service.actions.backend import Backend, database_faults
from qa_service.actions.stage_work import WORK_FOLDER
from qa_service.states import FINAL_CALL_STATES, CallState
from qa_service.storage import schema
from qa_service.storage.recordings import sweep_incoming
from qa_service.storage.tables import CallRow, CallStateRow

KEEP_WORK = timedelta(days=7)
"""Longest that decoded audio is kept; a call that needs it later has its recording decoded again."""

KEEP_INCOMING = timedelta(days=1)
"""Longest that an upload may be under way; what is older was left by a process that was killed."""

STUCK_AFTER = timedelta(hours=24)


def upgrade_database(backend: Backend) -> None:
    """Apply the migrations that are missing; safe to run from several processes at once.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    with database_faults():
        schema.upgrade(backend.database)


def clear_work(backend: Backend, *, now: datetime) -> int:
    """Remove decoded audio older than ``KEEP_WORK`` and return how many files went."""
    folder = backend.settings.data_dir / WORK_FOLDER
    removed = 0
    for file in sorted(folder.glob("*")) if folder.is_dir() else []:
        if now - datetime.fromtimestamp(file.stat().st_mtime, UTC) > KEEP_WORK:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def clear_incoming(backend: Backend, *, now: datetime) -> int:
    """Remove what is left of uploads older than ``KEEP_INCOMING`` and return how many went."""
    return sweep_incoming(backend.settings.data_dir, before=now - KEEP_INCOMING)


def stuck_calls(backend: Backend, *, now: datetime, limit: int = 100) -> Sequence[tuple[str, CallState, datetime]]:
    """Calls on their way whose last move is older than ``STUCK_AFTER``: id, state, time of that move; oldest first."""
    last = func.max(CallStateRow.at)
    query = (
        select(CallRow.call_id, CallRow.state, last)
        .join(CallStateRow, CallStateRow.call_id == CallRow.call_id)
        .where(CallRow.state.not_in(FINAL_CALL_STATES))
        .group_by(CallRow.call_id, CallRow.state)
        .having(last < now - STUCK_AFTER)
        .order_by(last)
        .limit(limit)
    )
    with backend.read() as session:
        return [(call_id, state, since) for call_id, state, since in session.execute(query)]
