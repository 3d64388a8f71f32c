"""Dialler records and recordings, in whatever order and however many runs they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.actions import queries
from qa_service.cli.inputs import read_paths
from qa_service.cli.items import Defaults, Item, Refusal
from qa_service.cli.local import local_backend, operator

CSV = (
    "call_id,started_at,agent_id,billed_seconds\n"
    "c-1,2026-03-12T14:05:00+08:00,A1,61\n"
    "c-2,2026-03-12T14:09:00+08:00,A2,0\n"
)
SHANGHAI = Defaults(timezone="Asia/Shanghai")


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A dialler's table and, in a folder of their own, the recordings that came for it."""
    (tmp_path / "cdr.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "c-1.wav").write_bytes(b"RIFF one")
    return tmp_path


def stored(call_id: str) -> tuple[str, str | None, bool]:
    with local_backend() as backend:
        view = queries.show_call(backend, operator(), call_id).view
    return view.state.value, view.agent_id, view.has_recording


@pytest.mark.parametrize(
    "runs",
    [
        [["cdr.csv", "sound"]],
        [["sound", "cdr.csv"]],
        [["sound/c-1.wav", "cdr.csv"]],
        [["."]],
        [["cdr.csv"], ["sound"]],
        [["cdr.csv"], ["sound/c-1.wav"]],
        [["cdr.csv"], ["cdr.csv"], ["sound"], ["cdr.csv"], ["cdr.csv", "sound"]],
    ],
    ids=["table-first", "recordings-first", "one-file-first", "one-folder", "next-day", "one-file-later", "over-again"],
)
def test_a_record_and_its_recording_become_one_call(run: Any, night: Path, runs: list[list[str]]) -> None:
    ends = [run("import", *(night / name for name in names)) for names in runs]
    assert [end.status for end in ends] == [0] * len(ends), [end.err for end in ends]
    assert (stored("c-1"), stored("c-2")) == (("received", "A1", True), ("recorded", "A2", False))


def test_a_recording_that_nobody_knows_of_still_wants_its_time(run: Any, night: Path) -> None:
    (night / "sound" / "c-9.wav").write_bytes(b"RIFF nine")
    end = run("import", night / "cdr.csv", night / "sound")
    assert end.status == 1
    assert "c-9.wav" in end.err and "--started-at" in end.err
    assert stored("c-1") == ("received", "A1", True)


def test_a_recording_of_another_call_is_refused(run: Any, night: Path) -> None:
    assert run("import", night / "cdr.csv", night / "sound").status == 0
    (night / "sound" / "c-1.wav").write_bytes(b"RIFF something else")
    end = run("import", night / "sound")
    assert end.status == 1
    assert "recording.sha256" in end.err


def test_a_manifest_names_a_file_for_each_side(night: Path) -> None:
    (night / "sound" / "c-1.b.wav").write_bytes(b"RIFF other side")
    table = night / "sides.csv"
    table.write_text(
        "call_id,started_at,recording.path,recording.other_side,recording.line\n"
        "c-1,2026-03-12T14:05:00+08:00,sound/c-1.wav,sound/c-1.b.wav,trunk-3\n",
        encoding="utf-8",
    )
    (item,) = read_paths([table], SHANGHAI)
    assert isinstance(item, Item) and item.recording is not None and item.other_side is not None
    assert (item.recording.name, item.other_side.name) == ("c-1.wav", "c-1.b.wav")
    assert item.call.recording is not None and item.call.recording.line == "trunk-3"
    (night / "cdr.csv").unlink()
    assert [read.where.split()[0] for read in read_paths([night], SHANGHAI)] == [str(table)], "both files are taken"


@pytest.mark.parametrize("other", ["sound/absent.wav", "../outside.wav", "x" * 4000], ids=["absent", "outside", "long"])
def test_a_side_that_cannot_be_had_is_refused(night: Path, other: str) -> None:
    table = night / "sides.csv"
    table.write_text(
        "call_id,started_at,recording.path,recording.other_side\n"
        f"c-1,2026-03-12T14:05:00+08:00,sound/c-1.wav,{other}\n",
        encoding="utf-8",
    )
    (refusal,) = read_paths([table], SHANGHAI)
    assert isinstance(refusal, Refusal)
    assert "sides.csv 第 2 行" in refusal.why and len(refusal.why) < 500
