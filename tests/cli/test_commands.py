"""The commands as their users see them: what they print, and how they end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, a_call, write_json, write_lines

COMMANDS = (
    "demo",
    "serve",
    "worker",
    "dispatcher",
    "clock",
    "import",
    "export",
    "judge",
    "lexicons",
    "calls",
    "review",
    "db",
    "user",
)
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_chinese(run: Run, command: str) -> None:
    told = run(command, "--help")
    assert told.status == 0
    assert CHINESE.search(told.out)


def test_the_list_of_commands_is_complete(run: Run) -> None:
    told = run("--help").out
    assert all(re.search(rf"^│ {command} ", told, re.MULTILINE) for command in COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("import",),
        ("calls", "list", "--state", "perhaps"),
        ("calls", "list", "--limit", "201"),
        ("worker", "--stage", "paint"),
        ("worker",),
        ("user", "add", "li"),
        ("user", "add", "li", "--role", "king"),
        ("serve", "--port", "70000"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).status == 2


def test_an_unknown_setting_ends_with_2_and_the_nearest_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_WHISPER_MODLE", "x")
    told = run("calls", "list")
    assert (told.status, told.out) == (2, "")
    assert "QA_WHISPER_MODEL" in told.err


@pytest.mark.parametrize("words", [("calls", "list"), ("serve",), ("import", "x.wav")], ids=" ".join)
def test_an_unusable_data_folder_ends_with_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("QA_DATA_DIR", str(write_json(tmp_path / "data", "a file, no folder")))
    told = run(*words)
    assert (told.status, told.out) == (2, "")
    assert re.search(r"数据目录 .*data 不能使用（已有同名的文件）.*QA_DATA_DIR", told.err)


def test_a_report_that_cannot_be_written_is_said_before_anything_is_imported(run: Run, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "calls.jsonl", a_call("c-1"))
    told = run("import", calls, "--report", tmp_path / "nowhere" / "report.json")
    assert (told.status, told.out) == (1, "")
    assert re.search(r"不能写到 .*report.json（没有这个文件或文件夹）.*--report", told.err)
    assert run("import", calls).out.startswith("接受 1 通")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("export", "c-1"), ("calls", "list")], ids=" ".join)
def test_a_disk_full_under_the_output_ends_with_a_sentence(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    run("import", write_lines(tmp_path / "calls.jsonl", a_call("c-1")))
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "qa_service", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (told.returncode, told.stderr) == (1, "读写没有成功（磁盘已满），请处理后重新运行。\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("calls", "show", "none"), "没有编号为 none 的通话"),
        (("calls", "retry", "none"), "没有编号为 none 的通话"),
        (("user", "token", "nobody"), "没有名为 nobody 的用户"),
        (("user", "add", "li", "--role", "agent"), "工号"),
        (("user", "add", "li", "--role", "team_lead"), "班组"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_refusal_is_one_sentence_and_no_traceback(run: Run, words: tuple[str, ...], says: str) -> None:
    told = run(*words)
    assert told.status == 1
    assert says in told.err
    assert "Traceback" not in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_import_reports_what_it_took_and_what_not(run: Run, tmp_path: Path) -> None:
    odd = {"call_id": "c-odd", "started_at": "2026-03-12T14:05:00"}
    manifest = write_lines(
        tmp_path / "calls.jsonl", a_call("c-1", mood=1), odd, a_call("c-2", mood=2), a_call("c-1", agent_id="A9")
    )
    told = run("import", manifest, "--report", tmp_path / "report.json")
    assert told.status == 1
    assert "接受 2 通，此前已有 0 通，拒绝 2 条" in told.out
    assert "mood（2 次）" in told.out
    assert len(told.err.strip().splitlines()) == 2
    assert "第 2 行" in told.err
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["accepted"], report["known"], report["unknown_keys"]) == (["c-1", "c-2"], [], {"mood": 2})
    assert [each["where"].rsplit("/", 1)[1] for each in report["refused"]] == [
        "calls.jsonl 第 2 行",
        "calls.jsonl 第 4 行",
    ]


def test_import_again_changes_nothing(run: Run, tmp_path: Path) -> None:
    manifest = write_json(tmp_path / "calls.json", [a_call("c-1"), a_call("c-2")])
    assert run("import", manifest).status == 0
    again = run("import", manifest)
    assert again.status == 0
    assert "接受 0 通，此前已有 2 通" in again.out


def test_import_takes_a_recording_with_facts_from_the_command_line(run: Run, tmp_path: Path) -> None:
    audio = tmp_path / "a.wav"
    audio.write_bytes(b"RIFF")
    assert "--started-at" in run("import", audio).err
    told = run("import", audio, "--started-at", "2026-03-12T14:05:00", "--agent", "A9", "--team", "T9")
    assert told.status == 0
    listed = run("calls", "list").out
    assert all(part in listed for part in ("A9", "T9", "2026-03-12 06:05", "已接收"))


def test_calls_are_listed_shown_and_filtered(run: Run, tmp_path: Path) -> None:
    cdr = {"call_id": "c-cdr", "started_at": "2026-03-12T15:05:00+08:00"}
    run("import", write_json(tmp_path / "calls.json", [a_call("c-1"), cdr]))
    everything = run("calls", "list").out
    assert everything.index("c-cdr") < everything.index("c-1"), "latest first"
    filtered = run("calls", "list", "--state", "recorded").out
    assert "c-cdr" in filtered
    assert "c-1" not in filtered
    shown = run("calls", "show", "c-1").out
    assert "已接收" in shown
    assert "质检" in shown
    assert "没有" not in run("review", "list").out


def test_what_has_not_failed_is_not_tried_again(run: Run, tmp_path: Path) -> None:
    run("import", write_json(tmp_path / "calls.json", [a_call("c-1")]))
    told = run("calls", "retry", "c-1", "c-none")
    assert told.status == 1
    assert len(told.err.strip().splitlines()) == 2


def test_a_token_is_printed_alone_so_that_it_can_be_piped(run: Run) -> None:
    added = run("user", "add", "li.na", "--role", "qa", "--role", "compliance")
    assert added.status == 0
    assert all(label in added.out for label in ("质检员", "合规"))
    issued = run("user", "token", "li.na")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", issued.out)
    assert "2 个令牌" in (run("user", "token", "li.na"), run("user", "retire", "li.na"))[1].out


def test_upgrading_the_database_can_be_done_twice(run: Run, tmp_path: Path) -> None:
    assert (run("db", "upgrade").status, run("db", "upgrade").status) == (0, 0)
    assert (tmp_path / "data" / "qa.sqlite3").is_file()


def test_a_database_that_is_not_there_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_DATABASE_URL", "postgresql+psycopg://qa@127.0.0.1:1/none")
    told = run("calls", "list")
    assert told.status == 1
    assert "QA_DATABASE_URL" in told.err
    assert "Traceback" not in told.err


def test_away_from_a_terminal_nothing_is_coloured_or_cut(run: Run, tmp_path: Path) -> None:
    name = "c-" + "0123456789" * 6
    run("import", write_json(tmp_path / "calls.json", a_call(name)))
    told = run("calls", "list").out
    assert "\x1b" not in told
    joined = "".join(re.sub(r"[│\s]", " ", line) for line in told.splitlines())
    assert name in joined.replace(" ", "") or name[:20] in told
