"""The scorer of labelled calls, by cases small enough to count on one's fingers."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa_service.errors import InputRefused
from qa_service.judgement import Category
from qa_service.testing.evaluation import (
    AGENT_CATEGORIES,
    Evaluation,
    Tally,
    evaluate,
    main,
    read_file,
    read_gold,
    read_predicted,
)

ALL_OK = {"agent": "ok", "company": "ok", "principal": "ok", "recording": "ok"}
ALL_TICKED = {"greeting": True, "verification": True, "recap": None, "closing": True}


def gold_row(call_id: str = "a", **labels: Any) -> dict[str, Any]:
    empty = {"disclosures": ALL_OK, "checklist": ALL_TICKED, "findings": [], "emotion": [], "promises": []}
    return {"call": {"call_id": call_id}, "gold": empty | labels}


def predicted_row(call_id: str = "a", **predictions: Any) -> dict[str, Any]:
    empty = {"disclosures": ALL_OK, "checklist": ALL_TICKED, "findings": [], "emotion": [], "promises": []}
    return {"call_id": call_id} | empty | predictions


def scores(gold: dict[str, Any], predicted: dict[str, Any]) -> Evaluation:
    return evaluate(dict([read_gold(gold_row(**gold))]), dict([read_predicted(predicted_row(**predicted))]))


def threat(*turns: int, also: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"category": "threat", "turns": list(turns), "also": list(also)}


def said(category: str, *turns: int) -> list[dict[str, Any]]:
    return [{"category": category, "turn": turn} for turn in turns]


@pytest.mark.parametrize(
    ("labelled", "predicted", "expected"),
    [
        pytest.param([threat(4)], said("threat", 4), Tally(found=1), id="right-turn"),
        pytest.param([threat(4, 6)], said("threat", 6), Tally(found=1), id="any-acceptable-turn"),
        pytest.param([threat(4, 6)], said("threat", 4, 6), Tally(found=1), id="twice-in-one-item-counts-once"),
        pytest.param([threat(4), threat(12)], said("threat", 4), Tally(found=1, missed=1), id="one-of-two"),
        pytest.param([threat(4)], said("threat", 6), Tally(missed=1, false=1), id="wrong-turn-misses-and-alarms"),
        pytest.param([threat(4)], said("insult", 4), Tally(missed=1), id="other-category-finds-nothing"),
        pytest.param([], said("threat", 2, 4, 6), Tally(false=1), id="alarms-two-apart-are-one-run"),
        pytest.param([], said("threat", 2, 5), Tally(false=2), id="alarms-three-apart-are-two"),
        pytest.param([], said("threat", 8, 2, 4), Tally(false=2), id="order-of-alarms-is-no-matter"),
        pytest.param([threat(4)], said("threat", 4, 6), Tally(found=1, false=1), id="alarm-beside-a-hit"),
        pytest.param([], [], Tally(), id="nothing-there-nothing-said"),
        pytest.param([threat(0)], [{"category": "threat", "turn": None}], Tally(missed=1), id="no-turn-no-claim"),
    ],
)
def test_findings_are_compared_by_turn(
    labelled: list[dict[str, Any]], predicted: list[dict[str, Any]], expected: Tally
) -> None:
    assert scores({"findings": labelled}, {"findings": predicted}).findings[Category.THREAT] == expected


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        pytest.param(said("insult", 4), Tally(), id="excused-at-its-turn"),
        pytest.param(said("insult", 8), Tally(false=1), id="not-excused-elsewhere"),
        pytest.param(said("insult", 4, 6), Tally(false=1), id="the-rest-of-a-run-is-not-excused"),
    ],
)
def test_also_excuses_and_never_rewards(predicted: list[dict[str, Any]], expected: Tally) -> None:
    result = scores({"findings": [threat(4, also=("insult",))]}, {"findings": predicted})
    assert result.findings[Category.INSULT] == expected


@pytest.mark.parametrize(
    ("labelled", "predicted", "flagged"),
    [
        pytest.param([], said("threat", 2), (1, 1), id="clean-and-accused"),
        pytest.param([], said("complaint", 3), (1, 0), id="customer-signals-accuse-nobody"),
        pytest.param([], said("deception", 2), (1, 0), id="unscored-categories-are-left-out"),
        pytest.param([threat(2)], said("insult", 2), (0, 0), id="not-clean"),
    ],
)
def test_clean_calls_flagged(labelled: list[Any], predicted: list[Any], flagged: tuple[int, int]) -> None:
    result = scores({"findings": labelled}, {"findings": predicted})
    assert (result.clean, result.clean_flagged) == flagged


def test_a_spike_belongs_to_its_speaker() -> None:
    labelled = {"emotion": [{"speaker": "customer", "turns": [9, 11]}]}
    assert scores(labelled, {"emotion": [{"speaker": "customer", "turn": 11}]}).spikes == Tally(found=1)
    assert scores(labelled, {"emotion": [{"speaker": "agent", "turn": 9}]}).spikes == Tally(missed=1, false=1)


def promise(*payments: tuple[float | None, str | None], **more: Any) -> dict[str, Any]:
    return {"turns": [3], "payments": [{"amount": amount, "due": due} for amount, due in payments], **more}


@pytest.mark.parametrize(
    ("labelled", "predicted", "expected"),
    [
        pytest.param([promise((2000.0, "2026-03-20"))], [promise((2000, "2026-03-20"))], Tally(found=1), id="same"),
        pytest.param(
            [promise((2000.0, "2026-03-20"))], [promise((2000.0, None))], Tally(missed=1, false=1), id="date-lost"
        ),
        pytest.param([promise((0.1, None))], [promise((0.1000001, None))], Tally(found=1), id="to-the-fen"),
        pytest.param([promise((None, None))], [promise((None, None))], Tally(found=1), id="vague-matches-vague"),
        pytest.param(
            [promise((500.0, "2026-03-20"), (500.0, "2026-03-20"))],
            [promise((500.0, "2026-03-20"))],
            Tally(found=1, missed=1),
            id="equal-instalments-are-counted",
        ),
        pytest.param(
            [promise((1.0, None), (2.0, None))],
            [promise((2.0, None)), promise((1.0, None))],
            Tally(found=2),
            id="per-call-not-per-promise",
        ),
        pytest.param([], [promise((1.0, None), standing=False)], Tally(), id="withdrawn-is-not-predicted"),
    ],
)
def test_payments_are_multisets(labelled: list[Any], predicted: list[Any], expected: Tally) -> None:
    assert scores({"promises": labelled}, {"promises": predicted}).payments == expected


@pytest.mark.parametrize(
    ("labelled", "predicted", "accuracy", "not_ok"),
    [
        pytest.param("ok", "ok", 1.0, Tally(), id="both-ok"),
        pytest.param("late", "missing", 0.0, Tally(found=1), id="late-taken-for-missing-is-still-a-violation"),
        pytest.param("missing", "ok", 0.0, Tally(missed=1), id="violation-overlooked"),
        pytest.param("ok", "late", 0.0, Tally(false=1), id="violation-invented"),
    ],
)
def test_disclosures(labelled: str, predicted: str, accuracy: float, not_ok: Tally) -> None:
    agreement = scores(
        {"disclosures": ALL_OK | {"recording": labelled}}, {"disclosures": ALL_OK | {"recording": predicted}}
    ).disclosures["recording"]
    assert (agreement.accuracy, agreement.not_ok) == (accuracy, not_ok)


def test_no_recap_due_is_not_a_recap_left_out() -> None:
    result = scores({"checklist": ALL_TICKED}, {"checklist": ALL_TICKED | {"recap": False}})
    assert result.checklist["recap"].accuracy == 0.0
    assert result.checklist["greeting"].accuracy == 1.0


@pytest.mark.parametrize(
    ("tally", "ratios"),
    [
        pytest.param(Tally(found=3, missed=1, false=1), (0.75, 0.75, 0.75), id="balanced"),
        pytest.param(Tally(found=1, missed=3), (1.0, 0.25, 0.4), id="timid"),
        pytest.param(Tally(false=1), (0.0, 1.0, 0.0), id="only-alarms"),
        pytest.param(Tally(), (1.0, 1.0, 1.0), id="nothing"),
    ],
)
def test_ratios(tally: Tally, ratios: tuple[float, float, float]) -> None:
    assert (tally.precision, tally.recall, tally.f1) == pytest.approx(ratios)


def test_micro_adds_up_and_macro_weighs_alike() -> None:
    insult = {"category": "insult", "turns": [8]}
    result = scores({"findings": [threat(2), threat(6), insult]}, {"findings": said("threat", 2, 6)})
    assert result.micro(AGENT_CATEGORIES) == Tally(found=2, missed=1)
    assert result.macro((Category.THREAT, Category.INSULT)) == pytest.approx(0.5)


def test_every_labelled_call_needs_a_prediction() -> None:
    with pytest.raises(InputRefused, match="没有这些通话：a"):
        evaluate(dict([read_gold(gold_row("a"))]), dict([read_predicted(predicted_row("b"))]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("{}\n", "第 1 行", id="no-such-row"),
        pytest.param("\n{oops\n", "第 2 行", id="no-json"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "gold.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(InputRefused, match=said):
        read_file(tmp_path / "gold.jsonl", read_gold)


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, predicted = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    gold.write_text(json.dumps(gold_row(findings=[threat(4)])), encoding="utf-8")
    predicted.write_text(json.dumps(predicted_row(findings=said("threat", 4))), encoding="utf-8")
    assert main([str(gold), str(predicted)]) == 0
    assert "威胁恐吓" in capsys.readouterr().out


def test_the_command_refuses_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl"), str(tmp_path / "none.jsonl")]) == 1
    assert "读不了文件" in capsys.readouterr().err
