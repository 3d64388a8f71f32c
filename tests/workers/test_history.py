"""The history checker itself: it must pass an honest database and name each kind of lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from chaos.history import read_history
from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.queueing import sweep
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.documents import parse_call
from qa_service.settings import Settings
from qa_service.states import CallState, Stage, TaskStatus, Ticket
from qa_service.storage import schema, tasks
from qa_service.storage.tables import (
    AnalysisRow,
    CallRow,
    CallStateRow,
    FindingRow,
    OutboxRow,
    ReviewEventRow,
    ReviewItemRow,
    StageTaskRow,
)

Lie = Callable[[Session], object]
TURN = {"speaker": "agent", "start": 0.0, "end": 2.0, "text": "你不还钱我就闹到你们单位去"}


@pytest.fixture
def backend(new_database_url: Callable[[str], str], tmp_path: Path) -> Iterator[Backend]:
    """One judged call, once handed out again after a lapsed lease, and one dialler record."""
    backend = open_backend(Settings(database_url=new_database_url("sqlite"), data_dir=tmp_path))
    schema.upgrade(backend.database)
    start = {"started_at": "2026-03-12T14:00:00+08:00"}
    receive_call(backend, parse_call({"call_id": "judged", **start, "turns": [TURN]}))
    receive_call(backend, parse_call({"call_id": "recorded", **start}))
    now = datetime.now(UTC)
    with backend.write() as session:
        first = Ticket(call_id="judged", stage=Stage.JUDGE, token=1)
        assert tasks.claim(session, first, owner="dead:1", now=now, lease=timedelta(seconds=-1))
    assert sweep(backend).again == 1
    runner = StageRunner(backend=backend, work=stage_work(backend))
    assert runner.run(Ticket(call_id="judged", stage=Stage.JUDGE, token=2)) is Outcome.DONE
    yield backend
    backend.close()


def test_an_honest_history_is_clean(backend: Backend) -> None:
    verdict = read_history(backend.database, ["judged", "recorded"])
    assert verdict.clean, verdict
    assert verdict.final == {CallState.JUDGED: 1, CallState.RECORDED: 1}


def test_a_call_that_never_arrived_is_lost(backend: Backend) -> None:
    assert read_history(backend.database, ["judged", "recorded", "third"]).lost == ["third"]


def _another_analysis(session: Session) -> None:
    row = session.scalars(select(AnalysisRow)).one()
    values = {c.key: getattr(row, c.key) for c in AnalysisRow.__table__.columns if c.key != "id"}
    session.add(AnalysisRow(**{**values, "current": False}))


def _state(session: Session, seq: int, state: CallState) -> None:
    session.add(CallStateRow(call_id="judged", seq=seq, state=state, at=datetime.now(UTC)))


JUDGED = CallRow.call_id == "judged"
LIES: dict[str, Lie] = {
    "state-not-final": lambda s: s.execute(update(CallRow).where(JUDGED).values(state=CallState.JUDGING)),
    "state-without-move": lambda s: s.execute(delete(CallStateRow).where(CallStateRow.seq == 3)),
    "gap-in-moves": lambda s: s.execute(delete(CallStateRow).where(CallStateRow.seq == 2)),
    "illegal-move": lambda s: _state(s, 4, CallState.DECODING),
    "judged-twice": lambda s: _state(s, 4, CallState.JUDGED),
    "wrong-beginning": lambda s: s.execute(
        update(CallStateRow)
        .where(CallStateRow.call_id == "judged", CallStateRow.seq == 1)
        .values(state=CallState.JUDGING)
    ),
    "two-analyses": _another_analysis,
    "no-analysis": lambda s: [s.execute(delete(t)) for t in (FindingRow, ReviewEventRow, ReviewItemRow, AnalysisRow)],
    "result-of-an-old-token": lambda s: s.execute(update(AnalysisRow).values(token=1)),
    "task-not-done": lambda s: s.execute(update(StageTaskRow).values(status=TaskStatus.RUNNING)),
    "token-went-back": lambda s: s.execute(update(StageTaskRow).values(token=1)),
    "hand-out-missing": lambda s: s.execute(delete(OutboxRow).where(OutboxRow.token == 1)),
    "hand-out-never-taken": lambda s: s.execute(update(OutboxRow).where(OutboxRow.token == 2).values(taken_at=None)),
    "taken-out-of-order": lambda s: s.execute(
        update(OutboxRow).where(OutboxRow.token == 1).values(taken_at=datetime.now(UTC) + timedelta(days=1))
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_each_lie_is_named(backend: Backend, lie: Lie) -> None:
    with backend.write() as session:
        lie(session)
    assert not read_history(backend.database, ["judged", "recorded"]).clean
