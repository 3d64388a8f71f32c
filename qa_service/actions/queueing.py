"""The queue's side of the database, for the dispatcher: what to ring for, what to hand out again, what to give up.

All of it may run in several processes at once and be killed at any point: each step is one transaction that asks again
whether it is still due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.errors import Conflict, NotFound
from qa_service.states import CallState, Stage, TaskStatus, Ticket
from qa_service.storage import tasks
from qa_service.storage.calls import move_call
from qa_service.storage.tables import CallRow, StageTaskRow

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """How many stages were found without a living worker: handed out again, or given up."""

    again: int
    given_up: int


def ring_due(
    backend: Backend, stage: Stage, ring: Callable[[Sequence[Ticket]], None], *, limit: int, now: datetime | None = None
) -> int:
    """Ring for up to ``limit`` fresh tasks of a stage that are due, and for repeated ones; returns how many.

    ``ring`` puts tickets into the queue; killed between that and the note of it, the same tickets are rung for again,
    which is harmless: only the first worker that comes can claim one.
    """
    moment = now or datetime.now(UTC)
    with backend.read() as session:
        rings = tasks.unsent(session, stage, now=moment, limit=limit)
    if not rings:
        return 0
    ring([each.ticket for each in rings])
    with backend.write() as session:
        tasks.mark_sent(session, rings, at=moment)
    return len(rings)


def ring_again(backend: Backend, stage: Stage, *, sent_before: datetime, still_queued: Collection[Ticket]) -> int:
    """Have tickets rung for again that nobody took since ``sent_before`` and that the queue no longer holds."""
    with backend.read() as session:
        rings = tasks.unanswered(session, stage, sent_before=sent_before)
    lost = [each for each in rings if each.ticket not in still_queued]
    if lost:
        with backend.write() as session:
            tasks.mark_sent(session, lost, at=None)
        logger.warning("resent stage=%s tasks=%d", stage, len(lost))
    return len(lost)


def sweep(backend: Backend, *, now: datetime | None = None) -> Lost:
    """Hand out again what lapsed leases have left behind; give up what has used all its attempts."""
    moment = now or datetime.now(UTC)
    with backend.read() as session:
        lapsed = tasks.expired(session, now=moment)
    outcomes = []
    for ticket in lapsed:
        with backend.write() as session:
            if tasks.lease_has_lapsed(session, ticket, now=moment):
                outcomes.append(_replace_worker(session, ticket, backend.settings.max_attempts, moment))
    return Lost(again=outcomes.count(True), given_up=outcomes.count(False))


def _replace_worker(session: Session, ticket: Ticket, max_attempts: int, now: datetime) -> bool:
    attempts = tasks.attempts_of(session, ticket) or 0
    logger.warning("lapsed call=%s stage=%s token=%d attempts=%d", ticket.call_id, ticket.stage, ticket.token, attempts)
    reason = f"{ticket.stage.label}时处理进程中断（第 {attempts} 次）。"
    if attempts < max_attempts:
        tasks.put_back(session, ticket, error=reason, now=now, delay=timedelta(0), counted=True)
        return True
    quarantine(session, ticket=ticket, reason=f"{reason}已达上限，请检查录音与运行日志后重试。", now=now)
    return False


def quarantine(session: Session, *, ticket: Ticket, reason: str, now: datetime) -> None:
    """Give the task up and set the call aside with the reason, for a person to look at.

    Raises:
        LeaseLost: the ticket is no longer the holder's.
    """
    tasks.give_up(session, ticket, error=reason, now=now)
    move_call(session, ticket.call_id, CallState.QUARANTINED, at=now, reason=reason)


_RETRIABLE = frozenset({CallState.REFUSED, CallState.QUARANTINED, CallState.JUDGED})


def retry_call(backend: Backend, call_id: str, actor: Actor) -> Stage:
    """Put a refused or quarantined call back into the stage that failed, with a new budget of attempts.

    Also one that was judged without its recording after that had been refused.

    Raises:
        NotAllowed: the actor's roles do not include retrying.
        NotFound: no such call.
        Conflict: no stage of the call has failed, or it is on its way again.
    """
    actor.require(Action.CALL_RETRY)
    now = datetime.now(UTC)
    with backend.write() as session:
        row = session.get(CallRow, call_id, with_for_update=True)
        if row is None:
            raise NotFound(f"没有编号为 {call_id} 的通话。")
        stage = session.scalar(
            select(StageTaskRow.stage).where(
                StageTaskRow.call_id == call_id, StageTaskRow.status == TaskStatus.GIVEN_UP
            )
        )
        if stage is None or row.state not in _RETRIABLE:
            raise Conflict(f"通话 {call_id} 处于“{row.state.label}”，只有无法受理或已隔离的通话可以重试。")
        move_call(session, call_id, stage.state, at=now, actor=actor.name)
        tasks.hand_out(session, call_id, stage, now=now)
    logger.info("retried call=%s stage=%s", call_id, stage)
    return stage


def queue_depth(backend: Backend) -> Mapping[Stage, Mapping[TaskStatus, int]]:
    """How many tasks of each stage stand where; from the database, so that it is true without Redis too."""
    depth = {stage: dict.fromkeys(TaskStatus, 0) for stage in Stage}
    query = select(StageTaskRow.stage, StageTaskRow.status, func.count()).group_by(
        StageTaskRow.stage, StageTaskRow.status
    )
    with backend.read() as session:
        for stage, status, number in session.execute(query):
            depth[stage][status] = number
    return depth
