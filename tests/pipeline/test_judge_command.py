"""``judge`` without a server: transcripts, files of calls and labelled rows; what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qa_service.cli.app import app

CALL = {
    "call_id": "c-1",
    "started_at": "2026-03-12T14:05:00+08:00",
    "agent_id": "A102",
    "callee": "debtor",
    "turns": [
        {"speaker": "agent", "start": 0.0, "end": 3.0, "text": "您好，请问是张伟先生吗？"},
        {"speaker": "customer", "start": 3.5, "end": 4.5, "text": "是我，什么事。"},
        {
            "speaker": "agent",
            "start": 5.0,
            "end": 14.0,
            "text": "我是东江银行的王芳，工号三零七二，通话有录音。您的信用卡逾期了，欠三千五。",
        },
        {"speaker": "customer", "start": 15.0, "end": 18.0, "text": "周五我还两千，剩下的月底。"},
        {"speaker": "agent", "start": 19.0, "end": 24.0, "text": "你今天不还，我就闹到你们单位去。"},
    ],
}
CONTRACT_KEYS = {
    "call_id", "disclosures", "checklist", "findings", "emotion", "promises", "metrics", "scorecard", "rulebook",
}  # fmt: skip
FINDING_KEYS = {
    "category", "rule", "severity", "speaker", "turn", "quote", "start", "end", "confidence", "by",
    "needs_confirmation", "because",
}  # fmt: skip


def run(*arguments: str) -> Any:  # the runner's result type is private
    return CliRunner().invoke(app, ["judge", *arguments])


def write(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_line_holds_what_the_contract_names(tmp_path: Path) -> None:
    result = run(write(tmp_path / "calls.jsonl", CALL), "--format", "jsonl")
    assert result.exit_code == 0
    line = json.loads(result.stdout)
    assert line.keys() >= CONTRACT_KEYS
    assert line["disclosures"] == dict.fromkeys(("agent", "company", "principal", "recording"), "ok")
    (threat,) = [finding for finding in line["findings"] if finding["category"] == "threat"]
    assert threat.keys() >= FINDING_KEYS
    assert CALL["turns"][threat["turn"]]["text"][threat["start"] : threat["end"]] == threat["quote"]  # type: ignore[index]
    assert line["promises"][0]["payments"] == [
        {"amount": 2000.0, "due": "2026-03-13"},
        {"amount": 1500.0, "due": "2026-03-31"},
    ]


def test_the_labels_of_a_labelled_row_are_never_read(tmp_path: Path) -> None:
    bare = run(write(tmp_path / "a.jsonl", CALL), "--format", "jsonl").stdout
    poisoned = {"call": CALL, "gold": {"findings": "nonsense"}}
    assert run(write(tmp_path / "b.jsonl", poisoned), "--format", "jsonl").stdout == bare


def test_a_transcript_file_is_printed_for_people(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text(json.dumps(CALL), encoding="utf-8")
    text = run(str(path)).stdout
    assert "通话 c-1" in text
    assert "闹到你们单位" in text
    assert "2000.00 元 03-13" in text


def test_json_is_one_list(tmp_path: Path) -> None:
    rows = [CALL, {**CALL, "call_id": "c-2"}]
    judged = json.loads(run(write(tmp_path / "calls.jsonl", *rows), "--format", "json").stdout)
    assert [line["call_id"] for line in judged] == ["c-1", "c-2"]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({**CALL, "started_at": "2026-03-12T14:05:00"}, "时区"),
        ({"started_at": CALL["started_at"]}, "call_id"),
        ({**CALL, "turns": [{"speaker": "robot", "start": 0, "end": 1, "text": "好"}]}, "speaker"),
    ],
    ids=["no zone", "no id", "unknown speaker"],
)
def test_a_refused_row_is_said_and_the_others_are_judged(tmp_path: Path, row: dict[str, Any], named: str) -> None:
    result = run(write(tmp_path / "calls.jsonl", row, CALL), "--format", "jsonl")
    assert result.exit_code == 1
    assert named in result.stderr
    assert "第 1 行" in result.stderr
    assert [json.loads(line)["call_id"] for line in result.stdout.splitlines()] == ["c-1"]


def test_the_calls_of_one_file_are_each_others_history(tmp_path: Path) -> None:
    long = [{**turn, "end": turn["start"] + 15} if turn["speaker"] == "customer" else turn for turn in CALL["turns"]]  # type: ignore[union-attr,index,operator]
    rows = [
        {
            **CALL,
            "call_id": f"c-{hour}",
            "started_at": f"2026-03-12T{hour}:05:00+08:00",
            "debtor_id": "d-1",
            "turns": long,
        }
        for hour in (10, 12, 14, 16)
    ]
    lines = [
        json.loads(line) for line in run(write(tmp_path / "c.jsonl", *rows), "--format", "jsonl").stdout.splitlines()
    ]
    over = [line["call_id"] for line in lines if any(f["rule"] == "contact.freq_connected" for f in line["findings"])]
    assert over == ["c-16"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nowhere.jsonl"))
    assert result.exit_code == 1
    assert "没有这个文件" in result.stderr
