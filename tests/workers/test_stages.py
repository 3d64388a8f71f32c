"""Running a stage: every way it can end, and what is in the database then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_service.actions import leases, queueing
from qa_service.actions.backend import Backend
from qa_service.actions.stages import Beat, Outcome, StageRunner, Write
from qa_service.errors import EngineUnavailable, InputRefused, LeaseLost, RecordingRefused
from qa_service.states import CallState, Stage, TaskStatus, Ticket
from qa_service.storage.tables import AccessLogRow, CallRow, CallStateRow, StageTaskRow

NewCall = Callable[[str], Ticket]
LATER = timedelta(days=1)


@dataclass(slots=True)
class Scripted:
    """Work that does what a test says and leaves a row as its result."""

    act: Callable[[Beat], object] = lambda beat: None
    runs: int = field(default=0, init=False)

    def __call__(self, ticket: Ticket, beat: Beat) -> Write:
        self.runs += 1
        self.act(beat)

        def write(session: Session) -> None:
            session.add(AccessLogRow(at=datetime.now(UTC), actor="w", action="result", call_id="c-1", granted=True))

        return write


def run(backend: Backend, ticket: Ticket, work: Scripted) -> Outcome:
    return StageRunner(backend=backend, work={stage: work for stage in Stage}, owner="w:1").run(ticket)


def results(backend: Backend) -> int:
    with backend.read() as session:
        return session.scalar(select(func.count()).select_from(AccessLogRow)) or 0


def state(backend: Backend) -> tuple[CallState, TaskStatus, int, int]:
    with backend.read() as session:
        task = session.scalars(select(StageTaskRow).where(StageTaskRow.stage == Stage.JUDGE)).one()
        return session.get_one(CallRow, task.call_id).state, task.status, task.token, task.attempts


def wake(backend: Backend) -> None:
    with backend.write() as session:
        session.scalars(select(StageTaskRow)).one().not_before = datetime.now(UTC)


def raising(error: Exception) -> Callable[[Beat], object]:
    def act(beat: Beat) -> object:
        raise error

    return act


def test_a_stage_that_works_leaves_its_result_once(backend: Backend, new_call: NewCall) -> None:
    ticket, work = new_call("c-1"), Scripted()
    assert run(backend, ticket, work) is Outcome.DONE
    assert run(backend, ticket, work) is Outcome.NOT_OURS
    assert (work.runs, results(backend)) == (1, 1)
    assert state(backend) == (CallState.JUDGED, TaskStatus.DONE, 1, 1)


@pytest.mark.parametrize("error", [InputRefused("坏了"), RecordingRefused("坏了")], ids=["input", "recording"])
def test_a_call_that_cannot_be_taken_is_refused_with_its_sentence(
    backend: Backend, new_call: NewCall, error: Exception
) -> None:
    assert run(backend, new_call("c-1"), Scripted(raising(error))) is Outcome.REFUSED
    assert state(backend)[:2] == (CallState.REFUSED, TaskStatus.GIVEN_UP)
    with backend.read() as session:
        reason = session.scalars(select(CallStateRow.reason).order_by(CallStateRow.seq.desc())).first()
    assert reason == "坏了"
    assert results(backend) == 0


def test_a_service_that_cannot_work_costs_the_call_no_attempt(backend: Backend, new_call: NewCall) -> None:
    ticket = new_call("c-1")
    assert run(backend, ticket, Scripted(raising(EngineUnavailable("没有模型")))) is Outcome.PUT_BACK
    assert state(backend) == (CallState.JUDGING, TaskStatus.WAITING, 2, 0)
    again = Ticket(call_id="c-1", stage=Stage.JUDGE, token=2)
    assert run(backend, again, Scripted()) is Outcome.NOT_OURS  # it rests


def test_a_worker_that_is_told_to_stop_puts_its_work_back_at_once(backend: Backend, new_call: NewCall) -> None:
    work = Scripted(lambda beat: (runner.stopping.set(), beat()))
    runner = StageRunner(backend=backend, work={Stage.JUDGE: work})
    assert runner.run(new_call("c-1")) is Outcome.PUT_BACK
    assert state(backend) == (CallState.JUDGING, TaskStatus.WAITING, 2, 0)
    assert run(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=2), Scripted()) is Outcome.DONE
    assert results(backend) == 1


def test_unexpected_errors_are_counted_and_then_set_the_call_aside(backend: Backend, new_call: NewCall) -> None:
    ticket = new_call("c-1")
    broken = Scripted(raising(ZeroDivisionError("客户姓名张伟")))
    assert run(backend, ticket, broken) is Outcome.PUT_BACK
    assert state(backend) == (CallState.JUDGING, TaskStatus.WAITING, 2, 1)
    wake(backend)
    assert run(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=2), broken) is Outcome.QUARANTINED
    assert state(backend) == (CallState.QUARANTINED, TaskStatus.GIVEN_UP, 2, 2)
    with backend.read() as session:
        error = session.scalars(select(StageTaskRow.last_error)).one()
    assert error is not None and "ZeroDivisionError" in error and "张伟" not in error


def test_a_worker_thought_dead_writes_nothing_when_it_comes_back(backend: Backend, new_call: NewCall) -> None:
    ticket = new_call("c-1")

    def sleep_too_long(beat: Beat) -> None:
        queueing.sweep(backend, now=datetime.now(UTC) + LATER)

    assert run(backend, ticket, Scripted(sleep_too_long)) is Outcome.LEASE_LOST
    assert results(backend) == 0
    assert state(backend) == (CallState.JUDGING, TaskStatus.WAITING, 2, 1)
    wake(backend)
    assert run(backend, Ticket(call_id="c-1", stage=Stage.JUDGE, token=2), Scripted()) is Outcome.DONE
    assert results(backend) == 1


@pytest.mark.parametrize(
    "error",
    [InputRefused("坏了"), EngineUnavailable("没有模型"), ValueError()],
    ids=["refused", "service", "unexpected"],
)
def test_nor_does_it_refuse_put_back_or_quarantine(backend: Backend, new_call: NewCall, error: Exception) -> None:
    ticket = new_call("c-1")

    def fail_late(beat: Beat) -> None:
        queueing.sweep(backend, now=datetime.now(UTC) + LATER)
        raise error

    assert run(backend, ticket, Scripted(fail_late)) is Outcome.LEASE_LOST
    assert state(backend) == (CallState.JUDGING, TaskStatus.WAITING, 2, 1)


def test_a_lease_is_kept_while_the_work_goes_on_and_beat_tells_when_it_is_lost(
    backend: Backend, new_call: NewCall
) -> None:
    told = threading.Event()

    def work_long(beat: Beat) -> None:
        with backend.read() as session:
            first = session.scalars(select(StageTaskRow.lease_until)).one()
        while True:
            with backend.read() as session:
                if session.scalars(select(StageTaskRow.lease_until)).one() != first:
                    break
        beat()
        queueing.sweep(backend, now=datetime.now(UTC) + LATER)
        try:
            while True:
                beat()
        except LeaseLost:
            told.set()
            raise

    assert run(backend, new_call("c-1"), Scripted(work_long)) is Outcome.LEASE_LOST
    assert told.is_set()


def test_work_that_gives_no_sign_loses_its_lease(backend: Backend, new_call: NewCall) -> None:
    ticket = new_call("c-1")
    with leases.Lease(backend, ticket, patience_s=0.0) as lease:
        lease._thread.join(5)
        assert not lease._thread.is_alive()
