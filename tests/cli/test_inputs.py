"""What ``import`` reads: every shape of input, and the sentence for what it cannot take."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qa_service.cli.inputs import read_paths
from qa_service.cli.items import Defaults, Item, Read, Refusal

ROW = {"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}
BEIJING = "2026-03-12T14:05:00+08:00"


def read(*paths: Path, recordings: Path | None = None, **facts: Any) -> list[Read]:
    return list(read_paths(paths, Defaults(timezone="Asia/Shanghai", **facts), recordings))


def item(*paths: Path, **options: Any) -> Item:
    (only,) = read(*paths, **options)
    assert isinstance(only, Item), only
    return only


def refusal(*paths: Path, **options: Any) -> str:
    (only,) = read(*paths, **options)
    assert isinstance(only, Refusal), only
    return only.why


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


CSV = "call_id,started_at,agent_id,case.balance,org.kind,org.names,recording.path,recording.channels.left,ai_voice\n"
CSV_ROW = f"c-1,{BEIJING},A1,10900.00,agency,诚达资产；诚达,a.wav,customer,true\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_with_dotted_columns(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "a.wav", "sound")
    call = item(write(tmp_path / "calls.csv", CSV + CSV_ROW, encoding)).call
    assert (call.call_id, call.agent_id, call.case.balance) == ("c-1", "A1", Decimal("10900.00"))
    assert (call.org.names, call.ai_voice) == (("诚达资产", "诚达"), True)
    assert call.recording is not None
    assert dict(call.recording.channels) == {"left": "customer"}


def test_empty_cells_are_not_known_rather_than_empty(tmp_path: Path) -> None:
    call = item(write(tmp_path / "calls.csv", f"call_id,started_at,agent_id,team\nc-1,{BEIJING},, \n")).call
    assert (call.agent_id, call.team) == (None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}'),
        ("a.json", '[{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}]'),
        ("a.jsonl", '\n{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}\r\n\n'),
        ("a.jsonl", '{"call": {"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00"}, "gold": {}}\n'),
    ],
    ids=["object", "list", "lines", "labelled"],
)
def test_json_in_its_shapes(tmp_path: Path, name: str, text: str) -> None:
    assert item(write(tmp_path / name, text)).call.call_id == "c-1"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", "{", "JSON"),
        ("a.json", '"text"', "JSON 对象"),
        ("a.json", "[1]", "第 1 个"),
        ("a.jsonl", "7\n", "第 1 行"),
        ("a.jsonl", '\n{"call_id": "c-1"}\n', "第 2 行：started_at 缺失"),
        ("a.csv", "call_id,started_at\nc-1,2026-03-12T14:05:00\n", "没有时区"),
        ("a.csv", f"call_id,started_at\nc-1,{BEIJING},more\n", "列数多于表头"),
        ("a.csv", f"call_id,started_at,case,case.balance\nc-1,{BEIJING},x,1\n", "冲突"),
        ("a.csv", f"call_id,started_at,turns\nc-1,{BEIJING},hello\n", "turns"),
        ("a.csv", f"call_id,started_at,case.balance\nc-1,{BEIJING},viel\n", "case.balance 应为金额"),
        ("a.docx", "x", "不是认识的"),
        (
            "a.json",
            '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "x.wav"}}',
            "x.wav",
        ),
        (
            "a.json",
            '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "../x.wav"}}',
            "之内",
        ),
        (
            "a.json",
            '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "/etc/passwd"}}',
            "之内",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, name: str, text: str, says: str) -> None:
    assert says in refusal(write(tmp_path / name, text))


def test_a_missing_path_is_refused_by_name(tmp_path: Path) -> None:
    assert "没有这个" in refusal(tmp_path / "nothing")


@pytest.mark.parametrize(
    "name", ["20260312-140500_A1.wav", "2026-03-12_14.05.00.mp3", "A1-20260312140500.opus", "x 2026-03-12T14-05-00.WAV"]
)
def test_a_bare_recording_tells_its_time_by_its_name(tmp_path: Path, name: str) -> None:
    found = item(write(tmp_path / name, "sound"), agent_id="A1", team="T1")
    assert found.call.started_at == datetime.fromisoformat(BEIJING)
    assert (found.call.agent_id, found.call.team) == ("A1", "T1")
    assert found.recording == tmp_path / name


@pytest.mark.parametrize("name", ["call.wav", "20261312-140500.wav", "1234567890.wav"])
def test_a_recording_of_unknown_time_is_refused_rather_than_guessed(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, "sound")
    assert "--started-at" in refusal(path)
    assert item(path, started_at=datetime.fromisoformat(BEIJING)).call.call_id == path.stem


def test_call_data_beside_a_recording_belongs_to_it(tmp_path: Path) -> None:
    audio = write(tmp_path / "one.wav", "sound")
    write(tmp_path / "one.json", '{"call_id": "c-9", "started_at": "2026-03-12T14:05:00+08:00"}')
    assert (item(audio).call.call_id, item(audio).recording) == ("c-9", audio)
    assert [each.call.call_id for each in read(tmp_path) if isinstance(each, Item)] == ["c-9"], "once, not twice"


def test_a_folder_is_read_to_its_depths_and_named_recordings_once(tmp_path: Path) -> None:
    write(tmp_path / "deep/20260312-140500.wav", "bare")
    write(tmp_path / "calls/0007.wav", "named")
    write(
        tmp_path / "calls.jsonl",
        '{"call_id": "c-7", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "calls/0007.wav"}}',
    )
    write(tmp_path / "notes.txt", "not read")
    assert sorted(each.call.call_id for each in read(tmp_path) if isinstance(each, Item)) == ["20260312-140500", "c-7"]


def test_recordings_elsewhere_are_taken_once_the_operator_says_where(tmp_path: Path) -> None:
    audio = write(tmp_path / "store/a.wav", "sound")
    row = '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "a.wav"}}'
    manifest = write(tmp_path / "lists/calls.jsonl", row)
    assert "找不到" in refusal(manifest)
    assert item(manifest, recordings=tmp_path / "store").recording == audio


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.wav", "sound")
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.wav").symlink_to(secret)
    row = '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "recording": {"path": "a.wav"}}'
    assert "之内" in refusal(write(inside / "calls.jsonl", row))


def test_keys_nobody_knows_are_named_dotted(tmp_path: Path) -> None:
    row = '{"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "mood": 1, "case": {"colour": 2}, "org": {}}'
    found = item(write(tmp_path / "a.jsonl", row))
    assert found.unknown == ("case.colour", "mood")
    assert found.call.extra == {"mood": 1}
