"""The decode stage: refusals reach the call, a stopping process hands its work on, and no file is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.stage_work import WORK_FOLDER, stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.documents import parse_call
from qa_service.settings import Settings
from qa_service.states import CallState, Ticket
from qa_service.storage import schema
from qa_service.storage.tables import CallStateRow, DecodedRow, OutboxRow
from qa_service.testing.audio import utterances, write_recording

SOUND = utterances((200, 1500), length=4000)
START = {"call_id": "c-1", "started_at": "2026-03-12T14:00:00+08:00", "recording": {"path": "call.wav"}}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    backend = open_backend(Settings(data_dir=tmp_path / "data", max_call_hours=0.002))
    schema.upgrade(backend.database)
    yield backend
    backend.close()


@pytest.fixture
def runner(backend: Backend) -> StageRunner:
    return StageRunner(backend=backend, work=stage_work(backend))


def received(backend: Backend, recording: Path) -> Ticket:
    receive_call(backend, parse_call(START), recording=recording)
    with backend.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    return Ticket(call_id=row.call_id, stage=row.stage, token=row.token)


def state(backend: Backend) -> tuple[CallState, str | None]:
    with backend.read() as session:
        row = session.scalars(select(CallStateRow).order_by(CallStateRow.seq.desc())).first()
        assert row is not None
        return row.state, row.reason


def left_behind(backend: Backend) -> list[str]:
    folder = backend.settings.data_dir / WORK_FOLDER
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_what_was_decoded_waits_for_the_next_stage(backend: Backend, runner: StageRunner, tmp_path: Path) -> None:
    ticket = received(backend, write_recording(tmp_path / "call.wav", SOUND))
    assert runner.run(ticket) is Outcome.DONE
    with backend.read() as session:
        decoded = session.get_one(DecodedRow, "c-1")
    assert decoded.document == {"duration_ms": 4000, "channels": 1, "partial": None}
    assert left_behind(backend) == [Path(decoded.path).name]


@pytest.mark.parametrize(
    ("seconds", "content", "sentence"),
    [(None, b"no sound at all", "无法解码 c-1："), (8, None, "录音文件 c-1 长于 0.002 小时上限")],
    ids=["no-recording", "longer-than-the-setting"],
)
def test_a_refusal_is_the_calls_and_names_it(
    backend: Backend, runner: StageRunner, tmp_path: Path, seconds: int | None, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "call.wav"
    if content is not None:
        path.write_bytes(content)
    else:
        write_recording(path, utterances((200, 1500), length=1000 * (seconds or 0)))
    assert runner.run(received(backend, path)) is Outcome.REFUSED
    refused, reason = state(backend)
    assert refused is CallState.REFUSED
    assert reason is not None
    assert sentence in reason
    assert left_behind(backend) == []


@pytest.mark.usefixtures("no_child_left")
def test_a_stopping_process_ends_its_decoder_and_hands_the_call_on(
    backend: Backend, runner: StageRunner, tmp_path: Path
) -> None:
    ticket = received(backend, write_recording(tmp_path / "call.wav", SOUND))
    runner.stopping.set()
    assert runner.run(ticket) is Outcome.PUT_BACK
    assert state(backend)[0] is CallState.DECODING
    assert left_behind(backend) == []
