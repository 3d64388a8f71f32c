"""The real stages with a real engine: a recording becomes rows of every kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qa_service.actions.backend import Backend
from qa_service.actions.intake import receive_call
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.call import Speaker
from qa_service.documents import parse_call
from qa_service.judgement import Category, Queue, VetoState
from qa_service.settings import Settings
from qa_service.states import CallState, ReviewState, Stage, Ticket
from qa_service.storage.history import past_calls
from qa_service.storage.payloads import read_judged, read_reasons, read_transcript
from qa_service.storage.tables import (
    AnalysisRow,
    CallRow,
    CallStateRow,
    DecodedRow,
    FindingRow,
    PromisePaymentRow,
    ReviewEventRow,
    ReviewItemRow,
    TranscriptRow,
)
from qa_service.testing.audio import utterances, write_recording
from qa_service.testing.scripted_whisper import build_scripted_whisper
from qa_service.transcription.engine import SpeechEngine, load_engine

SAYS = {Speaker.AGENT: "你今天不还我就闹到你们单位去", Speaker.CUSTOMER: "我明天还两千块"}
CALL = {
    "call_id": "c-1",
    "started_at": "2026-03-12T14:00:00+08:00",
    "agent_id": "A1",
    "team": "T1",
    "debtor_id": "d-1",
    "recording": {"path": "c.wav", "channels": {"left": "agent", "right": "customer"}},
}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[Speaker, SpeechEngine]:
    folder = tmp_path_factory.mktemp("models")
    models = {who: build_scripted_whisper(folder / who.value, text) for who, text in SAYS.items()}
    return {who: load_engine(Settings(whisper_model=str(m), whisper_device="cpu")) for who, m in models.items()}


@pytest.fixture
def run(backend: Backend, engines: dict[Speaker, SpeechEngine]) -> Callable[[Stage], Outcome]:
    """Run a stage of ``c-1``, as often as it was handed out for the first time."""
    runner = StageRunner(backend=backend, work=stage_work(backend, engines=lambda: engines))
    return lambda stage: runner.run(Ticket(call_id="c-1", stage=stage, token=1))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    agent, customer = utterances((200, 1500), length=4000), utterances((2000, 3500), length=4000, pitch=210.0)
    return write_recording(tmp_path / "c.wav", agent, customer)


def only(backend: Backend, table: type) -> Any:
    with backend.read() as session:
        return session.scalars(select(table)).one()


def test_a_recording_becomes_a_review_item(backend: Backend, run: Callable[[Stage], Outcome], recording: Path) -> None:
    receive_call(backend, parse_call(CALL), recording)
    assert [run(stage) for stage in Stage] == [Outcome.DONE] * 3

    with backend.read() as session:
        states = session.scalars(select(CallStateRow.state).order_by(CallStateRow.seq)).all()
        finding = session.scalars(select(FindingRow).where(FindingRow.category == Category.THREAT)).one()
    assert states == ["received", "decoding", "transcribing", "judging", "judged"]
    transcript = read_transcript(only(backend, TranscriptRow).document)
    assert [turn.speaker for turn in transcript.turns] == [Speaker.AGENT, Speaker.CUSTOMER]
    assert "单位" in transcript.turns[0].text
    analysis = only(backend, AnalysisRow)
    judged = read_judged(analysis.document)
    assert (analysis.mark, analysis.veto) == (judged.scorecard.mark, VetoState.PENDING)
    assert (finding.analysis_id, finding.turn, finding.speaker) == (analysis.id, 0, Speaker.AGENT)
    assert finding.quote in transcript.turns[0].text
    payment = only(backend, PromisePaymentRow)
    assert (payment.amount, payment.due) == (Decimal("2000.00"), date(2026, 3, 13))
    item = only(backend, ReviewItemRow)
    assert (item.queue, item.rank, item.state) == (Queue.RED_LINE, 1, ReviewState.OPEN)
    assert (item.agent_id, item.team) == ("A1", "T1")
    assert judged.triage is not None and read_reasons(item.reasons) == judged.triage.reasons
    assert only(backend, ReviewEventRow).state is ReviewState.OPEN
    assert list((backend.settings.data_dir / "work").iterdir()) == []


def test_decoded_audio_that_was_cleared_away_is_made_again(
    backend: Backend, run: Callable[[Stage], Outcome], recording: Path
) -> None:
    receive_call(backend, parse_call(CALL), recording)
    assert run(Stage.DECODE) is Outcome.DONE
    (backend.settings.data_dir / only(backend, DecodedRow).path).unlink()
    assert run(Stage.TRANSCRIBE) is Outcome.DONE
    assert read_transcript(only(backend, TranscriptRow).document).turns


def test_what_cannot_be_heard_is_refused_with_a_sentence(backend: Backend, run: Callable[[Stage], Outcome]) -> None:
    receive_call(backend, parse_call(CALL), b"no recording at all")
    assert run(Stage.DECODE) is Outcome.REFUSED
    assert only(backend, CallRow).state is CallState.REFUSED
    with backend.read() as session:
        reason = session.scalars(select(CallStateRow.reason).where(CallStateRow.state == CallState.REFUSED)).one()
    assert reason and reason.endswith("。")


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        ({"started_at": "2026-03-12T13:59:59+08:00"}, True),
        ({"started_at": "2026-02-10T14:00:00+08:00"}, True),
        ({"started_at": "2026-02-10T13:59:59+08:00"}, False),
        ({"started_at": "2026-03-12T14:00:01+08:00"}, False),
        ({"call_id": "b", "started_at": "2026-03-12T14:00:00+08:00"}, True),
        ({"call_id": "d", "started_at": "2026-03-12T14:00:00+08:00"}, False),
        ({"started_at": "2026-03-11T23:00:00-08:00"}, False),
        ({"started_at": "2026-03-11T21:59:59-08:00"}, True),
        ({"started_at": "2026-03-12T09:00:00+08:00", "debtor_id": "d-2"}, False),
        ({"started_at": "2026-03-12T09:00:00+08:00", "debtor_id": "d-2", "number_id": "n-1"}, True),
        ({"started_at": "2026-03-12T09:00:00+08:00", "debtor_id": None, "number_id": None}, False),
    ],
    ids=[
        "second-before",
        "thirty-days-before",
        "longer-before",
        "second-after",
        "same-instant-earlier-id",
        "same-instant-later-id",
        "other-zone-after",
        "other-zone-before",
        "other-debtor",
        "other-debtor-same-number",
        "nobody",
    ],
)
def test_which_earlier_calls_a_judgement_sees(backend: Backend, data: dict[str, Any], seen: bool) -> None:
    bare = {"debtor_id": "d-1", "billed_seconds": 0}
    receive_call(
        backend,
        parse_call({"call_id": "c", "started_at": "2026-03-12T14:00:00+08:00", "number_id": "n-1", **bare}),
    )
    receive_call(backend, parse_call({"call_id": "a", **bare, **data}))
    with backend.read() as session:
        past = past_calls(session, session.get_one(CallRow, "c"))
    assert bool(past) == seen
