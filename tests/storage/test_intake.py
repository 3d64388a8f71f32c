"""Taking calls in: what becomes of each kind, and what happens when the same or nearly the same is sent again."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.housekeeping import upgrade_database
from qa_service.actions.intake import Received, locate_recording, receive_call
from qa_service.documents import parse_call
from qa_service.errors import Conflict, DatabaseUnavailable, InputRefused, RecordingRefused
from qa_service.settings import load_settings
from qa_service.states import CallState, Stage
from qa_service.storage.recordings import recording_path
from qa_service.storage.tables import CallRow, CallStateRow, OutboxRow, StageTaskRow

AUDIO = b"any bytes: listening comes later"
SHA = hashlib.sha256(AUDIO).hexdigest()
BARE = {"call_id": "c-1", "started_at": "2026-03-12T23:30:00-08:00", "agent_id": "A1"}
TURNS = [{"speaker": "customer", "start": 0.0, "end": 1.5, "text": "您好"}]
RECORDED = {**BARE, "recording": {"path": "a/b.wav", "channels": {"left": "agent"}}}


def send(backend: Backend, data: dict[str, Any], audio: bytes | Path | None = None) -> Received:
    return receive_call(backend, parse_call(data), audio)


def count(backend: Backend, table: Any) -> int:
    with backend.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("data", "audio", "states", "stage"),
    [
        (BARE, None, ["recorded"], None),
        (RECORDED, AUDIO, ["received"], Stage.DECODE),
        (BARE, AUDIO, ["received"], Stage.DECODE),
        ({**BARE, "turns": TURNS}, None, ["received", "judging"], Stage.JUDGE),
        ({**RECORDED, "turns": TURNS}, AUDIO, ["received", "judging"], Stage.JUDGE),
        ({**RECORDED, "turns": TURNS}, None, ["received", "judging"], Stage.JUDGE),
    ],
    ids=["dialler-record", "recording", "recording-unannounced", "turns", "both", "turns-and-absent-recording"],
)
def test_where_a_call_begins(
    backend: Backend, data: dict[str, Any], audio: bytes | None, states: list[str], stage: Stage | None
) -> None:
    received = send(backend, data, audio)
    assert (received.call_id, received.state, received.already_known) == ("c-1", states[-1], False)
    with backend.read() as session:
        assert session.scalars(select(CallStateRow.state).order_by(CallStateRow.seq)).all() == states
        assert session.scalars(select(StageTaskRow.stage)).all() == ([stage] if stage else [])
        assert session.scalars(select(OutboxRow.token)).all() == ([1] if stage else [])
        row = session.get_one(CallRow, "c-1")
    assert row.day.isoformat() == "2026-03-12"
    assert row.recording_sha256 == (SHA if audio else None)
    if audio:
        assert recording_path(backend.settings.data_dir, SHA).read_bytes() == AUDIO
        assert row.document["recording"]["sha256"] == SHA


@pytest.mark.parametrize(
    "again",
    [RECORDED, {**RECORDED, "recording": {**RECORDED["recording"], "path": "elsewhere/c.wav"}}],
    ids=["same", "same-content-from-elsewhere"],
)
def test_the_same_call_again_is_the_same_call(backend: Backend, again: dict[str, Any]) -> None:
    first = send(backend, RECORDED, AUDIO)
    second = send(backend, again, AUDIO)
    assert not first.already_known
    assert second == Received(call_id="c-1", state=CallState.RECEIVED, already_known=True)
    assert [count(backend, table) for table in (CallRow, CallStateRow, StageTaskRow, OutboxRow)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("data", "audio"),
    [
        (RECORDED, AUDIO + b"!"),
        ({**RECORDED, "agent_id": "A2"}, AUDIO),
        ({**RECORDED, "turns": TURNS}, AUDIO),
        ({**RECORDED, "started_at": "2026-03-12T23:31:00-08:00"}, AUDIO),
    ],
    ids=["other-recording", "other-agent", "with-turns", "other-time"],
)
def test_another_call_with_the_same_id_is_a_conflict(
    backend: Backend, data: dict[str, Any], audio: bytes | None
) -> None:
    send(backend, RECORDED, AUDIO)
    with pytest.raises(Conflict, match="c-1"):
        send(backend, data, audio)
    assert count(backend, CallStateRow) == 1


def test_many_senders_of_one_call_at_once(backend: Backend) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: send(backend, RECORDED, AUDIO), range(12)))
    assert sum(not answer.already_known for answer in answers) == 1
    assert [count(backend, table) for table in (CallRow, CallStateRow, StageTaskRow, OutboxRow)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("data", "audio", "error", "says"),
    [
        (RECORDED, None, InputRefused, "没有随通话送来"),
        (RECORDED, b"", RecordingRefused, "空文件"),
        (RECORDED, b"x" * (1024 * 1024 + 1), RecordingRefused, "1 MiB"),
        ({**BARE, "recording": {"path": "a.wav", "sha256": "0" * 64}}, AUDIO, RecordingRefused, "sha256"),
        ({**BARE, "remark": float("nan")}, None, InputRefused, "无法保存"),
        ({**BARE, "remark": "\ud800"}, None, InputRefused, "无法保存"),
    ],
    ids=["recording-not-sent", "empty", "too-large", "other-sha256", "not-a-number", "half-a-character"],
)
def test_what_is_refused_leaves_nothing(
    backend: Backend, data: dict[str, Any], audio: bytes | None, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        send(backend, data, audio)
    assert count(backend, CallRow) == 0


def test_what_is_stored_is_for_this_user_alone(backend: Backend) -> None:
    send(backend, RECORDED, AUDIO)
    assert backend.settings.data_dir.stat().st_mode & 0o077 == 0
    assert recording_path(backend.settings.data_dir, SHA).stat().st_mode & 0o077 == 0


def test_a_recording_as_large_as_allowed_is_taken(backend: Backend) -> None:
    assert send(backend, RECORDED, b"x" * 1024 * 1024).state is CallState.RECEIVED


@pytest.mark.parametrize("path", ["../outside.wav", "/etc/hostname", "sub/../../outside.wav", "link.wav"])
def test_a_manifest_names_nothing_outside_its_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.wav").write_bytes(AUDIO)
    folder = tmp_path / "manifest"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.wav").symlink_to(tmp_path / "outside.wav")
    call = parse_call({**BARE, "recording": {"path": path}})
    with pytest.raises(InputRefused, match="超出清单"):
        locate_recording(call, folder)
    assert locate_recording(call, folder, named_by_operator=True) is not None


def test_a_manifest_names_files_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.wav").write_bytes(AUDIO)
    call = parse_call({**BARE, "recording": {"path": "sub/../sub/a.wav"}})
    assert locate_recording(call, tmp_path) == (tmp_path / "sub" / "a.wav").resolve()
    assert locate_recording(parse_call(BARE), tmp_path) is None
    with pytest.raises(RecordingRefused, match=r"b\.wav"):
        locate_recording(parse_call({**BARE, "recording": {"path": "sub/b.wav"}}), tmp_path)


def test_a_full_disk_is_called_one_and_nothing_is_lost(tmp_path: Path) -> None:
    backend = open_backend(load_settings({"QA_DATA_DIR": str(tmp_path)}))
    upgrade_database(backend)
    send(backend, BARE)
    with backend.write() as session:  # the one connection of the pool may from now on add no page
        session.execute(text("PRAGMA max_page_count = 1"))
    with pytest.raises(DatabaseUnavailable, match="磁盘已满"):
        send(backend, {**BARE, "call_id": "c-2", "note": "x" * 100_000})
    assert send(backend, BARE).already_known
    backend.close()
