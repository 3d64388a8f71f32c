"""Whether the service can work, and how it is doing: readiness and the numbers of ``/metrics``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text

from qa_service.actions.backend import Backend, database_faults
from qa_service.actions.queueing import queue_depth
from qa_service.judgement import Queue
from qa_service.states import CallState, ReviewState, Stage, TaskStatus
from qa_service.storage.schema import is_current
from qa_service.storage.tables import CallRow, ReviewItemRow, StageTaskRow

PENDING_REVIEW = frozenset({ReviewState.OPEN, ReviewState.CLAIMED, ReviewState.APPEALED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of the moment; every key of each enumeration is present, so that a gauge falls back to 0."""

    calls: Mapping[CallState, int]
    tasks: Mapping[Stage, Mapping[TaskStatus, int]]
    review: Mapping[Queue, int]


def check_database(backend: Backend) -> None:
    """Pass where the database answers.

    Raises:
        DatabaseUnavailable: it does not.
    """
    with backend.read() as session:
        session.execute(text("SELECT 1"))


def migrations_current(backend: Backend) -> bool:
    """Whether the tables are those of this version.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    with database_faults():
        return is_current(backend.database)


def troubles(backend: Backend, *, limit: int = 3) -> tuple[str, ...]:
    """What stopped the tasks that are waiting for another try, each sentence once.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    query = (
        select(StageTaskRow.last_error)
        .where(StageTaskRow.status == TaskStatus.WAITING, StageTaskRow.last_error.is_not(None))
        .distinct()
        .limit(limit)
    )
    with backend.read() as session:
        return tuple(text for text in session.scalars(query) if text)


def figures(backend: Backend) -> Figures:
    """Count what is there.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    calls = dict.fromkeys(CallState, 0)
    review = dict.fromkeys(Queue, 0)
    with backend.read() as session:
        calls.update(session.execute(select(CallRow.state, func.count()).group_by(CallRow.state)).all())
        waiting = select(ReviewItemRow.queue, func.count()).where(ReviewItemRow.state.in_(PENDING_REVIEW))
        review.update(session.execute(waiting.group_by(ReviewItemRow.queue)).all())
    return Figures(calls=calls, tasks=queue_depth(backend), review=review)
