"""Tasks, leases and tokens: who may do what to a task, asked of both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from qa_service.access import Actor, Role
from qa_service.actions import queueing
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.documents import parse_call
from qa_service.errors import Conflict, LeaseLost, NotAllowed, NotFound
from qa_service.settings import Settings
from qa_service.states import CallState, Stage, TaskStatus, Ticket
from qa_service.storage import schema, tasks
from qa_service.storage.tables import CallRow, CallStateRow, OutboxRow, StageTaskRow

NOW = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
LEAD = Actor(name="lead", roles=frozenset({Role.QA_LEAD}))
SPOKEN = {"speaker": "agent", "start": 0.0, "end": 1.0, "text": "您好"}


@pytest.fixture
def backend(database_url: str, tmp_path: Path) -> Iterator[Backend]:
    backend = open_backend(Settings(database_url=database_url, data_dir=tmp_path, max_attempts=2))
    schema.upgrade(backend.database)
    yield backend
    backend.close()


@pytest.fixture
def ticket(backend: Backend) -> Ticket:
    call = parse_call({"call_id": "c-1", "started_at": "2026-03-12T14:00:00+08:00", "turns": [SPOKEN]})
    receive_call(backend, call)
    return Ticket(call_id="c-1", stage=Stage.JUDGE, token=1)


def claim(backend: Backend, ticket: Ticket, owner: str = "w1", now: datetime | None = None) -> bool:
    with backend.write() as session:
        return tasks.claim(session, ticket, owner=owner, now=now or datetime.now(UTC), lease=LEASE)


def task(backend: Backend) -> StageTaskRow:
    with backend.read() as session:
        return session.scalars(select(StageTaskRow)).one()


def test_only_the_first_claim_takes_the_task(backend: Backend, ticket: Ticket) -> None:
    assert claim(backend, ticket, "w1")
    assert not claim(backend, ticket, "w2")
    row = task(backend)
    assert (row.status, row.owner, row.attempts, row.token) == (TaskStatus.RUNNING, "w1", 1, 1)


def test_a_claim_before_its_time_or_with_an_unknown_token_takes_nothing(backend: Backend, ticket: Ticket) -> None:
    assert not claim(backend, ticket, now=NOW - timedelta(days=400))
    assert not claim(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=2))
    assert not claim(backend, Ticket(call_id="c-1", stage=Stage.DECODE, token=1))
    assert task(backend).status is TaskStatus.WAITING


def test_a_lapsed_lease_is_handed_out_again_and_the_first_holder_can_do_nothing_more(
    backend: Backend, ticket: Ticket
) -> None:
    assert claim(backend, ticket)
    later = datetime.now(UTC) + LEASE + timedelta(seconds=1)
    assert queueing.sweep(backend, now=later) == queueing.Lost(again=1, given_up=0)
    assert task(backend).token == 2
    for forbidden in (
        lambda session: tasks.finish(session, ticket, now=later),
        lambda session: tasks.give_up(session, ticket, error="x", now=later),
    ):
        with pytest.raises(LeaseLost), backend.write() as session:
            forbidden(session)
    with backend.write() as session:
        assert not tasks.renew(session, ticket, now=later, lease=LEASE)
        assert tasks.put_back(session, ticket, error="x", now=later, delay=LEASE, counted=True) is None
    assert claim(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=2), "w2", now=later)


def test_a_renewed_lease_is_left_alone(backend: Backend, ticket: Ticket) -> None:
    assert claim(backend, ticket)
    later = datetime.now(UTC) + LEASE + timedelta(seconds=1)
    with backend.write() as session:
        assert tasks.renew(session, ticket, now=later, lease=LEASE)
    assert queueing.sweep(backend, now=later) == queueing.Lost(again=0, given_up=0)
    with backend.write() as session:
        tasks.finish(session, ticket, now=later)
    assert task(backend).status is TaskStatus.DONE


def test_two_sweepers_hand_a_task_out_once(backend: Backend, ticket: Ticket) -> None:
    assert claim(backend, ticket)
    later = datetime.now(UTC) + 2 * LEASE
    assert queueing.sweep(backend, now=later).again + queueing.sweep(backend, now=later).again == 1
    with backend.read() as session:
        assert session.scalars(select(OutboxRow.token).order_by(OutboxRow.id)).all() == [1, 2]


def test_attempts_are_bounded_then_the_call_is_set_aside_and_a_person_may_retry_it(
    backend: Backend, ticket: Ticket
) -> None:
    moment = datetime.now(UTC)
    for token in (1, 2):
        moment += 2 * LEASE
        assert claim(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=token), now=moment)
        lost = queueing.sweep(backend, now=moment + 2 * LEASE)
    assert lost == queueing.Lost(again=0, given_up=1)
    with backend.read() as session:
        call = session.get_one(CallRow, "c-1")
        history = session.scalars(select(CallStateRow).order_by(CallStateRow.seq)).all()
    assert call.state is CallState.QUARANTINED
    assert [row.state for row in history] == [CallState.RECEIVED, CallState.JUDGING, CallState.QUARANTINED]
    assert history[-1].reason and "第 2 次" in history[-1].reason

    assert queueing.retry_call(backend, "c-1", LEAD) is Stage.JUDGE
    row = task(backend)
    assert (row.status, row.token, row.attempts) == (TaskStatus.WAITING, 3, 0)
    with backend.read() as session:
        last = session.scalars(select(CallStateRow).order_by(CallStateRow.seq.desc())).first()
    assert last is not None and (last.seq, last.state, last.actor) == (4, CallState.JUDGING, "lead")


@pytest.mark.parametrize(
    ("call_id", "roles", "error"),
    [
        ("c-1", {Role.QA_LEAD}, Conflict),
        ("c-9", {Role.QA_LEAD}, NotFound),
        ("c-1", {Role.QA, Role.AGENT, Role.TEAM_LEAD}, NotAllowed),
    ],
    ids=["still-running", "unknown", "role"],
)
def test_what_cannot_be_retried(
    backend: Backend, ticket: Ticket, call_id: str, roles: set[Role], error: type[Exception]
) -> None:
    with pytest.raises(error):
        queueing.retry_call(backend, call_id, Actor(name="x", roles=frozenset(roles)))
    assert task(backend).token == ticket.token


def test_a_task_put_back_rests_and_costs_an_attempt_only_where_counted(backend: Backend, ticket: Ticket) -> None:
    assert claim(backend, ticket)
    now = datetime.now(UTC)
    with backend.write() as session:
        again = tasks.put_back(session, ticket, error="没有模型", now=now, delay=LEASE, counted=False)
    assert again is not None and task(backend).attempts == 0
    with backend.read() as session:
        assert tasks.unsent(session, Stage.JUDGE, now=now, limit=9) == []
        assert [ring.ticket for ring in tasks.unsent(session, Stage.JUDGE, now=now + LEASE, limit=9)] == [again]


def test_rings_are_sent_once_and_again_only_where_nobody_came_and_the_queue_is_empty(
    backend: Backend, ticket: Ticket
) -> None:
    sent: list[Ticket] = []
    now = datetime.now(UTC)
    assert queueing.ring_due(backend, Stage.JUDGE, sent.extend, limit=10, now=now) == 1
    assert queueing.ring_due(backend, Stage.JUDGE, sent.extend, limit=10, now=now) == 0
    later = now + timedelta(seconds=5)
    assert queueing.ring_again(backend, Stage.JUDGE, sent_before=now, still_queued=[]) == 0
    assert queueing.ring_again(backend, Stage.JUDGE, sent_before=later, still_queued=[ticket]) == 0
    assert queueing.ring_again(backend, Stage.JUDGE, sent_before=later, still_queued=[]) == 1
    assert queueing.ring_due(backend, Stage.JUDGE, sent.extend, limit=10, now=later) == 1
    assert claim(backend, ticket)
    assert queueing.ring_again(backend, Stage.JUDGE, sent_before=later + LEASE, still_queued=[]) == 0
    assert sent == [ticket, ticket]


def test_a_ring_that_fails_stays_due(backend: Backend, ticket: Ticket) -> None:
    def broken(tickets: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        queueing.ring_due(backend, Stage.JUDGE, broken, limit=10)
    sent: list[Ticket] = []
    queueing.ring_due(backend, Stage.JUDGE, sent.extend, limit=10)
    assert sent == [ticket]
