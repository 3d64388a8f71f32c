"""Measuring accuracy: which sets there are, and that every error is told with its reason."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qa_service.documents import parse_call
from qa_service.errors import InputRefused
from qa_service.judgement import By, Category
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.predictions import prediction_line
from qa_service.testing.error_reasons import ErrorReader, FalseReason, FindingError, MissReason, payment_errors
from qa_service.testing.evaluation import Gold, Predicted, read_gold
from qa_service.testing.labelled_sets import LabelledCall, from_file, shipped_sets

EMPTY = {"disclosures": {}, "checklist": {}, "emotion": [], "promises": []}


def labelled(*turns: str, labels: dict[int, str], callee: str = "debtor") -> LabelledCall:
    """A call of ``坐席：…`` and ``客户：…``, with categories by turn."""
    said = [
        {
            "speaker": "agent" if turn.startswith("坐席") else "customer",
            "start": n * 5,
            "end": n * 5 + 4,
            "text": turn[3:],
        }
        for n, turn in enumerate(turns)
    ]
    call = {"call_id": "c", "started_at": "2026-03-12T14:05:00+08:00", "callee": callee, "turns": said}
    findings = [{"category": category, "turns": [turn]} for turn, category in labels.items()]
    row = {"call": call, "gold": {**EMPTY, "findings": findings}}
    return one_of(row)


def one_of(row: dict) -> LabelledCall:
    return LabelledCall(call=parse_call(row["call"]), gold=read_gold(row)[1], noisy=False)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_rulebook(learned=False))


@pytest.fixture(scope="module")
def reader(judge: Judge) -> ErrorReader:
    return ErrorReader(judge.rulebook)


def errors(judge: Judge, reader: ErrorReader, call: LabelledCall) -> list[FindingError]:
    return list(reader.errors(call, prediction_line(judge.judge(call.call))))


MISSES = [
    pytest.param(("坐席：你今天天气不错。",), {0: "threat"}, "debtor", MissReason.UNSEEN, id="nothing-sees-it"),
    pytest.param(("坐席：你就是个老赖。",), {0: "threat"}, "debtor", MissReason.OTHER_CATEGORY, id="taken-for-another"),
    pytest.param(
        ("坐席：早上好。", "客户：嗯，你说。", "坐席：你就是个老赖。"),
        {0: "insult"},
        "debtor",
        MissReason.NEIGHBOUR,
        id="beside-its-place",
    ),
    pytest.param(("坐席：我们没有说你是老赖。",), {0: "insult"}, "debtor", MissReason.FRAMED, id="taken-for-a-denial"),
]


@pytest.mark.parametrize(("turns", "labels", "callee", "reason"), MISSES)
def test_a_miss_is_told_with_its_reason(
    judge: Judge, reader: ErrorReader, turns: tuple[str, ...], labels: dict[int, str], callee: str, reason: MissReason
) -> None:
    found = errors(judge, reader, labelled(*turns, labels=labels, callee=callee))
    assert [error.reason for error in found if error.by is None] == [reason]


def test_what_only_the_listener_hides_is_told_so(judge: Judge, reader: ErrorReader) -> None:
    call = labelled(
        "坐席：请问是张伟本人吗？", "客户：我是。", "坐席：他欠了三千块钱，逾期两个月了。", labels={2: "privacy_leak"}
    )
    assert [error.reason for error in errors(judge, reader, call)] == [MissReason.LISTENER]


FALSE = [
    pytest.param({}, FalseReason.NOTHING, id="nothing-labelled"),
    pytest.param({2: "threat"}, FalseReason.OTHER_CATEGORY, id="another-category"),
    pytest.param({0: "insult"}, FalseReason.NEIGHBOUR, id="the-label-is-beside-it"),
]


@pytest.mark.parametrize(("labels", "reason"), FALSE)
def test_a_false_finding_is_told_with_what_stands_there(
    judge: Judge, reader: ErrorReader, labels: dict[int, str], reason: FalseReason
) -> None:
    call = labelled("坐席：早上好。", "客户：嗯。", "坐席：你就是个老赖。", labels=labels)
    false = [error for error in errors(judge, reader, call) if error.by is not None]
    assert [(error.reason, error.by, error.category) for error in false] == [(reason, By.PATTERN, Category.INSULT)]


def test_payments_that_differ_in_one_half_are_told_apart_from_missed_and_added_ones() -> None:
    def pairs(*payments: tuple[int | None, int | None]) -> Counter:
        made = [(None if a is None else Decimal(a), None if d is None else date(2026, 3, d)) for a, d in payments]
        return Counter(made)

    gold = Gold(findings=(), spikes=(), payments=pairs((500, 1), (800, 2), (900, 3)), any_promise=True,
                disclosures={}, checklist={})  # fmt: skip
    guess = Predicted(findings=frozenset(), spikes=frozenset(), payments=pairs((500, 9), (700, 2), (None, 20)),
                      any_promise=True, disclosures={}, checklist={})  # fmt: skip
    assert payment_errors(gold, guess) == {"金额对、日期不同": 1, "日期对、金额不同": 1, "漏记": 1, "多记": 1}


def test_the_sets_of_the_repository_show_single_errors_only_where_they_may_be_seen() -> None:
    sets = {one.name: one for one in shipped_sets()}
    assert {name: one.shown for name, one in sets.items()} == {
        "train": True,
        "validation": True,
        "held_back": False,
        "blind": False,
    }
    assert len(sets["blind"].noisy) == 12
    assert all(one.noisy for one in sets.values())


def test_a_set_of_ones_own_names_its_noisy_calls_beside_it(tmp_path: Path) -> None:
    call = {"call_id": "c-1", "started_at": "2026-03-12T14:05:00+08:00", "turns": []}
    rows = [{"call": {**call, "call_id": f"c-{n}"}, "gold": {**EMPTY, "findings": []}} for n in (1, 2)]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "own-noisy.txt").write_text("c-2\n", encoding="utf-8")
    made = from_file("own", "自备", tmp_path / "own.jsonl")
    assert [labelled.noisy for labelled in made.calls] == [False, True]
    assert [labelled.call.call_id for labelled in made.noisy] == ["c-2"]


@pytest.mark.parametrize("content", [pytest.param("{", id="no-json"), pytest.param('{"call": {}}', id="no-labels")])
def test_a_file_that_is_no_labelled_set_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "own.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused, match=r"own\.jsonl"):
        from_file("own", "自备", tmp_path / "own.jsonl")
