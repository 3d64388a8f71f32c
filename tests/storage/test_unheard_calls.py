"""Calls whose recording never came, or was refused, are judged by night, and anew once they can be heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from qa_service.access import Actor, Role
from qa_service.actions import unheard_calls
from qa_service.actions.backend import Backend
from qa_service.actions.intake import receive_call
from qa_service.actions.queries import list_agent_scorecards
from qa_service.actions.queueing import retry_call
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.actions.unheard_calls import judge_unheard_calls
from qa_service.documents import parse_call
from qa_service.states import CallState, ReviewState, Stage, Ticket
from qa_service.storage.payloads import read_judged
from qa_service.storage.tables import AnalysisRow, CallRow, CallStateRow, ReviewItemRow, StageTaskRow
from qa_service.testing.audio import utterances, write_recording

DIALLED = {
    "call_id": "c-1",
    "started_at": "2026-03-12T14:00:00+08:00",
    "answered_at": "2026-03-12T14:00:09+08:00",
    "agent_id": "A1",
    "debtor_id": "d-1",
    "number_id": "n-1",
    "billed_seconds": 61,
}
GRACE = timedelta(hours=24)
LEAD = Actor(name="wang", roles=frozenset({Role.QA_LEAD}))


def run(backend: Backend, stage: Stage, call_id: str = "c-1") -> Outcome:
    with backend.read() as session:
        token = session.get_one(StageTaskRow, (call_id, stage)).token
    runner = StageRunner(backend=backend, work=stage_work(backend))
    return runner.run(Ticket(call_id=call_id, stage=stage, token=token))


def moves(backend: Backend) -> list[tuple[str, str | None]]:
    with backend.read() as session:
        rows = session.scalars(select(CallStateRow).where(CallStateRow.call_id == "c-1").order_by(CallStateRow.seq))
        return [(row.state.value, row.actor) for row in rows]


def missing(backend: Backend) -> list[str]:
    """What the current judgement says of a missing recording."""
    with backend.read() as session:
        current = session.scalars(select(AnalysisRow).where(AnalysisRow.call_id == "c-1", AnalysisRow.current)).one()
    findings = read_judged(current.document).analysis.findings
    return [item.text for each in findings if each.rule == "recording.missing" for item in each.evidence]


def night(backend: Backend, after: timedelta) -> int:
    """The nightly job, so long after the last move of every call."""
    now = datetime.now(UTC)
    with backend.write() as session:
        session.execute(update(CallStateRow).values(at=now - after))
    return judge_unheard_calls(backend, now=now)


def test_a_recording_is_waited_for_and_then_missing(backend: Backend) -> None:
    receive_call(backend, parse_call(DIALLED))
    assert night(backend, GRACE - timedelta(minutes=1)) == 0
    assert night(backend, GRACE + timedelta(minutes=1)) == 1
    assert run(backend, Stage.JUDGE) is Outcome.DONE
    assert moves(backend) == [("recorded", None), ("judging", "clock"), ("judged", None)]
    assert missing(backend) == ["话单显示已接通，计费 61 秒，但没有收到录音"]
    assert night(backend, 2 * GRACE) == 0, "once is enough"


def test_an_unanswered_call_is_judged_too_and_has_nothing_missing(backend: Backend) -> None:
    receive_call(backend, parse_call({**DIALLED, "answered_at": None, "billed_seconds": 0}))
    assert night(backend, 2 * GRACE) == 1
    assert run(backend, Stage.JUDGE) is Outcome.DONE
    assert missing(backend) == []
    assert list_agent_scorecards(backend, LEAD, "A1").items == (), "no hundred marks for a call nobody answered"


def test_every_batch_is_handed_out(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unheard_calls, "BATCH", 2)
    for n in range(5):
        receive_call(backend, parse_call({**DIALLED, "call_id": f"c-{n}"}))
    assert night(backend, 2 * GRACE) == 5


def test_a_recording_that_comes_after_all_is_heard_and_the_call_judged_anew(backend: Backend, tmp_path: Path) -> None:
    receive_call(backend, parse_call(DIALLED))
    night(backend, 2 * GRACE)
    assert run(backend, Stage.JUDGE) is Outcome.DONE
    agent, customer = utterances((200, 1500), length=4000), utterances((2000, 3500), length=4000)
    wav = write_recording(tmp_path / "c.wav", agent, customer)
    data: dict[str, Any] = {**DIALLED, "recording": {"path": "c.wav"}}
    assert receive_call(backend, parse_call(data), wav).state is CallState.RECEIVED
    assert run(backend, Stage.DECODE) is Outcome.DONE
    assert [state for state, _ in moves(backend)][2:] == ["judged", "received", "decoding", "transcribing"]


def test_a_refused_recording_counts_as_missing_and_can_still_be_tried_again(backend: Backend) -> None:
    data: dict[str, Any] = {**DIALLED, "recording": {"path": "c.wav"}}
    receive_call(backend, parse_call(data), b"no recording at all")
    assert run(backend, Stage.DECODE) is Outcome.REFUSED
    assert night(backend, GRACE - timedelta(minutes=1)) == 0
    assert night(backend, 2 * GRACE) == 1
    assert run(backend, Stage.JUDGE) is Outcome.DONE
    (said,) = missing(backend)
    assert said.startswith("话单显示已接通，计费 61 秒，但收到的录音无法使用（")
    with backend.read() as session:
        assert session.scalars(select(ReviewItemRow.state)).one() is ReviewState.OPEN
    assert retry_call(backend, "c-1", LEAD) is Stage.DECODE
    assert run(backend, Stage.DECODE) is Outcome.REFUSED
    with backend.read() as session:
        assert session.get_one(CallRow, "c-1").state is CallState.REFUSED
