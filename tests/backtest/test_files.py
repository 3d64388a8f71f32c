"""A change of rules, seen in given calls: what comes, goes and changes, and what is said of it."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from tests.backtest.calls import Rules, Run, a_call, write_lines

SAID = "你收下蓝色的气球。"
RETIRED = {"status": "retired", "more": 'retired_because = "误报太多"\nretired_on = 2026-04-01'}
Case = tuple[dict[str, Any] | None, dict[str, Any] | None, str, list[str], tuple[int, int]]
"""The rule in force, the rule proposed, what the agent says, the changes, the marks before and after."""

CASES: dict[str, Case] = {
    "added": (None, {}, SAID, ["appeared"], (100, 85)),
    "added, words not said": (None, {}, "你收下红色的气球。", [], (100, 100)),
    "added on trial deducts nothing": (None, {"status": "trial"}, SAID, ["appeared"], (100, 100)),
    "added as a draft finds nothing": (None, {"status": "draft"}, SAID, [], (100, 100)),
    "retired": ({}, RETIRED, SAID, ["disappeared"], (85, 100)),
    "retired, words not said": ({}, RETIRED, "你好。", [], (100, 100)),
    "widened to what is said": (
        {},
        {"match": '"[蓝色|红色]的气球"'},
        "你收下红色的气球。",
        ["appeared"],
        (100, 85),
    ),
    "widened to what is not said": ({}, {"match": '"[蓝色|红色]的气球"'}, SAID, [], (85, 85)),
    "narrowed away from what is said": ({}, {"match": '"送你蓝色的气球"'}, SAID, ["disappeared"], (85, 100)),
    "quotes more words of the same place": ({}, {"match": '"收下蓝色的气球"'}, SAID, ["changed"], (85, 85)),
    "graver": ({}, {"severity": "veto"}, SAID, ["changed"], (85, 70)),
    "lighter": ({}, {"severity": "minor"}, SAID, ["changed"], (85, 95)),
    "put on trial": ({}, {"status": "trial"}, SAID, ["changed"], (85, 100)),
    "another rule of the same words": ({}, {"id": "threat.twin"}, SAID, [], (85, 85)),
    "said by the customer's rule": ({}, {"more": 'speaker = "customer"'}, SAID, ["disappeared"], (85, 100)),
    "new version of the same words": ({}, {"version": 2}, SAID, [], (85, 85)),
    "the same": ({}, {}, SAID, [], (85, 85)),
    "an empty folder": ({}, None, SAID, [], (85, 85)),
}


@pytest.mark.parametrize(("now", "then", "said", "changes", "marks"), CASES.values(), ids=CASES.keys())
def test_what_a_change_of_rules_does(
    run: Run,
    rules: Rules,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    now: dict[str, Any] | None,
    then: dict[str, Any] | None,
    said: str,
    changes: list[str],
    marks: tuple[int, int],
) -> None:
    monkeypatch.setenv("QA_LEXICON_DIR", str(rules("house", now)))
    calls = write_lines(tmp_path / "calls.jsonl", a_call("c-1", said))
    outcome = run("--rules", rules("proposed", then), calls, "--format", "jsonl")
    assert outcome.status == 0
    assert [each["change"] for line in outcome.lines for each in line["changes"]] == changes
    shown = [(line["before"]["mark"], line["after"]["mark"]) for line in outcome.lines]
    assert shown == ([marks] if changes else [])
    assert outcome.totals["marks_changed"] == (marks[0] != marks[1])


def test_a_finding_is_told_with_its_words_and_what_follows_from_it(run: Run, rules: Rules, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "calls.jsonl", a_call("c-1", SAID), a_call("c-2"))
    outcome = run("--rules", rules("proposed", {"severity": "veto"}), calls, "--format", "jsonl")
    (line,) = outcome.lines
    assert line["call_id"] == "c-1"
    assert line["before"] == {"mark": 100, "veto": "none", "queue": None}
    assert line["after"] == {"mark": 70, "veto": "pending", "queue": "red_line"}
    (change,) = line["changes"]
    assert (change["rule"], change["turn"], change["before"]) == ("threat.house", 4, None)
    assert change["after"]["quotes"] == ["蓝色的气球"] and change["after"]["severity"] == "veto"
    totals = outcome.totals
    assert (totals["calls"], totals["differing"], totals["vetoes_changed"]) == (2, 1, 1)
    assert totals["queues_changed"] == [{"before": None, "after": "red_line", "calls": 1}]
    assert totals["rules"]["threat.house"]["after"]["found"] == totals["rules"]["threat.house"]["appeared"] == 1


def test_people_read_it_in_sentences(run: Run, rules: Rules, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "calls.jsonl", a_call("c-1", SAID), a_call("c-2"))
    said = run("--rules", rules("proposed", {"severity": "veto"}), calls).out
    assert "通话 c-1  得分 100 → 70  一票否决 无 → 一票否决待确认  队列 无须复核 → 红线" in said
    assert "新增 [一票否决·生效] threat.house 拟用规则 第 4 句 坐席：“蓝色的气球”" in said
    assert "共比较 2 通，1 通有差别：得分变化 1 通，一票否决变化 1 通，队列改变 1 通。" in said
    assert "c-2" not in said


def test_the_same_rules_are_said_to_be_the_same(run: Run, rules: Rules, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "calls.jsonl", a_call("c-1", SAID))
    outcome = run("--rules", rules("proposed", None), calls)
    assert "完全相同" in outcome.err and "共比较 1 通，没有任何差别。" in outcome.out


def test_labels_tell_precision_and_recall(run: Run, rules: Rules, tmp_path: Path) -> None:
    threat = {"category": "threat", "turns": [4]}
    keys = {"agent": "ok", "company": "ok", "principal": "ok", "recording": "ok"}
    ticks = dict.fromkeys(("greeting", "verification", "recap", "closing"))
    gold = {"findings": [threat], "emotion": [], "promises": [], "disclosures": keys, "checklist": ticks}
    rows = [{"call": a_call("c-1", SAID), "gold": gold}, {"call": a_call("c-2", SAID), "gold": gold | {"findings": []}}]
    calls = write_lines(tmp_path / "gold.jsonl", *rows)
    outcome = run("--rules", rules("proposed", {}), calls, "--format", "jsonl")
    threats = outcome.totals["labels"]["threat"]
    assert (threats["before"]["precision"], threats["before"]["recall"]) == (1.0, 0.0)
    assert (threats["after"]["precision"], threats["after"]["recall"]) == (0.5, 1.0)
    assert "0.000 → 1.000" in run("--rules", rules("proposed", {}), calls).out


def test_labels_that_cannot_be_read_are_named(run: Run, rules: Rules, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "gold.jsonl", {"call": a_call("c-1"), "gold": {"findings": 3}})
    outcome = run("--rules", rules("proposed", {}), calls)
    assert outcome.status == 1 and "第 1 行的标注" in outcome.err


def test_each_side_has_its_own_history(run: Run, rules: Rules, tmp_path: Path) -> None:
    """What a third party asked in the first call counts in the second by the rules that understand it."""
    rule = {
        "more": 'speaker = "customer"',
        "id": "stop_contact.never_call",
        "severity": "note",
        "match": '"蓝色的气球"',
    }
    folder = rules("proposed", rule)
    file = folder / "rules" / "house.toml"
    file.write_text(file.read_text().replace('"threat"', '"stop_contact"'), encoding="utf-8")
    third = {"callee": "third_party", "debtor_id": "d-1", "number_id": "n-1"}
    first = a_call("c-1", **third)
    first["turns"].append({"speaker": "customer", "start": 25.0, "end": 28.0, "text": SAID})
    later = a_call("c-2", **third) | {"started_at": "2026-03-13T14:05:00+08:00"}
    outcome = run("--rules", folder, write_lines(tmp_path / "c.jsonl", first, later), "--format", "jsonl")
    after = [c["rule"] for line in outcome.lines if line["call_id"] == "c-2" for c in line["changes"]]
    assert after == ["privacy.third_party_after_refusal"]


WRONG_RULES = {
    "severity": ({"severity": "fatal"}, "severity"),
    "word set": ({"match": '"闹到<nowhere>"'}, "nowhere"),
    "framing": ({"more": 'unless = ["sarcasm"]'}, "sarcasm"),
}


@pytest.mark.parametrize(("rule", "named"), WRONG_RULES.values(), ids=WRONG_RULES.keys())
def test_a_wrong_rule_is_named_with_its_file(
    run: Run, rules: Rules, tmp_path: Path, rule: dict[str, Any], named: str
) -> None:
    outcome = run("--rules", rules("proposed", rule), write_lines(tmp_path / "c.jsonl", a_call("c-1")))
    assert outcome.status == 1 and "house.toml" in outcome.err and named in outcome.err


def test_a_refused_row_is_said_and_the_others_are_compared(run: Run, rules: Rules, tmp_path: Path) -> None:
    rows = [{"call_id": "c-0"}, a_call("c-1", SAID), a_call("c-1")]
    outcome = run("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", *rows), "--format", "jsonl")
    assert outcome.status == 1
    assert "第 1 行" in outcome.err and "出现了两次" in outcome.err
    assert outcome.totals["calls"] == 1


WRONG_USAGE = {
    "no folder of rules": ["--rules", "nowhere"],
    "no rules": [],
    "files and filters": ["--rules", ".", "--team", "T1", "calls.jsonl"],
    "voices of stored calls": ["--rules", ".", "--voice", "left=agent"],
    "no day": ["--rules", ".", "--from", "yesterday"],
}


@pytest.mark.parametrize("words", WRONG_USAGE.values(), ids=WRONG_USAGE.keys())
def test_wrong_usage_ends_with_two(run: Run, words: list[str]) -> None:
    outcome = run(*words)
    assert (outcome.status, outcome.out) == (2, "")


def run_file(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("cut", [0, 1], ids=["after a line", "within a line"])
def test_an_interrupted_run_goes_on_where_it_stopped(run: Run, rules: Rules, tmp_path: Path, cut: int) -> None:
    long = {"debtor_id": "d-1"}
    calls = [a_call(f"c-{n}", SAID if n % 2 else "你好。", **long) for n in range(6)]
    words = ("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", *calls), "--format", "jsonl")
    whole = run(*words).out
    kept = tmp_path / "run.jsonl"
    assert run(*words, "--resume", kept).out == whole
    assert kept.stat().st_mode & 0o077 == 0
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[:4]) + lines[4][: len(lines[4]) // 2 * cut])
    outcome = run(*words, "--resume", kept)
    assert "此前已完成 3 通" in outcome.err
    assert outcome.out == whole
    assert kept.read_bytes() == b"".join(lines)


def test_finished_calls_are_not_judged_again(run: Run, rules: Rules, tmp_path: Path) -> None:
    words = ("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", a_call("c-1", SAID)))
    kept = tmp_path / "run.jsonl"
    run(*words, "--resume", kept)
    kept.write_text(kept.read_text().replace("蓝色的气球", "紫色的气球"), encoding="utf-8")
    assert "紫色的气球" in run(*words, "--resume", kept).out


@pytest.mark.parametrize("changed", ["rules", "calls"])
def test_other_rules_or_other_calls_start_anew(run: Run, rules: Rules, tmp_path: Path, changed: str) -> None:
    calls, kept = tmp_path / "c.jsonl", tmp_path / "run.jsonl"
    run("--rules", rules("proposed", {}), write_lines(calls, a_call("c-1", SAID)), "--resume", kept)
    folder = rules("proposed", {"severity": "minor"} if changed == "rules" else {})
    write_lines(calls, a_call("c-1" if changed == "rules" else "c-2", SAID))
    outcome = run("--rules", folder, calls, "--resume", kept, "--format", "jsonl")
    assert "从头开始" in outcome.err
    assert [line["after"]["mark"] for line in outcome.lines] == [95 if changed == "rules" else 85]
    assert len(run_file(tmp_path)) == 2


def test_a_file_of_something_else_is_left_alone(run: Run, rules: Rules, tmp_path: Path) -> None:
    calls = write_lines(tmp_path / "c.jsonl", a_call("c-1", SAID))
    before = calls.read_bytes()
    outcome = run("--rules", rules("proposed", {}), calls, "--resume", calls)
    assert outcome.status == 1 and "不是回测的文件" in outcome.err
    assert calls.read_bytes() == before


def test_a_damaged_line_is_named(run: Run, rules: Rules, tmp_path: Path) -> None:
    words = ("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", a_call("c-1", SAID)))
    kept = tmp_path / "run.jsonl"
    run(*words, "--resume", kept)
    kept.write_text(kept.read_text().replace('"comparison"', '"comparsion"'), encoding="utf-8")
    outcome = run(*words, "--resume", kept)
    assert outcome.status == 1 and "第 2 行" in outcome.err


def test_two_runs_do_not_share_a_file(run: Run, rules: Rules, tmp_path: Path) -> None:
    words = ("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", a_call("c-1")))
    with (tmp_path / "run.jsonl").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        outcome = run(*words, "--resume", tmp_path / "run.jsonl")
    assert outcome.status == 1 and "正被另一次回测使用" in outcome.err


def test_a_place_that_cannot_be_written_is_said(run: Run, rules: Rules, tmp_path: Path) -> None:
    words = ("--rules", rules("proposed", {}), write_lines(tmp_path / "c.jsonl", a_call("c-1")))
    outcome = run(*words, "--resume", tmp_path / "nowhere" / "run.jsonl")
    assert (outcome.status, outcome.out) == (1, "")
    assert "打不开" in outcome.err and "换一个可以写入的位置" in outcome.err
