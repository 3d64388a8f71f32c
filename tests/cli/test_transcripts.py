"""Other people's transcripts and call logs through the commands: what lies beside them, what is said of them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from qa_service.call import Speaker
from qa_service.cli.inputs import read_paths
from qa_service.cli.items import Defaults, Item, Read, Refusal
from tests.cli.conftest import Run, a_call, write_json, write_lines

START = datetime.fromisoformat("2026-03-12T14:05:00+08:00")
SRT = "1\n00:00:01,000 --> 00:00:02,000\n坐席：您好\n\n2\n00:00:03,000 --> 00:00:04,000\n客户：你好\n"
LABELLED = SRT.replace("坐席：", "[SPEAKER_00]: ").replace("客户：", "[SPEAKER_01]: ")
WHISPER = json.dumps({"segments": [{"start": 1, "end": 2, "text": "您好", "speaker": "坐席"}]}, ensure_ascii=False)
LOG = "流水号,呼叫时间,接通状态,通话时长,被叫号码,客户姓名,坐席工号,备注\n"
CALL = {"call_id": "c-7", "started_at": "2026-03-12T14:05:00+08:00", "agent_id": "A7"}


def read(*paths: Path, **facts: Any) -> list[Read]:
    return read_paths(paths, Defaults(timezone="Asia/Shanghai", **facts))


def item(*paths: Path, **facts: Any) -> Item:
    (only,) = read(*paths, **facts)
    assert isinstance(only, Item), only
    return only


def refusal(*paths: Path, **facts: Any) -> str:
    (only,) = read(*paths, **facts)
    assert isinstance(only, Refusal), only
    return only.why


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.json", "a.csv", "a.txt", "a"])
@pytest.mark.parametrize("text", [SRT, WHISPER], ids=["subtitles", "whisper"])
def test_a_transcript_is_told_by_its_content_whatever_it_is_called(tmp_path: Path, name: str, text: str) -> None:
    found = item(write(tmp_path / name, text), started_at=START, agent_id="A1", team="T1")
    assert (found.call.call_id, found.call.started_at, found.call.agent_id, found.call.team) == ("a", START, "A1", "T1")
    assert found.call.turns[0].text == "您好"


def test_a_transcript_tells_its_time_by_its_name_or_is_refused(tmp_path: Path) -> None:
    assert item(write(tmp_path / "20260312-140500_A1.srt", SRT)).call.started_at == START
    assert "--started-at" in refusal(write(tmp_path / "a.srt", SRT))


@pytest.mark.parametrize("side", ["a.call.json", "a.json"])
def test_call_data_beside_a_transcript_belongs_to_it(tmp_path: Path, side: str) -> None:
    path = write(tmp_path / "a.srt", LABELLED)
    write_json(tmp_path / side, CALL | {"speakers": {"SPEAKER_00": "坐席"}})
    for found in (item(path), item(tmp_path)):
        assert (found.call.call_id, found.call.agent_id) == ("c-7", "A7")
        assert [turn.speaker for turn in found.call.turns] == [Speaker.AGENT, Speaker.CUSTOMER]
        assert (found.notes, found.unknown, dict(found.call.extra)) == ((), (), {})


def test_call_data_beside_may_say_only_what_the_name_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "20260312-140500.json", WHISPER)
    write_json(tmp_path / "20260312-140500.call.json", {"坐席工号": "A7", "被叫": "13800138000"})
    found = item(path).call
    assert (found.started_at, found.agent_id) == (START, "A7")
    assert (found.number_id or "").startswith("n-")


def test_a_recording_beside_a_transcript_is_kept_with_it_and_not_heard_again(tmp_path: Path) -> None:
    audio = write(tmp_path / "20260312-140500.wav", "sound")
    write(tmp_path / "20260312-140500.json", WHISPER)
    found = item(tmp_path)
    assert (found.recording, len(found.call.turns)) == (audio, 1)
    assert not item(audio).call.turns, "asked for by name, the recording is a recording"


def test_a_row_of_a_manifest_names_its_transcript(tmp_path: Path) -> None:
    write(tmp_path / "calls/7.srt", LABELLED)
    rows = write_lines(
        tmp_path / "calls.jsonl", CALL | {"transcript": "calls/7.srt", "speakers": {"SPEAKER_01": "agent"}}
    )
    for found in (item(rows), item(tmp_path)):
        assert [turn.speaker for turn in found.call.turns] == [Speaker.CUSTOMER, Speaker.AGENT]
        assert found.call.call_id == "c-7"
    table = write(
        tmp_path / "t/calls.csv", "流水号,呼叫时间,转写文件,speakers.SPEAKER_00\nc-7,2026/3/12 14:05,7.srt,坐席\n"
    )
    write(tmp_path / "t/7.srt", LABELLED)
    assert [turn.speaker for turn in item(table).call.turns] == [Speaker.AGENT, Speaker.CUSTOMER]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"transcript": "none.srt"}, "找不到转写文件"),
        ({"transcript": "../7.srt"}, "之内"),
        ({"transcript": "/etc/passwd"}, "之内"),
        ({"transcript": "x" * 5000}, "找不到转写文件"),
        ({"transcript": "7\0.srt"}, "空字符"),
        ({"transcript": ["7.srt"]}, "找不到转写文件"),
        ({"transcript": "notes.txt"}, "不是认识的转写格式"),
        ({"transcript": "7.srt", "turns": [{"speaker": "agent", "start": 0, "end": 1, "text": "好"}]}, "turns"),
        ({"transcript": "7.srt", "speakers": {"SPEAKER_00": "boss"}}, "speakers.SPEAKER_00"),
        ({"transcript": "7.srt", "speakers": ["agent"]}, "speakers"),
        ({"transcript": "two.csv"}, "2 通"),
    ],
)
def test_a_row_whose_transcript_is_wrong_is_refused(tmp_path: Path, row: dict[str, Any], says: str) -> None:
    write(tmp_path / "in/7.srt", LABELLED)
    write(tmp_path / "7.srt", LABELLED)
    write(tmp_path / "in/notes.txt", "nothing")
    write(tmp_path / "in/two.csv", "call_id,speaker,start,text\na,agent,1,好\nb,agent,1,好\n")
    assert says in refusal(write_lines(tmp_path / "in/calls.jsonl", CALL | row))


def test_several_calls_of_one_file_have_ids_of_their_own(tmp_path: Path) -> None:
    lines = [{"Role": "客服", "Words": "您好", "Begin": 0, "End": 900}]
    path = write_json(tmp_path / "page.json", {"Data": {"ResultInfo": [{"AsrResult": lines}] * 2 + [{"Score": 1}]}})
    first, second, third = read(path, started_at=START)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.call.call_id, second.call.call_id) == ("page-1", "page-2")
    assert isinstance(third, Refusal)
    assert "Data.ResultInfo[2]" in third.why


def test_a_number_in_a_file_name_is_stored_nowhere(tmp_path: Path) -> None:
    audio = write(tmp_path / "20260312-140500_13800138000.wav", "sound")
    for path in (audio, write(tmp_path / "t/20260312-140500_13800138000.srt", SRT)):
        found = item(path)
        assert "13800138000" not in repr(found.call)
        assert found.call.call_id.startswith("20260312-140500_n-")
    assert item(audio).recording == audio


@pytest.mark.parametrize("text", ['{"results": {"transcripts": []}}', '[{"mood": 1}]', "甲,乙\n1,2\n"])
def test_what_is_neither_call_data_nor_a_transcript_is_said_to_be_neither(tmp_path: Path, text: str) -> None:
    name = "a.csv" if text.startswith("甲") else "a.json"
    assert "既不是通话数据，也不是认识的转写格式" in refusal(write(tmp_path / name, text))


def test_files_beside_a_list_of_calls_belong_to_none_of_them(tmp_path: Path) -> None:
    write(tmp_path / "calls.srt", SRT)
    found = read(write_json(tmp_path / "calls.json", [CALL, CALL | {"call_id": "c-8"}]))
    assert [one.call.is_dialler_record for one in found if isinstance(one, Item)] == [True, True]


def test_a_manifest_beyond_any_size_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_service.cli.files.MAX_MANIFEST_BYTES", 2**20)
    assert "1 MiB" in refusal(write(tmp_path / "in/a.json", "x" * (2**20 + 1)))
    write(tmp_path / "in/a.srt", SRT)
    assert [type(one) for one in read(tmp_path / "in", started_at=START)] == [Refusal, Refusal], (
        "the data beside is gone"
    )


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_a_workbook_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    assert "另存为 CSV" in refusal(write(tmp_path / name, "PK"))


def test_a_judgement_of_a_transcript_says_what_was_supposed(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.srt", LABELLED)
    told = run("judge", path, "--format", "jsonl", "--started-at", "2026-03-12T14:05:00")
    assert (told.status, json.loads(told.out)["call_id"]) == (0, "a")
    assert "存疑" in told.err
    told = run("judge", path, "--format", "jsonl", "--speakers", "SPEAKER_00=agent")
    assert (told.status, told.err) == (0, "")
    assert "--speakers" in run("judge", path, "--speakers", "SPEAKER_00").err
    assert not (tmp_path / "data").exists(), "a look writes nothing"


def test_import_tells_what_was_supposed_withheld_and_not_understood(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in/20260312-140500.srt", LABELLED)
    write(tmp_path / "in/log.csv", LOG + "LS-1,2026/3/12 14:05,转接中,30,13800138000,王伟,A1,\n")
    told = run("import", tmp_path / "in", "--report", tmp_path / "report.json")
    assert told.status == 0, told.err
    for part in ("接受 2 通", "存疑", "客户姓名（1 次）", "转接中"):
        assert part in told.out
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["withheld"], len(report["notes"])) == ({"客户姓名": 1}, 1)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert b"13800138000" not in stored
    assert "王伟".encode() not in stored


def test_a_log_of_calls_is_taken_in_once_and_judged_for_what_it_is(run: Run, tmp_path: Path) -> None:
    rows = [
        f"LS-{n},2026/3/12 14:{n % 60:02d},{'未接' if n % 2 else '接通'},{n},13800138000,,A1,x" for n in range(1201)
    ]
    log = write(
        tmp_path / "log.csv", LOG + "\n".join([*rows, rows[0], "LS-2,2026/3/12 15:00,接通,2,13800138000,,A1,x"])
    )
    told = run("import", log)
    assert told.status == 1
    assert "接受 1201 通，此前已有 1 通，拒绝 1 条" in told.out
    assert "第 1204 行" in told.err
    told = run("import", log)
    assert "接受 0 通，此前已有 1202 通，拒绝 1 条" in told.out
    shown = json.loads(run("export", "LS-1").out)
    assert (shown["outcome"], shown["billed_seconds"], "answered_at" in shown) == ("no_answer", 0, False)


def test_what_is_exported_can_be_imported_again_and_is_the_same(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    write(tmp_path / "in/20260312-140500.srt", LABELLED)
    write_json(tmp_path / "in/calls.json", [a_call("c-1", mood=1)])
    run("import", tmp_path / "in")
    told = run("export", "c-1", "20260312-140500", "none", "--output", tmp_path / "out.jsonl")
    assert (told.status, told.out) == (1, "")
    assert "none" in told.err
    again = run("import", tmp_path / "out.jsonl")
    assert "接受 0 通，此前已有 2 通" in again.out
    monkeypatch.setenv("QA_DATA_DIR", str(tmp_path / "other"))
    assert "接受 2 通" in run("import", tmp_path / "out.jsonl").out
    assert run("export", "c-1", "20260312-140500").out == (tmp_path / "out.jsonl").read_text("utf-8")


def test_the_examples_of_the_guide_are_read(run: Run, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
    blocks = {kind: text for kind, text in re.findall(r"```(csv|toml)\n(.*?)```", guide, re.DOTALL)}
    found = item(write(tmp_path / "a.csv", blocks["csv"]), started_at=START)
    assert [turn.speaker for turn in found.call.turns] == [Speaker.AGENT, Speaker.CUSTOMER]
    columns = write(tmp_path / "columns.toml", blocks["toml"])
    log = write(tmp_path / "log.csv", "业务号,呼叫时间,方向,外显号\nx-1,2026/3/12 14:05,2,9\n")
    told = run("import", log, "--columns", columns)
    assert (told.status, "外显号（1 次）" in told.out) == (0, True)
    assert json.loads(run("export", "x-1").out)["direction"] == "inbound"
