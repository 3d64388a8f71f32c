"""The accuracy document: what it tells, and that it is about the rulebook that ships."""

from pathlib import Path

import pytest

from bench.accuracy import DOCUMENT, MARKER, write
from bench.accuracy_report import Report, lines_of
from bench.accuracy_sets import Ordinary, SpokenForms, judge_ordinary, judge_sets
from qa_service.errors import InputRefused
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.testing.labelled_sets import LabelledSet, shipped_sets

JUDGE = Judge(load_rulebook())


@pytest.fixture(scope="module")
def sets() -> list[LabelledSet]:
    """A handful of calls of each set."""
    return [
        LabelledSet(name=one.name, label=one.label, calls=one.calls[:6], shown=one.shown)
        for one in shipped_sets()
        if one.name in ("validation", "held_back")
    ]


@pytest.fixture(scope="module")
def text(sets: list[LabelledSet]) -> str:
    results = judge_sets(sets, JUDGE, ("validation", "held_back"))
    report = Report(
        rulebook=JUDGE.rulebook.fingerprint,
        results=results,
        patterns_alone={result.name: result.evaluation for result in results},
        ordinary=Ordinary(calls=500, findings=(("o-1", "threat.violence_body", "原话"),)),
        spoken={"口语日期": SpokenForms(right=9, total=10)},
        cpu_ms={"只用词句规则": 12.34},
    )
    return "\n".join(lines_of(report))


def test_every_row_stands_beside_what_it_must_reach(text: str) -> None:
    row = next(line for line in text.splitlines() if line.startswith("| 坐席违规 F1"))
    assert row.endswith("| 0.82 | 0.92 |")
    assert row.count("|") == 8  # the label, three sets, the difference, and two goals


def test_what_is_told_beside_the_table(text: str) -> None:
    assert "9 / 10 = 0.900" in text
    assert "12.3 毫秒 CPU" in text
    assert "o-1 `threat.violence_body`：原话" in text


def test_single_errors_are_told_of_sets_that_may_be_seen_alone(text: str, sets: list[LabelledSet]) -> None:
    assert "## 验证中的差错举例" in text
    assert "## 留出中的差错举例" not in text
    unseen = next(one for one in sets if one.name == "held_back")
    assert not any(f"（{labelled.call.call_id} 第" in text for labelled in unseen.calls)


def test_noisy_calls_stand_apart(text: str) -> None:
    assert "误识别（" in text.splitlines()[2]


def test_only_what_stands_below_the_marker_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text(f"手写的话\n\n{MARKER}\n\n旧的数字\n", encoding="utf-8")
    write(document, "新的数字\n")
    assert document.read_text(encoding="utf-8") == f"手写的话\n\n{MARKER}\n\n新的数字\n"
    document.write_text("没有标记", encoding="utf-8")
    with pytest.raises(InputRefused, match="标记行"):
        write(document, "新的数字\n")


def test_ordinary_dialogues_that_are_no_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"none\.jsonl"):
        judge_ordinary(tmp_path / "none.jsonl", JUDGE)


def test_the_document_is_about_the_rulebook_that_ships() -> None:
    assert f"规则指纹：`{JUDGE.rulebook.fingerprint}`" in DOCUMENT.read_text(encoding="utf-8"), (
        "rules, words or model have changed: run python3 qa.py accuracy"
    )
