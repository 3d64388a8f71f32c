"""The rows of the queue: tasks with leases and fencing tokens, and the outbox that rings for them.

Whoever holds a task's token may renew its lease and write its result; every statement that does so names the token, so
that a worker that was thought dead and comes back changes nothing. Attempts are counted when a task is claimed, so that
work which kills its worker is counted too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, and_, select, update
from sqlalchemy.orm import Session

from qa_service.errors import LeaseLost
from qa_service.states import Stage, TaskStatus, Ticket
from qa_service.storage.tables import OutboxRow, StageTaskRow


def hand_out(session: Session, call_id: str, stage: Stage, *, now: datetime) -> Ticket:
    """Make the task, or start it afresh with a new token and a new budget of attempts, and have the doorbell rung."""
    row = session.get(StageTaskRow, (call_id, stage), with_for_update=True)
    if row is None:
        row = StageTaskRow(call_id=call_id, stage=stage, token=0, created_at=now)
        session.add(row)
    row.attempts = 0
    row.done_at = None
    return _again(session, row, now=now, not_before=now)


def _again(session: Session, row: StageTaskRow, *, now: datetime, not_before: datetime) -> Ticket:
    row.token += 1
    row.status = TaskStatus.WAITING
    row.owner = None
    row.lease_until = None
    row.not_before = not_before
    session.add(OutboxRow(call_id=row.call_id, stage=row.stage, token=row.token, created_at=now))
    session.flush()
    return Ticket(call_id=row.call_id, stage=row.stage, token=row.token)


def withdraw(session: Session, call_id: str, stage: Stage, *, now: datetime) -> None:
    """Take a task back that is no longer wanted; whoever holds it has lost it. Nothing where there is none to do."""
    row = session.get(StageTaskRow, (call_id, stage), with_for_update=True)
    if row is None or row.status is TaskStatus.DONE:
        return
    row.token += 1
    row.status = TaskStatus.DONE
    row.owner = None
    row.lease_until = None
    row.done_at = now
    # Nobody is rung for; the row keeps the history of tokens without a gap.
    session.add(OutboxRow(call_id=call_id, stage=stage, token=row.token, created_at=now, sent_at=now, taken_at=now))
    session.flush()


def lock_tasks(session: Session, call_id: str) -> None:
    """Hold the tasks of a call for this transaction: to be locked before the call, as the end of a stage does."""
    query = select(StageTaskRow).where(StageTaskRow.call_id == call_id).order_by(StageTaskRow.stage)
    session.execute(query.with_for_update())


def claim(session: Session, ticket: Ticket, *, owner: str, now: datetime, lease: timedelta) -> bool:
    """Take the task for its first caller; False where the token is old, taken, or not due yet."""
    taken = _changed(
        session,
        update(StageTaskRow)
        .where(_is(ticket), StageTaskRow.status == TaskStatus.WAITING, StageTaskRow.not_before <= now)
        .values(
            status=TaskStatus.RUNNING,
            owner=owner,
            lease_until=now + lease,
            claimed_at=now,
            attempts=StageTaskRow.attempts + 1,
        ),
    )
    if taken:
        session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.call_id == ticket.call_id, OutboxRow.stage == ticket.stage, OutboxRow.token == ticket.token
            )
            .values(taken_at=now)
        )
    return taken


def renew(session: Session, ticket: Ticket, *, now: datetime, lease: timedelta) -> bool:
    """Push the lease out; False where the token is no longer the holder's."""
    return _changed(
        session,
        update(StageTaskRow)
        .where(_is(ticket), StageTaskRow.status == TaskStatus.RUNNING)
        .values(lease_until=now + lease),
    )


def finish(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Mark the task done, in the transaction that writes its result.

    Raises:
        LeaseLost: the token is no longer the holder's; nothing of the transaction may stay.
    """
    _conclude(session, ticket, status=TaskStatus.DONE, done_at=now)


def give_up(session: Session, ticket: Ticket, *, error: str, now: datetime) -> None:
    """Mark the task as tried for the last time, with the reason.

    Raises:
        LeaseLost: the token is no longer the holder's.
    """
    _conclude(session, ticket, status=TaskStatus.GIVEN_UP, done_at=now, last_error=error)


def _conclude(session: Session, ticket: Ticket, **values: object) -> None:
    mine = update(StageTaskRow).where(_is(ticket), StageTaskRow.status == TaskStatus.RUNNING)
    if not _changed(session, mine.values(owner=None, lease_until=None, **values)):
        raise LeaseLost(f"{ticket.call_id} 的{ticket.stage.label}已由他人接手，本次结果作废。")


def put_back(
    session: Session, ticket: Ticket, *, error: str, now: datetime, delay: timedelta, counted: bool
) -> Ticket | None:
    """Hand the task out again after ``delay``; an attempt that is not ``counted`` is given back.

    Returns the new hand-out, None where the token is no longer the holder's.
    """
    row = _held(session, ticket)
    if row is None:
        return None
    row.last_error = error
    if not counted:
        row.attempts -= 1
    return _again(session, row, now=now, not_before=now + delay)


def attempts_of(session: Session, ticket: Ticket) -> int | None:
    """How often the task was claimed since its last fresh start, None where the token is no longer the holder's."""
    row = _held(session, ticket)
    return None if row is None else row.attempts


def _held(session: Session, ticket: Ticket) -> StageTaskRow | None:
    query = select(StageTaskRow).where(_is(ticket), StageTaskRow.status == TaskStatus.RUNNING).with_for_update()
    return session.scalar(query)


def expired(session: Session, *, now: datetime, limit: int = 100) -> Sequence[Ticket]:
    """Tasks whose holder has not renewed its lease in time, oldest lease first."""
    query = (
        select(StageTaskRow)
        .where(StageTaskRow.status == TaskStatus.RUNNING, StageTaskRow.lease_until < now)
        .order_by(StageTaskRow.lease_until)
        .limit(limit)
    )
    return [Ticket(call_id=row.call_id, stage=row.stage, token=row.token) for row in session.scalars(query)]


def lease_has_lapsed(session: Session, ticket: Ticket, *, now: datetime) -> bool:
    """Whether the holder of this token may be replaced, asked again inside the writing transaction."""
    row = _held(session, ticket)
    return row is not None and row.lease_until is not None and row.lease_until < now


AGAIN = 50
"""Most repeated rings sent at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One row of the outbox."""

    outbox_id: int
    ticket: Ticket


def unsent(session: Session, stage: Stage, *, now: datetime, limit: int) -> Sequence[Ring]:
    """Rings of a stage that are due and not sent yet: at most ``limit`` first ones, and ``AGAIN`` repeated ones before.

    What was begun and lost goes ahead of what has not begun, and is not held back by a full queue.
    """
    due = _open_rings(stage).where(OutboxRow.sent_at.is_(None), StageTaskRow.not_before <= now)
    again = session.scalars(due.where(OutboxRow.token > 1).limit(AGAIN)).all()
    first = session.scalars(due.where(OutboxRow.token == 1).limit(limit)).all() if limit > 0 else []
    return [_ring(row) for row in (*again, *first)]


def unanswered(session: Session, stage: Stage, *, sent_before: datetime) -> Sequence[Ring]:
    """Rings of a stage that were sent before this instant and that nobody has answered, oldest first."""
    return [_ring(row) for row in session.scalars(_open_rings(stage).where(OutboxRow.sent_at < sent_before))]


def _open_rings(stage: Stage) -> Select[OutboxRow]:
    same_task = and_(
        StageTaskRow.call_id == OutboxRow.call_id,
        StageTaskRow.stage == OutboxRow.stage,
        StageTaskRow.token == OutboxRow.token,
    )
    return (
        select(OutboxRow)
        .join(StageTaskRow, same_task)
        .where(OutboxRow.taken_at.is_(None), OutboxRow.stage == stage)
        .order_by(OutboxRow.id)
    )


def mark_sent(session: Session, rings: Iterable[Ring], *, at: datetime | None) -> None:
    """Note when rings were sent; None has them sent again."""
    ids = [ring.outbox_id for ring in rings]
    session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.taken_at.is_(None)).values(sent_at=at))


def _ring(row: OutboxRow) -> Ring:
    return Ring(outbox_id=row.id, ticket=Ticket(call_id=row.call_id, stage=row.stage, token=row.token))


def _is(ticket: Ticket) -> Any:  # noqa: ANN401 - SQLAlchemy's boolean expressions have no public common type
    return and_(
        StageTaskRow.call_id == ticket.call_id,
        StageTaskRow.stage == ticket.stage,
        StageTaskRow.token == ticket.token,
    )


def _changed(session: Session, statement: Any) -> bool:  # noqa: ANN401
    result = session.execute(statement.execution_options(synchronize_session=False))
    if not isinstance(result, CursorResult):
        raise TypeError("an UPDATE must answer with a count of rows")
    return result.rowcount == 1
